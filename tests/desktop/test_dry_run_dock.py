"""The dry run beside the text: verdict, near miss, stepping, claims from everywhere, cases."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from helpers.accessible import nameless
from helpers.attesting import enclave
from helpers.policies_desk import shown_panel
from helpers.synthetic_evidence import WHEN, roots, synthetic
from sealwright.claims.attestation_type import AttestationType
from sealwright.desktop.host import Notice, PolicyPlace
from sealwright.desktop.policies.dry_run.readings import reading_words
from sealwright.desktop.policies.dry_run.sheets import (
    ClaimsFormSheet,
    ClaimsTextSheet,
    SaveCaseSheet,
)
from sealwright.desktop.widgets.buttons import Button
from sealwright.desktop.widgets.fields import LineEdit
from sealwright.evidence.examination import Kind
from sealwright.evidence.synthetic.making import synthesize
from sealwright.evidence.synthetic.quotes import make_quote, new_platform
from sealwright.policy.semantics import SWITCHES
from sealwright.services.policies.dry_run import DryRun, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from helpers.simulators import World
    from sealwright.desktop.host import Host
    from sealwright.desktop.policies.dry_run.dock import DryRunDock
    from sealwright.desktop.policies.panel import PoliciesPanel

SGX = AttestationType.SGX_ENCLAVE
POLICY = (
    "version=1.0;\n"
    "authorizationrules {\n"
    '    [type=="x-ms-sgx-is-debuggable", value==true] => deny();\n'
    '    [type=="x-ms-sgx-product-id", value=="4639"]\n'
    '        && [type=="x-ms-sgx-svn", value>=2]\n'
    "        => permit();\n"
    "};\n"
    "issuancerules {\n"
    '    c:[type=="x-ms-sgx-svn"] => issue(type="level", value=c.value);\n'
    "};"
)
REPAIRED = POLICY.replace('"4639"', "4639")


class Bench:
    """The panel with one policy open, and what a person does to it."""

    def __init__(self, window: QWidget, panel: PoliciesPanel, world: World, qtbot: QtBot) -> None:
        self.window, self.panel, self.world, self.qtbot = window, panel, world, qtbot

    @property
    def dock(self) -> DryRunDock:
        return self.panel.parts.dry_run

    @property
    def run(self) -> DryRun:
        run = self.dock.shown
        assert run is not None
        return run

    def wait(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition)

    def open(self) -> None:
        place = PolicyPlace(self.world.isolated.provider.id, SGX)
        self.panel.open_policy(place)
        self.wait(lambda: self.dock.shown is not None)

    def retype(self, text: str) -> None:
        """Replace the text by typing; wait for the run about it."""
        page = self.panel.desk.front
        assert page is not None
        before = self.dock.shown
        page.editor.setFocus()
        QTest.keyClick(page.editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClick(page.editor, Qt.Key.Key_Delete)
        page.editor.insertPlainText(text[:-1])
        QTest.keyClicks(page.editor, text[-1])
        self.wait(lambda: page.analyser.settled and self.dock.shown is not before)
        self.wait(lambda: page.analysis is not None and page.editor.text() == text)

    def verdict(self, wanted: Verdict) -> None:
        self.wait(lambda: self.dock.shown is not None and self.run.verdict is wanted)

    def choose(self, words: str) -> None:
        """Choose an entry of the claims box by its word, with the keyboard."""
        box = self.dock.sources
        place = box.findText(words)
        assert place >= 0, [box.itemText(n) for n in range(box.count())]
        box.setFocus()
        box.showPopup()
        view = box.view()
        view.setCurrentIndex(box.model().index(place, 0))
        QTest.keyClick(view, Qt.Key.Key_Return)

    def sheet(self) -> QWidget:
        self.wait(lambda: self.panel.trials.sheet is not None)
        sheet = self.panel.trials.sheet
        assert sheet is not None
        return sheet

    def press(self, button: QWidget) -> None:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def bench(qtbot: QtBot, host: Host, world: World) -> Bench:
    window, panel = shown_panel(qtbot, host, world)
    made = Bench(window, panel, world, qtbot)
    made.open()
    return made


def test_typing_shows_the_verdict_and_the_value_to_change(bench: Bench) -> None:
    bench.retype(POLICY)
    bench.verdict(Verdict.NOT_PERMITTED)
    assert bench.dock.verdict.word.text() == "Not permitted"
    reason = "No rule reached permit(): line 4 compares an integer with text."
    assert bench.dock.verdict.reason.text() == reason
    assert not nameless(bench.dock)
    bench.retype(REPAIRED)
    bench.verdict(Verdict.PERMITTED)
    assert bench.dock.token.rows.total == len(bench.run.token)
    assert any(each.name == "level" and each.by_policy for each in bench.run.token)


def test_what_hangs_on_an_undocumented_reading_is_said(bench: Bench) -> None:
    bench.retype(REPAIRED)
    bench.verdict(Verdict.PERMITTED)
    assert not bench.dock.readings.isVisible()
    bench.retype("version=1.0;\nauthorizationrules {\n    => permit();\n    => deny();\n};")
    bench.verdict(Verdict.DENIED)
    said = "Not documented, read as: one deny defeats every permit; all rules of a section run."
    bench.wait(lambda: bench.dock.readings.text() == said)
    assert bench.dock.readings.isVisible()


def test_every_reading_has_its_words() -> None:
    words = {reading_words(switch) for switch in SWITCHES}
    assert len(words) == len(SWITCHES)


def test_f10_goes_from_rule_to_rule_and_moves_the_editor(bench: Bench) -> None:
    bench.retype(POLICY)
    bench.verdict(Verdict.NOT_PERMITTED)
    page = bench.panel.desk.front
    assert page is not None
    lines = []
    for _ in range(4):
        QTest.keyClick(page.editor, Qt.Key.Key_F10)
        lines.append(page.editor.document().findBlock(page.editor.textCursor().selectionStart()))
    assert [block.blockNumber() + 1 for block in lines] == [3, 4, 9, 3]


def test_the_rule_one_stands_at_stays_while_its_value_is_typed(bench: Bench) -> None:
    bench.retype(POLICY)
    bench.verdict(Verdict.NOT_PERMITTED)
    page = bench.panel.desk.front
    assert page is not None
    for _ in range(2):
        QTest.keyClick(page.editor, Qt.Key.Key_F10)
    before = bench.run
    page.editor.go_to(POLICY.index('4639"'))
    QTest.keyClicks(page.editor, "1")
    bench.wait(lambda: bench.run is not before)
    assert bench.dock.trace.currentIndex().row() == 1
    assert any("14639" in check.text for check in bench.dock.trace.rows[1].checks)
    # Of the rows that come and go each is as high as its rule needs.
    bench.retype(POLICY.replace("    [type==", "    => permit();\n    [type==", 1))
    bench.verdict(Verdict.PERMITTED)
    trace = bench.dock.trace
    places = [trace.visualRect(trace.model().index(row, 0)) for row in range(4)]
    tops = [place.top() for place in places]
    assert tops == sorted(tops)
    assert [place.height() for place in places] == [
        places[0].height(),
        places[0].height() + 20,
        places[0].height() + 40,
        places[0].height() + 40,
    ]


def test_a_step_shows_the_beginning_of_a_long_rule(bench: Bench) -> None:
    bench.retype(POLICY.replace("=> permit();", f'&&{" " * 400}[type=="x"] => permit();'))
    bench.verdict(Verdict.NOT_PERMITTED)
    page = bench.panel.desk.front
    assert page is not None
    for _ in range(3):
        QTest.keyClick(page.editor, Qt.Key.Key_F10)
        assert page.editor.horizontalScrollBar().value() == 0
        assert page.editor.textCursor().hasSelection()


def test_a_click_on_a_rule_selects_it_in_the_text(bench: Bench) -> None:
    bench.retype(POLICY)
    bench.verdict(Verdict.NOT_PERMITTED)
    trace = bench.dock.trace
    at = trace.visualRect(trace.model().index(0, 0)).topLeft() + QPoint(60, 10)
    QTest.mouseClick(trace.viewport(), Qt.MouseButton.LeftButton, pos=at)
    page = bench.panel.desk.front
    assert page is not None
    assert "x-ms-sgx-is-debuggable" in page.editor.textCursor().selectedText()


def test_the_form_changes_a_claim_and_the_verdict_with_it(bench: Bench) -> None:
    bench.retype(REPAIRED)
    bench.verdict(Verdict.PERMITTED)
    bench.press(bench.dock.edit)
    sheet = bench.sheet()
    assert isinstance(sheet, ClaimsFormSheet)
    field = next(
        each for each in sheet.findChildren(LineEdit) if each.accessibleName() == "x-ms-sgx-svn"
    )
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "no")
    bench.press(sheet.ok)
    assert sheet.isVisible()
    field.selectAll()
    QTest.keyClicks(field, "1")
    bench.press(sheet.ok)
    bench.verdict(Verdict.NOT_PERMITTED)
    assert "needs x-ms-sgx-svn >= 2, and it is 1" in bench.run.reason


def test_claims_come_from_json_and_from_a_token(bench: Bench) -> None:
    bench.retype(REPAIRED)
    bench.verdict(Verdict.PERMITTED)
    bench.choose("Claims as JSON…")
    sheet = bench.sheet()
    assert isinstance(sheet, ClaimsTextSheet)
    assert '"x-ms-sgx-svn": 2' in sheet.text.toPlainText()
    sheet.text.setPlainText('{"x-ms-sgx-is-debuggable": true}')
    bench.press(sheet.ok)
    bench.verdict(Verdict.DENIED)
    body = json.dumps({"x-ms-sgx-product-id": 4639, "x-ms-sgx-svn": 5}).encode()
    parts = (urlsafe_b64encode(each).decode().rstrip("=") for each in (b'{"alg":"RS256"}', body))
    bench.choose("From a token…")
    bench.wait(lambda: bench.panel.trials.sheet is not sheet)
    again = bench.sheet()
    assert isinstance(again, ClaimsTextSheet)
    again.text.setPlainText(f"{'.'.join(parts)}.AAAA")
    bench.press(again.ok)
    bench.verdict(Verdict.PERMITTED)
    assert [claim.value for claim in bench.run.before] == [4639, 5]


def test_claims_come_from_an_evidence_file(bench: Bench) -> None:
    bench.retype(POLICY)
    bench.verdict(Verdict.NOT_PERMITTED)
    machine = new_platform()
    for name, flags in (("release.bin", 0b101), ("debug.bin", 0b111)):
        body = enclave(flags=flags, isv_prod_id=4639, isv_svn=7)
        bench.world.files.kept[name] = make_quote(machine, body)
    evidence = bench.panel.trials.evidence
    evidence.open("debug.bin")
    bench.verdict(Verdict.DENIED)
    assert bench.dock.sources.currentText() == "Evidence: debug.bin"
    values = {claim.type: claim.value for claim in bench.run.before}
    assert values["x-ms-sgx-mrenclave"] == "01" * 32
    assert values["x-ms-sgx-svn"] == 7
    bench.retype(REPAIRED)
    evidence.open("release.bin")
    bench.verdict(Verdict.PERMITTED)
    assert bench.dock.sources.findText("From an evidence file…") >= 0


def test_a_quote_is_tried_with_its_log_beside_it(bench: Bench, host: Host) -> None:
    policy = 'version=1.2;authorizationrules{[type=="events"] && [type=="pcrs"] => permit();};'
    bench.panel.open_policy(PolicyPlace(bench.world.isolated.provider.id, AttestationType.TPM))
    bench.retype(policy + "issuancerules{};")
    quote, given = synthetic(Kind.TPM_QUOTE, windows="true", boot_debugging="true")
    bench.world.files.kept |= {"quote.json": quote, "boot.log": given.companions[0]}
    told: list[Notice] = []
    host.noticed.connect(told.append)
    evidence = bench.panel.trials.evidence
    evidence.open("quote.json")
    bench.wait(lambda: bool(told))
    bench.verdict(Verdict.NOT_PERMITTED)
    assert "give the event log" in told[-1].text
    assert "events" not in {claim.type for claim in bench.run.before}
    bench.choose("Add files to this evidence…")
    bench.wait(lambda: evidence.sheet is not None and evidence.sheet.viewer.shown is not None)
    sheet = evidence.sheet
    assert sheet is not None
    shown = sheet.viewer.shown
    sheet.add_files(["boot.log"])
    bench.wait(lambda: sheet.viewer.shown is not shown)
    (use,) = (each for each in sheet.findChildren(Button) if each.text() == "Use its claims")
    bench.press(use)
    bench.verdict(Verdict.PERMITTED)
    values = {claim.type: claim.value for claim in bench.run.before}
    assert values["bootDebuggingDisabled"] is False
    bench.wait(lambda: evidence.sheet is None)
    # The log by itself has claims as well, and says that nobody vouches for them.
    evidence.open("boot.log")
    bench.verdict(Verdict.NOT_PERMITTED)
    bench.wait(lambda: "Nothing vouches for a log alone" in told[-1].text)


def test_what_gives_no_claim_by_itself_can_be_helped_in_the_viewer(
    bench: Bench, host: Host
) -> None:
    made = synthesize(Kind.SGX_QUOTE, roots(), {"tcb_status": "UpToDate"}, WHEN)
    bench.world.files.kept["collateral.json"] = made.collateral
    told: list[Notice] = []
    host.noticed.connect(told.append)
    bench.panel.trials.evidence.open("collateral.json")
    bench.wait(lambda: bool(told))
    assert "No claim comes from" in told[-1].text
    action = told[-1].action
    assert action is not None
    action.run()
    evidence = bench.panel.trials.evidence
    bench.wait(lambda: evidence.sheet is not None and evidence.sheet.viewer.shown is not None)
    assert evidence.sheet is not None
    (use,) = (each for each in evidence.sheet.findChildren(Button) if each.text().startswith("Use"))
    assert not use.isEnabled()
    assert "Add files beside it" in use.toolTip()


def test_claims_are_kept_as_a_case_and_can_be_chosen_again(bench: Bench) -> None:
    bench.retype(POLICY)
    bench.verdict(Verdict.NOT_PERMITTED)
    bench.press(bench.dock.save)
    sheet = bench.sheet()
    assert isinstance(sheet, SaveCaseSheet)
    assert sheet.decision.currentData() == "deny"
    sheet.name.setFocus()
    QTest.keyClicks(sheet.name, "payments release")
    bench.press(sheet.ok)
    bench.wait(lambda: bench.dock.sources.currentText() == "payments release")
    (case,) = bench.world.cases.kept.values()
    assert (case.name, case.decision, case.attestation_type) == ("payments release", "deny", SGX)
    bench.choose("Sample claims")
    bench.wait(lambda: bench.dock.sources.currentText() == "Sample claims")


def test_a_narrow_window_has_the_dry_run_under_the_text(bench: Bench) -> None:
    parts = bench.panel.parts
    assert parts.side.holds(bench.dock)
    bench.window.resize(948, 640)
    bench.panel.resize(948, 640)
    bench.wait(lambda: not parts.side.holds(bench.dock))
    tabs = parts.bottom.tabs
    assert tabs.tabText(tabs.count() - 1) == "Dry run"
    # In front it gets half of the height; another view gives it back.
    before = parts.middle.sizes()
    tabs.setCurrentIndex(tabs.count() - 1)
    bench.wait(lambda: abs(parts.middle.sizes()[0] - parts.middle.sizes()[1]) <= 1)
    tabs.setCurrentIndex(0)
    bench.wait(lambda: parts.middle.sizes() == before)
    bench.panel.resize(1364, 820)
    bench.wait(lambda: parts.side.holds(bench.dock))
    assert bench.dock.isVisible()


def test_the_dock_closes_and_comes_back_by_key_and_by_mouse(bench: Bench) -> None:
    page = bench.panel.desk.front
    assert page is not None
    page.editor.setFocus()
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(page.editor, Qt.Key.Key_D, both)
    assert not bench.dock.isVisible()
    bench.press(bench.panel.desk.dry_run_button)
    assert bench.dock.isVisible()
