"""Client secrets, token caches and other small secrets by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.errors import StorageError
from sealwright.secret import Secret
from sealwright.vault.memory_box import MemoryBox

if TYPE_CHECKING:
    from sealwright.vault.stores import SecretStores

_PREFIX: Final = "credential/"


class StoredCredentials:
    """The port `CredentialVault` over the secret stores."""

    def __init__(self, stores: SecretStores) -> None:
        self._stores = stores

    async def get(self, name: str) -> Secret[str] | None:
        """The secret, or None."""
        entry = _PREFIX + name
        for kept_in in (MemoryBox.kind, *await self._places(entry)):
            data = await self._stores.read(entry, kept_in)
            if data is not None:
                return Secret(_text(name, data))
        return None

    async def put(self, name: str, value: Secret[str]) -> None:
        """Keep a secret; the old value stays whole until the new one is."""
        entry = _PREFIX + name
        before = (MemoryBox.kind, *await self._places(entry))
        kept_in = await self._stores.write(entry, value.reveal().encode("utf-8"))
        for place in before:
            if place != kept_in:
                await self._stores.remove(entry, place)

    async def remove(self, name: str) -> None:
        """Forget it; nothing happens when it is not there."""
        entry = _PREFIX + name
        for place in (MemoryBox.kind, *await self._places(entry)):
            await self._stores.remove(entry, place)

    async def _places(self, entry: str) -> tuple[str, ...]:
        """Where it was put, the last place first."""
        noted = await self._stores.index.secrets()
        return tuple(kept_in for name, kept_in, _ in reversed(noted) if name == entry)


def _text(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StorageError(
            f"The secret `{name}` is damaged.", hint="Enter it again to replace it."
        ) from error
