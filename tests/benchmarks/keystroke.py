"""From a key to new underlines in policies of 5,000 lines, and how long the Qt thread is held.

Keys go through the real window: services in memory, the policy deployed at a provider, lint on,
every dock as at the first start. The same keys go into Qt's own plain text editor with nothing but
colours: what Qt and this machine take anyway. Each sort of edit is reported by itself: how long the
longest turn of a key is here, how long there, and how much of it is ours (see `shares`).

    keystroke.py [--who] [--rounds N] [WORD ...]
        WORD      kinds whose name holds one of the words; all without any
        --who     who had the thread in each turn of more than 8 ms
        --rounds  make each edit so often, and count each key by its quickest round: what the
                  program does each time, without what the machine did meanwhile
"""

from __future__ import annotations

import os
import sys
import time
from argparse import ArgumentParser
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from benchmarks.plain_editor import PlainEditor
from benchmarks.policy_corpus import fleet_policy_of
from benchmarks.shares import Times
from benchmarks.turn_ledger import TurnLedger
from benchmarks.typist import GAP, Stroke, Typist
from helpers.screens import icon_sources
from helpers.simulators import World
from sealwright.claims.attestation_type import AttestationType
from sealwright.desktop.app import application
from sealwright.desktop.crash import CrashReporter
from sealwright.desktop.host import Host, PolicyPlace
from sealwright.desktop.policies.panel import PoliciesPanel
from sealwright.desktop.tasks import TaskRunner
from sealwright.desktop.theme import Choice, Theme
from sealwright.desktop.window.main import MainWindow
from sealwright.desktop.window.options import RunOptions
from sealwright.desktop.window.state import WindowState
from sealwright.tokens.policy_jws import unsecured_policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sealwright.desktop.policies.document.page import DocumentPage
    from sealwright.desktop.widgets.editor.code_editor import CodeEditor
    from sealwright.services.bundle import Services

_LINES = 5_000
_ROUNDS = 10
_NOISY = (
    '    [type=="x-ms-sgx-svn", value>={0}] &&\n    [type=="x-ms-sgx-product-id", value=={0}]\n'
)
_NOISY += '        => add(type="seen-{0}", value=true);\n'
_CONTROL = Qt.KeyboardModifier.ControlModifier
_BLOCK = slice(2_000, 2_050)


def in_a_string(hand: Typist) -> Iterator[Stroke]:
    hand.go_behind('mrsigner", value=="', 100_000)
    yield from typed(hand)


def in_a_tested_type(hand: Typist) -> Iterator[Stroke]:
    hand.go_behind('[type=="release-300')
    yield from typed(hand)


def in_an_added_type(hand: Typist) -> Iterator[Stroke]:
    hand.go_behind('add(type="release-300')
    yield from typed(hand)


def in_a_comment(hand: Typist) -> Iterator[Stroke]:
    hand.go_behind("// release 300")
    yield from typed(hand)


def a_new_rule(hand: Typist) -> Iterator[Stroke]:
    hand.go_behind('[type=="release-310"] => permit();')
    # Brackets and quotes are paired: typing the closing one steps over it.
    for sign in '\n[type=="release-5", value=="a"] => add(type="b", value=1);':
        yield hand.press(Qt.Key.Key_Return) if sign == "\n" else hand.press(sign)
        hand.rest(GAP)


def semicolons(hand: Typist) -> Iterator[Stroke]:
    hand.go_behind('[type=="release-320"] => permit();')
    for _ in range(_ROUNDS):
        for key in (Qt.Key.Key_Backspace, ";"):
            yield hand.press(key)
            hand.rest(GAP)


def fifty_lines(hand: Typist) -> Iterator[Stroke]:
    hand.go_behind('[type=="release-330"] => permit();')
    QApplication.clipboard().setText("\n".join(fleet_policy_of(_LINES).split("\n")[_BLOCK]))
    for _ in range(_ROUNDS):
        for key in (Qt.Key.Key_V, Qt.Key.Key_Z):
            yield hand.press(key, _CONTROL)
            hand.rest(GAP)


