"""What belongs to a window goes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from helpers.desk import Desk

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def test_no_part_of_a_window_outlives_it(qtbot: QtBot) -> None:
    before = set(QApplication.topLevelWidgets())
    desk = Desk(qtbot)
    desk.open()
    desk.click("Policies")
    desk.quiet()
    desk.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [type(widget).__name__ for widget in QApplication.topLevelWidgets()]
    assert len(left) <= len(before), left
