"""Completion by real keystrokes: a policy is written from nothing, and typing is never hindered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolTip

from helpers.writing import Writing, writing_in
from sealwright.policy import check, parse
from sealwright.policy.checking.checks import accepted

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from helpers.simulators import World
    from sealwright.desktop.host import Host

HEAD = "version=1.2;\nauthorizationrules {\n    "


@pytest.fixture
def writing(qtbot: QtBot, host: Host, world: World) -> Writing:
    return writing_in(qtbot, host, world)


def names(writing: Writing) -> list[str]:
    popup = writing.page.assist.completer.popup
    return [item.label for item in popup.items] if popup is not None else []


def test_a_policy_is_written_from_nothing_by_choosing(writing: Writing) -> None:
    writing.show("")
    writing.type("v")
    writing.wait(lambda: names(writing)[:1] == ["version"])
    writing.key(Qt.Key.Key_Return)
    writing.type("\nau")
    writing.wait(lambda: names(writing)[:1] == ["authorizationrules"])
    writing.key(Qt.Key.Key_Return)
    writing.type("[ty")
    writing.wait(lambda: names(writing)[:1] == ["type"])
    writing.key(Qt.Key.Key_Return)
    writing.type('"is-debug')
    writing.wait(lambda: "x-ms-sgx-is-debuggable" in names(writing))
    while writing.chosen() != "x-ms-sgx-is-debuggable":
        writing.key(Qt.Key.Key_Down)
    writing.key(Qt.Key.Key_Tab)
    writing.type(", value==f")
    writing.wait(lambda: names(writing)[:1] == ["false"])
    writing.key(Qt.Key.Key_Return)
    writing.type("] => p")
    writing.wait(lambda: names(writing)[:1] == ["permit"])
    writing.key(Qt.Key.Key_Return)
    writing.editor.moveCursor(writing.editor.textCursor().MoveOperation.End)
    writing.type("\nis")
    writing.wait(lambda: names(writing)[:1] == ["issuancerules"])
    writing.key(Qt.Key.Key_Return)
    text = writing.editor.text()
    assert '[type=="x-ms-sgx-is-debuggable", value==false] => permit();' in text
    assert accepted(check(parse(text)))


def test_ctrl_space_asks_and_escape_puts_away(writing: Writing) -> None:
    writing.show(HEAD + "=> ", "=> ")
    assert names(writing) == []
    writing.press(Qt.Key.Key_Space)
    assert names(writing) == ["permit", "deny", "add", "issue"]
    popup = writing.page.assist.completer.popup
    assert popup is not None
    assert popup.meaning.text()
    writing.key(Qt.Key.Key_Escape)
    assert names(writing) == []
    assert writing.editor.hasFocus()


def test_ctrl_space_says_where_nothing_is_offered(writing: Writing) -> None:
    writing.show(HEAD + '[type=="mine"', '"mine"')
    writing.press(Qt.Key.Key_Space)
    assert names(writing) == []
    assert "Nothing is offered here" in QToolTip.text()
    QToolTip.hideText()


def test_enter_breaks_the_line_when_nothing_was_chosen(writing: Writing) -> None:
    writing.show(HEAD + "[type=", "[type=")
    writing.type("=")
    writing.wait(lambda: bool(names(writing)))
    writing.key(Qt.Key.Key_Return)
    assert writing.editor.text().startswith(HEAD + "[type==\n")
    assert names(writing) == []


def test_a_taken_entry_is_one_undo(writing: Writing) -> None:
    before = HEAD + "=> per"
    writing.show(before, "per")
    writing.press(Qt.Key.Key_Space)
    writing.key(Qt.Key.Key_Return)
    assert writing.editor.text() == HEAD + "=> permit();"
    writing.press(Qt.Key.Key_Z)
    assert writing.editor.text() == before


def test_behind_an_emoji_the_right_characters_are_replaced(writing: Writing) -> None:
    text = HEAD + '[type=="\N{GRINNING FACE}", iss'
    writing.show(text, "iss")
    writing.press(Qt.Key.Key_Space)
    writing.key(Qt.Key.Key_Return)
    assert writing.editor.text() == text + "uer=="


def test_the_list_goes_away_when_the_cursor_leaves(writing: Writing) -> None:
    writing.show(HEAD + "=> per", "per")
    writing.press(Qt.Key.Key_Space)
    assert names(writing)
    writing.key(Qt.Key.Key_Home)
    assert names(writing) == []


def test_behind_the_claim_of_a_condition_its_value_is_asked_for(writing: Writing) -> None:
    writing.show(HEAD, "{\n    ")
    writing.press(Qt.Key.Key_Space)
    writing.key(Qt.Key.Key_Return)
    writing.type("is-debug")
    writing.wait(lambda: writing.chosen() == "x-ms-sgx-is-debuggable")
    writing.key(Qt.Key.Key_Return)
    writing.wait(lambda: names(writing)[:2] == ["true", "false"])
    assert writing.chosen() == "true"
    writing.key(Qt.Key.Key_Down)
    writing.key(Qt.Key.Key_Return)
    assert writing.editor.text() == HEAD + '[type=="x-ms-sgx-is-debuggable", value==false]'


@pytest.mark.parametrize("end", ['"', "\t"])
def test_the_end_of_a_name_leads_to_the_value_that_is_missing(writing: Writing, end: str) -> None:
    writing.show(HEAD + 'c:[type=="x"] ', '"x"] ')
    writing.press(Qt.Key.Key_Space)
    writing.key(Qt.Key.Key_Return)
    writing.wait(lambda: names(writing) == ["permit", "deny", "add", "issue"])
    writing.type("is")
    writing.wait(lambda: writing.chosen() == "issue")
    writing.key(Qt.Key.Key_Return)
    writing.type("zone")
    writing.wait(lambda: names(writing) == [])
    if end == "\t":
        writing.key(Qt.Key.Key_Tab)
    else:
        writing.type(end)
    writing.wait(lambda: "c.value" in names(writing))
    writing.type("c.v")
    writing.wait(lambda: writing.chosen() == "value")
    writing.key(Qt.Key.Key_Return)
    done = '=> issue(type="zone", value=c.value);'
    assert writing.editor.text() == HEAD + 'c:[type=="x"] ' + done


def test_a_quote_in_an_empty_name_is_only_a_quote(writing: Writing) -> None:
    writing.show(HEAD + '[type=="", value==]', 'type=="')
    writing.type('"')
    assert writing.editor.textCursor().position() == len(HEAD + '[type==""')
    assert writing.editor.text() == HEAD + '[type=="", value==]'


OFFERED = {
    "[iss": "issuer",
    '[type=="x", valueT': "valueType",
    '[type=="x", issuer==': "AttestationPolicy",
    '[type=="x", value==A': "AppendString",
    '[type=="x-ms-sgx-is-debuggable", value==': "true",
    'c:[type=="x"] => add(type="y", value=c': "c.value",
    'c:[type=="x"] => iss': "issue",
}


def test_properties_issuers_values_functions_and_identifiers_are_offered(writing: Writing) -> None:
    for typed, label in OFFERED.items():
        writing.show(HEAD, HEAD)
        writing.editor.insertPlainText(typed)
        writing.settle()
        writing.press(Qt.Key.Key_Space)
        assert label in names(writing), typed
        for _ in names(writing):
            if writing.chosen() == label:
                break
            writing.key(Qt.Key.Key_Down)
        writing.key(Qt.Key.Key_Return)
        assert label in writing.editor.text()[len(HEAD) :]
