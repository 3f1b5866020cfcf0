"""A disk that is really full: a small file system in a mount namespace, filled to its last byte.

Nothing typed is lost, nothing half-written stays, and the message names the disk.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNSHARE = ("unshare", "--mount", "--map-root-user", "--user")
_HELPERS = str(Path(__file__).resolve().parents[1])

_STAGE = """
import errno, json, os, sys
from pathlib import Path

import anyio

from sealwright.claims.attestation_type import AttestationType
from sealwright.composition.opening import services_of
from sealwright.errors import AppError
from sealwright.services.documents import document
from sealwright.services.ports import NewKey
from sealwright.store.home import find_home

DISK, SGX = Path(sys.argv[1]), AttestationType.SGX_ENCLAVE
told = {}


def fill():
    with open(DISK / "filler", "ab", buffering=0) as filler:
        for size in (65536, 4096, 1):
            try:
                while True:
                    filler.write(b"x" * size)
            except OSError as error:
                assert error.errno == errno.ENOSPC


async def refused(name, work):
    try:
        await work
    except AppError as error:
        told[name] = [error.summary, error.hint]
    else:
        told[name] = None


async def scene():
    home = find_home(str(DISK / "home"))
    async with services_of(home) as services:
        documents = services.documents
        await services.vault.choose("memory")
        await services.providers.refresh()
        kept = await documents.keep_draft(document(b"kept before"))
        file = await documents.save(document(b"old file"), str(DISK / "p.policy"))
        fill()
        big = b"typed \\xff" * 4096
        await refused("draft", documents.keep_draft(document(big), draft_id=kept.id))
        await refused("new draft", documents.keep_draft(document(big)))
        await refused("file", documents.save(document(big), file.path))
        await refused("key", services.keys.generate(NewKey("k", 2048, "CN=k", 1)))
        told["draft kept"] = (await documents.drafts())[0].data.decode()
        told["file kept"] = Path(file.path).read_text()
        told["left over"] = sorted(
            str(p.relative_to(DISK)) for p in DISK.rglob("*") if "tmp" in p.name
        )
    os.unlink(DISK / "filler")
    async with services_of(home) as services:
        drafts = await services.documents.drafts()
        told["after"] = [draft.data.decode() for draft in drafts]
        await services.documents.keep_draft(document(big), draft_id=kept.id)
        told["again"] = (await services.documents.drafts())[0].data == big
        told["chain"] = (await services.activity.verify()).first_broken


anyio.run(scene)
print(json.dumps(told))
"""


def _on_a_small_disk(disk: Path, script: str, size: str = "4m") -> subprocess.CompletedProcess[str]:
    """Run a shell script where `disk` is a file system of its own, of `size`."""
    if not sys.platform.startswith("linux") or shutil.which("unshare") is None:
        pytest.skip("file systems of our own can be mounted on Linux only")
    disk.mkdir()
    probe = subprocess.run((*_UNSHARE, "mount", "-t", "tmpfs", "x", disk), check=False)
    if probe.returncode:
        pytest.skip("this system lets nobody mount a file system of his own")
    mounted = f'mount -t tmpfs -o size={size} small "$DISK" && {script}'
    env: Mapping[str, str] = {
        **os.environ,
        "DISK": str(disk),
        "PYTHONPATH": os.pathsep.join(filter(None, (_HELPERS, os.environ.get("PYTHONPATH")))),
        "PYTHON": sys.executable,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    return subprocess.run(
        (*_UNSHARE, "sh", "-c", mounted),
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_full_disk_loses_nothing_typed_and_is_named(tmp_path: Path) -> None:
    stage = tmp_path / "stage.py"
    stage.write_text(_STAGE, "utf-8")
    ran = _on_a_small_disk(tmp_path / "disk", f'"$PYTHON" {stage} "$DISK"')
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    for what in ("draft", "new draft", "file", "key"):
        assert told[what] is not None, what
        summary, hint = told[what]
        assert "the disk is full" in summary
        assert "space" in hint
    assert told["draft kept"] == "kept before"
    assert told["file kept"] == "old file"
    assert told["left over"] == []
    assert told["after"] == ["kept before"]
    assert told["again"] is True
    assert told["chain"] is None


def test_commands_on_a_full_disk_name_it_and_advise_no_reset(tmp_path: Path) -> None:
    sw = '"$PYTHON" -m sealwright --home "$DISK/home"'
    script = f"""
        {sw} provider list >/dev/null || exit 90
        cat /dev/zero > "$DISK/filler" 2>/dev/null
        {sw} provider list; echo "code $?" >&2
        {sw} activity list; echo "code $?" >&2
        {sw} --home "$DISK/other" provider list; echo "code $?" >&2
        echo 'version=1.0;' > "$DISK/../p"
        {sw} policy wrap "$DISK/../p" --output "$DISK/out"; echo "code $?" >&2
        ls -A "$DISK" | tr '\\n' ' '
        rm "$DISK/filler"
        {sw} provider list || exit 91
    """
    ran = _on_a_small_disk(tmp_path / "disk", script)
    assert ran.returncode == 0, ran.stderr
    assert "reset" not in ran.stderr
    assert "Traceback" not in ran.stderr
    assert ran.stderr.count("ull") >= 3, ran.stderr
    assert "code 0" not in ran.stderr
    assert "out" not in ran.stdout.split()
