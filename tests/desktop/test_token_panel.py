"""The token inspector by mouse and keyboard: chain, text, keys, rules, batches, reports."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QScrollArea

from helpers.token_desk import PATIENCE, checked, minted, opened, until_verdict
from sealwright.claims.attestation_type import AttestationType
from sealwright.desktop import theme
from sealwright.desktop.tokens.chain.part_sheet import PartSheet
from sealwright.desktop.tokens.sheets.compare import CompareSheet
from sealwright.desktop.tokens.sheets.release import ReleaseSheet
from sealwright.desktop.tokens.sheets.rules import RulesSheet
from sealwright.desktop.tokens.sheets.small import ReportSheet
from sealwright.desktop.tokens.view.text_picture import TokenPicture
from sealwright.desktop.widgets.sheet import Sheet
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.services.model import HistoryEntry, TrustModel
from sealwright.services.tokens.tokens import PolicyMatch
from sealwright.tokens.chain import Chain, ChainLink, Stop
from sealwright.tokens.policy_jws import unsecured_policy, unsecured_reset

if TYPE_CHECKING:
    from helpers.desk import Desk
    from sealwright.desktop.tokens.chain.picture import ChainPart
    from sealwright.desktop.tokens.panel import TokensPanel

S = TypeVar("S", bound=Sheet)


def part(panel: TokensPanel, place: str) -> ChainPart:
    return next(each for each in panel.chain.picture.parts if each.part.place == place)


def sheet_of(desk: Desk, kind: type[S]) -> S:
    desk.qtbot.waitUntil(lambda: bool(desk.all(kind)), timeout=PATIENCE)
    return desk.all(kind)[-1]


def press(key: Qt.Key) -> None:
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, key)


def test_a_token_is_checked_offline_and_keys_are_fetched_only_when_asked(desk: Desk) -> None:
    guest = desk.world.cloud.provider("guest", TrustModel.AAD)
    panel = opened(desk, minted(desk, "guest"))
    assert panel.view.verdict.title == "Untrusted"
    assert guest.calls == []
    assert "nothing is fetched" in panel.chain.keys.choice.accessibleDescription()
    assert part(panel, "signed").part.status.value == "skip"
    desk.click("Fetch keys")
    until_verdict(desk, panel, "Valid")
    asked = list(guest.calls)
    assert "signing_keys" in asked
    opened(desk, minted(desk, "guest", color="blue"), "another")
    assert panel.view.verdict.title == "Valid"
    assert guest.calls == asked


def test_the_chain_is_walked_by_key_and_a_part_opens_its_details(desk: Desk) -> None:
    panel = opened(desk, minted(desk))
    checked(desk, panel)
    parts = panel.chain.picture.parts
    assert [each.part.place for each in parts] == [
        "token",
        "signed",
        "key",
        "named",
        "certificate",
        "bound",
        "evidence",
        "vouched",
        "root",
    ]
    assert all(each.accessibleName() and each.toolTip() for each in parts)
    parts[0].setFocus(Qt.FocusReason.TabFocusReason)
    for _ in range(3):
        press(Qt.Key.Key_Down)
    assert QApplication.focusWidget() is parts[3]
    press(Qt.Key.Key_Up)
    press(Qt.Key.Key_Return)
    sheet = sheet_of(desk, PartSheet)
    assert sheet.title.text() == "Signing key"
    assert sheet.checks.rows.total > 0
    sheet.request_close()
    QTest.mouseClick(parts[3], Qt.MouseButton.LeftButton)
    assert sheet_of(desk, PartSheet).title.text() == "Names agree"


def test_text_and_claims_choose_each_other(desk: Desk) -> None:
    panel = opened(desk, minted(desk, color="blue"))
    picture, table = panel.view.picture, panel.view.table
    assert table.select_key("/color")
    assert picture.marked is not None
    start, end = picture.marked
    assert 0 < end - start < 40
    picture.setFocus(Qt.FocusReason.TabFocusReason)
    press(Qt.Key.Key_Left)
    assert panel.view.tabs.currentIndex() == 1
    QTest.mouseClick(picture, Qt.MouseButton.LeftButton, pos=QPoint(20, picture.height() // 2 - 18))
    assert picture.marked == (0, len(minted(desk).split(".")[0]))
    press(Qt.Key.Key_Right)
    press(Qt.Key.Key_Right)
    assert QApplication.focusWidget() is panel.chain.picture.parts[1]


def test_an_expired_token_is_checked_at_its_own_time(desk: Desk) -> None:
    panel = opened(desk, minted(desk))
    checked(desk, panel)
    desk.world.clock.advance(days=30)
    desk.click("Check")
    until_verdict(desk, panel, "Valid but expired")
    assert part(panel, "token").part.status.value == "fail"
    desk.click("Check at its own time")
    until_verdict(desk, panel, "Valid")
    opened(desk, minted(desk, color="new"), "new")
    assert panel.desk.live


def test_rules_are_saved_and_say_what_fails(desk: Desk) -> None:
    panel = opened(desk, minted(desk, color="blue"))
    checked(desk, panel)
    QTest.mouseClick(panel.chain.rules, Qt.MouseButton.LeftButton)
    sheet = sheet_of(desk, RulesSheet)
    sheet.text.setPlainText('{"claims": [{"claim": "color", "equals": "red"}]}')
    QTest.mouseClick(sheet.use, Qt.MouseButton.LeftButton)
    desk.qtbot.waitUntil(lambda: bool(sheet.banner.title), timeout=PATIENCE)
    sheet.name.setText("colours")
    QTest.mouseClick(sheet.use, Qt.MouseButton.LeftButton)
    until_verdict(desk, panel, "Invalid")
    assert panel.chain.rules.word == "Fails"
    row = panel.view.table.rows.row_at(panel.view.table.rows.index_of("/color"))
    assert row is not None
    assert getattr(row.cells[0], "icon", "") == "err"
    assert "colours" in desk.world.settings.kept["tokens.rules"]
    # Once a sheet with a field had gone, this menu could not be opened any more.
    panel.head.recent.popup(panel.mapToGlobal(QPoint(0, 0)))
    assert next(action.text() for action in panel.head.recent.actions()) == "a token"
    panel.head.recent.close()


def test_a_release_policy_is_made_from_claims_and_tried(desk: Desk) -> None:
    panel = opened(desk, minted(desk, color="blue"))
    panel.head.release.trigger()
    sheet = sheet_of(desk, ReleaseSheet)
    assert not sheet.make.isEnabled()
    desk.qtbot.waitUntil(lambda: sheet.claims.select_key("color"), timeout=PATIENCE)
    QTest.mouseClick(sheet.make, Qt.MouseButton.LeftButton)
    desk.qtbot.waitUntil(
        lambda: sheet.banner.title == "The key would be released", timeout=PATIENCE
    )
    policy = sheet.text.toPlainText()
    assert json.loads(policy)["anyOf"][0]["allOf"] == [{"claim": "color", "equals": "blue"}]
    sheet.text.setPlainText(policy.replace('"blue"', '"red"'))
    desk.qtbot.waitUntil(
        lambda: sheet.banner.title == "The key would not be released", timeout=PATIENCE
    )
    assert panel.chain.release.word == "Fails"
    sheet.text.setPlainText("{}")
    desk.qtbot.waitUntil(
        lambda: "version" in sheet.banner.accessibleDescription(), timeout=PATIENCE
    )


@pytest.mark.parametrize("status", [CheckStatus.FAIL, CheckStatus.WARN])
def test_what_fails_or_is_open_tells_its_whole_reason(desk: Desk, status: CheckStatus) -> None:
    picture = opened(desk, minted(desk)).chain.picture
    why = "Why this is so takes more words than one line of the picture has room for. " * 2
    stops = [Stop("root", "Root", ("one",), each, (), why) for each in (status, CheckStatus.PASS)]
    link = ChainLink("tcb", "Not judged", why, status, ())
    picture.show_chain(Chain(tuple(stops), (link,)))
    told, between, holds = picture.parts
    desk.qtbot.waitUntil(lambda: told.height() > holds.height(), timeout=PATIENCE)
    line = QFontMetrics(theme.font(theme.Role.SMALL)).lineSpacing()
    assert told.growth >= line
    assert between.growth >= line
    assert holds.growth == 0


def test_a_token_whose_signature_is_badly_encoded_still_shows_its_claims(desk: Desk) -> None:
    token = minted(desk, color="blue")
    # 256 bytes leave four bits of the last character unused; here they are set.
    panel = opened(desk, f"{token[:-1]}{chr(ord(token[-1]) + 1)}")
    until_verdict(desk, panel, "Invalid")
    desk.qtbot.waitUntil(lambda: panel.view.table.rows.total > 0, timeout=PATIENCE)
    assert panel.view.table.rows.index_of("/color").isValid()


@pytest.mark.parametrize("sent", [unsecured_reset(), unsecured_policy("version=1.0;")])
def test_what_an_administrator_sends_is_said_to_be_no_token(desk: Desk, sent: str) -> None:
    panel = opened(desk, sent)
    until_verdict(desk, panel, "Unsecured")
    assert "what an administrator sends" in panel.chain.advice.text()


def test_two_tokens_are_compared(desk: Desk) -> None:
    opened(desk, minted(desk, color="blue", same="x"), "first")
    panel = opened(desk, minted(desk, color="red", same="x"), "second")
    panel.head.compare.trigger()
    sheet = sheet_of(desk, CompareSheet)
    desk.qtbot.waitUntil(lambda: sheet.table.rows.total > 0, timeout=PATIENCE)
    assert sheet.table.rows.index_of("/color").parent().row() == 0
    keys = [row.key for row in sheet.table.rows.leaves()]
    assert keys[0] == "/color"
    assert "/same" in keys
    QGuiApplication.clipboard().setText("nonsense")
    sheet.compare_with(QGuiApplication.clipboard().text())
    desk.qtbot.waitUntil(sheet.banner.isVisible, timeout=PATIENCE)


def test_the_clipboard_is_compared_on_request_and_an_empty_one_is_said(desk: Desk) -> None:
    QGuiApplication.clipboard().clear()
    panel = opened(desk, minted(desk))
    panel.head.compare.trigger()
    sheet = sheet_of(desk, CompareSheet)
    assert not sheet.banner.isVisible()
    at = sheet.other.findData("clipboard")
    sheet.other.setCurrentIndex(at)
    sheet.other.activated.emit(at)
    told = [label.text() for label in sheet.banner.findChildren(QLabel)]
    assert any("no text on the clipboard" in words for words in told), told
    QGuiApplication.clipboard().setText(minted(desk, color="red"))
    sheet.other.activated.emit(at)
    desk.qtbot.waitUntil(lambda: sheet.table.rows.total > 0, timeout=PATIENCE)
    assert not sheet.banner.isVisible()


def test_a_policy_that_was_sent_and_seen_is_one_choice(desk: Desk) -> None:
    shown = opened(desk, minted(desk)).shown_token
    assert shown is not None
    provider, now = desk.host.providers[0], desk.world.clock.now()
    sgx = AttestationType.SGX_ENCLAVE
    matches = tuple(
        PolicyMatch(
            HistoryEntry(seq, now, provider.id, sgx, "", "", "", origin, ""),
            provider,
        )
        for seq, origin in enumerate(("sent", "seen"))
    )
    both = replace(shown, found=replace(shown.found, matches=matches))
    sheet = CompareSheet(desk.host, desk.window, desk.world.services(), both, ())
    titles = [sheet.other.itemText(at) for at in range(sheet.other.count())]
    name = f"Outcome of the policy SgxEnclave on {provider.name}"
    assert [title for title in titles if title.endswith(provider.name)] == [name]


def test_many_tokens_become_a_table_that_filters_and_exports(desk: Desk) -> None:
    panel = opened(desk, minted(desk))
    checked(desk, panel)
    desk.window.resize(1024, 700)
    token = minted(desk)
    kept = desk.world.files.kept
    kept["/in/a.jwt"] = token.encode()
    kept["/in/b.jwt"] = (token[:-8] + "AAAAAAAA").encode()
    kept["/in/list.txt"] = f"{token}\n{token}\n".encode()
    panel.many.open_folder("/in")
    view = panel.pages.batch
    desk.qtbot.waitUntil(lambda: len(view.found) == 4 and not view.running, timeout=PATIENCE)
    assert view.isVisible()
    assert view.table.rows.shown == 4
    assert view.verdicts.width() >= view.verdicts.sizeHint().width()
    view.verdicts.setCurrentIndex(4)
    assert view.table.rows.shown == 1
    row = view.table.rows.row_at(view.table.rows.index(0, 0))
    assert row is not None
    assert row.cells[0].words == "b.jwt"
    view.export_to("/out.csv")
    desk.qtbot.waitUntil(lambda: "/out.csv" in kept, timeout=PATIENCE)
    assert b"signature.value" in kept["/out.csv"]
    view.table.setFocus(Qt.FocusReason.OtherFocusReason)
    view.table.setCurrentIndex(view.table.rows.index(0, 0))
    QTest.keyClick(view.table, Qt.Key.Key_Return)
    until_verdict(desk, panel, "Invalid")
    assert panel.current is not None
    assert panel.current.title == "b.jwt"
    panel.head.close_token.trigger()
    assert view.isVisible()


def test_a_batch_shows_nothing_of_the_token_before_and_goes_back_to_it(desk: Desk) -> None:
    panel = opened(desk, minted(desk), "the one before")
    desk.world.files.kept["/in/list.txt"] = f"{minted(desk)}\n{minted(desk)}\n".encode()
    panel.many.open_list("/in/list.txt")
    view = panel.pages.batch
    desk.qtbot.waitUntil(lambda: len(view.found) == 2 and not view.running, timeout=PATIENCE)
    shown = [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]
    assert "list.txt" in shown
    assert "Choose a row" in shown
    assert "the one before" not in shown
    assert panel.chain.picture.parts == []
    desk.click("Close batch")
    desk.qtbot.waitUntil(lambda: panel.current is not None, timeout=PATIENCE)
    assert panel.current is not None
    assert panel.current.title == "the one before"
    assert panel.view.isVisible()
    assert panel.chain.picture.isVisible()


def test_an_answer_that_comes_late_does_not_hide_the_batch(desk: Desk) -> None:
    panel = opened(desk, minted(desk))
    desk.world.files.kept["/in/list.txt"] = f"{minted(desk)}\n{minted(desk)}\n".encode()
    panel.many.open_list("/in/list.txt")
    view = panel.pages.batch
    desk.click("Check")
    desk.qtbot.waitUntil(lambda: len(view.found) == 2 and not view.running, timeout=PATIENCE)
    assert view.isVisible()
    assert panel.current is None
    desk.click("Close batch")
    desk.qtbot.waitUntil(panel.view.isVisible, timeout=PATIENCE)


def test_a_report_is_written_and_recent_tokens_are_kept_only_on_request(desk: Desk) -> None:
    panel = opened(desk, minted(desk, nonce="secret-nonce"))
    checked(desk, panel)
    panel.head.report.trigger()
    sheet = sheet_of(desk, ReportSheet)
    assert sheet.redact.isChecked()
    assert [area.horizontalScrollBar().maximum() for area in sheet.findChildren(QScrollArea)] == [0]
    sheet.request_close()
    panel.desk.save_report("/report.html", redact=True)
    kept = desk.world.files.kept
    desk.qtbot.waitUntil(lambda: "/report.html" in kept, timeout=PATIENCE)
    assert b"secret-nonce" not in kept["/report.html"]
    assert b"Signature holds" in kept["/report.html"]
    panel.desk.save_report("/report.pdf", redact=True)
    desk.qtbot.waitUntil(lambda: "/report.pdf" in kept, timeout=PATIENCE)
    assert kept["/report.pdf"].startswith(b"%PDF-")
    assert kept["/report.pdf"].count(b"/Type /Page\n") > 1
    assert "tokens.recent" not in desk.world.settings.kept
    panel.desk.keeping.keep.setChecked(True)
    desk.qtbot.waitUntil(
        lambda: bool(desk.world.settings.kept.get("tokens.recent")), timeout=PATIENCE
    )
    panel.desk.keeping.keep.setChecked(False)
    desk.qtbot.waitUntil(lambda: "tokens.recent" not in desk.world.settings.kept, timeout=PATIENCE)


def test_thousands_of_claims_come_a_page_at_a_time_and_are_all_found(desk: Desk) -> None:
    many: dict[str, Any] = {f"claim-{number:04}": number for number in range(1000)}
    panel = opened(desk, minted(desk, aa=[1], ab={"a": [1, 2]}, **many))
    table = panel.view.table
    for key, words in (("/aa", "1 item"), ("/ab", "1 member")):
        row = table.rows.row_at(table.rows.index_of(key))
        assert row is not None
        assert row.cells[1].words == words
    assert table.rows.total < 400
    desk.type_into("Filter claims", "claim-0987")
    assert [row.key for row in table.rows.leaves()] == ["/claim-0987"]
    desk.type_into("Filter claims", "claim")
    assert table.select_key("more:group:other")
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert table.current_key == "/claim-0100"
    assert table.select_key("before:group:other")
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert table.current_key == "/claim-0099"
    desk.type_into("Filter claims", "")
    assert table.select_key("/claim-0999")
    assert table.rows.total < 400
    panel.view.tabs.setCurrentIndex(2)
    raw = desk.one(QPlainTextEdit, "Raw JSON")
    desk.qtbot.waitUntil(lambda: "claim-0999" in raw.toPlainText(), timeout=PATIENCE)


@pytest.mark.parametrize(
    ("text", "kind", "advice"),
    [
        ("see the attached file.txt", "Text without a token", "three parts"),
        ("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----", "private key", "off"),
        ("version= 1.0;\nauthorizationrules{=> permit();};", "policy", "Policies"),
    ],
)
def test_a_bad_paste_says_what_it_is_and_never_looks_like_the_token_before(
    desk: Desk, text: str, kind: str, advice: str
) -> None:
    panel = opened(desk, minted(desk))
    QGuiApplication.clipboard().setText(text)
    panel.paste()
    page = panel.pages.refused
    desk.qtbot.waitUntil(page.isVisible, timeout=PATIENCE)
    shown = " ".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())
    assert kind in shown
    assert advice in shown
    assert "secret" not in shown
    assert "c2VjcmV0" not in shown
    assert panel.current is None
    assert desk.all(TokenPicture) == []
    assert not panel.head.copy_button.isEnabled()
    desk.click("Back to a token")
    desk.qtbot.waitUntil(lambda: panel.current is not None, timeout=PATIENCE)
    assert panel.view.isVisible()
