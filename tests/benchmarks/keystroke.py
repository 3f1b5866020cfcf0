"""From a key to new underlines in a policy of 5,000 lines, and how long keys hold the Qt thread."""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from helpers.screens import icon_sources
from helpers.simulators import World
from sealwright.desktop import theme
from sealwright.desktop.crash import CrashReporter
from sealwright.desktop.host import Host
from sealwright.desktop.policies.analysis import DELAY_MS
from sealwright.desktop.policies.page import DocumentPage, Held
from sealwright.desktop.tasks import TaskRunner
from sealwright.services.documents import document

_KEYS = 60
_RULE = '    [type=="x-ms-sgx-svn", value>={0}] &&\n    [type=="x-ms-sgx-product-id", value=={0}]\n'
_RULE += '        => add(type="seen-{0}", value=true);\n'


def policy_text() -> str:
    """5,000 lines."""
    rules = "".join(_RULE.format(number) for number in range(1_665))
    return f"version=1.1;\nauthorizationrules {{\n{rules}    => permit();\n}};\n"


def p95(seconds: list[float]) -> float:
    """The 95th percentile in milliseconds."""
    return statistics.quantiles(seconds, n=20)[-1] * 1e3


def main() -> None:
    """Print both."""
    app = QApplication([])
    theme.Theme(app, icon_sources()).choose(theme.Choice.LIGHT)
    runner = TaskRunner()
    runner.open()
    text = policy_text()
    page = DocumentPage(Host(runner, CrashReporter()), Held(document(text.encode()), "long"))
    page.set_services(World().services())
    page.resize(1_000, 700)
    page.show()
    while not page.analyser.settled:
        app.processEvents()
    page.editor.go_to(text.index("seen-800") + 4)
    held: list[float] = []
    shown: list[float] = []
    for number in range(_KEYS):
        started = time.perf_counter()
        QTest.keyClicks(page.editor, "abc"[number % 3])
        longest = time.perf_counter() - started
        while not page.analyser.settled:
            # A loop without a rest would take the interpreter from the worker.
            time.sleep(0.0005)
            turn = time.perf_counter()
            app.processEvents()
            longest = max(longest, time.perf_counter() - turn)
        held.append(longest)
        shown.append(time.perf_counter() - started)
    runner.close()
    sys.stdout.write(
        f"{text.count(chr(10))} lines, pause of {DELAY_MS} ms included\n"
        f"key to underlines: p95 {p95(shown):.1f} ms, goal 50\n"
        f"Qt thread held at a key: p95 {p95(held):.1f} ms, goal 8, "
        f"longest {max(held) * 1e3:.1f} ms\n"
    )


if __name__ == "__main__":
    main()
