"""The list of findings: what it says, and when it is painted again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt

from sealwright.claims import AttestationType, Catalogue
from sealwright.desktop.policies.writing.findings import Findings
from sealwright.desktop.policies.writing.problems import Problems
from sealwright.desktop.virtual import virtual_value
from sealwright.policy.checking.linter import Analysis

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from sealwright.desktop.theme import Theme

CATALOGUE = Catalogue.from_json(
    (Path(__file__).parents[2] / "resources" / "claims.json").read_text("utf-8")
)
RULE = '    [type=="x-ms-sgx-{0}"] => permit();\n'
HEAD = "version=1.1;\nauthorizationrules {\n"


def found(*names: str) -> Findings:
    """What is found in rules about claims of these names."""
    text = HEAD + "".join(RULE.format(name) for name in names) + "};\n"
    return Findings(Analysis.of(text, CATALOGUE, AttestationType.SGX_ENCLAVE).findings, text)


class Paints(QObject):
    """How often a widget was painted."""

    def __init__(self, watched: QObject) -> None:
        super().__init__(watched)
        self.count = 0
        watched.installEventFilter(self)

    @virtual_value(fallback=False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: ARG002, N802 - Qt's
        self.count += event.type() == QEvent.Type.Paint
        return False


def told(problems: Problems) -> list[object]:
    model = problems.model()
    return [model.index(row, 0).data(Qt.ItemDataRole.DisplayRole) for row in range(problems.total)]


def test_rows_say_what_is_found_now(qtbot: QtBot, look: Theme) -> None:  # noqa: ARG001 - for icons
    problems = Problems()
    qtbot.addWidget(problems)
    problems.show_findings(found("svm", "svo"))
    assert [words for words in told(problems) if "svm" in str(words)]
    assert problems.model().rowCount() == problems.total > 1
    problems.show_findings(found("svq"))
    assert not [words for words in told(problems) if "svm" in str(words)]
    assert [words for words in told(problems) if "svq" in str(words)]
    problems.show_findings(None)
    assert problems.model().rowCount() == problems.total == 0


def test_only_other_words_in_view_are_painted(qtbot: QtBot, look: Theme) -> None:  # noqa: ARG001 - for icons
    problems = Problems()
    qtbot.addWidget(problems)
    problems.resize(700, 120)
    problems.show()
    names = [f"svm-{number}" for number in range(40)]
    problems.show_findings(found(*names))
    paints = Paints(problems.viewport())
    problems.show_findings(found("svq", *names[1:]))
    qtbot.waitUntil(lambda: paints.count > 0)
    qtbot.wait(0)
    QCoreApplication.processEvents()
    before = paints.count
    # The rows say the same, below what can be seen as well as in it.
    problems.show_findings(found("svq", *names[1:-1], "svz-39"))
    QCoreApplication.processEvents()
    assert paints.count == before
    problems.setCurrentIndex(problems.model().index(problems.total - 1, 0))
    assert problems.finding(problems.total - 1)[0].message.count("svz-39")
