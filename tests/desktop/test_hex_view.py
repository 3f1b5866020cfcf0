"""The hex view by mouse and keyboard: marking, moving, copying, and large data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from sealwright.desktop.widgets.hex_view import HexRange, HexView

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from sealwright.desktop.theme import Theme

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
WIDE, NARROW = 700, 380


@pytest.fixture
def view(qtbot: QtBot, look: Theme) -> HexView:
    assert look.choice
    made = HexView("Evidence bytes")
    qtbot.addWidget(made)
    made.resize(WIDE, 300)
    made.show()
    made.set_data(bytes(range(256)) * 4)
    return made


def place_of(view: HexView, offset: int) -> QPoint:
    grid = view._grid  # noqa: SLF001 - where the view paints is what a pointer aims at
    row, column = divmod(offset, grid.across)
    first = view.verticalScrollBar().value()
    x = grid.byte_x(column) + grid.advance
    return QPoint(round(x), round(grid.top + (row - first + 0.5) * grid.row))


def test_a_drag_marks_the_bytes_under_it_and_tells_them(view: HexView) -> None:
    told: list[tuple[int, int]] = []
    view.selected.connect(lambda start, end: told.append((start, end)))
    pane = view.viewport()
    QTest.mousePress(pane, Qt.MouseButton.LeftButton, pos=place_of(view, 0x12))
    QTest.mouseMove(pane, place_of(view, 0x25))
    QTest.mouseRelease(pane, Qt.MouseButton.LeftButton, pos=place_of(view, 0x25))
    assert told[0] == (0x12, 0x13)
    QTest.mouseClick(pane, Qt.MouseButton.LeftButton, SHIFT, pos=place_of(view, 0x25))
    assert told[-1] == (0x12, 0x26)
    assert view.marked_bytes == bytes(range(0x12, 0x26))
    assert "20 bytes from 0012" in view.accessibleDescription()


def test_the_letters_stand_for_the_same_bytes(view: HexView) -> None:
    grid = view._grid  # noqa: SLF001 - as above
    spot = QPoint(round(grid.letter_x(9) + 2), place_of(view, 0x10).y())
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert view.marked == (0x19, 0x1A)


def test_keys_move_mark_and_copy(view: HexView) -> None:
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place_of(view, 3))
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert view.marked == (0x13, 0x14)
    QTest.keyClick(view, Qt.Key.Key_Right, SHIFT)
    QTest.keyClick(view, Qt.Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text() == "1314"
    QTest.keyClick(view, Qt.Key.Key_End, CTRL)
    assert view.marked == (1023, 1024)
    assert view.sight[1] == 1024
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert view.marked == (1008, 1009)
    QTest.keyClick(view, Qt.Key.Key_Home, CTRL)
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert view.marked == (0, 1)
    assert view.sight[0] == 0


def test_marking_from_outside_brings_the_bytes_into_sight_and_tells_nobody(view: HexView) -> None:
    told: list[int] = []
    view.selected.connect(lambda start, _end: told.append(start))
    view.mark(900, 920)
    first, end = view.sight
    assert first <= 900
    assert end >= 920
    assert told == []
    view.mark(2000, 2100)
    assert view.marked is None


def test_a_narrow_view_shows_eight_bytes_a_row_and_keeps_its_place(view: HexView) -> None:
    view.mark(640, 648)
    first = view.sight[0]
    view.resize(NARROW, 300)
    assert view._grid.across == 8  # noqa: SLF001 - what is seen
    assert view.sight[0] == first
    view.resize(WIDE, 300)
    assert view._grid.across == 16  # noqa: SLF001 - as above
    assert view.sight[0] == first


def test_painting_costs_what_is_in_sight_however_large_the_data_are(view: HexView) -> None:
    data = bytes(64 << 20)
    view.set_data(data, [HexRange(start, start + 32) for start in range(0, 1 << 20, 64)])
    view.mark(len(data) - 16, len(data))
    assert view.sight[1] == len(data)
    image = view.grab().toImage()
    assert not image.isNull()


def test_no_bytes_are_no_trouble(view: HexView) -> None:
    view.set_data(b"")
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(60, 20))
    QTest.keyClick(view, Qt.Key.Key_A, CTRL)
    assert view.marked is None
    assert not view.grab().toImage().isNull()
