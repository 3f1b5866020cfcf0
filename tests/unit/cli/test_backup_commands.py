"""`backup …`: exit codes and JSON of creating, verifying and restoring."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from sealwright.claims.attestation_type import AttestationType
from sealwright.tokens.policy_jws import unsecured_policy

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from helpers.command_line import CommandLine

SGX = AttestationType.SGX_ENCLAVE
TEXT = "version= 1.0;authorizationrules{=> permit();};issuancerules{};"


def test_a_backup_is_made_verified_and_restored(sw: CommandLine, tmp_path: Path) -> None:
    file = str(tmp_path / "all.zip")
    sw.world.open.policies[SGX] = unsecured_policy(TEXT)
    made = sw("backup", "create", "open", "isolated", "--key", "root", "--output", file)
    assert made.code == 0, made.err
    assert (tmp_path / "all.zip").stat().st_mode & 0o77 == 0

    found = sw("backup", "verify", file, "--format", "json")
    assert found.code == 0
    assert found.json["valid"] is True
    assert found.json["signedBy"]

    sw.world.open.policies.clear()
    shown = sw("backup", "restore", file, "open")
    assert shown.code == 1
    assert "policy SgxEnclave: to be restored" in shown.text
    restored = sw("backup", "restore", file, "open", "--yes", "--format", "json")
    assert restored.code == 0
    items = restored.json["items"]
    assert isinstance(items, list)
    assert [each["proven"] for each in items] == [True]
    assert sw("backup", "restore", file, "open").text == "open is as the backup says.\n"


def test_a_damaged_backup_is_refused(sw: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "bad.zip"
    file.write_bytes(b"PK\x03\x04 no archive")
    ran = sw("backup", "verify", str(file))
    assert ran.code == 2
    assert "damaged" in ran.err


def test_a_backup_is_not_written_over_another(sw: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "all.zip"
    file.write_bytes(b"before")
    ran = sw("backup", "create", "open", "--output", str(file))
    assert ran.code == 2
    assert "There is a file" in ran.err
    assert "Name another one" in ran.err
    assert file.read_bytes() == b"before"


def test_a_backup_on_a_full_disk_leaves_no_file(
    sw: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    ran = sw("backup", "create", "open", "--output", str(tmp_path / "all.zip"))
    assert ran.code == 3
    assert "Free some space" in ran.err
    assert list(tmp_path.iterdir()) == []
