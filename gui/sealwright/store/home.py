"""The home: one folder with everything that is kept on this computer.

Its id names the home in the OS keyring, so that no home reads or deletes entries of another.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sealwright.errors import StorageError
from sealwright.store.files import write_atomically
from sealwright.store.locks import exclusive

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

VARIABLE: Final = "SEALWRIGHT_HOME"
_ID_LENGTH: Final = 32
"""Hex digits: 128 random bits."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where things are below the home folder."""

    root: Path

    @property
    def database(self) -> Path:
        """The one SQLite file of the application; the sandbox has its own."""
        return self.root / "sealwright.db"

    @property
    def backups(self) -> Path:
        """Copies of the database from before each migration."""
        return self.root / "backups"

    @property
    def deleted_providers(self) -> Path:
        """Backups of providers from before they were deleted here."""
        return self.root / "deleted-providers"

    @property
    def sandbox(self) -> Path:
        """Folder of the sandbox's own state."""
        return self.root / "sandbox"

    @property
    def trust_anchors(self) -> Path:
        """A file that renews the bundled trust anchors, for those who put one there."""
        return self.root / "trust-anchors.json"

    @property
    def vault_file(self) -> Path:
        """The passphrase-protected vault, for those who chose one."""
        return self.root / "vault.sealed"

    @property
    def logs(self) -> Path:
        """Folder of log files and crash reports."""
        return self.root / "logs"

    @property
    def window_state(self) -> Path:
        """Place, size and theme of the window, read before anything else is."""
        return self.root / "window.json"

    def exclusive(self, name: str) -> AbstractContextManager[None]:
        """Hold the lock `name` of this home against other processes; blocking."""
        return exclusive(self.root / f"{name}.lock")

    def id(self) -> str:
        """The random name of this home, made when first asked for; blocking.

        Raises:
            StorageError: the folder cannot be written, or the file holds something else.
        """
        path = self.root / "home-id"
        if path.exists():
            return _read_id(path)
        with self.exclusive("home-id"):
            if not path.exists():
                write_atomically(path, os.urandom(_ID_LENGTH // 2).hex().encode("ascii"))
            return _read_id(path)


def find_home(option: str | None = None) -> Home:
    """The home that `--home`, `SEALWRIGHT_HOME` or the system's custom names; made when missing.

    Raises:
        StorageError: the folder cannot be made.
    """
    named = option or os.environ.get(VARIABLE, "")
    root = Path(named).expanduser().absolute() if named else _usual_folder()
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"The folder `{root}` cannot be used for Sealwright's data.",
            hint="Choose another with --home, or check its permissions.",
            details={"reason": error.strerror or str(error)},
        ) from error
    return Home(root)


def _usual_folder() -> Path:
    import platformdirs  # noqa: PLC0415 - not needed where the home is named

    return platformdirs.user_data_path("sealwright", appauthor=False)


def _read_id(path: Path) -> str:
    try:
        text = path.read_text("ascii").strip()
    except (OSError, ValueError) as error:
        raise _bad_id(path) from error
    if len(text) != _ID_LENGTH or not all(digit in "0123456789abcdef" for digit in text):
        raise _bad_id(path)
    return text


def _bad_id(path: Path) -> StorageError:
    return StorageError(
        f"The file `{path}` does not hold the name of a home.",
        hint="Restore it from a backup: without it the keys in the OS keyring are not found.",
    )
