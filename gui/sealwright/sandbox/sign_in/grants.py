"""What a person has granted: codes that are still open, and refresh tokens.

Codes live as long as the process. A refresh token is the authority's own signed statement, so it
survives a restart; it ends when the person's session is revoked.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sealwright.sandbox.bearer import AccessTokens
    from sealwright.sandbox.clock import AdjustableClock

PUBLIC_CLIENTS: Final = {
    "04b07795-8ddb-461a-bbee-02f9e1bf7b46": "Microsoft Azure CLI",
    "1950a258-227b-4e31-a9cf-717495945fc2": "Microsoft Azure PowerShell",
}
"""Applications of Microsoft that are in every tenant and have no secret."""

CODE_LIFE: Final = 600
DEVICE_LIFE: Final = 900
DEVICE_INTERVAL: Final = 5
_REFRESH_LIFE: Final = 90 * 86_400
_REFRESH: Final = "sandbox:refresh"
_LETTERS: Final = "BCDFGHJKLMNPQRSTVWXYZ23456789"
_CODE_LETTERS: Final = 9
_KEPT: Final = 1000
"""Open codes that are remembered at most."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A person let an application act for them in a tenant."""

    user: str
    """Object id."""
    session: int
    client_id: str
    tenant: str
    scope: str
    cleared: tuple[int, ...] = ()
    """AADSTS numbers of the obstacles that the person cleared on the way."""
    acrs: tuple[str, ...] = ()
    """Authentication contexts that the person satisfied."""


@dataclass(frozen=True, slots=True)
class OpenCode:
    """An authorization code and what must come with it."""

    grant: Grant
    redirect_uri: str
    challenge: str
    """PKCE (RFC 7636), method S256; empty when none was sent."""
    nonce: str
    ends: int


class DeviceState(StrEnum):
    """How far the person with the other device has got."""

    PENDING = "pending"
    DECLINED = "declined"
    GRANTED = "granted"


@dataclass(frozen=True, slots=True)
class DeviceRequest:
    """A device that waits for a person to sign in elsewhere."""

    user_code: str
    client_id: str
    tenant: str
    scope: str
    ends: int
    state: DeviceState = DeviceState.PENDING
    grant: Grant | None = None
    polled: float = 0.0
    """When it was last asked about."""


class Grants:
    """Open codes and refresh tokens. Safe to use from any thread."""

    def __init__(self, tokens: AccessTokens, clock: AdjustableClock) -> None:
        self._tokens = tokens
        self._clock = clock
        self._lock = threading.Lock()
        self._codes: dict[str, OpenCode] = {}
        self._devices: dict[str, DeviceRequest] = {}

    # --- authorization codes ----------------------------------------------------------------

    def new_code(self, grant: Grant, redirect_uri: str, challenge: str, nonce: str) -> str:
        """A code that can be redeemed once."""
        code, ends = secrets.token_urlsafe(48), self._clock.timestamp() + CODE_LIFE
        with self._lock:
            self._codes[code] = OpenCode(grant, redirect_uri, challenge, nonce, ends)
            _forget_oldest(self._codes)
        return code

    def redeem(self, code: str) -> OpenCode | None:
        """What a code stands for; it can be asked once."""
        with self._lock:
            found = self._codes.pop(code, None)
        return found if found and self._clock.timestamp() <= found.ends else None

    # --- device codes -----------------------------------------------------------------------

    def new_device(self, client_id: str, tenant: str, scope: str) -> tuple[str, DeviceRequest]:
        """Device code and request, for a client that shows the user code."""
        device_code = secrets.token_urlsafe(48)
        user_code = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LETTERS))
        ends = self._clock.timestamp() + DEVICE_LIFE
        request = DeviceRequest(user_code, client_id, tenant, scope, ends)
        with self._lock:
            self._devices[device_code] = request
            _forget_oldest(self._devices)
        return device_code, request

    def device(self, device_code: str) -> DeviceRequest | None:
        """The request behind a device code."""
        with self._lock:
            return self._devices.get(device_code)

    def polled(self, device_code: str, at: float) -> None:
        """Note when a client last asked."""
        with self._lock:
            request = self._devices.get(device_code)
            if request is not None:
                self._devices[device_code] = replace(request, polled=at)

    def close_device(self, device_code: str) -> None:
        """A granted request is used up."""
        with self._lock:
            self._devices.pop(device_code, None)

    def by_user_code(self, user_code: str) -> tuple[str, DeviceRequest] | None:
        """The open request with this user code, with its device code."""
        wanted = "".join(user_code.upper().split()).replace("-", "")
        now = self._clock.timestamp()
        with self._lock:
            for device_code, request in self._devices.items():
                if request.user_code == wanted and now <= request.ends:
                    return device_code, request
        return None

    def decide_device(self, device_code: str, grant: Grant | None) -> None:
        """The person granted the request, or (None) declined it."""
        state = DeviceState.DECLINED if grant is None else DeviceState.GRANTED
        with self._lock:
            request = self._devices.get(device_code)
            if request is not None:
                self._devices[device_code] = replace(request, state=state, grant=grant)

    # --- refresh tokens ---------------------------------------------------------------------

    def refresh_token(self, grant: Grant) -> str:
        """A refresh token for a grant."""
        claims = {
            "aud": _REFRESH,
            "sub": grant.user,
            "session": grant.session,
            "client": grant.client_id,
            "tenant": grant.tenant,
            "scope": grant.scope,
            "cleared": list(grant.cleared),
            "acrs": list(grant.acrs),
        }
        return self._tokens.sign(claims, _REFRESH_LIFE)

    def granted(self, refresh_token: str) -> Grant | None:
        """What a refresh token stands for; None when it is none or too old."""
        claims = self._tokens.open(refresh_token, _REFRESH)
        if claims is None:
            return None
        session, cleared, acrs = claims["session"], claims["cleared"], claims["acrs"]
        return Grant(
            user=str(claims["sub"]),
            session=session if isinstance(session, int) else -1,
            client_id=str(claims["client"]),
            tenant=str(claims["tenant"]),
            scope=str(claims["scope"]),
            cleared=tuple(map(int, cleared)) if isinstance(cleared, list) else (),
            acrs=tuple(map(str, acrs)) if isinstance(acrs, list) else (),
        )


def fits(code: OpenCode, redirect_uri: str, verifier: str) -> bool:
    """Whether a code is redeemed by the one who asked for it (RFC 7636 section 4.6)."""
    digest = hashlib.sha256(verifier.encode("ascii", errors="replace")).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return code.redirect_uri == redirect_uri and code.challenge in ("", challenge)


def _forget_oldest(
    table: dict[str, object] | dict[str, OpenCode] | dict[str, DeviceRequest],
) -> None:
    while len(table) > _KEPT:
        del table[next(iter(table))]
