"""Tokens that want to deceive, or break, who looks at them; and files that are in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QScrollArea, QToolTip

from helpers.token_desk import PATIENCE, checked, minted, opened, panel_of, until_verdict
from sealwright.desktop.tokens.sheets.compare import CompareSheet
from sealwright.desktop.tokens.view.text_picture import TokenLegend
from sealwright.desktop.widgets.tables.cells import Text
from sealwright.policy.digest import policy_hash
from sealwright.tokens.policy_jws import unsecured_policy

if TYPE_CHECKING:
    import pytest

    from helpers.desk import Desk
    from sealwright.desktop.tokens.panel import TokensPanel

HTML = '<h1>Valid</h1><img src="/etc/hostname">'


def cell(panel: TokensPanel, key: str, column: int) -> Text:
    row = panel.view.table.rows.row_at(panel.view.table.rows.index_of(key))
    assert row is not None
    found = row.cells[column]
    assert isinstance(found, Text)
    return found


def test_claims_are_shown_as_they_are_and_cannot_deceive(desk: Desk) -> None:
    turning: dict[str, Any] = {"\u202eeman\nb": "\u2066x", "": 1, "n" * 9000: "v" * 9000}
    panel = opened(desk, minted(desk, html=HTML, **turning))
    table = panel.view.table
    assert table.select_key("/html")
    place = table.visualRect(table.rows.index_of("/html").siblingAtColumn(1)).center()
    spot = table.viewport().mapToGlobal(place)
    QApplication.sendEvent(table.viewport(), QHelpEvent(QEvent.Type.ToolTip, place, spot))
    (tip,) = (
        label
        for label in QApplication.topLevelWidgets()
        if isinstance(label, QLabel) and label.isVisible() and "Valid" in label.text()
    )
    assert tip.textFormat() is Qt.TextFormat.PlainText
    assert "<h1>Valid</h1>" in tip.text()
    QToolTip.hideText()
    assert cell(panel, "/\u202eeman\nb", 0).text == "\u202eeman\\nb"
    assert "\u2066" not in cell(panel, "/\u202eeman\nb", 1).hint
    assert cell(panel, "/", 0).text == '""'
    long = f"/{'n' * 9000}"
    assert max(len(cell(panel, long, 0).text), len(cell(panel, long, 1).text)) < 200
    assert len(cell(panel, long, 1).hint) < 1000
    panel.view.tabs.setCurrentIndex(2)
    raw = desk.one(QPlainTextEdit, "Raw JSON")
    desk.qtbot.waitUntil(lambda: "\\u202eeman" in raw.toPlainText(), timeout=PATIENCE)


def test_the_focus_stays_where_it_was_and_what_fails_comes_into_sight(desk: Desk) -> None:
    desk.window.resize(1024, 700)
    panel = opened(desk, minted(desk), "good")
    checked(desk, panel)
    run = panel.chain.keys.run
    run.setFocus(Qt.FocusReason.TabFocusReason)
    before = panel.shown_token
    QTest.keyClick(run, Qt.Key.Key_Space)
    desk.qtbot.waitUntil(lambda: panel.shown_token is not before, timeout=PATIENCE)
    desk.qtbot.waitUntil(run.isEnabled, timeout=PATIENCE)
    assert QApplication.focusWidget() is run
    (area,) = panel.chain.findChildren(QScrollArea)
    bar = area.verticalScrollBar()
    desk.qtbot.waitUntil(lambda: bar.maximum() > 0, timeout=PATIENCE)
    bar.setValue(bar.maximum())
    head, _, signature = minted(desk).split(".")
    opened(desk, f"{head}.{'*' * 60}.{signature}", "bad")
    until_verdict(desk, panel, "Invalid")
    first = panel.chain.picture.parts[0]
    assert first.part.status.value == "fail"
    desk.qtbot.waitUntil(
        lambda: first.visibleRegion().boundingRect().height() == first.height(), timeout=PATIENCE
    )
    words = [label.text() for label in panel.findChildren(TokenLegend)[0].findChildren(QLabel)]
    assert "no signature" not in words


def test_a_file_that_cannot_be_read_is_one_row_of_the_batch(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = panel_of(desk)
    desk.world.files.kept["/in/a.jwt"] = minted(desk).encode()

    async def find(folder: str, ending: str) -> tuple[str, ...]:
        del folder, ending
        return ("a.jwt", "gone.jwt")

    monkeypatch.setattr(desk.world.files, "find", find)
    panel.many.open_folder("/in")
    view = panel.pages.batch
    desk.qtbot.waitUntil(lambda: len(view.found) == 2 and not view.running, timeout=PATIENCE)
    assert {row.name: row.verdict for row in view.found}["gone.jwt"] == "unreadable"
    view.verdicts.setCurrentIndex(4)
    row = view.table.rows.row_at(view.table.rows.index(0, 0))
    assert row is not None
    assert "is not there" in row.cells[2].words
    view.table.setFocus(Qt.FocusReason.OtherFocusReason)
    view.table.setCurrentIndex(view.table.rows.index(0, 0))
    QTest.keyClick(view.table, Qt.Key.Key_Return)
    desk.qtbot.waitUntil(lambda: any("gone.jwt" in words for words in desk.notices()))
    assert view.isVisible()


def test_a_token_is_compared_with_the_outcome_of_a_policy_in_a_file(desk: Desk) -> None:
    claims: dict[str, Any] = {
        "x-ms-attestation-type": "sgx",
        "x-ms-sgx-svn": 1,
        "x-ms-sgx-collateral": {"quotehash": "00" * 32},
        "svn": 2,
    }
    panel = opened(desk, minted(desk, **claims))
    desk.world.files.kept["/new.policy"] = (
        b"version=1.0; authorizationrules{=> permit();}; issuancerules{"
        b'c:[type=="x-ms-sgx-svn"] => issue(type="svn", value=c.value);};'
    )
    panel.head.compare.trigger()
    desk.qtbot.waitUntil(lambda: bool(desk.all(CompareSheet)), timeout=PATIENCE)
    sheet = desk.all(CompareSheet)[-1]
    assert sheet.other.findData("file") > 0
    sheet.compare_file("/new.policy")
    desk.qtbot.waitUntil(lambda: sheet.table.rows.total > 0, timeout=PATIENCE)
    differ, *others = list(sheet.table.rows.leaves())
    assert (differ.key, differ.cells[1].words, differ.cells[2].words) == ("/svn", "2", "1")
    # What the service adds by itself is no difference.
    assert not any("collateral" in row.key for row in others)


def test_the_policy_in_an_answer_is_read_and_the_times_are_named(desk: Desk) -> None:
    text = "version=1.0;\nauthorizationrules{=> permit();};\nissuancerules{};"
    answer = minted(desk, nbf=..., **{"x-ms-policy": unsecured_policy(text)})
    panel = opened(desk, answer, "an answer")
    assert cell(panel, "/x-ms-policy/x-ms-policy-hash", 1).text == f'"{policy_hash(text)}"'
    assert cell(panel, "/exp", 2).text.endswith("1 h after its issue")
    assert panel.view.time.first == "iat"
    assert panel.chain.policy.word == "Unknown"
    tabs = panel.view.tabs
    desk.qtbot.waitUntil(lambda: tabs.rect().contains(tabs.tabRect(5)), timeout=PATIENCE)
    QTest.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.tabRect(5).center())
    shown = desk.one(QPlainTextEdit, "Policy in the token")
    desk.qtbot.waitUntil(lambda: text in shown.toPlainText(), timeout=PATIENCE)
    opened(desk, minted(desk))
    assert panel.view.time.first == "nbf, iat"
    desk.qtbot.waitUntil(lambda: not tabs.isTabVisible(5), timeout=PATIENCE)
    assert tabs.currentIndex() == 0
