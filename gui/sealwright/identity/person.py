"""A person who signs in: in the system's browser with PKCE, or with a device code elsewhere.

Invariant: `bearer` is silent. Only `by_browser` opens a browser, and only when it is called.
"""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

import anyio
import anyio.to_thread

from sealwright.errors import SignInError, UnreachableError
from sealwright.identity.entra_errors import sign_in_error
from sealwright.identity.loopback import loopback
from sealwright.identity.msal_http import MsalHttp
from sealwright.identity.msal_thread import CAPABILITIES, is_public, on_thread, token_of
from sealwright.services.ports import AccountProfile, Method, Prompt

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from sealwright.identity.loopback import Loopback
    from sealwright.identity.msal_thread import KeptCache, MsalCache
    from sealwright.secret import Secret
    from sealwright.services.ports import CloudSettings, HttpTransport

AZURE_CLI: Final = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
"""Client id of the application that a person lets act where the profile names no other: that of
Microsoft's command line, which every tenant knows and whose tokens every Azure service takes."""
BROWSER_PATIENCE: Final = 300.0
"""Seconds that the browser's answer is waited for."""
_ORGANIZATIONS: Final = "organizations"
_SLOWER: Final = 5.0
"""Seconds more between two questions after `slow_down` (RFC 8628 section 3.5)."""
_PENDING: Final = ("authorization_pending", "slow_down")


class _Client(Protocol):
    """What is used of msal's public client."""

    def get_accounts(self) -> list[dict[str, object]]: ...

    def acquire_token_silent_with_error(
        self, scopes: list[str], account: object, claims_challenge: str | None = None
    ) -> Mapping[str, object] | None: ...

    def initiate_auth_code_flow(  # noqa: PLR0913 - msal's signature
        self,
        scopes: list[str],
        redirect_uri: str,
        *,
        prompt: str | None,
        login_hint: str | None,
        claims_challenge: str | None,
        response_mode: str,
    ) -> dict[str, object]: ...

    def acquire_token_by_auth_code_flow(
        self, auth_code_flow: dict[str, object], auth_response: dict[str, str]
    ) -> Mapping[str, object]: ...

    def initiate_device_flow(
        self, scopes: list[str], *, claims_challenge: str | None
    ) -> dict[str, object]: ...

    CONSOLE_WINDOW_HANDLE: object

    def acquire_token_interactive(
        self,
        scopes: list[str],
        *,
        login_hint: str | None,
        claims_challenge: str | None,
        parent_window_handle: object,
    ) -> Mapping[str, object]: ...

    def acquire_token_by_device_flow(
        self,
        flow: dict[str, object],
        claims_challenge: str | None = None,
        *,
        exit_condition: Callable[[object], bool],
    ) -> Mapping[str, object]: ...


