"""Backups made unasked: private, one beside the other, and an error where there is no place."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import anyio
import pytest

from helpers.memory_stores import SetClock
from sealwright.errors import StorageError
from sealwright.store.backups import StoredBackups

if TYPE_CHECKING:
    from pathlib import Path


def test_two_of_the_same_second_stand_beside_each_other(tmp_path: Path) -> None:
    async def scene() -> None:
        shelf = StoredBackups(tmp_path / "kept", SetClock())
        paths = [await shelf.keep("prod", data) for data in (b"one", b"two")]
        files = sorted((tmp_path / "kept").iterdir())
        assert sorted(paths) == [str(file) for file in files]
        assert {file.read_bytes() for file in files} == {b"one", b"two"}
        assert all(file.name.startswith("prod-") for file in files)
        if os.name == "posix":
            assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}

    anyio.run(scene)


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file", encoding="utf-8")
    shelf = StoredBackups(tmp_path / "kept", SetClock())
    with pytest.raises(StorageError, match="cannot be made"):
        anyio.run(shelf.keep, "prod", b"one")
