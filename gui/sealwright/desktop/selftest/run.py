"""Opens a real window on a home and rehearses the main job in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from sealwright.desktop.app import application, run
from sealwright.desktop.selftest.rehearsal import Rehearsal
from sealwright.desktop.selftest.script import MAIN_JOB
from sealwright.desktop.window.options import RunOptions
from sealwright.services.selftest import SelftestStep

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from sealwright.desktop.selftest.script import StageOutcome
    from sealwright.desktop.window.main import MainWindow
    from sealwright.services.bundle import Services


@dataclass(frozen=True, slots=True)
class Place:
    """Where it happens: a home nobody uses, the icons, and the folder for pictures, if any."""

    home: str
    icons: Mapping[str, bytes]
    shots: str


def platform_name() -> str:
    """The platform plugin Qt takes here; the process ends when there is none."""
    application()
    return QApplication.platformName()


def rehearse(
    place: Place,
    open_services: Callable[[], Awaitable[Services]],
    on_step: Callable[[SelftestStep], None],
) -> tuple[tuple[SelftestStep, ...], str]:
    """Do the main job in the window and close it: the steps, and Qt's platform."""
    steps: list[SelftestStep] = []
    kept: list[Rehearsal] = []

    def begin(window: MainWindow) -> None:
        rehearsal = Rehearsal(MAIN_JOB, window, place.shots)
        rehearsal.staged.connect(note)
        rehearsal.finished.connect(window.leave)
        kept.append(rehearsal)
        rehearsal.start()

    def note(outcome: StageOutcome) -> None:
        problem = outcome.problem
        detail = problem or "done"
        step = SelftestStep(outcome.id, outcome.title, not problem, detail, outcome.seconds)
        steps.append(step)
        on_step(step)

    options = RunOptions(home=place.home, icons=place.icons, theme="light")
    run(options, open_services, begin)
    if len(steps) < len(MAIN_JOB) and all(step.ok for step in steps):
        end = SelftestStep(
            "window", "Keep the window open", ok=False, detail="it closed", seconds=0
        )
        steps.append(end)
    return tuple(steps), QApplication.platformName()
