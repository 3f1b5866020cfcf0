"""From a key to new underlines in policies of 5,000 lines, and how long the Qt thread is held.

Keys go through the real window: services in memory, the policy deployed at a provider, lint on,
every dock as at the first start, and other docks for edits of their own. The same keys go into Qt's
own plain text editor with nothing but colours: what Qt and this machine take anyway. Each sort of
edit is reported by itself: how long the longest turn of a key is here, how long there, and how much
of it is ours (see `shares`). All turns count until the next key, also those of the docks when keys
rest. The last line holds all of it against the goal.

    keystroke.py [--who] [--rounds N] [WORD ...]
        WORD      kinds whose name holds one of the words; all without any
        --who     who had the thread in the longest turns of a kind that come back in every round
        --rounds  make each edit so often, three times without it
"""

from __future__ import annotations

import os
import sys
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from benchmarks.plain_editor import PlainEditor
from benchmarks.policy_corpus import fleet_policy_of
from benchmarks.rounds import machine_words
from benchmarks.shares import Key, Times
from benchmarks.turn_ledger import TurnLedger
from benchmarks.typist import GAP, Stroke, Typist
from helpers.screens import icon_sources
from helpers.simulators import World
from sealwright.claims.attestation_type import AttestationType
from sealwright.desktop.app import application
from sealwright.desktop.crash import CrashReporter
from sealwright.desktop.host import Host, PolicyPlace
from sealwright.desktop.policies.diffing.pane import MEANING
from sealwright.desktop.policies.layout.surroundings import DIFF
from sealwright.desktop.policies.panel import PoliciesPanel
from sealwright.desktop.policies.panel_layout import BUILDER, OUTLINE
from sealwright.desktop.tasks import TaskRunner
from sealwright.desktop.theme import Choice, Theme
from sealwright.desktop.window.main import MainWindow
from sealwright.desktop.window.options import RunOptions
from sealwright.desktop.window.state import WindowState
from sealwright.tokens.policy_jws import unsecured_policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sealwright.desktop.policies.document.page import DocumentPage
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


def beside(hand: Typist) -> Iterator[Stroke]:
    """The docks in sight read the text anew whenever the keys rest; rules come and go in them."""
    QApplication.clipboard().setText('\n    [type=="release-340"] => deny();')
    hand.go_behind('[type=="release-340"] => permit();')
    for key in (Qt.Key.Key_V, Qt.Key.Key_Z) * 2:
        yield hand.press(key, _CONTROL)
        hand.rest()
    for typed_key in ("a", Qt.Key.Key_Backspace) * 2:
        yield hand.press(typed_key)
        hand.rest()


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
    window.painted.connect(runner.begin_start_up)
    window.filled.connect(runner.end_start_up)
    window.resize(1_440, 900)
    window.show()
    window.activateWindow()
    while not host.providers:
        time.sleep(0.001)
        app.processEvents()
    return window


def policies(window: MainWindow) -> PoliciesPanel:
    """The panel of the policies."""
    panel = window.panels["policies"]
    if not isinstance(panel, PoliciesPanel):
        raise TypeError(panel)
    return panel


def open_policy(app: QApplication, window: MainWindow, world: World, text: str) -> DocumentPage:
    """The policy of a provider, deployed and in front."""
    world.isolated.policies[AttestationType.SGX_ENCLAVE] = unsecured_policy(text)
    place = PolicyPlace(world.isolated.provider.id, AttestationType.SGX_ENCLAVE)
    window.show_panel("policies")
    panel = policies(window)
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
        self,
        app: QApplication,
        page: DocumentPage,
        rounds: int,
        all_times: Times,
        ledger: TurnLedger | None = None,
    ) -> None:
        self._page, self._rounds, self._who = page, rounds, ledger is not None
        self._plain = PlainEditor(page.editor)
        self._hand = Typist(app, page, ledger)
        self._plain_hand = Typist(app, self._plain)
        self._all_times = all_times

    def measure(
        self, edits: Callable[[Typist], Iterator[Stroke]], docks_in_sight: str = ""
    ) -> None:
        """Make some edits and take them back, here and there, in turn."""
        text = self._page.editor.text()
        here, there = list[list[Stroke]](), list[list[Stroke]]()
        for _ in range(self._rounds):
            for hand, found in ((self._hand, here), (self._plain_hand, there)):
                hand.focus()
                found.append(list(edits(hand)))
                hand.put_back(text)
        both = zip(zip(*here, strict=True), zip(*there, strict=True), strict=True)
        keys = [Key(ours, theirs) for ours, theirs in both]
        times = Times()
        for each in (times, self._all_times):
            each.add(keys)
        name = edits.__name__.replace("_", " ")
        times.report(f"{name} {docks_in_sight}".rstrip(), who=self._who)

    def close(self) -> None:
        """Put the plain editor away."""
        self._plain.hide()


def docks(panel: PoliciesPanel) -> Iterator[str]:
    """Other docks in sight than those of the first start after it, and their names."""
    yield "dry run and problems"
    parts = panel.parts
    parts.docks.show(OUTLINE)
    parts.bottom.bring(DIFF)
    yield "outline and difference"
    parts.docks.show(BUILDER)
    parts.bottom.diff.mode.setCurrentIndex(MEANING)
    yield "builder and difference in meaning"


def measured(
    app: QApplication, wanted: Namespace, ledger: TurnLedger | None, runner: TaskRunner
) -> Times:
    """All kinds that are wanted, each with a few lines of its own."""

    def is_wanted(edits: Callable[[Typist], Iterator[Stroke]]) -> bool:
        return not wanted.words or any(word in edits.__name__ for word in wanted.words)

    world, times = World(), Times()
    window = opened(app, world, runner)
    if any(map(is_wanted, (*FLEET, beside))):
        page = open_policy(app, window, world, fleet_policy_of(_LINES))
        bench = Bench(app, page, wanted.rounds, times, ledger)
        for edits in filter(is_wanted, FLEET):
            bench.measure(edits)
        for name in docks(policies(window)) if is_wanted(beside) else ():
            bench.measure(beside, name)
        bench.close()
    if is_wanted(in_a_type_of_a_noisy_policy):
        page = open_policy(app, window, world, noisy_policy())
        bench = Bench(app, page, wanted.rounds, times, ledger)
        bench.measure(in_a_type_of_a_noisy_policy)
        bench.close()
    window.hide()
    return times


def main() -> None:
    """Print some lines for each sort of edit, and one about all of them."""
    parser = ArgumentParser()
    parser.add_argument("--who", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("words", nargs="*")
    wanted = parser.parse_args()
    app = application()
    ledger = TurnLedger() if wanted.who else None
    if ledger is not None:
        ledger.watch()
    runner = TaskRunner()
    runner.open()
    times = measured(app, wanted, ledger, runner)
    if times.any:
        times.report("all")
        sys.stdout.write(f"{times.verdict(machine_words())}\n")
    runner.close()
    app.processEvents()


if __name__ == "__main__":
    main()
