"""The rehearsal acts on a window as mouse and keyboard do, and says where it stopped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from sealwright.desktop.selftest.rehearsal import Rehearsal
from sealwright.desktop.selftest.script import Click, Fill, Press, See, Shot, Stage, StageOutcome

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot


class Desk(QWidget):
    """Text that a button copies to a label."""

    def __init__(self) -> None:
        super().__init__()
        self.text = QPlainTextEdit("old")
        self.text.setAccessibleName("Policy text")
        self.copy = QPushButton("Copy")
        self.label = QLabel()
        layout = QVBoxLayout(self)
        for widget in (self.text, self.copy, self.label):
            layout.addWidget(widget)
        self.copy.clicked.connect(self._on_copy)

    def _on_copy(self) -> None:
        self.label.setText(self.text.toPlainText())


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    widget = Desk()
    qtbot.addWidget(widget)
    widget.show()
    widget.copy.setFocus()
    qtbot.waitExposed(widget)
    return widget


def _rehearse(qtbot: QtBot, desk: Desk, stages: list[Stage], shots: str = "") -> list[StageOutcome]:
    outcomes: list[StageOutcome] = []
    rehearsal = Rehearsal(stages, desk, shots)
    rehearsal.staged.connect(outcomes.append)
    with qtbot.waitSignal(rehearsal.finished, timeout=60_000):
        rehearsal.start()
    return outcomes


def test_clicks_and_keys_reach_the_controls(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    typed = (Click("Policy text"), Press("Ctrl+A"), Fill("version= 1.0;\n=> permit();"))
    stages = [
        Stage("type", "Type", (*typed, Shot("typed"))),
        Stage("copy", "Copy", (Click("Copy", "Button"), See("version=…", "StaticText"))),
    ]
    outcomes = _rehearse(qtbot, desk, stages, str(tmp_path))
    assert [(each.id, each.problem) for each in outcomes] == [("type", ""), ("copy", "")]
    assert desk.label.text() == "version= 1.0;\n=> permit();"
    assert [path.name for path in tmp_path.iterdir()] == ["01-typed.png"]


def test_a_control_that_is_disabled_is_not_clicked_and_stops_the_script(
    qtbot: QtBot, desk: Desk
) -> None:
    desk.copy.setEnabled(False)
    click = replace(Click("Copy"), seconds=0.2)
    later = Stage("later", "Later", (See("Policy text"),))
    outcomes = _rehearse(qtbot, desk, [Stage("copy", "Copy", (click,)), later])
    assert [each.id for each in outcomes] == ["copy"]
    assert "`Copy` could not be clicked" in outcomes[0].problem
    assert "`Policy text`" in outcomes[0].problem