def the_end_of_a_section(hand: Typist) -> Iterator[Stroke]:
    hand.go_behind("};\nissuancerules {")
    hand.press(Qt.Key.Key_Up)
    hand.press(Qt.Key.Key_Home)
    for _ in range(_ROUNDS // 2):
        for key in (Qt.Key.Key_Delete, "}"):
            yield hand.press(key)
            hand.rest(GAP)


def the_version(hand: Typist) -> Iterator[Stroke]:
    hand.go_behind("version=1.1")
    for _ in range(_ROUNDS // 2):
        for key in (Qt.Key.Key_Backspace, "1"):
            yield hand.press(key)
            hand.rest(GAP)


def after_a_pause(hand: Typist) -> Iterator[Stroke]:
    hand.go_behind('add(type="release-340')
    for number in range(_ROUNDS):
        hand.rest()
        yield hand.press("abc"[number % 3])


def while_it_is_tried(hand: Typist) -> Iterator[Stroke]:
    """The dry run and the difference to what is deployed are on their way."""
    hand.go_behind('add(type="release-340')
    for number in range(_ROUNDS):
        hand.rest()
        hand.rest(0.01 + 0.03 * (number % 5))
        yield hand.press("abc"[number % 3])


def typed(hand: Typist) -> Iterator[Stroke]:
    """Letters, and as many times Backspace."""
    for key in (*"abcdefghij"[:_ROUNDS], *[Qt.Key.Key_Backspace] * _ROUNDS):
        yield hand.press(key)
        hand.rest(GAP)


def in_a_type_of_a_noisy_policy(hand: Typist) -> Iterator[Stroke]:
    hand.go_behind('add(type="seen-800')
    yield from typed(hand)


FLEET: tuple[Callable[[Typist], Iterator[Stroke]], ...] = (
    in_a_string,
    in_a_tested_type,
    in_an_added_type,
    in_a_comment,
    a_new_rule,
    semicolons,
    fifty_lines,
    the_end_of_a_section,
    the_version,
    after_a_pause,
    while_it_is_tried,
)


def _forget(_state: str) -> None:
    """Nothing is kept of this window."""


def noisy_policy() -> str:
    """5,000 lines with a finding in every rule."""
    rules = "".join(_NOISY.format(number) for number in range(1_665))
    return f"version=1.1;\nauthorizationrules {{\n{rules}    => permit();\n}};\n"


def opened(app: QApplication, world: World, runner: TaskRunner) -> MainWindow:
    """The window, once the services are open."""

    async def services() -> Services:
        made = world.services()
        await world.accounts.load()
        return made

    theme = Theme(app, icon_sources())
    theme.choose(Choice.LIGHT)
    host = Host(runner, CrashReporter())
    options = RunOptions(home="/home/bench", icons=icon_sources(), save_state=_forget)
    window = MainWindow(options, host, theme, WindowState.from_json(""), services)
    window.resize(1_440, 900)
    window.show()
    window.activateWindow()
    while not host.providers:
        time.sleep(0.001)
        app.processEvents()
    return window


def open_policy(app: QApplication, window: MainWindow, world: World, text: str) -> DocumentPage:
    """The policy of a provider, deployed and in front."""
    world.isolated.policies[AttestationType.SGX_ENCLAVE] = unsecured_policy(text)
    place = PolicyPlace(world.isolated.provider.id, AttestationType.SGX_ENCLAVE)
    window.show_panel("policies")
    panel = window.panels["policies"]
    if not isinstance(panel, PoliciesPanel):
        raise TypeError(panel)
    front = panel.desk.front
    if front is not None:
        panel.refresh()
    panel.open_policy(place)
    page = panel.desk.front
    while page is None or page.editor.text() != text or not page.analyser.settled:
        time.sleep(0.001)
        app.processEvents()
        page = panel.desk.front
    page.editor.setFocus()
    return page


class Bench:
    """The page of the window and the plain editor beside it."""

    def __init__(
        self, app: QApplication, page: DocumentPage, rounds: int, ledger: TurnLedger | None = None
    ) -> None:
        self._page, self._rounds = page, rounds
        self._plain = PlainEditor(page.editor)
        self._hand = Typist(app, page, ledger)
        self._plain_hand = Typist(app, self._plain)
        self.times = Times()

    def measure(self, edits: Callable[[Typist], Iterator[Stroke]]) -> None:
        """Make some edits and take them back, here and there."""
        text = self._page.editor.text()
        here, there = (
            self._made(edits, hand, editor, text)
            for hand, editor in (
                (self._hand, self._page.editor),
                (self._plain_hand, self._plain),
            )
        )
        times = Times()
        for each in (times, self.times):
            each.add(here, there)
        times.report(edits.__name__.replace("_", " "))
        slices, self._hand.slices = self._hand.slices, []
        for part in slices:
            sys.stdout.write(f"    {part}\n")

    def _made(
        self,
        edits: Callable[[Typist], Iterator[Stroke]],
        hand: Typist,
        editor: CodeEditor | PlainEditor,
        text: str,
    ) -> list[Stroke]:
        found = []
        for _ in range(self._rounds):
            hand.focus()
            found.append(list(edits(hand)))
            editor.replace_text(text)
            hand.rest()
        return [min(key, key=attrgetter("held")) for key in zip(*found, strict=True)]

    def close(self) -> None:
        """Put the plain editor away."""
        self._plain.hide()


def main() -> None:
    """Print some lines for each sort of edit, and for all of a policy as people write them."""
    parser = ArgumentParser()
    parser.add_argument("--who", action="store_true")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("words", nargs="*")
    wanted = parser.parse_args()

    def is_wanted(edits: Callable[[Typist], Iterator[Stroke]]) -> bool:
        return not wanted.words or any(word in edits.__name__ for word in wanted.words)

    app = application()
    ledger = TurnLedger() if wanted.who else None
    if ledger is not None:
        ledger.watch()
    runner = TaskRunner()
    runner.open()
    world = World()
    window = opened(app, world, runner)
    bench = Bench(
        app, open_policy(app, window, world, fleet_policy_of(_LINES)), wanted.rounds, ledger
    )
    for edits in FLEET:
        if is_wanted(edits):
            bench.measure(edits)
    if bench.times.any:
        bench.times.report("all, goals: shown p95 50, held 8")
    bench.close()
    if is_wanted(in_a_type_of_a_noisy_policy):
        bench = Bench(app, open_policy(app, window, world, noisy_policy()), wanted.rounds, ledger)
        bench.measure(in_a_type_of_a_noisy_policy)
        bench.close()
    runner.close()
    window.hide()
    app.processEvents()


if __name__ == "__main__":
    main()
