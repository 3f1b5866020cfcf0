"""A program that did not open says why in a window of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from sealwright.desktop.not_opened import NotOpened, show_not_opened
from sealwright.errors import StorageError

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from sealwright.desktop.theme import Theme

ERROR = StorageError(
    "The file `/home/me/window.lock` cannot be written: the disk is read-only.",
    hint="Choose another place.",
    details={"reason": "Read-only file system"},
)


@pytest.mark.usefixtures("look")
@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Return])
def test_what_happened_and_what_to_do_can_be_read_whole_and_closed(
    key: Qt.Key, qtbot: QtBot
) -> None:
    window = NotOpened(ERROR)
    qtbot.addWidget(window)
    window.show()
    labels = window.findChildren(QLabel)
    said = "\n".join(label.text() for label in labels)
    assert "“/home/me/window.lock” cannot be written: the disk is read-only." in said
    assert "Choose another place." in said
    assert "Read-only file system" in said
    for label in labels:
        assert label.height() >= label.heightForWidth(label.width())
    QTest.keyClick(window, key)
    assert not window.isVisible()


def test_nothing_waits_for_a_click_where_nothing_can_be_seen(
    qapp: QApplication, look: Theme
) -> None:
    assert look is not None
    before = len(qapp.topLevelWidgets())
    show_not_opened(ERROR, {})
    assert len(qapp.topLevelWidgets()) == before
