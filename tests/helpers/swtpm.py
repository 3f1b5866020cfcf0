"""A software TPM of the test's own: real quotes by the tools that administrators use."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATIENCE = 60
_TOOLS = ("swtpm", "tpm2_createek", "tpm2_createak", "tpm2_quote", "tpm2_pcrextend")


class Swtpm:
    """A running TPM; files lie in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._env = {**os.environ, "TPM2TOOLS_TCTI": f"swtpm:path={folder / 'sock'}"}

    def run(self, *command: str) -> None:
        """Run a tool."""
        subprocess.run(
            command,
            cwd=self.folder,
            env=self._env,
            check=True,
            capture_output=True,
            timeout=_PATIENCE,
        )

    def with_keys(self, *command: str) -> None:
        """Run a tool that loads keys, and free the TPM's few places for them."""
        self.run(*command)
        self.run("tpm2_flushcontext", "-t")

    def make_key(self, scheme: str = "rsassa", kind: str = "rsa") -> bytes:
        """A new attestation key; its public half as PEM."""
        self.with_keys("tpm2_createek", "-Q", "-c", "ek.ctx", "-G", "rsa", "-u", "ek.pub")
        made = ("-c", "ak.ctx", "-G", kind, "-g", "sha256", "-s", scheme)
        self.with_keys("tpm2_createak", "-Q", "-C", "ek.ctx", *made, "-u", "ak.pem", "-f", "pem")
        return (self.folder / "ak.pem").read_bytes()

    def extend(self, index: int, digest: bytes) -> None:
        """Measure a digest into a register."""
        self.run("tpm2_pcrextend", f"{index}:sha256={digest.hex()}")

    def quote(
        self, indices: tuple[int, ...], nonce: bytes, scheme: str = "rsassa"
    ) -> tuple[bytes, bytes]:
        """TPMS_ATTEST and TPMT_SIGNATURE."""
        listed = "sha256:" + ",".join(str(index) for index in indices)
        made = ("-m", "quote.msg", "-s", "quote.sig", "-g", "sha256", "--scheme", scheme)
        self.with_keys("tpm2_quote", "-Q", "-c", "ak.ctx", "-l", listed, "-q", nonce.hex(), *made)
        return (self.folder / "quote.msg").read_bytes(), (self.folder / "quote.sig").read_bytes()

    def registers(self) -> dict[int, bytes]:
        """The SHA-256 bank."""
        self.run("tpm2_pcrread", "-Q", "sha256", "-o", "pcrs.bin")
        raw = (self.folder / "pcrs.bin").read_bytes()
        return {at: raw[32 * at : 32 * at + 32] for at in range(len(raw) // 32)}


@contextmanager
def running_tpm() -> Iterator[Swtpm]:
    """A TPM, started and stopped with the block; skips where the tools are not installed."""
    missing = [tool for tool in _TOOLS if not shutil.which(tool)]
    if missing:
        pytest.skip(f"needs {', '.join(missing)} (swtpm, tpm2-tools)")
    # A short path: the name of a socket may have some hundred bytes only.
    with TemporaryDirectory(prefix="tpm") as name:
        folder = Path(name)
        process = subprocess.Popen(
            (
                *("swtpm", "socket", "--tpm2", "--tpmstate", f"dir={folder}"),
                *("--server", f"type=unixio,path={folder / 'sock'}"),
                *("--ctrl", f"type=unixio,path={folder / 'sock.ctrl'}"),
                *("--flags", "not-need-init,startup-clear", "--log", "level=0"),
            ),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(folder / "sock.ctrl", process)
            yield Swtpm(folder)
        finally:
            process.terminate()
            process.wait(_PATIENCE)


def _wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    """Until the TPM listens; it makes this socket last."""
    import socket  # noqa: PLC0415 - only here
    import time  # noqa: PLC0415 - as above

    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, "swtpm ended"
        if path.exists():
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(str(path)) == 0:
                    return
        time.sleep(0.01)
    raise AssertionError("swtpm does not listen")
