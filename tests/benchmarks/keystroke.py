"""From a key to new underlines in a policy of 5,000 lines, and how long keys hold the Qt thread."""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from helpers.screens import icon_sources
from helpers.simulators import World
from sealwright.claims.attestation_type import AttestationType
from sealwright.desktop import theme
from sealwright.desktop.crash import CrashReporter
from sealwright.desktop.host import Host, PolicyPlace
from sealwright.desktop.policies.analysis import DELAY_MS
from sealwright.desktop.policies.panel import PoliciesPanel
from sealwright.desktop.tasks import TaskRunner

if TYPE_CHECKING:
    from sealwright.desktop.policies.page import DocumentPage

_KEYS = 60
_REST = 0.4
"""Seconds between two keys."""
_RULE = '    [type=="x-ms-sgx-svn", value>={0}] &&\n    [type=="x-ms-sgx-product-id", value=={0}]\n'
_RULE += '        => add(type="seen-{0}", value=true);\n'


class Turn(NamedTuple):
    """Seconds from a key to its underlines; the longest turn of the Qt thread, and its own work."""

    shown: float
    held: float
    worked: float


def policy_text() -> str:
    """5,000 lines."""
    rules = "".join(_RULE.format(number) for number in range(1_665))
    return f"version=1.1;\nauthorizationrules {{\n{rules}    => permit();\n}};\n"


def p95(seconds: list[float]) -> float:
    """The 95th percentile in milliseconds."""
    return statistics.quantiles(seconds, n=20)[-1] * 1e3


def opened(host: Host, text: str) -> tuple[PoliciesPanel, DocumentPage]:
    """The whole panel with the text in front: library, problems, dry run."""
    panel = PoliciesPanel(host)
    panel.resize(1_364, 820)
    panel.show()
    panel.set_services(World().services())
    page = panel.files.new_text()
    page.held.place = PolicyPlace("nowhere", AttestationType.SGX_ENCLAVE)
    page.editor.set_text(text)
    return panel, page


def main() -> None:
    """Print how long it takes, and how long the Qt thread is held: by the clock and of its own."""
    app = QApplication([])
    theme.Theme(app, icon_sources()).choose(theme.Choice.LIGHT)
    runner = TaskRunner()
    runner.open()
    text = policy_text()
    panel, page = opened(Host(runner, CrashReporter()), text)
    settle(app, page)
    page.editor.setFocus()
    page.editor.go_to(text.index("seen-800") + 4)
    turns: list[Turn] = []
    for number in range(_KEYS):
        turns.append(typed(app, page, "abc"[number % 3]))
        settle(app, page)
    runner.close()
    held = [turn.held for turn in turns]
    sys.stdout.write(
        f"{text.count(chr(10))} lines, pause of {DELAY_MS} ms included\n"
        f"key to underlines: p95 {p95([turn.shown for turn in turns]):.1f} ms, "
        f"median {statistics.median(turn.shown for turn in turns) * 1e3:.1f}, goal 50\n"
        f"Qt thread held at a key: p95 {p95(held):.1f} ms, goal 8, "
        f"longest {max(held) * 1e3:.1f} ms; of its own work: "
        f"p95 {p95([turn.worked for turn in turns]):.1f} ms\n"
    )
    panel.close()


def settle(app: QApplication, page: DocumentPage) -> None:
    """Let everything come to rest, also what waits for a pause in typing."""
    end = time.perf_counter() + _REST
    while not page.analyser.settled or time.perf_counter() < end:
        time.sleep(0.001)
        app.processEvents()


def typed(app: QApplication, page: DocumentPage, sign: str) -> Turn:
    """Press a key and wait for the underlines."""
    started, worked = time.perf_counter(), time.thread_time()
    QTest.keyClicks(page.editor, sign)
    held, work = time.perf_counter() - started, time.thread_time() - worked
    while not page.analyser.settled:
        # A loop without a rest would take the interpreter from the worker.
        time.sleep(0.0005)
        turn, worked = time.perf_counter(), time.thread_time()
        app.processEvents()
        held = max(held, time.perf_counter() - turn)
        work = max(work, time.thread_time() - worked)
    return Turn(time.perf_counter() - started, held, work)


if __name__ == "__main__":
    main()
