"""Sign-in of an application by its client secret (RFC 6749 section 4.4), on msal.

msal is synchronous: it runs in a worker thread and its HTTP goes back to the loop, through the
same transport as everything else, so that proxy, trust and limits are one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urlsplit

import anyio
import anyio.to_thread

from sealwright.errors import AppError, BadAnswerError, RefusedError
from sealwright.identity.msal_http import MsalHttp
from sealwright.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.services.ports import CredentialVault, HttpTransport

_PUBLIC: Final = ("login.microsoftonline.com", "login.microsoftonline.us")
_HINTS: Final[Mapping[str, str]] = {
    "invalid_client": "The client secret is wrong or has expired; make a new one in Entra ID.",
    "unauthorized_client": "Check the client id, and that the application is in this tenant.",
    "invalid_request": "Check the tenant.",
    "invalid_resource": "Register `Microsoft.Attestation` in a subscription of this tenant first.",
    "invalid_scope": "Register `Microsoft.Attestation` in a subscription of this tenant first.",
}


class _Client(Protocol):
    """What is used of msal's application."""

    def acquire_token_for_client(self, scopes: list[str]) -> Mapping[str, object] | None: ...


class _Cache(Protocol):
    """What is used of msal's token cache."""

    has_state_changed: bool

    def serialize(self) -> str: ...

    def deserialize(self, state: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Application:
    """An application that may sign in. `authority` is the host's address without the tenant."""

    authority: str
    tenant: str
    client_id: str
    secret: Secret[str] = field(repr=False)
    name: str = ""


class ClientCredentials:
    """`TokenSource` of one application; tokens are cached, also in the vault when one is given."""

    def __init__(
        self,
        application: Application,
        transport: HttpTransport,
        vault: CredentialVault | None = None,
    ) -> None:
        self._application = application
        self._http = MsalHttp(transport)
        self._vault = vault
        self._client: _Client | None = None
        self._cache: _Cache | None = None
        self._lock = anyio.Lock()

    @property
    def account(self) -> str:
        """The application's name, or its client id."""
        return self._application.name or self._application.client_id

    async def bearer(self, scope: str) -> Secret[str] | None:
        """A fresh access token for `scope`.

        Raises:
            RefusedError: the authority does not know the application, or its secret is wrong.
            UnreachableError: the authority does not answer.
            BadAnswerError: its answer holds no token.
        """
        async with self._lock:
            kept = await self._kept()
            answer = await anyio.to_thread.run_sync(self._acquire, scope, kept)
            await self._keep()
        return _token(answer)

    def _acquire(self, scope: str, kept: str) -> Mapping[str, object]:
        try:
            found = self._application_client(kept).acquire_token_for_client([scope])
        except AppError:
            raise
        except (ValueError, KeyError, RuntimeError) as error:
            # msal's way to say that the authority's metadata is not what it must be.
            raise BadAnswerError(
                f"`{self._application.authority}` is not a sign-in authority, or the tenant "
                f"`{self._application.tenant}` is not known there.",
                hint="Check the tenant and the cloud.",
                details={"reason": str(error)[:500]},
            ) from error
        return found or {}

    def _application_client(self, kept: str) -> _Client:
        if self._client is None:
            import msal  # type: ignore[import-untyped] # noqa: PLC0415 - no types; 127 ms to load

            cache: _Cache = msal.SerializableTokenCache()
            self._cache = cache
            if kept:
                cache.deserialize(kept)
            host = urlsplit(self._application.authority).hostname or ""
            client: _Client = msal.ConfidentialClientApplication(
                self._application.client_id,
                client_credential=self._application.secret.reveal(),
                authority=f"{self._application.authority}/{self._application.tenant}",
                # Asking the public directory about a private authority would fail.
                instance_discovery=host in _PUBLIC,
                http_client=self._http,
                token_cache=cache,
            )
            self._client = client
        return self._client

    @property
    def _entry(self) -> str:
        return f"token-cache/{self._application.tenant}/{self._application.client_id}"

    async def _kept(self) -> str:
        if self._vault is None or self._client is not None:
            return ""
        found = await self._vault.get(self._entry)
        return found.reveal() if found else ""

    async def _keep(self) -> None:
        if self._vault is None or self._cache is None or not self._cache.has_state_changed:
            return
        await self._vault.put(self._entry, Secret(self._cache.serialize()))
        self._cache.has_state_changed = False


def _token(answer: Mapping[str, object]) -> Secret[str]:
    token = answer.get("access_token")
    if isinstance(token, str) and token:
        return Secret(token)
    code = str(answer.get("error") or "")
    described = str(answer.get("error_description") or "").split(" Trace ID:")[0].strip()
    if not code:
        raise BadAnswerError("The authority's answer holds no token.")
    raise RefusedError(
        f"The sign-in was refused: {described or code}",
        hint=_HINTS.get(code, "Check tenant, client id and secret."),
        service_code=code,
        request_id=str(answer.get("correlation_id") or ""),
    )
