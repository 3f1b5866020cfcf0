"""A screen of its own (Xvfb with openbox) and the hands on it: mouse, keys, screenshots.

Everything the program is told, it is told by the X server, as from a person. The only thing asked
inside the program is where on the screen a control lies (`helpers.locator`).
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sealwright.desktop.selftest.spots import Spot

if TYPE_CHECKING:
    from helpers.private_session import PrivateSession

REQUIRED = ("Xvfb", "openbox", "xdotool", "import")
_STILL = 0.25
"""Seconds in which a control that is clicked must not move."""
_POLL = 0.1


class Screen:
    """One X server in a session."""

    def __init__(self, session: PrivateSession, shots: Path) -> None:
        self._session = session
        self.shots = shots
        self._number = 0

    @classmethod
    def open(cls, session: PrivateSession, shots: Path, size: str = "1480x960") -> Self:
        """Start the server on a free display, then the window manager."""
        server = session.start(
            [
                "Xvfb",
                "-displayfd",
                "1",
                "-screen",
                "0",
                f"{size}x24",
                "-nolisten",
                "tcp",
                "-noreset",
            ]
        )
        assert server.stdout is not None
        session.env["DISPLAY"] = f":{server.stdout.readline().decode().strip()}"
        session.env["QT_QPA_PLATFORM"] = "xcb"
        screen = cls(session, shots)
        session.start(["openbox", "--sm-disable"])
        shots.mkdir(parents=True, exist_ok=True)
        return screen

    def click(self, spot: Spot, *, button: int = 1, times: int = 1) -> None:
        """Move the mouse there and click."""
        self.click_at(*spot.centre, button=button, times=times)

    def click_at(self, x: int, y: int, *, button: int = 1, times: int = 1) -> None:
        """Click on a point of the screen."""
        self._hand("mousemove", "--sync", str(x), str(y))
        self._hand("click", "--repeat", str(times), "--delay", "60", str(button))

    def key(self, *keys: str) -> None:
        """Press keys or chords, in X's names: `ctrl+a`, `Return`."""
        self._hand("key", "--clearmodifiers", "--delay", "30", *keys)

    def type(self, text: str) -> None:
        """Type text, a key at a time; xdotool would leave the line ends out."""
        for number, line in enumerate(text.split("\n")):
            if number:
                self.key("Return")
            self._hand("type", "--clearmodifiers", "--delay", "8", "--", line)

    def shot(self, title: str) -> Path:
        """Keep a picture of the whole screen, numbered in the order taken."""
        self._number += 1
        path = self.shots / f"{self._number:02}-{title}.png"
        subprocess.run(
            ["import", "-silent", "-window", "root", str(path)], env=self._session.env, check=True
        )
        return path

    def _hand(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], env=self._session.env, check=True, timeout=60)


class Program:
    """The running program: what can be seen of it, and its end."""

    def __init__(self, session: PrivateSession, command: list[str], log: Path) -> None:
        self._where = str(session.home.parent / "locator.sock")
        env = session.env | {"SEALWRIGHT_LOCATOR": self._where}
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        self._log = log

    def see(self, name: str = "", role: str = "") -> list[Spot]:
        """The visible controls of that name (`…` ends any) and role, in reading order."""
        spots = (Spot(**spot) for spot in json.loads(self._ask()))
        return [spot for spot in spots if spot.is_called(name, role)]

    def wait(
        self, name: str, role: str = "", *, enabled: bool = True, seconds: float = 120.0
    ) -> Spot:
        """The first such control, as soon as it can be seen and used."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for spot in self.see(name, role):
                if spot.enabled or not enabled:
                    return spot
            time.sleep(_POLL)
        there = sorted({f"{spot.role} `{spot.name}`" for spot in self.see() if spot.name})
        missing = f"`{name}` {role} did not appear in {seconds:.0f} s; there are: "
        raise AssertionError(missing + ", ".join(there))

    def wait_still(self, name: str, role: str = "", *, seconds: float = 120.0) -> Spot:
        """Like `wait`, once it stays where it is: a hand does not click on what still moves."""
        end = time.monotonic() + seconds
        before = self.wait(name, role, seconds=seconds)
        while time.monotonic() < end:
            time.sleep(_STILL)
            now = self.wait(name, role, seconds=seconds)
            if now.centre == before.centre:
                return now
            before = now
        raise AssertionError(f"`{name}` {role} did not come to rest in {seconds:.0f} s")

    def wait_gone(self, name: str, role: str = "", *, seconds: float = 120.0) -> None:
        """Until no such control can be seen."""
        end = time.monotonic() + seconds
        while self.see(name, role):
            assert time.monotonic() < end, f"`{name}` is still there"
            time.sleep(_POLL)

    def stop(self) -> None:
        """End it the hard way; for clean-up after a failure."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def _ask(self) -> str:
        end = time.monotonic() + 120
        while True:
            assert self.process.poll() is None, f"the program ended:\n{self._log.read_text()}"
            try:
                return self._exchange()
            except (FileNotFoundError, ConnectionError, TimeoutError):
                assert time.monotonic() < end, f"no window:\n{self._log.read_text()}"
                time.sleep(_POLL)

    def _exchange(self) -> str:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
            wire.settimeout(60)
            wire.connect(self._where)
            with wire.makefile("rb") as answer:
                line = answer.readline()
        if not line.endswith(b"\n"):
            raise ConnectionResetError
        return line.decode()


def start_with_locator(*arguments: str) -> list[str]:
    """The command that starts the real program with the locator beside it."""
    script = Path(__file__).with_name("locator.py")
    return [sys.executable, "-P", str(script), *arguments]
