"""How long an edit of thousands of lines holds the Qt thread, and what Qt's own editor takes.

large_edits.py [--who]   --who: who had the thread in the longest turn
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from benchmarks.keystroke import open_policy, opened
from benchmarks.plain_editor import PlainEditor
from benchmarks.policy_corpus import fleet_policy_of, long_policy_of
from benchmarks.turn_ledger import TurnLedger
from helpers.simulators import World
from sealwright.desktop.app import application
from sealwright.desktop.tasks import TaskRunner

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealwright.desktop.policies.document.page import DocumentPage

_LINES = 5_000
_MEGABYTE = 1 << 20
_ROUNDS = 3
_CONTROL = Qt.KeyboardModifier.ControlModifier


class Longest(NamedTuple):
    """Seconds of the longest turn, until all has come to rest; and who had it."""

    seconds: float
    who: str


class Clock:
    """Times the turns of the loop from an act on."""

    def __init__(self, app: QApplication, ledger: TurnLedger | None) -> None:
        self._app, self._ledger = app, ledger

    def longest(self, act: Callable[[], object], settled: Callable[[], bool]) -> Longest:
        """The longest turn of an act and of all that follows from it."""
        found = [self._turn(act)]
        end = time.perf_counter() + 0.5
        while time.perf_counter() < end or not settled():
            time.sleep(0.0005)
            found.append(self._turn(self._app.processEvents))
        return max(found)

    def _turn(self, go: Callable[[], object]) -> Longest:
        if self._ledger is not None:
            self._ledger.begin()
        worked = time.thread_time()
        go()
        seconds = time.thread_time() - worked
        return Longest(seconds, self._ledger.end() if self._ledger is not None else "")


def key(editor: PlainEditor | DocumentPage, sign: Qt.Key) -> Callable[[], object]:
    """Press a key together with Ctrl."""
    target = editor if isinstance(editor, PlainEditor) else editor.editor
    return lambda: QTest.keyClick(target, sign, _CONTROL)


def report(name: str, found: list[Longest], plain: list[Longest] | None) -> None:
    """One line, and another one for who it was."""
    ours = sorted(each.seconds for each in found)[len(found) // 2]
    words = f"{name:34} longest turn {ours * 1e3:6.1f} ms"
    if plain is not None:
        theirs = sorted(each.seconds for each in plain)[len(plain) // 2]
        words += f", a plain editor {theirs * 1e3:6.1f}"
    sys.stdout.write(words + "\n")
    if found[0].who:
        sys.stdout.write(f"    {max(found).who}\n")


def measure_edits(clock: Clock, page: DocumentPage) -> None:
    """Paste, undo, comment, replace and format 5,000 lines."""
    plain = PlainEditor(page.editor)
    text = page.editor.text()

    def settled() -> bool:
        return page.analyser.settled

    def acts(at: PlainEditor | DocumentPage, sign: Qt.Key, *, select: bool) -> list[Longest]:
        target = at if isinstance(at, PlainEditor) else at.editor
        found = []
        for _ in range(_ROUNDS):
            if select:
                target.selectAll()
            found.append(clock.longest(key(at, sign), settled))
        return found

    QApplication.clipboard().setText(text)
    report("paste of 5,000 lines over all", *both(acts, page, plain, Qt.Key.Key_V, select=True))
    report("undo of such a paste", *both(acts, page, plain, Qt.Key.Key_Z, select=False))
    report("Ctrl+/ of 5,000 lines", acts(page, Qt.Key.Key_Slash, select=True), None)
    report("undo of Ctrl+/", acts(page, Qt.Key.Key_Z, select=False), None)
    page.editor.replace_text(text)
    measure_changes(clock, page, settled)
    plain.hide()


def measure_changes(clock: Clock, page: DocumentPage, settled: Callable[[], bool]) -> None:
    """Replace in all of the text, and format it."""
    text = page.editor.text()
    page.find_bar.open_bar(replacing=True)
    replaced = []
    for old, new in (("value", "valve"), ("valve", "value"), ("value", "valve")):
        page.find_bar.find_field.setText(old)
        page.find_bar.replace_field.setText(new)
        replaced.append(clock.longest(page.find_bar.replace_all.click, settled))
    report("replace all, thousands of places", replaced, None)
    page.find_bar.dismiss()
    page.editor.replace_text(text)
    formatted = []
    for _ in range(_ROUNDS):
        page.editor.replace_text("\n".join("  " + line for line in text.split("\n")))
        formatted.append(clock.longest(page.assist.formatter.format, settled))
    report("format 5,000 lines", formatted, None)
    page.editor.replace_text(text)


def both(
    acts: Callable[..., list[Longest]],
    page: DocumentPage,
    plain: PlainEditor,
    sign: Qt.Key,
    *,
    select: bool,
) -> tuple[list[Longest], list[Longest]]:
    """The same act here and there."""
    return acts(page, sign, select=select), acts(plain, sign, select=select)


def measure_opening(clock: Clock, page: DocumentPage) -> None:
    """Put 1 MB into an editor that nobody has typed in: what can be undone takes long to forget."""
    before, large = page.held.document, long_policy_of(_MEGABYTE)
    made = before.edited(large)
    plain = PlainEditor(page.editor).uncoloured()
    clock.longest(lambda: None, lambda: True)
    opening = clock.longest(
        lambda: page.show_document(made, base=large), lambda: page.analyser.settled
    )
    theirs = clock.longest(lambda: plain.setPlainText(large), lambda: True)
    report("open a policy of 1 MB", [opening], [theirs])
    plain.hide()
    page.show_document(before)
    clock.longest(lambda: None, lambda: page.analyser.settled)


def main() -> None:
    """Print a line for each sort of edit."""
    app = application()
    ledger = TurnLedger() if "--who" in sys.argv[1:] else None
    if ledger is not None:
        ledger.watch()
    clock = Clock(app, ledger)
    runner = TaskRunner()
    runner.open()
    world = World()
    window = opened(app, world, runner)
    page = open_policy(app, window, world, fleet_policy_of(_LINES))
    clock.longest(lambda: None, lambda: page.analyser.settled)
    measure_opening(clock, page)
    measure_edits(clock, page)
    runner.close()
    window.hide()
    app.processEvents()


if __name__ == "__main__":
    main()
