"""Start-up is won by imports: each way into the program reads what it needs and no more."""

from __future__ import annotations

import subprocess
import sys

import pytest

NETWORK = ("httpx", "anyio", "asyncio", "msal", "starlette", "uvicorn", "ssl", "truststore")
CRYPTO = ("cryptography", "jwt", "keyring", "secretstorage")
STATE = (
    "sqlite3",
    "sealwright.sandbox.sandbox",
    "sealwright.azure.http",
    "sealwright.vault.stores",
)
QT = ("PySide6",)

ENTRIES = {
    "the window": ("sealwright.composition.window", (*NETWORK, *CRYPTO, *STATE)),
    "the desktop": ("sealwright.desktop.app", (*NETWORK, *CRYPTO, *STATE)),
    "the program": ("sealwright.__main__", (*NETWORK, *CRYPTO, *STATE, *QT)),
    "the command line": ("sealwright.cli.dispatch", (*NETWORK, *CRYPTO, *STATE, *QT)),
    "the services' names": ("sealwright.services.bundle", (*NETWORK, *CRYPTO, *STATE, *QT)),
    "the policy language": ("sealwright.policy", (*NETWORK, *CRYPTO, *STATE, *QT)),
    "the linter": (
        "sealwright.policy.checking.linter",
        ("dataclasses", "inspect", "pathlib", "jmespath"),
    ),
    "opening a home": ("sealwright.composition.opening", QT),
}


@pytest.mark.parametrize("name", list(ENTRIES))
def test_entry_reads_nothing_that_is_heavy(name: str) -> None:
    module, forbidden = ENTRIES[name]
    script = (
        f"import sys; before = set(sys.modules); import {module}; "
        "print('\\n'.join(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert module in loaded
    assert sorted(loaded & set(forbidden)) == []
