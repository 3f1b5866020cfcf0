"""Policy signing keys: private halves in the secret store, public metadata in the index.

Invariants
- A key is listed only after its private half is kept, and until that was removed.
- A private half whose key never got listed (the program was stopped in between) is removed later.
"""

from __future__ import annotations

import contextlib
import os
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from sealwright.errors import StorageError, UsageError
from sealwright.services.certificates import describe_certificate
from sealwright.services.model import SigningKey
from sealwright.services.ports import KeyRecord
from sealwright.vault.memory_box import MemoryBox
from sealwright.vault.signing import ALGORITHM, StoredKeySigner, missing_half

if TYPE_CHECKING:
    from sealwright.secret import Secret
    from sealwright.services.model import VaultStatus
    from sealwright.services.ports import NewKey, Signer
    from sealwright.vault.material import Material
    from sealwright.vault.stores import SecretStores

_PREFIX: Final = "key/"
_MAX_NAME: Final = 100
_ABANDONED: Final = timedelta(hours=1)
"""No other process is still at it after this time."""


class StoredKeys:
    """The port `KeyVault` over the secret stores."""

    def __init__(self, stores: SecretStores) -> None:
        self._stores = stores
        self._in_memory: dict[str, KeyRecord] = {}

    async def keys(self) -> tuple[SigningKey, ...]:
        """All keys, by name; asks the secret store for nothing."""
        found = [record.key for record in await self._records()]
        return tuple(sorted(found, key=lambda key: key.name.casefold()))

    async def generate(self, new: NewKey) -> SigningKey:
        """Make a key pair and a self-signed CA certificate, and keep both."""
        from anyio import to_thread  # noqa: PLC0415 - after the first paint

        from sealwright.vault.making import check_request, make_key  # noqa: PLC0415 - as above

        name = await self._free_name(new.name)
        await to_thread.run_sync(check_request, new)
        now = self._stores.clock.now()
        material = await to_thread.run_sync(make_key, new, now, abandon_on_cancel=True)
        return await self._keep(name, material)

    async def import_key(
        self,
        name: str,
        data: bytes,
        *,
        certificates: bytes = b"",
        passphrase: Secret[str] | None = None,
    ) -> SigningKey:
        """Keep a key from PEM, DER or PKCS#12 with its certificates.

        Raises:
            KeyMaterialError: says which rule refused it.
        """
        from anyio import to_thread  # noqa: PLC0415 - after the first paint

        from sealwright.vault.check_key import check_in_child  # noqa: PLC0415 - as above

        name = await self._free_name(name)
        check = partial(check_in_child, data, certificates, passphrase)
        material = await to_thread.run_sync(check, abandon_on_cancel=True)
        return await self._keep(name, material)

    async def export_key(self, name: str, *, form: str, passphrase: Secret[str]) -> bytes:
        """The key, encrypted; `form` is `pkcs8` (PEM) or `pkcs12`."""
        from anyio import to_thread  # noqa: PLC0415 - after the first paint

        from sealwright.vault.making import export_pkcs8, export_pkcs12  # noqa: PLC0415 - as above

        if not passphrase.reveal():
            raise UsageError("A key is exported under a passphrase only.", hint="Give one.")
        if form not in {"pkcs8", "pkcs12"}:
            raise UsageError(f"`{form}` is no form to export.", hint="Choose pkcs8 or pkcs12.")
        record = await self._record(name)
        pkcs8 = await self._stores.read(_entry(record), record.kept_in)
        if pkcs8 is None:
            raise missing_half(record.key.name)
        if form == "pkcs8":
            return await to_thread.run_sync(export_pkcs8, record.key.name, pkcs8, passphrase)
        return await to_thread.run_sync(
            export_pkcs12, record.key.name, pkcs8, record.key.chain, passphrase
        )

    async def rename(self, old: str, new: str) -> SigningKey:
        """Give a key another name."""
        record = await self._record(old)
        name = await self._free_name(new, own=record.id)
        if record.kept_in == MemoryBox.kind:
            self._in_memory[record.id] = _renamed(record, name)
        else:
            await self._stores.index.rename(record.id, name)
        return (await self._record(name)).key

    async def delete(self, name: str) -> None:
        """Forget the key for good."""
        record = await self._record(name)
        await self._stores.remove(_entry(record), record.kept_in)
        if self._in_memory.pop(record.id, None) is None:
            await self._stores.index.remove(record.id)

    async def signer(self, name: str) -> Signer:
        """The signer behind a key; unlocks nothing yet."""
        record = await self._record(name)
        return StoredKeySigner(self._stores, record, _entry(record))

    async def status(self) -> VaultStatus:
        """Write, read and remove a canary, and name the backend in use."""
        return await self._stores.status()

    async def _keep(self, name: str, material: Material) -> SigningKey:
        key = SigningKey(
            name=name,
            algorithm=ALGORITHM,
            bits=material.bits,
            certificate=describe_certificate(material.chain[0]),
            chain=material.chain,
            created=self._stores.clock.now(),
        )
        await self._remove_abandoned()
        key_id = os.urandom(8).hex()
        kept_in = await self._stores.write(_PREFIX + key_id, material.pkcs8)
        record = KeyRecord(id=key_id, kept_in=kept_in, key=key)
        if kept_in == MemoryBox.kind:
            self._in_memory[key_id] = record
            return key
        try:
            await self._stores.index.add(record)
        except (UsageError, StorageError):
            await self._stores.remove(_PREFIX + key_id, kept_in)
            raise
        return key

    async def _remove_abandoned(self) -> None:
        listed = {_entry(record) for record in await self._records()}
        before = self._stores.clock.now() - _ABANDONED
        for name, kept_in, noted in await self._stores.index.secrets():
            if name.startswith(_PREFIX) and name not in listed and noted < before:
                # Its store may be locked; the next new key tries again.
                with contextlib.suppress(StorageError):
                    await self._stores.remove(name, kept_in)

    async def _records(self) -> tuple[KeyRecord, ...]:
        return (*await self._stores.index.records(), *self._in_memory.values())

    async def _record(self, name: str) -> KeyRecord:
        wanted = name.strip().casefold()
        for record in await self._records():
            if record.key.name.casefold() == wanted:
                return record
        raise UsageError(f"There is no key named `{name}`.", hint="List the keys to see them.")

    async def _free_name(self, name: str, own: str = "") -> str:
        """`name` without blanks around it.

        Raises:
            UsageError: it is empty, too long, not printable, or taken.
        """
        wanted = name.strip()
        if not wanted or len(wanted) > _MAX_NAME or not wanted.isprintable():
            raise UsageError(
                f"A key cannot be named `{name.strip()[:_MAX_NAME]}`.",
                hint=f"Use 1 to {_MAX_NAME} printable characters.",
            )
        for record in await self._records():
            if record.id != own and record.key.name.casefold() == wanted.casefold():
                raise UsageError(
                    f"There is a key named `{record.key.name}` already.",
                    hint="Choose another name.",
                )
        return wanted


def _entry(record: KeyRecord) -> str:
    return _PREFIX + record.id


def _renamed(record: KeyRecord, name: str) -> KeyRecord:
    from dataclasses import replace  # noqa: PLC0415 - rare

    return replace(record, key=replace(record.key, name=name))
