"""From a key to new underlines in policies of 5,000 lines, and how long the Qt thread is held.

Keys go through the real window: services in memory, the policy deployed at a provider, lint on,
every dock as at the first start. Each sort of edit is reported by itself.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from benchmarks.policy_corpus import fleet_policy_of
from helpers.screens import icon_sources
from helpers.simulators import World
from sealwright.claims.attestation_type import AttestationType
from sealwright.desktop.app import RunOptions, application
from sealwright.desktop.crash import CrashReporter
from sealwright.desktop.host import Host, PolicyPlace
from sealwright.desktop.policies.panel import PoliciesPanel
from sealwright.desktop.tasks import TaskRunner
from sealwright.desktop.theme import Choice, Theme
from sealwright.desktop.window.main import MainWindow
from sealwright.desktop.window.state import WindowState
from sealwright.tokens.policy_jws import unsecured_policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sealwright.desktop.policies.page import DocumentPage
    from sealwright.services.bundle import Services

_LINES = 5_000
_GAP = 0.12
"""Seconds between two keys of a quick typist."""
_ROUNDS = 10
_NOISY = (
    '    [type=="x-ms-sgx-svn", value>={0}] &&\n    [type=="x-ms-sgx-product-id", value=={0}]\n'
)
_NOISY += '        => add(type="seen-{0}", value=true);\n'
_CONTROL = Qt.KeyboardModifier.ControlModifier
_BLOCK = slice(2_000, 2_050)


class Turn(NamedTuple):
    """Seconds from a key to its underlines on the screen; the longest turn of the Qt thread.

    `worked` is the longest turn by the thread's own clock, which stops while other programs and
    threads have the processor or the interpreter.
    """

    shown: float
    held: float
    worked: float


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
    """Hands on the window, with a clock."""

    def __init__(self, app: QApplication, page: DocumentPage) -> None:
        self._app, self._page, self._editor = app, page, page.editor
        self._painted = Painted(page.editor.viewport())

    def rest(self, seconds: float = 0.0) -> None:
        """Let the loop go on; without a time until everything has come to rest."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end or not (seconds or self._page.analyser.settled):
            time.sleep(0.001)
            self._app.processEvents()

    def go_behind(self, words: str, place: int = 0) -> None:
        """Put the cursor behind the words, as seen from a place of the text."""
        text = self._editor.text()
        self._editor.go_to(text.index(words, place) + len(words))
        self.rest(0.3)

    def press(self, key: str | Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> Turn:
        """Press a key and wait until its underlines are on the screen."""
        none = Qt.KeyboardModifier.NoModifier
        started, worked = time.perf_counter(), time.thread_time()
        if isinstance(key, str):
            QTest.keyClicks(self._editor, key)
        else:
            QTest.keyClick(self._editor, key, modifier or none)
        turns = [(time.perf_counter() - started, time.thread_time() - worked)]
        known = started
        while not self._page.analyser.current or self._painted.last < started:
            # A loop without a rest would take the interpreter from a worker.
            time.sleep(0.0002)
            turns.append(self._turn())
            known = time.perf_counter()
        # What the reading changed is painted in the turn after it; nothing when it changed nothing.
        turns += [self._turn(), self._turn()]
        held, own = (max(values) for values in zip(*turns, strict=True))
        return Turn(max(known, self._painted.last) - started, held, own)

    def _turn(self) -> tuple[float, float]:
        started, worked = time.perf_counter(), time.thread_time()
        self._app.processEvents()
        return time.perf_counter() - started, time.thread_time() - worked


def in_a_string(hand: Typist) -> Iterator[Turn]:
    hand.go_behind('mrsigner", value=="', 100_000)
    yield from typed(hand)


def in_a_tested_type(hand: Typist) -> Iterator[Turn]:
    hand.go_behind('[type=="release-300')
    yield from typed(hand)


def in_an_added_type(hand: Typist) -> Iterator[Turn]:
    hand.go_behind('add(type="release-300')
    yield from typed(hand)


def in_a_comment(hand: Typist) -> Iterator[Turn]:
    hand.go_behind("// release 300")
    yield from typed(hand)


def a_new_rule(hand: Typist) -> Iterator[Turn]:
    hand.go_behind('[type=="release-310"] => permit();')
    # Brackets and quotes are paired: typing the closing one steps over it.
    for sign in '\n[type=="release-5", value=="a"] => add(type="b", value=1);':
        yield hand.press(Qt.Key.Key_Return) if sign == "\n" else hand.press(sign)
        hand.rest(_GAP)


def semicolons(hand: Typist) -> Iterator[Turn]:
    hand.go_behind('[type=="release-320"] => permit();')
    for _ in range(_ROUNDS):
        for key in (Qt.Key.Key_Backspace, ";"):
            yield hand.press(key)
            hand.rest(_GAP)


def fifty_lines(hand: Typist) -> Iterator[Turn]:
    hand.go_behind('[type=="release-330"] => permit();')
    QApplication.clipboard().setText("\n".join(fleet_policy_of(_LINES).split("\n")[_BLOCK]))
    for _ in range(_ROUNDS):
        for key in (Qt.Key.Key_V, Qt.Key.Key_Z):
            yield hand.press(key, _CONTROL)
            hand.rest(_GAP)


def the_end_of_a_section(hand: Typist) -> Iterator[Turn]:
    hand.go_behind("};\nissuancerules {")
    hand.press(Qt.Key.Key_Up)
    hand.press(Qt.Key.Key_Home)
    for _ in range(_ROUNDS // 2):
        for key in (Qt.Key.Key_Delete, "}"):
            yield hand.press(key)
            hand.rest(_GAP)


def the_version(hand: Typist) -> Iterator[Turn]:
    hand.go_behind("version=1.1")
    for _ in range(_ROUNDS // 2):
        for key in (Qt.Key.Key_Backspace, "1"):
            yield hand.press(key)
            hand.rest(_GAP)


def after_a_pause(hand: Typist) -> Iterator[Turn]:
    hand.go_behind('add(type="release-340')
    for number in range(_ROUNDS):
        hand.rest()
        yield hand.press("abc"[number % 3])


def while_it_is_tried(hand: Typist) -> Iterator[Turn]:
    """The dry run and the difference to what is deployed are on their way."""
    hand.go_behind('add(type="release-340')
    for number in range(_ROUNDS):
        hand.rest()
        hand.rest(0.01 + 0.03 * (number % 5))
        yield hand.press("abc"[number % 3])


def typed(hand: Typist) -> Iterator[Turn]:
    """Letters, and as many times Backspace."""
    for key in (*"abcdefghij"[:_ROUNDS], *[Qt.Key.Key_Backspace] * _ROUNDS):
        yield hand.press(key)
        hand.rest(_GAP)


def in_a_type_of_a_noisy_policy(hand: Typist) -> Iterator[Turn]:
    hand.go_behind('add(type="seen-800')
    yield from typed(hand)


FLEET: tuple[Callable[[Typist], Iterator[Turn]], ...] = (
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


def p95(values: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def report(name: str, turns: list[Turn]) -> None:
    """One line."""
    columns = zip(*turns, strict=True)
    shown, held, worked = ([value * 1e3 for value in values] for values in columns)
    sys.stdout.write(
        f"{name:28} {len(turns):4} keys  shown: median {statistics.median(shown):5.1f} ms, "
        f"p95 {p95(shown):5.1f}, longest {max(shown):5.1f}  "
        f"held: median {statistics.median(held):4.1f}, p95 {p95(held):4.1f}, "
        f"longest {max(held):4.1f}; of its own work p95 {p95(worked):4.1f}\n"
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


def measured(
    app: QApplication, page: DocumentPage, edits: Callable[[Typist], Iterator[Turn]]
) -> list[Turn]:
    """Make some edits and take them back."""
    hand = Typist(app, page)
    hand.rest()
    text = page.editor.text()
    turns = list(edits(hand))
    report(edits.__name__.replace("_", " "), turns)
    page.editor.replace_text(text)
    hand.rest()
    return turns


def main() -> None:
    """Print a line for each sort of edit, and one for all of a policy as people write them."""
    app = application()
    runner = TaskRunner()
    runner.open()
    world = World()
    window = opened(app, world, runner)
    page = open_policy(app, window, world, fleet_policy_of(_LINES))
    words = sys.argv[1:]
    wanted = [
        edits for edits in FLEET if not words or any(word in edits.__name__ for word in words)
    ]
    turns = [turn for edits in wanted for turn in measured(app, page, edits)]
    report("all, goals 50 and 8", turns)
    page = open_policy(app, window, world, noisy_policy())
    measured(app, page, in_a_type_of_a_noisy_policy)
    runner.close()
    window.hide()
    app.processEvents()


if __name__ == "__main__":
    main()
