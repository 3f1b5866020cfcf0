"""A software security module of the test's own, behind the PKCS#11 library that SoftHSM ships."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

PIN = "246813"
_ADMIN = "13572468"
_PATIENCE = 60
_PLACES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)


class SoftHsm:
    """Tokens in a folder; every process that inherits the environment sees these only."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.module = next((place for place in _PLACES if Path(place).is_file()), "")
        if not self.module or not shutil.which("softhsm2-util"):
            pytest.skip("needs softhsm2-util and its PKCS#11 library (softhsm2)")
        self._folder = folder
        (folder / "tokens").mkdir(parents=True)
        settings = folder / "softhsm2.conf"
        settings.write_text(
            f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n", encoding="utf-8"
        )
        monkeypatch.setenv("SOFTHSM2_CONF", str(settings))

    def add_token(self, label: str) -> None:
        _call(
            *("softhsm2-util", "--init-token", "--free", "--label", label),
            *("--pin", PIN, "--so-pin", _ADMIN),
        )

    def add_key(
        self,
        token: str,
        label: str,
        key: RSAPrivateKey | EllipticCurvePrivateKey,
        *chain: bytes,
        number: str = "a1",
    ) -> None:
        """Put a key on a token, and certificates (DER): the first one gets the key's id."""
        file = self._folder / f"{label}.pem"
        file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        _call(
            *("softhsm2-util", "--import", str(file), "--token", token, "--pin", PIN),
            *("--label", label, "--id", number),
        )
        file.unlink()
        writer = str(Path(__file__).with_name("token_writer.py"))
        for at, der in enumerate(chain):
            own = number if at == 0 else f"c{at}"
            _call(sys.executable, writer, self.module, token, PIN, own, given=der)

    def change_pin(self, token: str, pin: str) -> None:
        """As its holder does with the maker's tool."""
        writer = "import sys, pkcs11\nmodule, token, old, new = sys.argv[1:]\n"
        writer += "with pkcs11.lib(module).get_token(token_label=token).open(rw=True, user_pin=old)"
        writer += " as session:\n    session.set_pin(old, new)\n"
        _call(sys.executable, "-c", writer, self.module, token, PIN, pin)


def _call(*command: str, given: bytes = b"") -> None:
    done = subprocess.run(
        command,
        input=given,
        env=dict(os.environ),
        capture_output=True,
        timeout=_PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