class Person:
    """One person's sign-in; tokens come from the cache or by the refresh token in it."""

    def __init__(
        self,
        cloud: CloudSettings,
        transport: HttpTransport,
        cache: KeptCache,
        *,
        open_browser: Callable[[str], bool],
        pause: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self._cloud = cloud
        self._http = MsalHttp(transport)
        self._cache = cache
        self._open = open_browser
        self._pause = pause
        self._clients: dict[tuple[str, str], _Client] = {}

    async def bearer(self, profile: AccountProfile, scope: str, claims: str) -> Secret[str]:
        """A token without asking anybody.

        Raises:
            SignInError: only the person can go on.
        """
        cache = await self._cache.load()

        def silently() -> Mapping[str, object]:
            client = self._client(profile, cache)
            accounts = client.get_accounts()
            if not accounts:
                return {}
            return (
                client.acquire_token_silent_with_error(
                    [scope], _mine(accounts, profile), claims_challenge=claims or None
                )
                or {}
            )

        answer = await on_thread(self._cloud.authority, silently)
        await self._cache.keep()
        if not answer:
            raise SignInError(
                f"`{profile.name}` is not signed in any more.",
                hint="Sign in again under Accounts, or with `sealwright account renew`.",
                needs_person=True,
            )
        return token_of(answer)

    async def by_browser(
        self, profile: AccountProfile, on_prompt: Callable[[Prompt], None], claims: str
    ) -> AccountProfile:
        """Open the system's browser and wait for its answer; on Windows its broker, if present."""
        cache = await self._cache.load()
        if has_broker(self._cloud.authority):
            return await self._by_broker(profile, cache, on_prompt, claims)
        async with loopback() as place:
            flow = await on_thread(
                self._cloud.authority,
                lambda: self._client(profile, cache).initiate_auth_code_flow(
                    [self._cloud.arm_scope],
                    place.address,
                    prompt=None if profile.name else "select_account",
                    login_hint=profile.name or None,
                    claims_challenge=claims or None,
                    response_mode="form_post",
                ),
            )
            url = str(flow["auth_uri"])
            on_prompt(Prompt(Method.BROWSER, url, seconds=int(BROWSER_PATIENCE)))
            try:
                with anyio.fail_after(BROWSER_PATIENCE):
                    came = await self._shown(url, place, str(flow["state"]))
            except TimeoutError as error:
                raise UnreachableError(
                    "The browser brought no answer in time.",
                    hint="Try again, or sign in with a device code.",
                ) from error
        if "error" in came:
            raise sign_in_error(came)
        answer = await on_thread(
            self._cloud.authority,
            lambda: self._client(profile, cache).acquire_token_by_auth_code_flow(flow, came),
        )
        return await self._signed_in(profile, answer)

    async def _by_broker(
        self,
        profile: AccountProfile,
        cache: MsalCache,
        on_prompt: Callable[[Prompt], None],
        claims: str,
    ) -> AccountProfile:
        """Let Windows ask (Web Account Manager), with the accounts that it knows."""
        on_prompt(Prompt(Method.BROWSER, seconds=int(BROWSER_PATIENCE)))

        def ask() -> Mapping[str, object]:
            client = self._client(profile, cache)
            return client.acquire_token_interactive(
                [self._cloud.arm_scope],
                login_hint=profile.name or None,
                claims_challenge=claims or None,
                parent_window_handle=client.CONSOLE_WINDOW_HANDLE,
            )

        return await self._signed_in(profile, await on_thread(self._cloud.authority, ask))

    async def _shown(self, url: str, place: Loopback, state: str) -> dict[str, str]:
        """Show the page while the answer is waited for; some browsers return at their end only."""
        async with anyio.create_task_group() as group:

            async def show() -> None:
                await anyio.to_thread.run_sync(self._open, url, abandon_on_cancel=True)

            group.start_soon(show)
            came = dict(await place.answer(state))
            group.cancel_scope.cancel()
        return came

    async def by_device_code(
        self, profile: AccountProfile, on_prompt: Callable[[Prompt], None], claims: str
    ) -> AccountProfile:
        """Show a code and wait until it was entered on any device."""
        cache = await self._cache.load()
        flow = await on_thread(
            self._cloud.authority,
            lambda: self._client(profile, cache).initiate_device_flow(
                [self._cloud.arm_scope], claims_challenge=claims or None
            ),
        )
        if "user_code" not in flow:
            raise sign_in_error(flow)
        on_prompt(
            Prompt(
                Method.DEVICE_CODE,
                str(flow["verification_uri"]),
                str(flow["user_code"]),
                _seconds(flow.get("expires_in"), 900),
            )
        )
        interval = float(_seconds(flow.get("interval"), 5))
        while True:
            await self._pause(interval)
            answer = await on_thread(
                self._cloud.authority,
                lambda: self._client(profile, cache).acquire_token_by_device_flow(
                    flow, claims or None, exit_condition=_once
                ),
            )
            if answer.get("error") not in _PENDING:
                return await self._signed_in(profile, answer)
            interval += _SLOWER if answer.get("error") == "slow_down" else 0.0

    async def _signed_in(
        self, profile: AccountProfile, answer: Mapping[str, object]
    ) -> AccountProfile:
        token_of(answer)
        await self._cache.keep()
        claims = answer.get("id_token_claims")
        said = claims if isinstance(claims, dict) else {}
        return replace(
            profile,
            name=str(said.get("preferred_username") or said.get("name") or profile.name),
            tenant=profile.tenant or str(said.get("tid") or ""),
        )

    def _client(self, profile: AccountProfile, cache: MsalCache) -> _Client:
        tenant, client_id = profile.tenant or _ORGANIZATIONS, profile.client_id or AZURE_CLI
        found = self._clients.get((tenant, client_id))
        if found is None:
            import msal  # type: ignore[import-untyped] # noqa: PLC0415 - no types; slow to load

            made: _Client = msal.PublicClientApplication(
                client_id,
                authority=f"{self._cloud.authority}/{tenant}",
                client_capabilities=list(CAPABILITIES),
                # Asking the public directory about a private authority would fail.
                instance_discovery=is_public(self._cloud.authority),
                http_client=self._http,
                token_cache=cache,
                enable_broker_on_windows=has_broker(self._cloud.authority),
            )
            found = self._clients.setdefault((tenant, client_id), made)
        return found


def has_broker(authority: str) -> bool:
    """Whether Windows signs people in itself: its library is there, and it knows the authority."""
    return (
        sys.platform == "win32"
        and importlib.util.find_spec("pymsalruntime") is not None
        and is_public(authority)
    )


def _mine(accounts: list[dict[str, object]], profile: AccountProfile) -> dict[str, object]:
    """The account of the profile: whoever signed in last may be another one than before."""
    wanted = profile.name.lower()
    return next(
        (one for one in accounts if str(one.get("username", "")).lower() == wanted), accounts[0]
    )


def _seconds(value: object, default: int) -> int:
    return value if isinstance(value, int) and 0 < value < 86_400 else default  # noqa: PLR2004 - a day


def _once(_flow: object) -> bool:
    """Tell msal to ask once and not to sleep on its own."""
    return True
