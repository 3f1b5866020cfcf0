"""The evidence viewer: linked selection, checks, replay, comparison, and files that are none."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QLineEdit, QWidget

from helpers.attesting import enclave
from helpers.synthetic_evidence import WHEN, synthetic
from helpers.tpm_client import event_log
from sealwright.desktop.evidence.opener import EvidenceOpener
from sealwright.desktop.evidence.viewer import CERTIFICATES, CHECKS, COMPARE, LOG, TCB
from sealwright.desktop.host import EvidenceBytes
from sealwright.desktop.window.panes import go_on
from sealwright.evidence.examination import Kind
from sealwright.evidence.synthetic.making import synthesize
from sealwright.evidence.synthetic.quotes import make_quote

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from helpers.simulators import World
    from sealwright.desktop.evidence.sheet import EvidenceSheet
    from sealwright.desktop.evidence.shown import ShownEvidence
    from sealwright.desktop.evidence.viewer import EvidenceViewer
    from sealwright.desktop.host import Host
    from sealwright.desktop.widgets.tables.cells import Row
    from sealwright.services.bundle import Services

PATIENCE = 30_000


class Looking:
    """The open viewer and what a person does to it."""

    def __init__(self, host: Host, world: World, qtbot: QtBot) -> None:
        self.host, self.world, self.qtbot = host, world, qtbot
        self.window = QWidget()
        self.window.resize(1440, 900)
        qtbot.addWidget(self.window)
        self.opener = EvidenceOpener(host, self.window)
        self.services: Services = world.services()
        self.opener.set_services(self.services)
        with qtbot.waitActive(self.window):
            self.window.show()
            self.window.activateWindow()

    def wait(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENCE)

    @property
    def sheet(self) -> EvidenceSheet:
        sheet = self.opener.open_viewer()
        assert sheet is not None
        return sheet

    @property
    def viewer(self) -> EvidenceViewer:
        return self.sheet.viewer

    def settle(self, before: ShownEvidence | None) -> ShownEvidence:
        self.wait(lambda: self.viewer.shown is not before)
        shown = self.viewer.shown
        assert shown is not None
        return shown

    def open(self, name: str, data: bytes) -> ShownEvidence:
        self.world.files.kept[name] = data
        before = self.viewer.shown
        self.sheet.open_file(name)
        return self.settle(before)

    def click(self, name: str) -> None:
        found = [
            each
            for each in self.window.findChildren(QAbstractButton)
            if each.isVisible() and each.accessibleName() == name
        ]
        assert found, name
        QTest.mouseClick(found[-1], Qt.MouseButton.LeftButton)

    def rows(self, rows: list[Row]) -> dict[str, list[str]]:
        return {row.key: [cell.words for cell in row.cells] for row in rows}


@pytest.fixture
def looking(host: Host, world: World, qtbot: QtBot) -> Looking:
    return Looking(host, world, qtbot)


@pytest.fixture
def quotes(world: World) -> dict[str, bytes]:
    machine = world.machines.roots().intel
    bodies = {
        "release": enclave(),
        "debug": enclave(flags=0b111, isv_svn=9),
    }
    return {name: make_quote(machine, body) for name, body in bodies.items()}


def test_a_field_and_its_bytes_are_chosen_together(
    looking: Looking, quotes: dict[str, bytes]
) -> None:
    shown = looking.open("release.bin", quotes["release"])
    structure = looking.viewer.structure
    table, view = structure.table, structure.bytes.hex
    row = next(
        each for each in table.rows.leaves() if getattr(each.data, "name", "") == "body.mrsigner"
    )
    index = table.rows.index_of(row.key)
    table.scrollTo(index)
    rect = table.visualRect(index)
    spot = QPoint(rect.left() + 30, rect.center().y())
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert view.marked_bytes == b"\x02" * 32
    first, end = view.sight
    assert first <= 0xB0 < end
    QTest.keyClick(table, Qt.Key.Key_Down)
    assert structure.chosen is not None
    assert structure.chosen.name == "body.reserved3"
    # The other way: walking in the bytes moves the tree, and leaves the marked byte alone.
    view.mark(0x70, 0x71)
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.marked == (0x71, 0x72)
    assert structure.chosen.name == "body.mrenclave"
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "01"
    assert shown.size == len(quotes["release"])


def test_a_log_of_thousands_of_events_is_paged_and_searched_whole(looking: Looking) -> None:
    events = [
        (number % 8, 0x0D, b"a needle" if number == 1111 else b"hay") for number in range(1200)
    ]
    looking.open("long.bin", event_log(*events))
    viewer = looking.viewer
    viewer.show_tab(LOG)
    log = viewer.log
    assert log.events.rows.shown == 500
    looking.click("Later events")
    first = next(iter(log.events.rows.leaves()))
    assert first.cells[0].words == "500"
    log.filter.setText("pcr1")
    assert {row.cells[1].words for row in log.events.rows.leaves()} == {"1"}
    log.filter.setText("needle")
    assert log.events.rows.shown == 1
    # The bytes of an event beyond the rows of the tree have their name all the same.
    structure = viewer.structure
    viewer.show_tab(0)
    structure.bytes.hex.setFocus()
    QTest.keyClick(structure.bytes.hex, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert structure.bytes.marked_words != ""
    assert structure.bytes.marked_words != "Several fields"


def test_what_holds_is_said_with_who_vouches(looking: Looking, quotes: dict[str, bytes]) -> None:
    looking.open("release.bin", quotes["release"])
    viewer = looking.viewer
    assert viewer.verdict.title == "Everything that was checked holds"
    assert "sandbox" in viewer.verdict.accessibleDescription()
    viewer.show_tab(CERTIFICATES)
    assert viewer.certificates.rows.total > 3
    viewer.show_tab(CHECKS)
    whole = viewer.checks.rows.total + sum(1 for _ in viewer.checks.rows.groups())
    assert viewer.tabs.count_of(CHECKS) == whole


def test_a_changed_byte_is_named_by_the_check_that_does_not_hold(
    looking: Looking, quotes: dict[str, bytes]
) -> None:
    forged = bytearray(quotes["release"])
    forged[0x70] ^= 1
    shown = looking.open("forged.bin", bytes(forged))
    viewer = looking.viewer
    assert viewer.verdict.title.startswith("Does not hold: ")
    assert [check.id for check in shown.examination.failed()] == ["signature"]
    assert looking.rows(shown.checks)["signature"][1] == "does not hold"


def test_a_cut_file_shows_where_the_reading_stopped(
    looking: Looking, quotes: dict[str, bytes]
) -> None:
    looking.open("cut.bin", quotes["release"][:600])
    viewer = looking.viewer
    assert viewer.verdict.title == "This cannot be read"
    assert "byte" in viewer.verdict.accessibleDescription()
    marked = viewer.structure.bytes.hex.marked
    assert marked is not None
    assert marked[0] >= 432


def test_no_evidence_at_all_is_refused_and_what_was_shown_stays(
    looking: Looking, quotes: dict[str, bytes]
) -> None:
    shown = looking.open("release.bin", quotes["release"])
    sheet = looking.sheet
    looking.world.files.kept["letter.txt"] = b"Dear verifier, please let me in. Yours, a machine."
    sheet.open_file("letter.txt")
    looking.wait(lambda: "no evidence of a known kind" in told(sheet))
    sheet.open_file("absent.bin")
    looking.wait(lambda: "absent.bin" in told(sheet))
    QGuiApplication.clipboard().setText("neither hex nor base64!")
    sheet.paste()
    looking.wait(lambda: "neither JSON nor hex" in told(sheet))
    assert looking.viewer.shown is shown


def told(sheet: EvidenceSheet) -> str:
    return f"{sheet.problem.title} {sheet.problem.accessibleDescription()}"


def test_two_quotes_are_compared_field_by_field(looking: Looking, quotes: dict[str, bytes]) -> None:
    looking.open("release.bin", quotes["release"])
    compare = looking.viewer.compare
    mime = QMimeData()
    looking.world.files.kept["/debug.bin"] = quotes["debug"]
    mime.setUrls([QUrl.fromLocalFile("/debug.bin")])
    assert compare.drop.take(mime)
    looking.wait(lambda: compare.table.rows.total > 0)
    assert looking.viewer.tabs.currentIndex() == COMPARE
    names = {row.cells[0].words: row.cells for row in compare.table.rows.leaves()}
    assert names["body.flags"][1].words == "differs"
    assert names["x-ms-sgx-svn"][2].words == "2"
    assert names["x-ms-sgx-svn"][3].words == "9"
    assert "body.mrenclave" not in names
    looking.click("Only what differs")
    assert "body.mrenclave" in [r.cells[0].words for r in compare.table.rows.leaves()]


def test_an_event_log_is_replayed_beside_the_quote(looking: Looking, world: World) -> None:
    made = looking.services.evidence
    task = looking.host.runner.start(lambda: made.make(Kind.TPM_QUOTE, {"secure_boot": "true"}))
    found: list[object] = []
    task.succeeded.connect(found.append)
    looking.wait(lambda: bool(found))
    evidence = found[0]
    before = looking.viewer.shown
    looking.opener.look_into(evidence, LOG)  # type: ignore[arg-type] # what `make` gives
    looking.settle(before)
    log = looking.viewer.log
    verdicts = [row.cells[3].words for row in log.registers.rows.leaves()]
    assert "equal" in verdicts
    assert "differs" not in verdicts
    everything = log.events.rows.shown
    QTest.keyClicks(log.filter, "pcr7")
    assert 0 < log.events.rows.shown < everything
    row = next(each for each in log.events.rows.leaves() if "SecureBoot" in each.cells[3].words)
    assert log.events.select_key(row.key)
    assert b"S\0e\0c\0u\0r\0e\0B\0o\0o\0t\0" in log.bytes.hex.data
    assert world.files.kept == {}


def test_collateral_is_added_and_judged_at_another_time(looking: Looking) -> None:
    made = looking.services.evidence
    found: list[object] = []
    values = {"tcb_status": "OutOfDate", "advisories": "INTEL-SA-00001"}
    task = looking.host.runner.start(lambda: made.make(Kind.SGX_QUOTE, values))
    task.succeeded.connect(found.append)
    looking.wait(lambda: bool(found))
    evidence = found[0]
    looking.opener.look_into(evidence, TCB)  # type: ignore[arg-type] # what `make` gives
    shown = looking.settle(None)
    assert shown.examination.tcb_status is not None
    assert shown.examination.tcb_status.value == "OutOfDate"
    words = [cell.words for row in looking.viewer.tcb.rows.leaves() for cell in row.cells]
    assert "INTEL-SA-00001" in words
    assert looking.viewer.verdict.title == "It holds, but its platform is OutOfDate"
    assert "firmware and microcode" in looking.viewer.verdict.accessibleDescription()
    looking.viewer.show_tab(CHECKS)
    chosen = looking.viewer.checks.current_row
    assert chosen is not None
    assert (chosen.key, chosen.cells[4].words) == ("tcb", "OutOfDate \u00b7 INTEL-SA-00001")
    looking.click("At a time…")
    at = looking.window.focusWidget()
    assert at is not None
    QTest.keyClicks(at, "2031-01-01 00:00")
    looking.click("Examine")
    later = looking.settle(shown)
    assert later.examination.valid is False
    assert "2031-01-01" in looking.sheet.subtitle.text()


def test_closing_the_viewer_calls_the_work_off(looking: Looking, quotes: dict[str, bytes]) -> None:
    given = EvidenceBytes(quotes["release"], "out of a token")
    looking.host.evidence_wanted.emit(given)
    sheet = looking.sheet
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert looking.opener.sheet is None
    looking.host.evidence_wanted.emit(given)
    looking.settle(None)
    assert looking.sheet.title.text() == "out of a token"
    assert looking.viewer.verdict.isVisible()
    assert looking.sheet.footer_text.text().startswith("Made by a sandbox")


def test_why_evidence_does_not_hold_is_chosen_and_says_what_to_do(looking: Looking) -> None:
    quote, _ = synthetic(Kind.TPM_QUOTE)
    _, other = synthetic(Kind.TPM_QUOTE, secure_boot="false")
    first = looking.open("quote.json", quote)
    looking.world.files.kept["boot.log"] = other.companions[0]
    looking.sheet.add_files(["boot.log"])
    looking.settle(first)
    assert looking.viewer.verdict.title == "Does not hold: Event log leads to PCR 7"
    assert "all of one start" in looking.viewer.verdict.accessibleDescription()
    looking.viewer.show_tab(CHECKS)
    chosen = looking.viewer.checks.current_row
    assert chosen is not None
    assert chosen.key == "event-log.pcr7"
    checks = looking.viewer.checks
    assert checks.viewport().rect().contains(checks.visualRect(checks.currentIndex()).center())
    looking.viewer.show_tab(LOG)
    register = looking.viewer.log.registers.current_row
    assert register is not None
    assert register.key == "register:sha256:7"
    assert register.cells[0].words == "PCR 7 (SHA-256)"


def test_f6_goes_round_the_panes_of_the_viewer(looking: Looking, quotes: dict[str, bytes]) -> None:
    looking.open("release.bin", quotes["release"])
    viewer = looking.viewer
    assert viewer.structure.table.hasFocus()
    elsewhere = QWidget(looking.window)
    went = []
    for _ in range(3):
        go_on(looking.window, [elsewhere], 1)
        went.append(looking.window.focusWidget())
    assert went == [viewer.structure.bytes.hex, viewer.tabs, viewer.structure.table]


def test_several_files_are_added_in_one_go(looking: Looking, tmp_path: Path) -> None:
    report, given = synthetic(Kind.SNP_REPORT)
    first = looking.open("report.bin", report)
    assert first.examination.valid is None
    names = [f"{number}.der" for number in range(len(given.certificates))]
    for name, der in zip(names, given.certificates, strict=True):
        # The dialog wants files that exist; what they hold is read through the port.
        (tmp_path / name).write_bytes(der)
        looking.world.files.kept[str(tmp_path / name)] = der
    looking.click("Add files\u2026")
    dialog = looking.window.findChildren(QFileDialog)[0]
    field = dialog.findChildren(QLineEdit)[0]
    field.setText(" ".join(f'"{tmp_path / name}"' for name in names))
    QTest.keyClick(field, Qt.Key.Key_Return)
    checks = {each.id: each.status.value for each in looking.settle(first).examination.checks}
    assert (checks["signature"], checks["chain.links"]) == ("pass", "pass")


def test_the_parts_of_a_document_stand_below_it(looking: Looking) -> None:
    machines = looking.world.machines.roots()
    made = synthesize(Kind.SGX_QUOTE, machines, {"tcb_status": "UpToDate"}, WHEN)
    first = looking.open("quote.bin", made.evidence)
    looking.world.files.kept["collateral.json"] = made.collateral
    looking.sheet.add_files(["collateral.json"])
    second = looking.settle(first)
    looking.sheet.examine_at(WHEN + timedelta(days=400))
    shown = looking.settle(second)
    tops = [row.cells[0].words for row in shown.checks]
    assert "Vendor's documents about the platform" in tops
    assert not [words for words in tops if words.startswith(("TCB info", "QE identity"))]
    assert "and was judged as of 2028-01-02" in looking.viewer.verdict.accessibleDescription()
