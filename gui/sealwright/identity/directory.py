"""`Identity`: every method of signing in, behind one door."""

from __future__ import annotations

import os
import time
import webbrowser
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import anyio

from sealwright.errors import StorageError, UsageError
from sealwright.identity.assertions import from_file, signed_by
from sealwright.identity.client_credentials import Application, ClientCredentials
from sealwright.identity.commands import PATIENCE, CommandSession
from sealwright.identity.hardware import HardwareProofs
from sealwright.identity.managed import ManagedIdentity
from sealwright.identity.msal_thread import KeptCache
from sealwright.identity.person import Person
from sealwright.services.ports import PERSONAL, AccountProfile, Method, Prompt

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealwright.secret import Secret
    from sealwright.services.ports import (
        CloudSettings,
        CredentialVault,
        HttpTransport,
        KeyVault,
        Pkcs11Keys,
        TokenSource,
    )

_HOLD: Final = 60.0
"""Seconds that a token is handed out again without asking: all of them are good for longer, and
hundreds of calls of a fleet must not each go through msal's thread."""
COMMANDS: Final = frozenset({Method.AZURE_CLI, Method.POWERSHELL})


class Directory:
    """Signs accounts in and gives their tokens. Used from one event loop only.

    Args:
        keys: the keys whose certificates prove applications.
        tokens: such keys that stay on a device.
        open_browser: shows a page to the person; false when it cannot.
    """

    def __init__(  # noqa: PLR0913 - the places that tests take over
        self,
        transport: HttpTransport,
        vault: CredentialVault,
        keys: KeyVault,
        tokens: Pkcs11Keys,
        *,
        open_browser: Callable[[str], bool] = webbrowser.open,
        pause: Callable[[float], Awaitable[None]] = anyio.sleep,
        patience: float = PATIENCE,
    ) -> None:
        self._transport = transport
        self._vault = vault
        self._keys = keys
        self._proofs = HardwareProofs(tokens, vault)
        self._open = open_browser
        self._pause = pause
        self._patience = patience
        self._people: dict[str, Person] = {}
        self._others: dict[AccountProfile, TokenSource | ManagedIdentity | CommandSession] = {}
        self._given: dict[str, Secret[str]] = {}
        self._held: dict[tuple[str, str, str], tuple[Secret[str], float]] = {}
        self._locks: dict[tuple[str, str, str], anyio.Lock] = {}

    def remember(self, profile: AccountProfile, secret: Secret[str]) -> None:
        """Hold a secret of the environment for as long as the program runs; it is not kept."""
        self._given[profile.id] = secret

    async def sign_in(
        self,
        cloud: CloudSettings,
        profile: AccountProfile,
        secret: Secret[str] | None,
        on_prompt: Callable[[Prompt], None],
        *,
        claims: str = "",
    ) -> AccountProfile:
        """Sign in, asking the person where the method needs it; the profile with its name."""
        await self._require_vault()
        self._let_go(profile)
        if profile.method is Method.BROWSER:
            return await self._person(cloud, profile).by_browser(profile, on_prompt, claims)
        if profile.method is Method.DEVICE_CODE:
            return await self._person(cloud, profile).by_device_code(profile, on_prompt, claims)
        on_prompt(Prompt(profile.method, seconds=int(self._patience)))
        if profile.method in COMMANDS:
            found = await self._command(profile).who(cloud.arm_scope)
            return replace(
                profile,
                name=found.user or profile.method.value,
                tenant=profile.tenant or found.tenant,
            )
        profile = _completed(profile)
        if profile.method is Method.PKCS11:
            # A token that is still good would be given without trying the PIN.
            await self._forget_tokens(profile)
            await self._proofs.take(profile, _entry(profile, "secret"), secret)
        elif secret is not None:
            await self._vault.put(_entry(profile, "secret"), secret)
        try:
            await self.bearer(cloud, profile, cloud.arm_scope)
        except BaseException:
            # What did not work is not kept.
            with anyio.CancelScope(shield=True):
                await self.forget(profile)
            raise
        return replace(profile, name=profile.name or profile.client_id or profile.method.value)

    async def bearer(
        self, cloud: CloudSettings, profile: AccountProfile, scope: str, claims: str = ""
    ) -> Secret[str]:
        """A fresh access token; never asks a person."""
        key = (profile.id, profile.tenant, scope)
        async with self._locks.setdefault(key, anyio.Lock()):
            held = self._held.get(key)
            if held is not None and not claims and held[1] > time.monotonic():
                return held[0]
            token = await self._fetched(cloud, profile, scope, claims)
            self._held[key] = (token, time.monotonic() + _HOLD)
        return token

    async def _fetched(
        self, cloud: CloudSettings, profile: AccountProfile, scope: str, claims: str
    ) -> Secret[str]:
        if profile.method in PERSONAL:
            return await self._person(cloud, profile).bearer(profile, scope, claims)
        source = self._others.get(profile)
        if source is None:
            source = self._others.setdefault(profile, await self._source(cloud, profile))
        token = await source.bearer(scope, claims)
        if token is None:
            raise UsageError(f"`{profile.name}` has no token.")
        return token

    async def forget(self, profile: AccountProfile) -> None:
        """Forget secrets and tokens."""
        await self._forget_tokens(profile)
        await self._vault.remove(_entry(profile, "secret"))
        self._people.pop(profile.id, None)
        self._given.pop(profile.id, None)
        self._proofs.forget(profile)

    # --- inside -----------------------------------------------------------------------------

    def _let_go(self, profile: AccountProfile) -> None:
        self._held = {key: held for key, held in self._held.items() if key[0] != profile.id}

    async def _forget_tokens(self, profile: AccountProfile) -> None:
        self._let_go(profile)
        await self._vault.remove(_entry(profile, "cache"))
        self._others = {
            kept: source for kept, source in self._others.items() if kept.id != profile.id
        }

    async def _require_vault(self) -> None:
        """See that tokens can be kept, before anybody is asked for anything.

        Raises:
            StorageError: no secret store works.
        """
        status = await self._keys.status()
        if not status.usable:
            raise StorageError(status.problem, hint=status.hint)

    def _person(self, cloud: CloudSettings, profile: AccountProfile) -> Person:
        found = self._people.get(profile.id)
        if found is None:
            cache = KeptCache(self._vault, _entry(profile, "cache"))
            found = Person(
                cloud, self._transport, cache, open_browser=self._open, pause=self._pause
            )
            self._people[profile.id] = found
        return found

    def _command(self, profile: AccountProfile) -> CommandSession:
        return CommandSession(
            profile.method,
            profile.tenant,
            self._vault,
            _entry(profile, "cache"),
            patience=self._patience,
        )

    async def _source(
        self, cloud: CloudSettings, profile: AccountProfile
    ) -> TokenSource | ManagedIdentity | CommandSession:
        if profile.method in COMMANDS:
            return self._command(profile)
        if profile.method is Method.MANAGED_IDENTITY:
            return ManagedIdentity(self._transport, profile.client_id)
        application = await self._application(cloud, profile)
        vault = None if profile.id in self._given else self._vault
        return ClientCredentials(
            application, self._transport, vault, entry=_entry(profile, "cache")
        )

    async def _application(self, cloud: CloudSettings, profile: AccountProfile) -> Application:
        base = Application(cloud.authority, profile.tenant, profile.client_id, name=profile.name)
        if profile.method is Method.WORKLOAD:
            return replace(base, assertion=from_file(profile.token_file))
        if profile.method is Method.PKCS11:
            return replace(base, assertion=self._proofs.of(profile, _entry(profile, "secret")))
        if profile.method is Method.CERTIFICATE:
            signer = await self._keys.signer(profile.key)
            return replace(base, assertion=signed_by(signer, profile.client_id))
        secret = self._given.get(profile.id) or await self._vault.get(_entry(profile, "secret"))
        if secret is None:
            raise UsageError(
                f"The secret of `{profile.name or profile.client_id}` is gone.",
                hint="Remove the account and add it again.",
            )
        return replace(base, secret=secret)


