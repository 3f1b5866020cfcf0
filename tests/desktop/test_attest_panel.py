"""The Attest panel on a live sandbox: permitted, refused with its reason, saved and replayed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from helpers.accessible import nameless
from helpers.attest_bench import DEBUG, AttestBench, attest_bench
from helpers.ui_guards import guarded_ui_thread
from sealwright.desktop.attest.flow import FlowCard
from sealwright.desktop.evidence.viewer import COMPARE
from sealwright.desktop.theme import Tone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from sealwright.desktop.host import Host, Notice, TokenText

RUNTIME = b'{"keys":[{"kid":"gateway"}]}'
RELEASE_ONLY = (
    "version=1.0;\n"
    "authorizationrules {\n"
    '    [type=="x-ms-sgx-is-debuggable", value==false] => permit();\n'
    "};\n"
    "issuancerules {\n"
    '    c:[type=="x-ms-sgx-svn"] => issue(type="level", value=c.value);\n'
    "};\n"
)


@pytest.fixture
def bench(host: Host, qtbot: QtBot, tmp_path: Path) -> Iterator[AttestBench]:
    with attest_bench(host, qtbot, tmp_path) as made:
        yield made


def test_a_release_quote_is_permitted_and_its_token_opens_in_tokens(bench: AttestBench) -> None:
    panel = bench.panel
    assert not panel.form.attest.isEnabled()
    assert "Bring evidence" in panel.form.attest.toolTip()
    bench.bring(bench.put_quote("release.bin", RUNTIME))
    assert panel.form.attestation_type.value == "SgxEnclave"
    panel.form.runtime.set_text(RUNTIME.decode(), "JSON")
    bench.attest()
    found = panel.result.found
    assert found is not None
    assert found.error is None
    assert panel.result.decision.text == "Permitted"
    assert panel.result.reason is None
    assert found.claims["x-ms-runtime"] == json.loads(RUNTIME)
    names = [row.cells[0].words for row in panel.result.pages.evidence.claims.rows.leaves()]
    assert "x-ms-sgx-mrenclave" in names
    assert bench.card("token")[-1] == "signature holds"
    opened: list[TokenText] = []
    bench.host.token_wanted.connect(opened.append)
    bench.click("Open in Tokens")
    assert opened[0].token == found.token
    bench.click("Copy as REST")
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("POST https://sharedlocal.sandbox.invalid/attest/SgxEnclave")
    assert "Bearer <" in copied


def test_a_claim_and_its_bytes_are_chosen_together(bench: AttestBench) -> None:
    bench.bring(bench.put_quote("release.bin"))
    bench.attest()
    page = bench.panel.result.pages.evidence
    row = next(
        each for each in page.claims.rows.leaves() if each.cells[0].words == "x-ms-sgx-mrsigner"
    )
    bench.click_row(page.claims, row.key)
    assert page.bytes.hex.marked_bytes == b"\x02" * 32
    assert "00b0\u201300cf" in row.cells[2].words
    page.bytes.hex.selected.emit(0x70, 0x71)
    current = page.claims.current_row
    assert current is not None
    assert current.cells[0].words == "x-ms-sgx-mrenclave"


def test_a_refusal_opens_at_the_bytes_that_it_is_about(bench: AttestBench) -> None:
    panel = bench.panel
    page = panel.result.pages.evidence
    bench.bring(bench.put_quote("release.bin", RUNTIME))
    panel.form.runtime.set_text("other data", "Binary")
    bench.attest()
    assert panel.result.decision.text == "Refused"
    current = page.claims.current_row
    assert current is not None
    assert current.cells[0].words == "x-ms-sgx-report-data"
    assert page.bytes.hex.marked == (0x170, 0x1B0)
    # A copy that was cut off gives no claims; its bytes are there, up to where reading ended.
    bench.files["cut.bin"] = bench.files["release.bin"][:-100]
    bench.bring("cut.bin")
    bench.attest()
    assert len(page.bytes.hex.data) == len(bench.files["cut.bin"])
    assert page.bytes.hex.marked == (436, 437)
    assert page.bytes.marked_words == "The evidence cannot be read from here on"


def test_a_debug_enclave_is_refused_and_the_rule_and_the_value_are_named(
    bench: AttestBench,
) -> None:
    panel = bench.panel
    bench.files["release-only.policy"] = RELEASE_ONLY.encode()
    panel.open_policy("release-only.policy")
    bench.wait(lambda: "release-only" in panel.form.policy.currentText())
    bench.bring(bench.put_quote("debug.bin", flags=DEBUG))
    assert "Debug is on" in panel.form.evidence_box.accessible_text()
    bench.attest()
    assert panel.result.decision.text == "Refused"
    reason = panel.result.reason
    assert reason is not None
    assert reason.line == 3
    assert "x-ms-sgx-is-debuggable" in reason.sentence
    assert "true" in reason.sentence
    assert panel.result.flow.current == "policy"
    assert panel.result.why.isVisible()
    assert panel.result.pages.policy.text.place()[0] == 3
    said = panel.result.pages.policy.words.text()
    assert "x-ms-sgx-is-debuggable comes from bytes 0060\u20130067 of the evidence" in said
    assert not panel.result.open_token.isEnabled()
    assert "no token" in panel.result.open_token.toolTip()
    # The same machine without debugging is let in by the same draft, and its token is marked.
    bench.bring(bench.put_quote("release.bin"))
    bench.attest()
    assert panel.result.decision.text == "Permitted"
    assert panel.result.security.text == "Unsecured, draft policy"
    assert bench.card("policy")[:2] == ("Draft policy", "permit() at line 3")
    issued = list(panel.result.pages.evidence.issued.rows.leaves())
    assert [cell.words for cell in issued[0].cells] == ["level", "2", "Policy, line 6"]


def test_evidence_that_does_not_hold_is_refused_with_the_check(bench: AttestBench) -> None:
    panel = bench.panel
    quote = bytearray(bench.files[bench.put_quote("good.bin")])
    quote[0x75] ^= 1
    bench.files["forged.bin"] = bytes(quote)
    bench.bring("forged.bin")
    assert "Does not hold" in panel.form.evidence_box.accessible_text()
    bench.attest()
    reason = panel.result.reason
    assert reason is not None
    assert reason.guilty.value == "evidence"
    assert reason.check == "signature"
    assert bench.card("policy")[1] == "not asked"
    bench.click("Show the check")
    sheet = panel.opener.sheet
    assert sheet is not None
    bench.wait(lambda: sheet.viewer.shown is not None)
    assert sheet.viewer.tabs.currentIndex() == 1
    assert "signed" in sheet.viewer.verdict.title
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert panel.opener.sheet is None


def test_an_exchange_is_saved_and_replayed(bench: AttestBench) -> None:
    panel = bench.panel
    bench.bring(bench.put_quote("release.bin", RUNTIME))
    panel.form.runtime.set_text(RUNTIME.decode(), "JSON")
    bench.attest()
    first = panel.result.found
    assert first is not None
    told: list[Notice] = []
    bench.host.noticed.connect(told.append)
    panel.outcome.save_exchange("exchange.json")
    bench.wait(lambda: bool(told))
    assert told[0].title == "The exchange was saved"
    kept = json.loads(bench.files["exchange.json"])
    assert kept["method"] == "POST"
    assert "authorization" not in bench.files["exchange.json"].decode().lower()
    panel.outcome.replay_exchange("exchange.json")
    bench.wait(lambda: panel.result.found is not first)
    bench.wait(lambda: len(told) > 1)
    assert told[1].title == "exchange.json was sent again"
    assert told[1].text == "The status is as it was: 200."
    again = panel.result.found
    assert again is not None
    assert again.token != first.token
    assert again.claims["x-ms-runtime"] == first.claims["x-ms-runtime"]
    assert panel.result.decision.text == "Permitted"
    bench.wait(lambda: not panel.runs.running)
    kept["status"] = 400
    bench.files["other.json"] = json.dumps(kept).encode()
    panel.outcome.replay_exchange("other.json")
    bench.wait(lambda: len(told) > 2)
    assert told[2].text == "The answer was status 400, and now is 200."


def test_the_keyboard_alone_attests_and_walks_the_picture(bench: AttestBench) -> None:
    panel = bench.panel
    QGuiApplication.clipboard().setText(bench.files[bench.put_quote("release.bin")].hex())
    panel.form.paste.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(panel.form.paste, Qt.Key.Key_Space)
    bench.wait(lambda: panel.bringing.examination is not None)
    assert panel.form.evidence.text() == "pasted evidence"
    bench.type_into("Nonce", "12345")
    QTest.keyClick(panel.form.nonce, Qt.Key.Key_Return)
    bench.wait(lambda: panel.result.found is not None)
    found = panel.result.found
    assert found is not None
    assert found.claims["nonce"] == "12345"
    panel.result.flow.findChildren(FlowCard)[0].setFocus(Qt.FocusReason.TabFocusReason)
    for key in ("incoming", "policy", "outgoing", "token"):
        at = QApplication.focusWidget()
        assert at is not None
        QTest.keyClick(at, Qt.Key.Key_Right)
        assert panel.result.flow.current == key
    assert panel.result.pages.token.verdict.title == "Valid"


def test_what_is_no_evidence_is_said_at_the_field(bench: AttestBench) -> None:
    panel = bench.panel
    bench.files["letter.txt"] = b"Dear attestation service, please let us in."
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile("letter.txt")])
    assert panel.bringing.take_mime(mime)
    bench.wait(lambda: "no evidence of a known kind" in panel.form.evidence_box.accessible_text())
    mime = QMimeData()
    mime.setText("neither hex nor base64!")
    assert panel.bringing.take_mime(mime)
    bench.wait(lambda: "neither JSON nor hex" in panel.form.evidence_box.accessible_text())
    panel.form.runtime.set_text("hex:zz", "Binary")
    bench.click("Attest")
    assert "not hex" in panel.form.runtime_box.accessible_text()
    assert panel.result.found is None


def test_a_running_attestation_can_be_called_off(bench: AttestBench) -> None:
    panel = bench.panel
    bench.bring(bench.put_quote("release.bin"))
    panel.attest()
    assert panel.runs.running
    assert panel.result.decision.tone is Tone.INFO
    bench.click("Cancel attesting")
    bench.wait(lambda: not panel.runs.running)
    assert panel.form.attest.text() == "Attest"
    bench.attest()
    assert panel.result.decision.text == "Permitted"


def test_nothing_that_blocks_runs_on_the_window_s_thread(
    bench: AttestBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = bench.panel
    path = bench.put_quote("release.bin")
    with guarded_ui_thread(monkeypatch) as seen:
        bench.bring(path)
        bench.attest()
        found = panel.result.found
        assert found is not None
        panel.opener.look_into(panel.bringing.evidence_of(found), 1)
        sheet = panel.opener.sheet
        assert sheet is not None
        bench.wait(lambda: sheet.viewer.shown is not None)
        sheet.compare_with(path)
        bench.wait(lambda: sheet.viewer.tabs.currentIndex() == COMPARE)
        panel.outcome.save_exchange("exchange.json")
        bench.wait(lambda: "exchange.json" in bench.files)
    assert seen == []


def test_every_control_has_a_name_and_the_panel_fits(bench: AttestBench) -> None:
    bench.bring(bench.put_quote("release.bin"))
    bench.attest()
    bench.panel.opener.open_viewer()
    lists = "QListView < QFrame < ComboBox"
    assert [each for each in nameless(bench.window) if not each.startswith(lists)] == []
    hint = bench.panel.minimumSizeHint()
    assert hint.width() <= 1024 - 76, hint
    assert hint.height() <= 700 - 80, hint
