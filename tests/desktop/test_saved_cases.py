"""Saved cases in the window: the Tests tab, the review's decisions, files, undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest
import yaml
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from helpers.attesting import enclave
from helpers.policies_desk import shown_panel
from sealwright.claims import SERVICE_ISSUER, AttestationType, Claim
from sealwright.desktop.host import PolicyPlace
from sealwright.desktop.policies.layout.surroundings import TESTS
from sealwright.evidence.synthetic.quotes import make_quote, new_platform

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from helpers.simulators import World
    from sealwright.desktop.host import Host
    from sealwright.desktop.policies.cases.tests_tab import TestsTab
    from sealwright.desktop.policies.document.page import DocumentPage
    from sealwright.desktop.policies.panel import PoliciesPanel
    from sealwright.services.model import SavedCase

SGX = AttestationType.SGX_ENCLAVE
STRICT = (
    'version=1.0;\nauthorizationrules {\n    [type=="x-ms-sgx-svn", value>=7] => permit();\n'
    "};\nissuancerules {\n};"
)


class Bench:
    """The panel with one policy open and two cases kept."""

    def __init__(self, panel: PoliciesPanel, window: QWidget, world: World, qtbot: QtBot) -> None:
        self.panel, self.window, self.world, self.qtbot = panel, window, world, qtbot

    @property
    def tab(self) -> TestsTab:
        return self.panel.parts.bottom.tests

    @property
    def page(self) -> DocumentPage:
        page = self.panel.desk.front
        assert page is not None
        return page

    def wait(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition)

    def retype(self, text: str) -> None:
        editor = self.page.editor
        editor.setFocus()
        QTest.keyClick(editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClick(editor, Qt.Key.Key_Delete)
        editor.insertPlainText(text[:-1])
        QTest.keyClicks(editor, text[-1])
        self.wait(lambda: self.page.analyser.settled)

    def rows(self) -> list[list[str]]:
        return [[cell.words for cell in row.cells][:3] for row in self.tab.table.rows.leaves()]

    def press(self, button: QWidget) -> None:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def kept(world: World) -> tuple[SavedCase, ...]:
    return anyio.run(world.cases.cases)


@pytest.fixture
def bench(qtbot: QtBot, host: Host, world: World) -> Bench:
    cases = world.services().cases

    async def keep() -> None:
        for name, svn, decision in (("new build", 9, "permit"), ("old build", 3, "permit")):
            claims = [Claim("x-ms-sgx-svn", svn, SERVICE_ISSUER)]
            await cases.keep(name, claims, decision, SGX)

    anyio.run(keep)
    window, panel = shown_panel(qtbot, host, world)
    made = Bench(panel, window, world, qtbot)
    panel.open_policy(PolicyPlace(world.isolated.provider.id, SGX))
    made.wait(lambda: len(made.rows()) == 2)
    panel.parts.bottom.tabs.setCurrentIndex(TESTS)
    return made


def test_typing_runs_the_cases_and_the_tab_counts_failures(bench: Bench) -> None:
    bench.retype(STRICT)
    wanted = [
        ["new build", "Permitted", "Permitted"],
        ["old build", "Permitted", "Not permitted"],
    ]
    bench.wait(lambda: bench.rows() == wanted)
    assert bench.panel.parts.bottom.tabs.count_of(TESTS) == 1
    bench.retype(STRICT.replace(">=7", ">=1"))
    bench.wait(lambda: bench.rows()[1][2] == "Permitted")
    assert bench.panel.parts.bottom.tabs.count_of(TESTS) == 2


@pytest.mark.parametrize(("width", "words"), [(948, ""), (1700, "Run all")])
def test_buttons_leave_the_tabs_their_room_in_a_small_window(
    bench: Bench, width: int, words: str
) -> None:
    """948 is what the rail leaves of a window of 1024."""
    bottom = bench.panel.parts.bottom
    bench.panel.resize(width, 700)
    bench.wait(lambda: bench.tab.run.text() == words)
    assert bench.tab.run.accessibleName() == "Run all"
    bench.wait(lambda: bottom.tabs.width() >= bottom.tabs.sizeHint().width())


def test_the_tab_says_what_no_case_tries(bench: Bench) -> None:
    bench.retype(STRICT.replace(">=7", ">=1"))
    gap = "Line 3: no case makes this condition false."
    bench.wait(lambda: bench.tab.uncovered.text() == gap)
    assert bench.tab.uncovered.isVisible()
    bench.retype(STRICT)
    bench.wait(lambda: bench.tab.uncovered.text() == "")
    assert not bench.tab.uncovered.isVisible()


def test_a_case_is_tried_in_the_dry_run_from_its_row(bench: Bench) -> None:
    bench.retype(STRICT)
    bench.wait(lambda: bench.rows()[1][2] == "Not permitted")
    bench.tab.table.select_key(kept(bench.world)[1].id)
    bench.press(bench.tab.try_it)
    dock = bench.panel.parts.dry_run
    bench.wait(lambda: dock.shown is not None and "and it is 3" in dock.shown.reason)
    assert dock.sources.currentText() == "old build"


def test_a_deleted_case_comes_back_by_undo(bench: Bench, host: Host) -> None:
    bench.tab.table.select_key(kept(bench.world)[1].id)
    notices: list[object] = []
    host.noticed.connect(notices.append)
    bench.press(bench.tab.delete)
    bench.wait(lambda: len(bench.rows()) == 1)
    bench.wait(lambda: bool(notices))
    action = getattr(notices[0], "action", None)
    assert action is not None
    action.run()
    bench.wait(lambda: len(bench.rows()) == 2)


def test_cases_go_to_a_file_and_come_back(bench: Bench) -> None:
    runs = bench.panel.trials.cases
    runs.export_to("/x/a.policytest.yaml")
    bench.wait(lambda: "/x/a.policytest.yaml" in bench.world.files.kept)
    data = bench.world.files.kept["/x/a.policytest.yaml"]
    names = [case["name"] for case in yaml.safe_load(data)["cases"]]
    assert names == ["new build", "old build"]
    bench.world.files.kept["/x/a.policytest.yaml"] = data.replace(b"old build", b"third")
    runs.import_from("/x/a.policytest.yaml")
    bench.wait(lambda: len(bench.rows()) == 3)


def test_a_case_on_evidence_comes_with_the_claims_of_the_file_beside_it(bench: Bench) -> None:
    text = """
