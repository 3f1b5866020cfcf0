"""A desktop session of our own: home, message bus and an unlocked GNOME Keyring, nothing shared.

Usable from any test that needs a real Secret Service:

    with PrivateSession(tmp_path) as session:
        subprocess.run([...], env=session.env)
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

REQUIRED = ("dbus-daemon", "gnome-keyring-daemon")
_END = 20.0
_PASSWORD = b"test session"


def missing_programs(*names: str) -> list[str]:
    """Those of `names` that are not installed."""
    return [name for name in names if shutil.which(name) is None]


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process we started, and wait for it."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


class PrivateSession:
    """Starts a bus and, unless told otherwise, a keyring on it; ends both on leaving."""

    def __init__(self, *, keyring: bool = True) -> None:
        self._keyring = keyring
        self._stack = ExitStack()
        self.env: dict[str, str] = {}
        self.home = Path()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            # Sockets need short paths, so this is not below pytest's folder.
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sw-")))
            self.home = folder / "home"
            runtime = folder / "run"
            self.home.mkdir(mode=0o700)
            runtime.mkdir(mode=0o700)
            self.env = self._variables(runtime)
            bus = ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address"]
            address = self._start(stack, bus).stdout
            assert address is not None
            self.env["DBUS_SESSION_BUS_ADDRESS"] = address.readline().decode().strip()
            if self._keyring:
                self._unlock_keyring(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def start(self, command: list[str]) -> subprocess.Popen[bytes]:
        """Start a program in the session; it is ended with the session."""
        return self._start(self._stack, command)

    def restart_keyring(self) -> None:
        """End the keyring and start it again, unlocked, as signing in once more would."""
        stop(self._daemon)
        self._unlock_keyring(self._stack)

    def _start(self, stack: ExitStack, command: list[str]) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command,
            env=self.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        stack.callback(stop, process)
        return process

    def _unlock_keyring(self, stack: ExitStack) -> None:
        command = ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"]
        daemon = self._start(stack, command)
        assert daemon.stdin is not None
        assert daemon.stdout is not None
        daemon.stdin.write(_PASSWORD)
        daemon.stdin.close()
        self._daemon = daemon
        # It prints its control folder once its name is on the bus.
        daemon.stdout.readline()

    def _variables(self, runtime: Path) -> dict[str, str]:
        foreign = ("DISPLAY", "WAYLAND_DISPLAY", "SEALWRIGHT_HOME", "PYTHONPATH", "XAUTHORITY")
        env = {
            name: value
            for name, value in os.environ.items()
            if name not in foreign and not name.startswith(("XDG_", "DBUS_", "QT_", "GNOME_"))
        }
        return env | {"HOME": str(self.home), "XDG_RUNTIME_DIR": str(runtime), "LANG": "C.UTF-8"}
