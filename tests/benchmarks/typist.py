"""Hands that press keys in an editor and time what comes of them."""

from __future__ import annotations

import time
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtTest import QTest

from benchmarks.plain_editor import PlainEditor
from sealwright.desktop.tasks import Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QApplication

    from benchmarks.turn_ledger import TurnLedger
    from sealwright.desktop.policies.document.page import DocumentPage
    from sealwright.desktop.widgets.editor.code_editor import CodeEditor

GAP = 0.12
"""Seconds between two keys of a quick typist."""
_FOLLOWING = 8
"""Turns that follow a key at once: what the reading changed is painted in one, and status bar, tab
and partner brackets have theirs."""


class Part(Enum):
    """What a turn of the Qt thread does that a plain editor has to do, too."""

    KEY = "deals with the key"
    PAINT = "paints the text for the first time after it"
    OTHER = "nothing"


class Turn(NamedTuple):
    """Seconds of one turn of the Qt thread.

    `worked` is by the thread's own clock, which stops while other programs and threads have the
    processor or the interpreter. `who` says who had it, where somebody counts.
    """

    part: Part
    held: float
    worked: float
    who: str = ""


class Stroke(NamedTuple):
    """A key: seconds to its underlines on the screen, and all turns until the next key."""

    shown: float
    turns: list[Turn]


class Painted(QObject):
    """When the text was painted last."""

    def __init__(self, viewport: QObject) -> None:
        super().__init__(viewport)
        self.last = 0.0
        viewport.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: ARG002, N802 - Qt's
        if event.type() == QEvent.Type.Paint:
            self.last = time.perf_counter()
        return False


class Typist:
    """Hands on an editor, with a clock; on a page or on a plain editor that nobody reads."""

    def __init__(
        self,
        app: QApplication,
        at: DocumentPage | PlainEditor,
        ledger: TurnLedger | None = None,
    ) -> None:
        self._app = app
        self._page = None if isinstance(at, PlainEditor) else at
        self._editor: CodeEditor | PlainEditor = at if isinstance(at, PlainEditor) else at.editor
        self._painted = Painted(self._editor.viewport())
        self._ledger = ledger
        self._is_painted = False
        self._turns: list[Turn] = []
        """Those of the last key, and those that come while its hand rests."""

    def focus(self) -> None:
        """Take the keyboard; what happened until now belongs to no key."""
        self._editor.window().activateWindow()
        self._editor.setFocus()
        self._turns = []
        self.rest(0.1)

    def rest(self, seconds: float = 0.0) -> None:
        """Let the loop go on; without a time until everything has come to rest."""
        end, settled = time.perf_counter() + seconds, 0
        while time.perf_counter() < end or (not seconds and settled < _FOLLOWING):
            time.sleep(0.001)
            self._turns.append(self._turn(self._app.processEvents))
            settled = settled + 1 if self._settled else 0

    def put_back(self, text: str) -> None:
        """Take all edits back, which belongs to no key."""
        self._turns = []
        self._editor.replace_text(text)
        self.rest()

    @property
    def _settled(self) -> bool:
        page = self._page
        if page is None:
            return True
        held_back = any(timer.isActive() for timer in page.pause.findChildren(QTimer))
        return page.analyser.settled and not held_back and not page.host.runner.findChildren(Task)

    @property
    def _current(self) -> bool:
        return self._page is None or self._page.analyser.current

    def go_behind(self, words: str, place: int = 0) -> None:
        """Put the cursor behind the words, as seen from a place of the text."""
        text = self._editor.text()
        self._editor.go_to(text.index(words, place) + len(words))
        self.rest(0.3)

    def press(self, key: str | Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> Stroke:
        """Press a key and wait until its underlines are on the screen."""
        started = time.perf_counter()
        self._is_painted = False
        send = partial(self._send, key, modifier or Qt.KeyboardModifier.NoModifier)
        turns = self._turns = [self._turn(send)._replace(part=Part.KEY)]
        known = started
        while not self._current or self._painted.last < started:
            # A loop without a rest would take the interpreter from a worker.
            time.sleep(0.0002)
            turns.append(self._turn(self._app.processEvents))
            known = time.perf_counter()
        turns += [self._turn(self._app.processEvents) for _ in range(_FOLLOWING)]
        return Stroke(max(known, self._painted.last) - started, turns)

    def _send(self, key: str | Qt.Key, modifier: Qt.KeyboardModifier) -> None:
        if isinstance(key, str):
            QTest.keyClicks(self._editor, key)
        else:
            QTest.keyClick(self._editor, key, modifier)

    def _turn(self, go: Callable[[], object]) -> Turn:
        if self._ledger is not None:
            self._ledger.begin()
        started, worked = time.perf_counter(), time.thread_time()
        go()
        held, own = time.perf_counter() - started, time.thread_time() - worked
        who = self._ledger.end() if self._ledger is not None else ""
        paints = not self._is_painted and self._painted.last >= started
        self._is_painted |= paints
        return Turn(Part.PAINT if paints else Part.OTHER, held, own, who)
