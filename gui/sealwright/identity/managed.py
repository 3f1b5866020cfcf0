"""Managed identity: the token that the machine gives, by the variables that Azure documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import anyio

from sealwright.identity.msal_http import MsalHttp
from sealwright.identity.msal_thread import on_thread, token_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.secret import Secret
    from sealwright.services.ports import HttpTransport

_PLACE = "the managed identity endpoint"


class _Client(Protocol):
    """What is used of msal's client."""

    def acquire_token_for_client(
        self, *, resource: str, claims_challenge: str | None = None
    ) -> Mapping[str, object]: ...


class ManagedIdentity:
    """The identity of this machine, or the one of its identities that `client_id` names."""

    def __init__(self, transport: HttpTransport, client_id: str = "") -> None:
        self._http = MsalHttp(transport)
        self._client_id = client_id
        self._client: _Client | None = None
        self._lock = anyio.Lock()

    async def bearer(self, scope: str, claims: str = "") -> Secret[str]:
        """A fresh access token for `scope`.

        Raises:
            SignInError: the machine has no such identity.
            UnreachableError: this machine has no identity endpoint.
        """
        resource = scope.removesuffix("/.default")
        async with self._lock:
            answer = await on_thread(
                _PLACE,
                lambda: self._made().acquire_token_for_client(
                    resource=resource, claims_challenge=claims or None
                ),
            )
        return token_of(answer)

    def _made(self) -> _Client:
        if self._client is None:
            import msal  # type: ignore[import-untyped] # noqa: PLC0415 - no types; slow to load

            which = (
                msal.UserAssignedManagedIdentity(client_id=self._client_id)
                if self._client_id
                else msal.SystemAssignedManagedIdentity()
            )
            made: _Client = msal.ManagedIdentityClient(which, http_client=self._http)
            self._client = made
        return self._client