def _entry(profile: AccountProfile, what: str) -> str:
    return f"account/{profile.id}/{what}"


def _completed(profile: AccountProfile) -> AccountProfile:
    """A profile with what the environment of a workload adds.

    Raises:
        UsageError: something that the method needs is missing.
    """
    if profile.method is Method.WORKLOAD:
        profile = replace(
            profile,
            tenant=profile.tenant or os.environ.get("AZURE_TENANT_ID", ""),
            client_id=profile.client_id or os.environ.get("AZURE_CLIENT_ID", ""),
            token_file=profile.token_file or os.environ.get("AZURE_FEDERATED_TOKEN_FILE", ""),
        )
        if not profile.token_file:
            raise UsageError(
                "No federated token is named.",
                hint="Give its file; the platform names it in AZURE_FEDERATED_TOKEN_FILE.",
            )
    if profile.method is Method.MANAGED_IDENTITY:
        return profile
    for value, words in ((profile.tenant, "tenant"), (profile.client_id, "client id")):
        if not value:
            raise UsageError(f"The {words} is missing.", hint="An application needs both.")
    if profile.method is Method.CERTIFICATE and not profile.key:
        raise UsageError("No key is named.", hint="Import the certificate with its key first.")
    if profile.method is Method.PKCS11 and not profile.module:
        raise UsageError(
            "The PKCS#11 module is missing.",
            hint="Give the path of the library that came with the token.",
        )
    return profile
