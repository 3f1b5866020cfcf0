"""Does a script's acts on the open window: clicks, keys and pictures, one look a tick.

Invariants
- Events go to the widget that a mouse or keyboard would reach; nothing calls a view's methods.
- Waiting is looking again on the next tick: the event loop runs on.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, assert_never

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QObject,
    QPoint,
    QPointF,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from sealwright.desktop.selftest.script import Click, Fill, Press, See, Shot
from sealwright.desktop.selftest.spots import visible_spots, widget_under

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.desktop.selftest.script import Act, Stage
    from sealwright.desktop.selftest.spots import Spot

_TICK: Final = 40
_SETTLING: Final = 0.4
"""Seconds until a sheet has come in and what it shows has found its place."""
_LEFT: Final = Qt.MouseButton.LeftButton
_CHORDS: Final = {
    "Ctrl+A": (Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier),
    "Ctrl+End": (Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier),
    "Return": (Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier),
    "Escape": (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier),
}


class Rehearsal(QObject):
    """Runs stages in order and stops at the first act that cannot be done in time."""

    staged = Signal(object)
    """A `StageOutcome`, as each stage ends."""
    finished = Signal()

    def __init__(self, stages: Sequence[Stage], window: QWidget, shots: str = "") -> None:
        super().__init__(window)
        self._window = window
        self._stages = list(stages)
        self._acts: list[Act] = []
        self._shots = shots
        self._taken = 0
        self._stage_began = self._act_began = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Begin; the event loop must run."""
        self._open_stage()
        self._timer.start()

    @Slot()
    def _tick(self) -> None:
        if not self._acts:
            self._close_stage("")
            return
        act = self._acts[0]
        if self._done(act):
            self._acts.pop(0)
            self._act_began = time.monotonic()
        elif time.monotonic() - self._act_began > act.seconds:
            names = sorted({f"`{spot.name}`" for spot in visible_spots() if spot.name})
            self._shoot("stopped")
            self._close_stage(f"{act.words} in {act.seconds:.0f} s; seen: {', '.join(names)}")

    def _open_stage(self) -> None:
        self._acts = list(self._stages[0].acts)
        self._stage_began = self._act_began = time.monotonic()

    def _close_stage(self, problem: str) -> None:
        stage = self._stages.pop(0)
        self.staged.emit(stage.ended(problem, time.monotonic() - self._stage_began))
        if problem or not self._stages:
            self._timer.stop()
            self.finished.emit()
        else:
            self._open_stage()

    def _done(self, act: Act) -> bool:
        match act:
            case Click():
                return self._click(act)
            case See():
                return _find(act.name, act.role, enabled=False) is not None
            case Fill():
                return _type(act.text)
            case Press():
                return _press(act.keys)
            case Shot():
                return self._is_settled() and self._shoot(act.title)
            case _:
                assert_never(act)

    def _click(self, act: Click) -> bool:
        spot = _find(act.name, act.role, enabled=True)
        if spot is None:
            return False
        x, y = spot.centre
        target = widget_under(QPoint(x, y))
        if target is None:
            return False
        _send_click(target, QPointF(x, y))
        return True

    def _is_settled(self) -> bool:
        return not self._shots or time.monotonic() - self._act_began > _SETTLING

    def _shoot(self, title: str) -> bool:
        if self._shots:
            self._taken += 1
            self._window.grab().save(f"{self._shots}/{self._taken:02}-{title}.png")
        return True


def _find(name: str, role: str, *, enabled: bool) -> Spot | None:
    for spot in visible_spots():
        if spot.is_called(name, role) and (spot.enabled or not enabled):
            return spot
    return None


def _send_click(target: QWidget, place: QPointF) -> None:
    local = target.mapFromGlobal(place)
    none, plain = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    _focus(target)
    for kind, button, held in (
        (QEvent.Type.MouseMove, none, none),
        (QEvent.Type.MouseButtonPress, _LEFT, _LEFT),
        (QEvent.Type.MouseButtonRelease, _LEFT, none),
    ):
        event = QMouseEvent(kind, local, place, button, held, plain)
        QCoreApplication.postEvent(target, event)


def _focus(target: QWidget) -> None:
    """Give the focus as a mouse press does: to the nearest that takes it by clicking."""
    widget: QWidget | None = target
    while widget is not None:
        if widget.focusPolicy() & Qt.FocusPolicy.ClickFocus:
            widget.setFocus(Qt.FocusReason.MouseFocusReason)
            return
        widget = None if widget.isWindow() else widget.parentWidget()


def _type(text: str) -> bool:
    if not _is_listening():
        return False
    for character in text:
        key = Qt.Key.Key_Return if character == "\n" else Qt.Key.Key_unknown
        _post_key(key, Qt.KeyboardModifier.NoModifier, "\r" if character == "\n" else character)
    return True


def _press(keys: str) -> bool:
    if not _is_listening():
        return False
    _post_key(*_CHORDS[keys], "")
    return True


def _is_listening() -> bool:
    """Whether something has the keyboard.

    Off-screen there is no window manager to give it back when a window that had it goes away.
    """
    if QApplication.focusWidget() is not None:
        return True
    for window in QApplication.topLevelWidgets():
        if window.isVisible():
            window.activateWindow()
            break
    return False


def _post_key(key: Qt.Key, modifiers: Qt.KeyboardModifier, text: str) -> None:
    target = QApplication.focusWidget()
    if target is not None:
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QCoreApplication.postEvent(target, QKeyEvent(kind, key, modifiers, text))
