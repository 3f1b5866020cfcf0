"""Sign-in of an application (RFC 6749 section 4.4), on msal.

It proves itself by its secret, by a token that its platform gives (RFC 7523), or by a signature
of a certificate's key, which never leaves the vault.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import anyio
import anyio.from_thread

from sealwright.identity.msal_http import MsalHttp
from sealwright.identity.msal_thread import (
    CAPABILITIES,
    KeptCache,
    is_public,
    on_thread,
    token_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from sealwright.identity.msal_thread import MsalCache
    from sealwright.secret import Secret
    from sealwright.services.ports import CredentialVault, HttpTransport

    Assertion = Callable[[str], Coroutine[object, object, Secret[str]]]
    """Makes the proof for a token endpoint's address."""


class _Client(Protocol):
    """What is used of msal's application."""

    def acquire_token_for_client(
        self, scopes: list[str], claims_challenge: str | None = None
    ) -> Mapping[str, object] | None: ...


@dataclass(frozen=True, slots=True)
class Application:
    """An application that may sign in. `authority` is the host's address without the tenant."""

    authority: str
    tenant: str
    client_id: str
    secret: Secret[str] | None = field(default=None, repr=False)
    name: str = ""
    assertion: Assertion | None = field(default=None, repr=False)
    """Used where there is no secret."""


class ClientCredentials:
    """`TokenSource` of one application; tokens are cached, also in the vault when one is given."""

    def __init__(
        self,
        application: Application,
        transport: HttpTransport,
        vault: CredentialVault | None = None,
        *,
        entry: str = "",
    ) -> None:
        self._application = application
        self._http = MsalHttp(transport)
        name = entry or f"token-cache/{application.tenant}/{application.client_id}"
        self._cache = KeptCache(vault, name)
        self._client: _Client | None = None
        self._lock = anyio.Lock()

    @property
    def account(self) -> str:
        """The application's name, or its client id."""
        return self._application.name or self._application.client_id

    async def bearer(self, scope: str, claims: str = "") -> Secret[str] | None:
        """A fresh access token for `scope`.

        Raises:
            SignInError: the authority does not know the application, or its proof does not hold.
            UnreachableError: the authority does not answer.
            BadAnswerError: its answer holds no token.
        """
        async with self._lock:
            cache = await self._cache.load()

            def ask() -> Mapping[str, object] | None:
                client = self._application_client(cache)
                return client.acquire_token_for_client([scope], claims_challenge=claims or None)

            answer = await on_thread(self._application.authority, ask)
            await self._cache.keep()
        return token_of(answer)

    def _application_client(self, cache: MsalCache) -> _Client:
        if self._client is None:
            import msal  # type: ignore[import-untyped] # noqa: PLC0415 - no types; slow to load

            client: _Client = msal.ConfidentialClientApplication(
                self._application.client_id,
                client_credential=self._credential(),
                authority=f"{self._application.authority}/{self._application.tenant}",
                client_capabilities=list(CAPABILITIES),
                # Asking the public directory about a private authority would fail.
                instance_discovery=is_public(self._application.authority),
                http_client=self._http,
                token_cache=cache,
            )
            self._client = client
        return self._client

    def _credential(self) -> object:
        if self._application.secret is not None:
            return self._application.secret.reveal()
        return {"client_assertion": self._assertion}

    def _assertion(self) -> str:
        """Made afresh for each request, on msal's thread; the signature itself on the loop."""
        make = self._application.assertion
        if make is None:
            return ""
        application = self._application
        address = f"{application.authority}/{application.tenant}/oauth2/v2.0/token"
        return anyio.from_thread.run(make, address).reveal()
