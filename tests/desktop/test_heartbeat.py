"""The heartbeat finds the longest gap and names the call it fell in."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from sealwright.desktop.heartbeat import Heartbeat

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def test_a_blocked_qt_thread_is_seen_and_named(qtbot: QtBot) -> None:
    heart = Heartbeat()
    heart.start()
    qtbot.wait(50)

    def stand_still() -> None:
        # Longer than whatever a busy machine has done to this thread so far.
        time.sleep(0.2 + 2 * heart.worst.seconds)

    QTimer.singleShot(0, stand_still)
    qtbot.waitUntil(lambda: "stand_still" in heart.worst.call)
    heart.stop()
    assert heart.worst.seconds > 0.15
    assert "ms" in str(heart.worst)
