"""Deleting a provider: what it applied is written to an archive first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sealwright.services.backup.service import BackupService
    from sealwright.services.model import Provider
    from sealwright.services.ports import BackupShelf
    from sealwright.services.providers.providers import ProvidersService


@dataclass(frozen=True, slots=True)
class Removed:
    """A provider that is no more."""

    provider: Provider
    archive: str
    """Path of the backup that was made before."""
    missing: tuple[str, ...]
    """What could not be read for it."""


class RemovalService:
    """Deletes providers, each after a backup of it."""

    def __init__(
        self, providers: ProvidersService, backup: BackupService, shelf: BackupShelf
    ) -> None:
        self._providers = providers
        self._backup = backup
        self._shelf = shelf

    @property
    def folder(self) -> str:
        """Where the backups go."""
        return self._shelf.folder

    async def delete(self, provider: Provider, *, typed_name: str) -> Removed:
        """Back up, then delete for good. What cannot be read is left out of the backup, and said.

        Raises:
            UsageError: `typed_name` is not the provider's name, or it is a shared one.
            StorageError: the backup cannot be written; nothing was deleted.
            BadAnswerError: the provider is still there afterwards.
        """
        await self._providers.require_deletable(provider.id, typed_name=typed_name)
        made = await self._backup.create([provider])
        path = await self._shelf.keep(provider.name, made.data)
        await self._backup.kept([provider], made, path)
        await self._providers.delete(provider.id, typed_name=typed_name)
        return Removed(provider, path, made.missing)
