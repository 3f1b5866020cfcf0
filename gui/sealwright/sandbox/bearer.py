"""Access tokens: made by the sandbox's authority, asked for by its other faces."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import jwt

from sealwright.sandbox import keys as key_names
from sealwright.sandbox.roles import Principal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.sandbox.clock import AdjustableClock
    from sealwright.sandbox.keys import Keys
    from sealwright.sandbox.people import People
    from sealwright.sandbox.records import ApplicationRecord, UserRecord

ATTESTATION_AUDIENCES: Final = ("https://attest.azure.net", "https://attest.azure.us")
MANAGEMENT_AUDIENCES: Final = (
    "https://management.azure.com",
    "https://management.core.windows.net",
    "https://management.usgovcloudapi.net",
    "https://management.chinacloudapi.cn",
)
LIFETIME: Final = 3599
"""Seconds, as Entra ID gives by default."""
SKEW: Final = 300
"""Seconds that the clocks of the authority and a resource may differ."""
KEY_ID: Final = "sandbox-authority"


class AccessTokens:
    """Makes and checks tokens of the sandbox's tenants."""

    def __init__(self, keys: Keys, clock: AdjustableClock, people: People) -> None:
        self._keys = keys
        self._clock = clock
        self._people = people

    def sign(self, claims: Mapping[str, object], lifetime: int = LIFETIME) -> str:
        """Any claims, valid from now on, signed by the authority's key."""
        now = self._clock.timestamp()
        times = {"iat": now, "nbf": now, "exp": now + lifetime}
        key = self._keys.get(key_names.AUTHORITY)
        return jwt.encode({**times, **claims}, key, algorithm="RS256", headers={"kid": KEY_ID})

    def open(self, token: str, audience: str) -> Mapping[str, object] | None:
        """The claims of a token that `sign` made for an audience; None when it does not hold."""
        return self._claims(token, [audience])

    def issue(self, application: ApplicationRecord, audience: str, issuer: str, tenant: str) -> str:
        """An access token for an application."""
        return self.sign(
            {
                **_common(application.client_id, audience, issuer, tenant),
                "appidacr": "1",
                "app_displayname": application.name,
                "idtyp": "app",
                "oid": application.object_id,
                "sub": application.object_id,
            }
        )

    def issue_user(  # noqa: PLR0913 - what such a token says
        self,
        user: UserRecord,
        client_id: str,
        audience: str,
        issuer: str,
        tenant: str,
        *,
        acrs: tuple[str, ...] = (),
    ) -> str:
        """An access token for a person who uses an application."""
        return self.sign(
            {
                **_common(client_id, audience, issuer, tenant),
                "acrs": list(acrs),
                "appidacr": "0",
                "idtyp": "user",
                "name": user.name,
                "oid": user.object_id,
                "scp": "user_impersonation",
                "sandbox_session": user.session,
                "sub": user.object_id,
                "unique_name": user.upn,
                "upn": user.upn,
            }
        )

    def ran_out(self, authorization: str, audiences: tuple[str, ...]) -> datetime | None:
        """When a token ran out that else would hold; None for any other."""
        claims = self._signed(_token(authorization), list(audiences))
        last = claims.get("exp") if claims is not None else None
        if not isinstance(last, int) or last + SKEW > self._clock.timestamp():
            return None
        return datetime.fromtimestamp(last, UTC)

    def check(self, authorization: str, audiences: tuple[str, ...]) -> Principal | None:
        """Who an `Authorization` header speaks for; None when it does not hold."""
        claims = self._claims(_token(authorization), list(audiences))
        if claims is None or self._people.tenant(str(claims.get("tid"))) is None:
            return None
        acrs, session = claims.get("acrs"), claims.get("sandbox_session")
        return Principal(
            client_id=str(claims["appid"]),
            object_id=str(claims["oid"]),
            name=str(claims.get("upn") or claims.get("app_displayname")),
            tenant=str(claims["tid"]),
            session=session if isinstance(session, int) else None,
            contexts=tuple(map(str, acrs)) if isinstance(acrs, list) else (),
        )

    def _claims(self, token: str, audiences: list[str]) -> Mapping[str, object] | None:
        claims = self._signed(token, audiences)
        first, last = (claims or {}).get("nbf"), (claims or {}).get("exp")
        if not isinstance(first, int) or not isinstance(last, int):
            return None
        return claims if first - SKEW <= self._clock.timestamp() < last + SKEW else None

    def _signed(self, token: str, audiences: list[str]) -> Mapping[str, object] | None:
        """The claims of a token of the authority's, whatever the time."""
        try:
            claims: Mapping[str, object] = jwt.decode(
                token,
                self._keys.get(key_names.AUTHORITY).public_key(),
                algorithms=["RS256"],
                audience=[form for name in audiences for form in (name, f"{name}/")],
                # Times are compared by the caller, with the sandbox's clock.
                options={
                    "require": ["exp", "nbf", "aud"],
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except jwt.PyJWTError:
            return None
        return claims


def _token(authorization: str) -> str:
    """The token of a header, empty where it brings none."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _common(client_id: str, audience: str, issuer: str, tenant: str) -> dict[str, object]:
    return {
        "aud": audience,
        "iss": issuer,
        "appid": client_id,
        "azp": client_id,
        "tid": tenant,
        "uti": uuid.uuid4().hex,
        "ver": "1.0",
    }