policy: a.policy
cases:
  - {name: quote, evidence: quotes/q.bin, expect: {decision: permit}}
"""
    files = bench.world.files.kept
    files["/x/a.policytest.yaml"] = text.encode()
    files["/x/quotes/q.bin"] = make_quote(new_platform(), enclave(isv_svn=3))
    bench.panel.trials.cases.import_from("/x/a.policytest.yaml")
    bench.wait(lambda: len(bench.rows()) == 3)
    (case,) = (case for case in kept(bench.world) if case.name == "quote")
    assert ("x-ms-sgx-svn", 3) in {(claim.type, claim.value) for claim in case.claims}


def test_the_review_tells_which_cases_change_their_outcome(bench: Bench) -> None:
    bench.wait(lambda: bench.page.held.deployed is not None)
    bench.retype(STRICT)
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(bench.page.editor, Qt.Key.Key_U, both)
    bench.wait(lambda: bench.panel.changes.sheet is not None)
    sheet = bench.panel.changes.sheet
    assert sheet is not None

    def said() -> list[str]:
        return [str(each.property("text") or "") for each in sheet.findChildren(QWidget)]

    bench.wait(lambda: "1 of 2 change" in said())
    assert "old build: permitted now, not permitted afterwards" in said()
    QTest.keyClick(sheet, Qt.Key.Key_Escape)


def test_a_template_opens_as_a_new_text_and_is_tried_at_once(bench: Bench) -> None:
    library = bench.panel.library
    bench.wait(lambda: library.entry("template:sgx-signer") is not None)
    assert library.choose("template:sgx-signer")
    library.scrollTo(library.currentIndex())
    at = library.visualRect(library.currentIndex()).center()
    QTest.mouseClick(library.viewport(), Qt.MouseButton.LeftButton, pos=at)
    bench.wait(lambda: "x-ms-sgx-mrsigner" in bench.page.editor.text())
    assert bench.page.edited
    dock = bench.panel.parts.dry_run
    bench.wait(lambda: dock.shown is not None and "x-ms-sgx-mrsigner" in dock.shown.reason)
