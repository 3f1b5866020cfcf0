"""My keys: generate, import, export, rename, delete, and what they sign for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from sealwright.errors import AppError
from sealwright.services.model import NewActivity

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from sealwright.secret import Secret
    from sealwright.services.model import Provider, SigningKey, VaultStatus
    from sealwright.services.ports import (
        ActivityLog,
        KeyVault,
        NewKey,
        ProviderDirectory,
        Signer,
        VaultChoice,
    )
    from sealwright.services.reaching.trust import SignerMemory

_T = TypeVar("_T")

WHO: Final = "this computer"
"""Who the log names for what never left it."""


@dataclass(frozen=True, slots=True)
class KeyUse:
    """A key and the providers known to trust its certificate."""

    key: SigningKey
    signs_for: tuple[Provider, ...]


class KeysService:
    """The policy signing keys of this home."""

    def __init__(
        self,
        vault: KeyVault,
        choice: VaultChoice,
        directory: ProviderDirectory,
        memory: SignerMemory,
        log: ActivityLog,
    ) -> None:
        self._vault = vault
        self._choice = choice
        self._directory = directory
        self._memory = memory
        self._log = log

    async def list(self) -> tuple[KeyUse, ...]:
        """All keys by name, with what they were last seen to sign for; no network, no prompt."""
        seen = await self._memory.seen()
        providers = {provider.id: provider for provider in await self._directory.providers()}
        uses: list[KeyUse] = []
        for key in await self._vault.keys():
            names = [id_ for id_, trusted in seen.items() if key.certificate.sha256 in trusted]
            found = tuple(providers[name] for name in names if name in providers)
            uses.append(KeyUse(key, found))
        return tuple(uses)

    async def status(self) -> VaultStatus:
        """Which secret store is in use and whether it works."""
        return await self._vault.status()

    async def choose_vault(self, kind: str, passphrase: Secret[str] | None = None) -> VaultStatus:
        """Use `keyring`, `file` or `memory` for new keys from now on; the user's own choice.

        Raises:
            StorageError: the store does not work, or the passphrase is wrong or missing.
        """
        what = f"Choose secret store {kind}"
        status = await self._logged(what, self._choice.choose(kind, passphrase))
        await self._append(what, "done", status.backend)
        return status

    async def generate(self, new: NewKey) -> SigningKey:
        """Make a key and its self-signed certificate; seconds for 4096 bits."""
        key = await self._logged(f"Generate key {new.name}", self._vault.generate(new))
        await self._done(f"Generate key {new.name}", key)
        return key

    async def import_key(
        self,
        name: str,
        data: bytes,
        *,
        certificates: bytes = b"",
        passphrase: Secret[str] | None = None,
    ) -> SigningKey:
        """Keep a key from PEM, DER or PKCS#12.

        Raises:
            KeyMaterialError: says which rule refused it.
        """
        work = self._vault.import_key(name, data, certificates=certificates, passphrase=passphrase)
        key = await self._logged(f"Import key {name}", work)
        await self._done(f"Import key {name}", key)
        return key

    async def export_key(self, name: str, *, form: str, passphrase: Secret[str]) -> bytes:
        """The key, encrypted; `form` is `pkcs8` or `pkcs12`."""
        what = f"Export key {name}"
        data = await self._logged(
            what, self._vault.export_key(name, form=form, passphrase=passphrase)
        )
        await self._append(what, "done", f"Encrypted, as {form}.")
        return data

    async def rename(self, old: str, new: str) -> SigningKey:
        """Give a key another name."""
        what = f"Rename key {old}"
        key = await self._logged(what, self._vault.rename(old, new))
        await self._append(what, "done", f"It is now `{new}`.")
        return key

    async def delete(self, name: str) -> None:
        """Forget the key for good; `signs_for` of `list` says what that means."""
        what = f"Delete key {name}"
        names = [key.certificate for key in await self._vault.keys() if key.name == name]
        await self._logged(what, self._vault.delete(name))
        detail = f"Certificate SHA-256 {names[0].sha256}." if names else ""
        await self._append(what, "done", detail)

    async def signer(self, name: str) -> Signer:
        """The signer behind a key; unlocks nothing yet."""
        return await self._vault.signer(name)

    async def _logged(self, what: str, work: Awaitable[_T]) -> _T:
        try:
            return await work
        except AppError as error:
            await self._append(what, "failed", error.summary)
            raise

    async def _done(self, what: str, key: SigningKey) -> None:
        detail = f"{key.algorithm}, certificate SHA-256 {key.certificate.sha256}."
        await self._append(what, "done", detail)

    async def _append(self, what: str, result: str, detail: str) -> None:
        entry = NewActivity(who=WHO, where="my keys", what=what, result=result, detail=detail)
        await self._log.append(entry)
