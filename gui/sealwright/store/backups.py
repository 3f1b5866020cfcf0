"""Backups that are made unasked, before a provider is deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.store.files import file_error, write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from sealwright.services.ports import Clock


class StoredBackups:
    """The port `BackupShelf` on a folder of the home."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    @property
    def folder(self) -> str:
        """Where they lie."""
        return str(self._folder)

    async def keep(self, name: str, data: bytes) -> str:
        """Write an archive under the provider's name and the time; the path.

        Raises:
            StorageError: disk full or read-only.
        """
        from anyio import to_thread  # noqa: PLC0415 - the command line opens most homes without

        return await to_thread.run_sync(self._keep, name, data)

    def _keep(self, name: str, data: bytes) -> str:
        stem = f"{name}-{self._clock.now():%Y%m%d-%H%M%S}"
        path, number = self._folder / f"{stem}.zip", 2
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise file_error(f"The folder `{self._folder}` cannot be made", error) from error
        while path.exists():
            path, number = self._folder / f"{stem}-{number}.zip", number + 1
        write_atomically(path, data)
        return str(path)
