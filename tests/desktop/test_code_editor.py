"""The editor: bytes in and out, places in code points, colours, brackets, indentation, finding."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QPaintEvent, QTextCursor
from PySide6.QtTest import QTest

from sealwright.desktop import theme
from sealwright.desktop.virtual import virtual_value
from sealwright.desktop.widgets.editor import highlighter
from sealwright.desktop.widgets.editor.code_editor import CodeEditor
from sealwright.desktop.widgets.editor.find import FindBar
from sealwright.desktop.widgets.editor.marks import Mark, MarkMap
from sealwright.desktop.widgets.editor.positions import Positions
from sealwright.desktop.widgets.editor.syntax import pieces
from sealwright.policy import highlight

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

POLICY = """version=1.2;
authorizationrules {
    c:[type=="x-ms-sgx-is-debuggable", value==false] => permit();
};
issuancerules {
    => issue(type="smile", value=AppendString(c.value, "\N{GRINNING FACE} ok")); // done
};
"""


@pytest.fixture
def editor(qtbot: QtBot, look: theme.Theme) -> CodeEditor:
    look.choose(theme.Choice.LIGHT)
    made = CodeEditor("Policy")
    qtbot.addWidget(made)
    made.resize(700, 400)
    made.show()
    return made


def colour_at(editor: CodeEditor, text: str) -> str:
    """The colour in which the first character of `text` is drawn."""
    at = Positions(editor.text()).to_units(editor.text().index(text))
    block = editor.document().findBlock(at)
    for held in block.layout().formats():
        if held.start <= at - block.position() < held.start + held.length:
            return held.format.foreground().color().name()
    return ""


def test_code_points_and_utf16_units_convert_both_ways_around_an_emoji() -> None:
    text = "a\N{GRINNING FACE}b\N{GRINNING FACE}"
    where = Positions(text)
    assert [where.to_units(point) for point in range(5)] == [0, 1, 3, 4, 6]
    assert [where.to_points(unit) for unit in (0, 1, 3, 4, 6)] == [0, 1, 2, 3, 4]
    assert where.to_points(2) == 1
    assert Positions("plain").plain


@pytest.mark.parametrize(
    "text", ["", "no end", "a\nb\n", "no\u00a0break \N{GRINNING FACE}\n", "tab\there\n\n\n"]
)
def test_text_comes_out_as_it_went_in(editor: CodeEditor, text: str) -> None:
    editor.set_text(text)
    assert editor.text() == text


@pytest.mark.parametrize("words", ["ab\n\t [", "a\u00e9\n\u00a0\N{GRINNING FACE}"])
def test_the_text_is_known_after_every_change(editor: CodeEditor, words: str) -> None:
    draw = random.Random(20261128)  # noqa: S311 - the same changes every time
    editor.set_text(POLICY.replace("\N{GRINNING FACE}", "x") * 3)
    document = editor.document()
    seen: list[tuple[str, str]] = []
    # As those do that follow the text: in the middle of a change.
    editor.textChanged.connect(
        lambda: seen.append((editor.text(), document.toRawText().replace("\u2029", "\n")))
    )

    def put() -> None:
        editor.textCursor().insertText("".join(draw.choices(words, k=draw.randrange(9))))

    def select() -> None:
        cursor = editor.textCursor()
        cursor.setPosition(draw.randrange(document.characterCount()))
        if draw.random() < 0.5:
            at = cursor.position() + draw.randrange(-40, 40)
            at = max(0, min(at, document.characterCount() - 1))
            cursor.setPosition(at, QTextCursor.MoveMode.KeepAnchor)
        editor.setTextCursor(cursor)

    def press() -> None:
        key = draw.choice((Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_Backspace))
        QTest.keyClick(editor, key)

    def replace() -> None:
        editor.replace_text(editor.text().replace("value", "valve", 1).replace("s", "ss", 2))

    steps = (put, put, select, select, press, press, replace, editor.undo, editor.undo, editor.redo)
    for _ in range(400):
        draw.choice(steps)()
        assert editor.text() == document.toRawText().replace("\u2029", "\n")
    assert len(seen) > 100
    assert all(known == real for known, real in seen)


def test_the_place_of_the_cursor_counts_code_points(editor: CodeEditor) -> None:
    editor.set_text("x\n\N{GRINNING FACE}\N{GRINNING FACE}yz")
    editor.go_to(4)
    assert editor.place() == (2, 3)


def test_a_finding_behind_an_emoji_is_underlined_where_it_is(editor: CodeEditor) -> None:
    editor.set_text(POLICY)
    start = POLICY.index("// done")
    editor.set_marks(
        MarkMap.of([Mark(start, start + 7, theme.Tone.WARN, "look here")], editor.text())
    )
    unit = Positions(POLICY).to_units(start)
    assert editor.mark_at(unit + 1) is not None
    assert editor.mark_at(unit - 3) is None
    assert editor.line_message(5) == "look here"


def test_words_are_coloured_as_the_language_names_them(editor: CodeEditor, qtbot: QtBot) -> None:
    editor.set_text(POLICY)
    syntax = theme.palette().syntax
    qtbot.waitUntil(lambda: colour_at(editor, "permit") != "")
    assert colour_at(editor, "version") == syntax[theme.Syntax.SECTION].name()
    assert colour_at(editor, "authorizationrules") == syntax[theme.Syntax.SECTION].name()
    assert colour_at(editor, "permit") == syntax[theme.Syntax.PERMIT].name()
    assert colour_at(editor, '"x-ms-sgx') == syntax[theme.Syntax.CLAIM].name()
    assert colour_at(editor, "AppendString") == syntax[theme.Syntax.FUNCTION].name()
    # Behind the emoji the colours must not slip by one unit.
    assert colour_at(editor, "// done") == syntax[theme.Syntax.COMMENT].name()
    assert colour_at(editor, ")); // done") == syntax[theme.Syntax.OPERATOR].name()


def test_lines_that_come_together_are_coloured_from_the_cursor_on(
    editor: CodeEditor, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One line a turn, as on a computer for which fifty would be too much.
    monkeypatch.setattr(highlighter, "_PORTION", 0.0)
    editor.set_text("x\n" * 20)
    editor.go_to(10)
    editor.textCursor().insertText("\n".join(f"// {number:02}" for number in range(16)))
    coloured = [colour_at(editor, f"// {number:02}") != "" for number in range(16)]
    assert coloured[15]
    assert not all(coloured)
    qtbot.waitUntil(lambda: all(colour_at(editor, f"// {n:02}") for n in range(16)))


def test_colours_follow_the_theme(editor: CodeEditor, look: theme.Theme, qtbot: QtBot) -> None:
    editor.set_text(POLICY)
    qtbot.waitUntil(lambda: colour_at(editor, "permit") != "")
    light = colour_at(editor, "permit")
    look.choose(theme.Choice.DARK)
    dark = theme.palette().syntax[theme.Syntax.PERMIT].name()
    qtbot.waitUntil(lambda: colour_at(editor, "permit") == dark)
    assert dark != light


def test_a_line_by_itself_is_coloured_as_in_the_whole_text() -> None:
    whole = highlight(POLICY)
    start = 0
    for line in POLICY.split("\n"):
        there = [
            (found.span.start - start, found.span.end - start)
            for found in whole
            if start <= found.span.start < start + len(line)
        ]
        assert [(piece.start, piece.end) for piece in pieces(line)] == there
        start += len(line) + 1


def test_a_claim_name_on_the_next_line_is_still_one() -> None:
    assert pieces('  "x-ms-sgx-svn"', "[type==")[0].syntax is theme.Syntax.CLAIM
    assert pieces('  "x-ms-sgx-svn"', "[value==")[0].syntax is theme.Syntax.STRING


def test_only_visible_lines_are_coloured_when_a_large_text_opens(
    editor: CodeEditor, qtbot: QtBot
) -> None:
    editor.set_text(POLICY * 2_000)
    qtbot.waitUntil(lambda: colour_at(editor, "permit") != "")
    last = editor.document().lastBlock().previous().previous()
    assert not last.layout().formats()
    editor.go_to_line(last.blockNumber() + 1)
    qtbot.waitUntil(lambda: bool(last.layout().formats()))


def test_typing_indents_and_undo_takes_it_back(editor: CodeEditor) -> None:
    editor.set_text("")
    QTest.keyClicks(editor, "authorizationrules {")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor, "=> permit();")
    assert editor.text() == "authorizationrules {\n    => permit();\n}"
    QTest.keyClick(editor, Qt.Key.Key_Backtab)
    assert editor.text() == "authorizationrules {\n=> permit();\n}"
    QTest.keyClick(editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert editor.text() == "authorizationrules {\n    => permit();\n}"


def test_a_closing_bracket_typed_on_a_later_line_is_the_one_that_pairing_put(
    editor: CodeEditor,
) -> None:
    editor.set_text("")
    for line in ("authorizationrules {", "=> permit();"):
        QTest.keyClicks(editor, line)
        QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor, "};")
    assert editor.text() == "authorizationrules {\n    => permit();\n};"
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor, "issuancerules {")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor, "};")
    assert editor.text().endswith("};\nissuancerules {\n};")
    # Where one is missing, the typed one is another one.
    editor.set_text("a {\nb {\n\n}")
    editor.go_to(editor.text().index("\n\n") + 1)
    QTest.keyClicks(editor, "}")
    assert editor.text() == "a {\nb {\n}\n}"


def test_tab_indents_until_ctrl_m_gives_it_to_the_focus(editor: CodeEditor) -> None:
    editor.set_text("a\nb")
    editor.selectAll()
    QTest.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.text() == "    a\n    b"
    QTest.keyClick(editor, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    assert editor.tabChangesFocus()


def test_escape_leaves_for_the_panel(editor: CodeEditor, qtbot: QtBot) -> None:
    with qtbot.waitSignal(editor.left):
        QTest.keyClick(editor, Qt.Key.Key_Escape)


def test_brackets_find_their_partner_past_strings_and_comments(
    editor: CodeEditor, qtbot: QtBot
) -> None:
    text = 'a {\n  [type=="}"] // }\n};'
    editor.set_text(text)
    editor.go_to(text.index("{"))
    # What the key changed goes first.
    qtbot.waitUntil(lambda: bool(editor.extraSelections()))
    grounds = [held.cursor.selectionStart() for held in editor.extraSelections()]
    assert text.rindex("}") in grounds
    assert text.index('}"') not in grounds


def test_replacing_a_text_is_one_undo_and_keeps_what_is_equal(editor: CodeEditor) -> None:
    editor.set_text("one \N{GRINNING FACE} two three")
    editor.replace_text("one \N{GRINNING FACE} 2 three")
    assert editor.text() == "one \N{GRINNING FACE} 2 three"
    QTest.keyClick(editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert editor.text() == "one \N{GRINNING FACE} two three"


@pytest.mark.parametrize("count", [3, 1_000])
def test_comments_keep_the_selection_and_are_one_undo(editor: CodeEditor, count: int) -> None:
    text = "\n".join(f"  {number} \N{GRINNING FACE}\u00a0x" for number in range(count)) + "\n\n"
    editor.set_text("first\n" + text)
    cursor = editor.textCursor()
    cursor.setPosition(len("first\n") + 3)
    cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
    editor.setTextCursor(cursor)
    selected = cursor.selectedText()
    control = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(editor, Qt.Key.Key_Slash, control)
    assert editor.text() == "first\n" + text.replace("  ", "  // ")
    assert editor.textCursor().selectedText() == selected.replace("  ", "  // ")
    QTest.keyClick(editor, Qt.Key.Key_Slash, control)
    assert editor.text() == "first\n" + text
    assert editor.textCursor().selectedText() == selected
    QTest.keyClick(editor, Qt.Key.Key_Z, control)
    assert editor.text() == "first\n" + text.replace("  ", "  // ")
    QTest.keyClick(editor, Qt.Key.Key_Z, control)
    assert editor.text() == "first\n" + text


def test_find_goes_round_and_replaces(editor: CodeEditor, qtbot: QtBot) -> None:
    editor.set_text("\N{GRINNING FACE} svn SVN svnx")
    bar = FindBar(editor)
    qtbot.addWidget(bar)
    bar.open_bar(replacing=True)
    QTest.keyClicks(bar.find_field, "svn")
    assert editor.textCursor().selectedText() == "svn"
    assert bar.count.text() == "1 of 3"
    QTest.keyClick(bar.find_field, Qt.Key.Key_Return)
    assert editor.textCursor().selectedText() == "SVN"
    QTest.keyClick(bar.find_field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert editor.textCursor().selectedText() == "svn"
    QTest.mouseClick(bar.words, Qt.MouseButton.LeftButton)
    assert bar.count.text() == "1 of 2"
    QTest.keyClicks(bar.replace_field, "tcb")
    QTest.mouseClick(bar.replace_all, Qt.MouseButton.LeftButton)
    assert editor.text() == "\N{GRINNING FACE} tcb tcb svnx"
    QTest.keyClick(bar.find_field, Qt.Key.Key_Escape)
    assert not bar.isVisible()


def test_a_read_only_text_cannot_be_typed_into(editor: CodeEditor) -> None:
    editor.set_text("kept")
    editor.setReadOnly(True)
    QTest.keyClicks(editor, "x")
    QTest.keyClick(editor, Qt.Key.Key_Tab)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert editor.text() == "kept"


def test_text_that_is_not_ascii_is_typed_like_any_other(editor: CodeEditor) -> None:
    editor.set_text("ab")
    editor.moveCursor(QTextCursor.MoveOperation.End)
    editor.insertPlainText("\N{GRINNING FACE}\u00e9")
    assert editor.text() == "ab\N{GRINNING FACE}\u00e9"
    assert editor.place() == (1, 5)


class Painted(QObject):
    """How high each stretch was that a widget was asked to paint."""

    def __init__(self, watched: QWidget) -> None:
        super().__init__(watched)
        self.heights: list[int] = []
        watched.installEventFilter(self)

    @virtual_value(fallback=False)
    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if isinstance(event, QPaintEvent):
            self.heights.append(event.rect().height())
        return False


def test_a_key_paints_its_line_and_the_next_and_no_more(editor: CodeEditor, qtbot: QtBot) -> None:
    editor.set_text(POLICY * 20)
    editor.go_to(POLICY.index("debuggable"))
    qtbot.waitUntil(lambda: colour_at(editor, "permit") != "")
    painted = Painted(editor.viewport())
    editor.viewport().update()
    qtbot.waitUntil(lambda: bool(painted.heights))
    painted.heights.clear()
    QTest.keyClicks(editor, "x")
    qtbot.waitUntil(lambda: bool(painted.heights))
    assert max(painted.heights) <= 3 * editor.fontMetrics().height()


def test_an_underline_moves_with_its_words_until_the_text_is_read_again(editor: CodeEditor) -> None:
    editor.set_text(POLICY)
    start = POLICY.index("// done")
    found = [Mark(start, start + 7, theme.Tone.WARN, "look here")]
    editor.set_marks(MarkMap.of(found, POLICY))
    editor.go_to(0)
    QTest.keyClicks(editor, "ab")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClick(editor, Qt.Key.Key_Backspace)
    unit = Positions(editor.text()).to_units(editor.text().index("// done"))
    assert editor.mark_at(unit + 3) is not None
    assert editor.mark_at(unit - 2) is None
    assert editor.line_message(5) == "look here"
