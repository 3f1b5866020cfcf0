"""Outline, folding and the filter of the library, by keys and mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from helpers.accessible import nameless
from helpers.writing import CONTROL_SHIFT, Writing, writing_in

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from helpers.simulators import World
    from sealwright.desktop.host import Host

TEXT = """version=1.1;
configurationrules {
    => issueproperty(type="x-ms-sgx-tcbidentifier", value="14");
};
authorizationrules {
    // nobody looks inside
    [type=="x-ms-sgx-is-debuggable", value==true] => deny();
    [type=="x-ms-sgx-product-id", value==4639] => permit();
};
issuancerules {
    c:[type=="x-ms-sgx-svn"] => issue(type="level", value=c.value);
};
"""


@pytest.fixture
def writing(qtbot: QtBot, host: Host, world: World) -> Writing:
    return writing_in(qtbot, host, world)


def hidden(writing: Writing) -> list[int]:
    document = writing.editor.document()
    blocks = (document.findBlockByNumber(number) for number in range(document.blockCount()))
    return [block.blockNumber() + 1 for block in blocks if not block.isVisible()]


def test_the_outline_lists_rules_in_words_and_leads_to_them(writing: Writing) -> None:
    writing.show(TEXT, "deny")
    writing.press(Qt.Key.Key_O, CONTROL_SHIFT)
    dock = writing.panel.parts.outline
    writing.wait(lambda: dock.isVisible() and dock.tree.rows.total == 4)
    sentences = [row.cells[0].words for row in dock.tree.rows.leaves()]
    assert "When debugging is on: denies the request" in sentences
    assert nameless(dock) == []
    # The row of the cursor's rule is chosen; Down and Enter go to the next one.
    current = dock.tree.current_row
    assert current is not None
    assert "denies" in current.cells[0].words
    assert dock.tree.hasFocus()
    QTest.keyClick(dock.tree, Qt.Key.Key_Down)
    QTest.keyClick(dock.tree, Qt.Key.Key_Return)
    assert writing.editor.place()[0] == 8
    assert "permit()" in writing.editor.textCursor().selectedText()
    # It follows the cursor and what is typed.
    assert writing.editor.hasFocus()
    writing.editor.go_to(TEXT.index("level"))
    writing.wait(lambda: "level" in (dock.tree.current_row.cells[0].words))  # type: ignore[union-attr]  # chosen
    writing.type("top-")
    writing.wait(lambda: "top-level" in (dock.tree.current_row.cells[0].words))  # type: ignore[union-attr]  # chosen
    dock.filter.setFocus()
    QTest.keyClicks(dock.filter, "deny")
    # The rule, in its section.
    assert dock.tree.rows.shown == 2


def test_a_closed_section_stays_closed_while_lines_come_above_it(writing: Writing) -> None:
    writing.show(TEXT, "version=1.1;")
    writing.press(Qt.Key.Key_O, CONTROL_SHIFT)
    tree = writing.panel.parts.outline.tree
    writing.wait(lambda: tree.rows.total == 4)
    section, row = list(tree.rows.headings())[1]
    assert (row.cells[0].words, row.cells[1].words) == ("authorizationrules", "5")
    tree.collapse(section)
    writing.editor.setFocus()
    writing.key(Qt.Key.Key_Return)

    def lines() -> dict[str, str]:
        return {row.cells[0].words: row.cells[1].words for _, row in tree.rows.headings()}

    writing.wait(lambda: lines()["authorizationrules"] == "6")
    opened = {row.cells[0].words: tree.isExpanded(index) for index, row in tree.rows.headings()}
    assert opened == {
        "configurationrules": True,
        "authorizationrules": False,
        "issuancerules": True,
    }


def test_a_dock_behind_the_tab_of_another_rests_and_comes_by_its_key(writing: Writing) -> None:
    parts = writing.panel.parts
    writing.show(TEXT, "deny")
    tried = parts.dry_run.shown
    for key in (Qt.Key.Key_O, Qt.Key.Key_B):
        writing.press(key, CONTROL_SHIFT)
    docks = (parts.dry_run, parts.outline, parts.builder)
    assert [dock.isVisible() for dock in docks] == [False, False, True]
    writing.editor.setFocus()
    writing.type(" ")
    writing.wait(lambda: writing.page.analysis is not None and writing.page.analysis.is_whole)
    writing.settle()
    assert parts.dry_run.shown is tried
    writing.press(Qt.Key.Key_D, CONTROL_SHIFT)
    assert [dock.isVisible() for dock in docks] == [True, False, False]


def test_a_section_folds_by_key_and_opens_for_whatever_enters_it(writing: Writing) -> None:
    writing.show(TEXT, "deny")
    writing.press(Qt.Key.Key_BracketLeft, CONTROL_SHIFT)
    assert hidden(writing) == [6, 7, 8]
    # The cursor stands where the section opens; Down steps over what is hidden.
    assert writing.editor.place()[0] == 5
    writing.key(Qt.Key.Key_Down)
    assert writing.editor.place()[0] == 9
    writing.key(Qt.Key.Key_Up)
    writing.press(Qt.Key.Key_BracketRight, CONTROL_SHIFT)
    assert hidden(writing) == []
    # A finding in hidden lines is shown when it is gone to.
    writing.press(Qt.Key.Key_BracketLeft, CONTROL_SHIFT)
    writing.editor.go_to(TEXT.index("4639"))
    assert hidden(writing) == []
    assert writing.editor.text() == TEXT


def test_folded_lines_are_never_lost(writing: Writing) -> None:
    writing.show(TEXT, "deny")
    writing.press(Qt.Key.Key_BracketLeft, CONTROL_SHIFT)
    writing.press(Qt.Key.Key_A)
    writing.key(Qt.Key.Key_Backspace)
    assert writing.editor.text() == ""
    writing.press(Qt.Key.Key_Z)
    assert writing.editor.text() == TEXT
    assert hidden(writing) == []
    # A change by the program opens what it touches, and nothing else.
    writing.editor.go_to(TEXT.index("level"))
    writing.press(Qt.Key.Key_BracketLeft, CONTROL_SHIFT)
    assert hidden(writing) == [11]
    writing.page.put(TEXT.replace("4639", "7"))
    assert hidden(writing) == [11]
    writing.page.put(TEXT.replace("level", "depth"))
    assert hidden(writing) == []


def test_the_chevron_in_the_gutter_folds_and_opens(writing: Writing) -> None:
    writing.show(TEXT, "version")
    gutter = writing.editor.gutter
    top = next(r for b, r in writing.editor.visible_lines() if b.blockNumber() == 1)
    place = QPoint(gutter.width() - 18, top.center().y())
    QTest.mouseClick(gutter, Qt.MouseButton.LeftButton, pos=place)
    assert hidden(writing) == [3]
    block = writing.editor.document().findBlockByNumber(1)
    assert writing.editor.folds.hidden_lines(block) == 1
    QTest.mouseClick(gutter, Qt.MouseButton.LeftButton, pos=place)
    assert hidden(writing) == []


def test_templates_are_found_by_their_words(writing: Writing) -> None:
    writing.wait(lambda: bool(writing.panel.feed.shelf.templates))
    library, parts = writing.panel.library, writing.panel.parts
    writing.editor.setFocus()
    writing.press(Qt.Key.Key_L)
    assert parts.filter.hasFocus()
    QTest.keyClicks(parts.filter, "guest debugging")
    shown = [row.text for row in library.rows() if not row.is_group]
    assert shown == ["Deny debugging and test signing"]
    QTest.keyClick(parts.filter, Qt.Key.Key_Return)
    assert library.hasFocus()
    QTest.keyClick(library, Qt.Key.Key_Return)
    writing.wait(lambda: "testsigning" in writing.panel.desk.front.editor.text())  # type: ignore[union-attr]  # opened
    parts.filter.setFocus()
    QTest.keyClick(parts.filter, Qt.Key.Key_Escape)
    assert len(library.rows()) > 20
