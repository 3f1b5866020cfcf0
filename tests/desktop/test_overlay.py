"""What covers the window leaves it in peace: nothing below is painted again while it is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.widgets.fields import LineEdit
from sealwright.desktop.widgets.overlay import CardFade
from sealwright.desktop.widgets.sheet import Sheet

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent
    from pytestqt.qtbot import QtBot


class Below(QWidget):
    """Counts how often it is painted."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.paints = 0
        self.ink = theme.palette().surface

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        del event
        self.paints += 1
        QPainter(self).fillRect(self.rect(), self.ink)


class Room:
    """A window with something in it, and a sheet over it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.below = Below(self.window)
        column = QVBoxLayout(self.window)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.below)
        self.window.resize(800, 600)
        self.window.show()
        qtbot.waitExposed(self.window)
        qtbot.waitUntil(lambda: self.below.paints > 0)
        self.sheet = Sheet(self.window, "Rename")
        self.field: QLineEdit = LineEdit("Name")
        self.sheet.body.addWidget(self.field)
        self.sheet.open_sheet()

    def faded(self) -> None:
        """Wait until the card stands there."""
        gone = [fade.destroyed for fade in self.sheet.findChildren(CardFade)]
        if gone:
            with self.qtbot.waitSignals(gone, timeout=60_000):
                pass

    def colour(self, place: QPoint) -> str:
        return self.window.grab().toImage().pixelColor(place).name()


@pytest.fixture
def room(look: theme.Theme, qtbot: QtBot) -> Room:
    look.choose(theme.Choice.LIGHT)
    return Room(qtbot)


def test_typing_in_a_sheet_paints_nothing_below_it(room: Room) -> None:
    room.faded()
    QTest.keyClicks(room.field, "new name")
    assert room.field.text() == "new name"
    # In one turn: from time to time the picture of what lies below is renewed.
    before = room.below.paints
    room.field.repaint()
    room.sheet.repaint()
    assert room.below.paints == before


def test_opening_a_sheet_paints_nothing_below_it_anew(room: Room) -> None:
    room.faded()
    corner = QPoint(5, 5)
    seen = QColor(room.colour(corner)).lightness()
    before = room.below.paints
    second = Sheet(room.window, "Sure?")
    second.open_sheet()
    assert room.below.paints == before
    assert second.picture is not None
    assert second.picture.toImage().pixelColor(corner).lightness() < seen


def test_what_changed_a_moment_before_is_seen_below_a_sheet(room: Room) -> None:
    room.faded()
    room.sheet.close()
    room.below.ink = theme.palette().danger
    room.below.update()
    second = Sheet(room.window, "Sure?")
    second.open_sheet()
    assert second.picture is not None
    assert second.picture.toImage().pixelColor(5, 5).hsvSaturation() > room.below.ink.value() // 2


def test_what_happens_below_is_seen_after_a_while(room: Room) -> None:
    room.faded()
    corner = QPoint(5, 5)
    before = room.colour(corner)
    room.below.ink = theme.palette().danger
    room.below.update()
    room.qtbot.waitUntil(lambda: room.colour(corner) != before)


def test_what_ran_in_a_sheet_does_not_go_on_below_it(room: Room) -> None:
    room.faded()
    corner = QPoint(5, 5)
    seen = {room.colour(corner)}
    for ink in (theme.palette().danger, theme.palette().accent):
        room.sheet.set_closable(closable=False)
        room.below.ink = ink
        room.sheet.set_closable(closable=True)
        room.qtbot.waitUntil(lambda: room.colour(corner) not in seen)
        seen.add(room.colour(corner))


def test_keys_reach_the_card_while_it_fades_in(room: Room) -> None:
    assert room.sheet.findChildren(CardFade)
    QTest.keyClicks(room.window.focusWidget(), "at once")
    assert room.field.text() == "at once"
    at = room.field.mapTo(room.window, room.field.rect().center())
    assert room.window.childAt(at) is room.field


def test_a_window_that_grows_or_changes_its_theme_is_seen_below(
    room: Room, look: theme.Theme
) -> None:
    room.faded()
    corner = QPoint(5, 5)
    light = room.colour(corner)
    before = room.below.paints
    room.window.resize(900, 700)
    room.qtbot.waitUntil(lambda: room.below.paints > before)
    assert room.sheet.size() == room.window.size()
    look.choose(theme.Choice.DARK)
    assert room.colour(corner) != light
    look.choose(theme.Choice.LIGHT)


def test_the_window_is_itself_again_when_the_sheet_is_closed(room: Room) -> None:
    room.faded()
    before = room.below.paints
    QTest.keyClick(room.field, Qt.Key.Key_Escape)
    room.qtbot.waitUntil(lambda: room.below.paints > before)


class _Polishes(QObject):
    """Counts how often a style is put on each widget."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: dict[int, int] = {}

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.StyleChange:
            self.counts[id(watched)] = self.counts.get(id(watched), 0) + 1
        return False


def test_another_theme_is_put_on_a_deep_widget_as_often_as_on_any(
    look: theme.Theme, qtbot: QtBot
) -> None:
    look.choose(theme.Choice.LIGHT)
    top = here = QWidget()
    qtbot.addWidget(top)
    for _ in range(12):
        child = QWidget(here)
        here = child
    top.show()
    qtbot.waitExposed(top)
    seen = _Polishes()
    here.installEventFilter(seen)
    look.choose(theme.Choice.DARK)
    look.choose(theme.Choice.DARK)
    assert 1 <= seen.counts[id(here)] <= 4
    look.choose(theme.Choice.LIGHT)
