"""Opening the window's code brings in no network, cryptography or server library."""

from __future__ import annotations

import subprocess
import sys

FORBIDDEN = (
    "anyio",
    "asyncio",
    "cbor2",
    "cryptography",
    "httpx",
    "jmespath",
    "jwt",
    "keyring",
    "msal",
    "sqlite3",
    "ssl",
    "starlette",
    "uvicorn",
    "yaml",
)


def test_importing_the_window_brings_in_nothing_heavy() -> None:
    code = (
        "import sys, sealwright.desktop.app; "
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=180
    )
    loaded = set(done.stdout.split())
    assert "PySide6" in loaded
    assert loaded & set(FORBIDDEN) == set()
