"""Access tokens: made by the sandbox's authority, asked for by its other faces."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

import jwt

from sealwright.sandbox import keys as key_names
from sealwright.sandbox.roles import Principal

if TYPE_CHECKING:
    from sealwright.sandbox.clock import AdjustableClock
    from sealwright.sandbox.keys import Keys
    from sealwright.sandbox.records import ApplicationRecord

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
    """Makes and checks access tokens of one tenant."""

    def __init__(self, keys: Keys, clock: AdjustableClock, tenant: str) -> None:
        self._keys = keys
        self._clock = clock
        self._tenant = tenant

    def issue(self, application: ApplicationRecord, audience: str, issuer: str) -> str:
        """A token for an application, signed by the authority's key."""
        now = self._clock.timestamp()
        claims = {
            "aud": audience,
            "iss": issuer,
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME,
            "appid": application.client_id,
            "azp": application.client_id,
            "appidacr": "1",
            "app_displayname": application.name,
            "idtyp": "app",
            "oid": application.object_id,
            "sub": application.object_id,
            "tid": self._tenant,
            "uti": uuid.uuid4().hex,
            "ver": "1.0",
        }
        key = self._keys.get(key_names.AUTHORITY)
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": KEY_ID})

    def check(self, authorization: str, audiences: tuple[str, ...]) -> Principal | None:
        """Who an `Authorization` header speaks for; None when it does not hold."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            return None
        try:
            claims = jwt.decode(
                token.strip(),
                self._keys.get(key_names.AUTHORITY).public_key(),
                algorithms=["RS256"],
                audience=[form for name in audiences for form in (name, f"{name}/")],
                # Times are compared below, with the sandbox's clock.
                options={
                    "require": ["exp", "nbf", "aud", "tid", "oid"],
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except jwt.PyJWTError:
            return None
        now = self._clock.timestamp()
        if claims["tid"] != self._tenant or not claims["nbf"] - SKEW <= now < claims["exp"] + SKEW:
            return None
        return Principal(str(claims["appid"]), str(claims["oid"]), str(claims["app_displayname"]))
