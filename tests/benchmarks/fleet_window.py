"""The real window on a home that reaches a fleet, measured from inside its own process.

`python fleet_window.py HOME SCENARIO [SECONDS]` prints one JSON object; the tests of
this folder start it, so that neither pytest nor the sandbox shares its interpreter lock.
"""

from __future__ import annotations

import json
import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtTest import QTest

from benchmarks.list_scripts import list_scripts, typing
from benchmarks.rounds import rounds_wanted
from benchmarks.ticks import Ticker
from sealwright.composition.opening import open_services
from sealwright.desktop.app import run
from sealwright.desktop.providers.panel import ProvidersPanel
from sealwright.desktop.widgets.buttons import Button
from sealwright.desktop.window.options import RunOptions
from sealwright.store.home import find_home
from sealwright.store.resources import resource

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.list_scripts import Script
    from sealwright.desktop.window.main import MainWindow

_LOOK: Final = 5
"""Milliseconds between two looks at what the window shows."""
_PATIENCE: Final = 900.0
_ROUNDS: Final = 5
_APART: Final = 30
"""Milliseconds between two steps of a script."""


class Scenario(QObject):
    """Steps, each begun once what it waits for can be seen."""

    def __init__(self, window: MainWindow, name: str, seconds: float) -> None:
        super().__init__(window)
        self._window, self._seconds = window, seconds
        self._found: dict[str, object] = {}
        self._ticker = Ticker(self)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._wanted: Callable[[], bool] = lambda: False
        self._then: Callable[[], None] = self._end
        self._late = time.monotonic() + _PATIENCE
        panel = window.panels["providers"]
        assert isinstance(panel, ProvidersPanel)
        self._panel = panel
        self._begun = time.perf_counter()
        self._rounds: list[dict[str, float]] = []
        self._left: list[tuple[str, Script]] = []
        self._played: dict[str, list[dict[str, object]]] = {}
        self._found["played"] = self._played
        first = {
            "refresh": self._refresh,
            "list": self._list,
            "typed": self._typed_meanwhile,
            "idle": self._idle,
        }
        self._first = first.get(name, self._soak)
        if name == "refresh":
            self._until(self._has_rows, self._on_first_rows)
        else:
            self._until(self._quiet, self._first)

    def _on_first_rows(self) -> None:
        """Counted from the moment when the services were open."""
        self._found["first_rows"] = self._since()
        self._until(self._quiet, self._first)

    # --- waiting ------------------------------------------------------------------------------

    def _until(self, wanted: Callable[[], bool], then: Callable[[], None]) -> None:
        self._wanted, self._then = wanted, then
        self._timer.start(_LOOK)

    @Slot()
    def _look(self) -> None:
        if time.monotonic() > self._late:
            self._found["late"] = True
            self._end()
        elif self._wanted():
            self._timer.stop()
            self._then()

    def _quiet(self) -> bool:
        return bool(self._window.host.providers) and not self._window.status.tasks

    def _end(self) -> None:
        self._timer.stop()
        sys.stdout.write(json.dumps(self._found) + "\n")
        sys.stdout.flush()
        self._window.leave()

    def _since(self) -> float:
        return (time.perf_counter() - self._begun) * 1000

    # --- a full refresh -----------------------------------------------------------------------

    def _refresh(self) -> None:
        self._ticker.begin()
        self._begun = time.perf_counter()
        button = self._panel.refresh
        assert isinstance(button, Button)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        # The click has begun a task before it returns.
        self._until(self._refreshed, self._on_refreshed)

    def _fleet(self) -> list[str]:
        return [
            row.key
            for row in self._panel.table.rows.leaves()
            if row.key.rpartition("/")[2].startswith("fleet-")
        ]

    def _has_rows(self) -> bool:
        return bool(self._fleet())

    def _refreshed(self) -> bool:
        return not self._window.status.tasks

    def _on_refreshed(self) -> None:
        self._found |= {
            "whole": self._since(),
            "rows": len(self._fleet()),
            "gaps": self._ticker.end(),
        }
        self._end()

    # --- a long list --------------------------------------------------------------------------

    def _list(self) -> None:
        self._found["rows"] = self._panel.table.rows.total
        scripts = list_scripts(self._panel)
        self._left = [*scripts.items()] * rounds_wanted(_ROUNDS)
        self._next_script()

    def _next_script(self) -> None:
        if self._left:
            self._play(*self._left.pop(0), self._next_script)
        else:
            self._end()

    def _typed_meanwhile(self) -> None:
        """Letters into the filter, again and again until all providers are read."""
        self._panel.host.refresh_wanted.emit()
        self._type_again()

    def _type_again(self) -> None:
        if self._refreshed():
            self._end()
        else:
            self._play("typed", typing(self._panel), self._type_again)

    def _play(self, name: str, script: Script, then: Callable[[], None]) -> None:
        """One act a turn of the loop and 30 ms apart, with what stood still meanwhile."""
        steps = list(script)
        self._ticker.begin()
        timer = QTimer(self)

        def step() -> None:
            if steps:
                title, act = steps.pop(0)
                self._ticker.step(title)
                act()
                return
            timer.stop()
            timer.deleteLater()
            self._played.setdefault(name, []).append(self._ticker.end())
            then()

        timer.timeout.connect(step)
        timer.start(_APART)

    # --- nothing, and again and again ---------------------------------------------------------

    def _idle(self) -> None:
        # Whoever started this counts from outside; the first seconds belong to the start.
        self._timer.stop()
        QTimer.singleShot(5000, self, self._say_idle)

    @Slot()
    def _say_idle(self) -> None:
        sys.stdout.write("idle\n")
        sys.stdout.flush()
        QTimer.singleShot(round(self._seconds * 1000), self, self._end)

    def _soak(self) -> None:
        now = time.monotonic()
        if not self._rounds:
            self._begun = now
            self._late = now + self._seconds + _PATIENCE
        self._rounds.append({"at": now - self._begun, "rss": _resident()})
        self._found["rounds"] = self._rounds
        if now - self._begun > self._seconds:
            self._end()
            return
        self._panel.host.refresh_wanted.emit()
        self._until(self._refreshed, self._soak)


def _resident() -> float:
    """Megabytes that the process holds in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 2**20


def main(folder: str, scenario: str, seconds: float) -> int:
    home = find_home(folder)
    home.logs.mkdir(mode=0o700, exist_ok=True)
    icons = {path.stem: path.read_bytes() for path in resource("icons").glob("*.svg")}
    options = RunOptions(home=str(home.root), icons=icons, theme="light")
    begin = partial(_begin, scenario=scenario, seconds=seconds)
    return run(options, lambda: open_services(home), begin)


def _begin(window: MainWindow, scenario: str, seconds: float) -> None:
    Scenario(window, scenario, seconds)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], sys.argv[2], float([*sys.argv, "0"][3])))
