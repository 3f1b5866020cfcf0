"""Widgets that panels share: sheet, tabs, labels, steps, difference, guarded virtuals."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from sealwright.desktop import theme
from sealwright.desktop.virtual import virtual_value
from sealwright.desktop.widgets.buttons import Button
from sealwright.desktop.widgets.diff import DiffView
from sealwright.desktop.widgets.fields import FormField, LineEdit, SearchBox
from sealwright.desktop.widgets.labels import ElidingLabel
from sealwright.desktop.widgets.progress import validity_tone
from sealwright.desktop.widgets.sheet import Sheet
from sealwright.desktop.widgets.stepper import ProofLine, RunSteps, StepState, StepView
from sealwright.desktop.widgets.tables.cells import Column, Row, Text
from sealwright.desktop.widgets.tables.tree import TreeTable
from sealwright.desktop.widgets.tabs import CountTabs, DocumentTab, DocumentTabs
from sealwright.services.policies.textdiff import diff_texts

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.usefixtures("look")


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    made.resize(900, 600)
    field = QLineEdit(made)
    field.setObjectName("below")
    qtbot.addWidget(made)
    with qtbot.waitActive(made, timeout=60_000):
        made.show()
        made.activateWindow()
    field.setFocus()
    return made


def open_sheet(window: QWidget) -> tuple[Sheet, LineEdit, Button]:
    sheet = Sheet(window, "Delete", icon="trash", size=QSize(400, 300))
    field, button = LineEdit("Name"), Button("Delete")
    sheet.body.addWidget(field)
    sheet.buttons.addWidget(button)
    sheet.open_sheet()
    return sheet, field, button


def test_a_sheet_keeps_the_focus_and_gives_it_back(window: QWidget, qtbot: QtBot) -> None:
    sheet, field, _ = open_sheet(window)
    assert QApplication.focusWidget() is field
    seen = set()
    for _ in range(6):
        here = QApplication.focusWidget()
        assert here is not None
        assert sheet.isAncestorOf(here)
        seen.add(here.accessibleName())
        QTest.keyClick(here, Qt.Key.Key_Tab)
    assert seen == {"Name", "Delete", "Close"}
    with qtbot.waitSignal(sheet.closed):
        QTest.keyClick(field, Qt.Key.Key_Escape)
    here = QApplication.focusWidget()
    assert here is not None
    assert here.objectName() == "below"


def test_a_sheet_that_may_not_close_asks(window: QWidget, qtbot: QtBot) -> None:
    sheet, field, _ = open_sheet(window)
    sheet.set_closable(closable=False)
    with qtbot.waitSignal(sheet.close_wanted):
        QTest.keyClick(field, Qt.Key.Key_Escape)
    assert sheet.isVisible()


def test_a_sheet_shrinks_with_its_window(window: QWidget) -> None:
    sheet, _, _ = open_sheet(window)
    window.resize(320, 240)
    QApplication.processEvents()
    assert window.rect().contains(sheet.card.geometry())


def test_a_long_label_never_widens_its_window(qtbot: QtBot) -> None:
    label = ElidingLabel("a" * 500)
    qtbot.addWidget(label)
    label.resize(100, 20)
    label.show()
    assert label.minimumSizeHint().width() < 60
    assert label.toolTip() == "a" * 500
    assert label.accessibleName() == "a" * 500


def test_counts_are_read_out_with_their_tab(qtbot: QtBot) -> None:
    tabs = CountTabs("Views")
    qtbot.addWidget(tabs)
    tabs.add("Problems")
    narrow = tabs.sizeHint().width()
    tabs.set_count(0, 12, theme.Tone.ERR)
    assert tabs.accessibleTabName(0) == "Problems 12"
    assert tabs.sizeHint().width() > narrow


def test_a_click_on_the_cross_or_the_middle_button_asks_to_close(qtbot: QtBot) -> None:
    tabs = DocumentTabs("Documents")
    qtbot.addWidget(tabs)
    tabs.add(DocumentTab("One"))
    tabs.add(DocumentTab("Two", unsaved=True))
    tabs.resize(500, 40)
    tabs.show()
    with qtbot.waitSignal(tabs.close_wanted) as asked:
        QTest.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.close_rect(1).center())
    assert asked.args == [1]
    with qtbot.waitSignal(tabs.close_wanted) as asked:
        QTest.mouseClick(tabs, Qt.MouseButton.MiddleButton, pos=tabs.tabRect(0).center())
    assert asked.args == [0]
    assert tabs.accessibleTabName(1) == "Two, edited"


def test_escape_clears_a_search_before_it_leaves(qtbot: QtBot) -> None:
    box = SearchBox("Filter", keys="Ctrl+F")
    qtbot.addWidget(box)
    box.show()
    QTest.keyClicks(box, "abc")
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert box.text() == ""


def test_an_invalid_field_says_why_in_words(qtbot: QtBot) -> None:
    row = FormField("Name", LineEdit("Name"), hint="3 to 24 letters")
    qtbot.addWidget(row)
    row.set_problem("The name is taken.")
    assert row.field.property("invalid") is True
    assert row.field.accessibleDescription() == "The name is taken."
    row.set_problem()
    assert row.field.property("invalid") is False
    assert row.field.accessibleDescription() == "3 to 24 letters"


def test_a_failed_step_tells_its_reason_and_leads_to_details(qtbot: QtBot) -> None:
    steps = RunSteps()
    qtbot.addWidget(steps)
    proof = (ProofLine("Hash", "abc", "differs", holds=False),)
    steps.show_steps(
        [
            StepView("sign", "Sign", StepState.DONE, "0.1 s"),
            StepView("hash", "Hash", StepState.FAILED, proof=proof, reason="No.", details=True),
            StepView("equal", "Equal", StepState.WAITING),
        ]
    )
    steps.resize(600, 300)
    steps.show()
    names = [child.accessibleName() for child in steps.findChildren(QWidget)]
    assert "Hash, failed" in names
    assert "Equal, not run" in names
    assert "differs" in names
    details = next(
        child for child in steps.findChildren(Button) if child.isVisible() and child.text()
    )
    with qtbot.waitSignal(steps.details_wanted) as asked:
        QTest.mouseClick(details, Qt.MouseButton.LeftButton)
    assert asked.args == ["hash"]


def test_a_difference_shows_line_ends_that_differ(qtbot: QtBot) -> None:
    view = DiffView("Difference")
    qtbot.addWidget(view)
    view.set_diff(diff_texts("a\nb\n", "a\nb\r\n"))
    shown = view.toPlainText()
    assert "b  LF" in shown
    assert "b  CRLF" in shown


def test_the_changed_word_is_marked_behind_an_emoji(qtbot: QtBot) -> None:
    view = DiffView("Difference")
    qtbot.addWidget(view)
    view.set_diff(diff_texts("\N{GRINNING FACE} svn>=5;\n", "\N{GRINNING FACE} svn>=7;\n"))
    word = theme.palette().diff.added_word.name()
    block = view.document().lastBlock()
    marked = ""
    fragments = block.begin()
    while not fragments.atEnd():
        piece = fragments.fragment()
        if piece.charFormat().background().color().name() == word:
            marked += piece.text()
        fragments += 1
    assert marked == "7"


@pytest.mark.parametrize(("days", "tone"), [(400, "ok"), (30, "warn"), (8, "warn"), (7, "err")])
def test_validity_turns_amber_at_30_days_and_red_at_7(days: int, tone: str) -> None:
    assert validity_tone(days).value == tone


def test_an_override_that_fails_is_reported_and_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reported: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, *_: reported.append(kind))

    @virtual_value(QSize(7, 7))
    def fails() -> QSize:
        raise KeyError("gone")

    assert fails() == QSize(7, 7)
    assert reported == [KeyError]


def test_a_list_that_is_read_again_without_news_is_left_alone(qtbot: QtBot) -> None:
    table = TreeTable("Keys", (Column("key", "Key", ""),))
    qtbot.addWidget(table)
    table.set_rows([Row("a", (Text("first"),)), Row("b", (Text("second"),))])
    table.select_key("b")
    resets: list[None] = []
    table.rows.modelReset.connect(lambda: resets.append(None))
    table.rows.rowsRemoved.connect(lambda: resets.append(None))
    table.set_loading(on=True)
    table.set_rows([Row("a", (Text("first"),)), Row("b", (Text("second"),))])
    assert resets == []
    assert table.current_key == "b"
    table.set_rows([Row("a", (Text("first"),)), Row("b", (Text("third"),))])
    assert [row.cells[0].words for row in table.selected_rows()] == ["third"]
