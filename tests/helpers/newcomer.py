"""A newcomer at the command line: every command is a process, the browser a program of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

_BROWSER = """#!{python}
import sys
sys.path.insert(0, {tests!r})
from helpers.sign_in_browser import Browser
from pathlib import Path
browser = Browser({ca!r}, Path({person!r}).read_text(encoding="utf-8"))
browser.open(sys.argv[1])
browser.join()
"""


class Program:
    """`sealwright …` on a home whose secrets are in a vault file."""

    def __init__(self, folder: Path, ca_file: str) -> None:
        self._home = folder / "home"
        self._passphrase = folder / "passphrase"
        self._passphrase.write_text("correct horse battery\n", encoding="utf-8")
        self._person = folder / "person"
        self.person("owner@sandbox.invalid")
        browser = folder / "browser"
        browser.write_text(
            _BROWSER.format(
                python=sys.executable,
                tests=str(Path(__file__).resolve().parents[1]),
                ca=ca_file,
                person=str(self._person),
            ),
            encoding="utf-8",
        )
        browser.chmod(0o755)
        gone = ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "https_proxy", "HTTPS_PROXY")
        self._env = {name: value for name, value in os.environ.items() if name not in gone}
        self._env["BROWSER"] = str(browser)

    def person(self, name: str) -> None:
        """Who sits before the browser from now on."""
        self._person.write_text(name, encoding="utf-8")

    def __call__(self, *arguments: str, code: int = 0) -> dict[str, object]:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "sealwright",
                f"--home={self._home}",
                f"--vault-passphrase-file={self._passphrase}",
                "--format=json",
                *arguments,
            ],
            env=self._env,
            capture_output=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        found = json.loads(done.stdout)
        assert isinstance(found, dict)
        return found

    def files(self) -> bytes:
        """Everything that the home holds in files."""
        return b"".join(path.read_bytes() for path in self._home.rglob("*") if path.is_file())


def items(found: dict[str, object]) -> list[dict[str, object]]:
    listed = found["items"]
    assert isinstance(listed, list)
    return listed
