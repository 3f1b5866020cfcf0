"""A real `sealwright sandbox serve` in a process of its own."""

from __future__ import annotations

import json
import queue
import signal
import ssl
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_START_SECONDS = 120.0
_STOP_SECONDS = 60.0


@dataclass
class ServedSandbox:
    """A running server and what it said when it was ready."""

    home: Path
    process: subprocess.Popen[str]
    ready: dict[str, Any] = field(repr=False)

    @property
    def ca_file(self) -> str:
        return str(self.ready["caFile"])

    def tls(self) -> ssl.SSLContext:
        """Whom a client of this server trusts."""
        context = ssl.create_default_context(cafile=self.ca_file)
        # Python 3.13 sets this by itself.
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    def provider(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(
            item for item in self.ready["providers"] if item["name"] == name
        )
        return found

    def attest_uri(self, name: str) -> str:
        return str(self.provider(name)["attestUri"])

    def kill(self) -> None:
        """End the process without asking it."""
        self.process.kill()
        self._ended()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask the process to stop; its exit code."""
        self.process.send_signal(number)
        return self._ended()

    def _ended(self) -> int:
        try:
            code = self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code


def start(home: Path, *options: str) -> ServedSandbox:
    """Serve the sandbox of a home; returns once it answers."""
    home.mkdir(parents=True, exist_ok=True)
    command = (sys.executable, "-m", "sealwright", "sandbox", "serve", "--home", str(home))
    errors = home / "serve-errors.txt"
    with errors.open("w", encoding="utf-8") as error_file:
        process = subprocess.Popen(
            (*command, *options), stdout=subprocess.PIPE, stderr=error_file, text=True
        )
    line = _first_line(process)
    if not line:
        process.kill()
        process.communicate()
        raise AssertionError(f"the sandbox did not start: {errors.read_text(encoding='utf-8')}")
    return ServedSandbox(home, process, json.loads(line))


def _first_line(process: subprocess.Popen[str]) -> str:
    lines: queue.Queue[str] = queue.Queue()
    assert process.stdout is not None
    threading.Thread(
        target=lambda stream: lines.put(stream.readline()), args=(process.stdout,), daemon=True
    ).start()
    try:
        return lines.get(timeout=_START_SECONDS)
    except queue.Empty:
        return ""


@contextmanager
def served_sandbox(home: Path, *options: str) -> Iterator[ServedSandbox]:
    """Serve for as long as the context lasts."""
    served = start(home, *options)
    try:
        yield served
    finally:
        if served.process.poll() is None:
            served.stop()
