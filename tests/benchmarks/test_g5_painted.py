"""G5: from a key to its letter on the screen, lint on, beside the editor with its colours alone."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from benchmarks.keystroke import open_policy, opened
from benchmarks.policy_corpus import fleet_policy_of
from benchmarks.rounds import measure, report
from benchmarks.typist import Painted
from helpers.simulators import World
from sealwright.desktop.app import application
from sealwright.desktop.tasks import TaskRunner
from sealwright.desktop.widgets.editor.code_editor import CodeEditor

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QWidget

_ROUNDS = 25
_REST = 0.12
"""Seconds after a key in which what follows it comes to its end."""


class Hand:
    """Types into an editor, letter and Backspace in turn."""

    def __init__(self, app: QApplication, editor: CodeEditor) -> None:
        self._app, self._editor = app, editor
        self._painted = Painted(editor.viewport())
        self._letter = True
        words = '[type=="release-'
        text = editor.text()
        editor.go_to(text.index(words, len(text) // 2) + len(words))

    def rest(self) -> None:
        """Let all that a key set off come to its end, and take the keyboard."""
        self._editor.window().activateWindow()
        self._editor.setFocus()
        end = time.perf_counter() + _REST
        while time.perf_counter() < end:
            time.sleep(0.001)
            self._app.processEvents()

    def press(self) -> None:
        """Press a key and wait until the text is painted anew."""
        started = time.perf_counter()
        key = Qt.Key.Key_X if self._letter else Qt.Key.Key_Backspace
        self._letter = not self._letter
        QTest.keyClick(self._editor, key)
        while self._painted.last < started:
            self._app.processEvents()


def coloured_editor(text: str, like: QWidget) -> CodeEditor:
    """The editor of the program with its colours and nothing that reads the policy."""
    editor = CodeEditor("Policy text alone")
    editor.resize(like.size())
    editor.setPlainText(text)
    editor.show()
    return editor


@pytest.mark.parametrize("lines", [100, 5_000])
def test_g5_key_to_painted(lines: int) -> None:
    app, world, runner = application(), World(), TaskRunner()
    runner.open()
    window = opened(app, world, runner)
    text = fleet_policy_of(lines)
    page = open_policy(app, window, world, text)
    alone = coloured_editor(text, page.editor)
    hands = {"lint on": Hand(app, page.editor), "colours alone": Hand(app, alone)}
    found: dict[str, list[float]] = {name: [] for name in hands}
    for _ in range(_ROUNDS):
        for name, hand in hands.items():
            hand.rest()
            round_of_one = measure({name: hand.press}, 1)
            found[name] += round_of_one[name]
    report(found, "lint on", "colours alone", 1.3)
    runner.close()
    alone.hide()
    window.hide()
    app.processEvents()
