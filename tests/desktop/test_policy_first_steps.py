"""A person who never saw the language: build a policy, break it in ten ways, be right again."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from helpers.writing import CONTROL_SHIFT, Writing, writing_in
from sealwright.policy import check, parse
from sealwright.policy.checking.checks import accepted
from sealwright.services.policies.dry_run import Verdict

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from helpers.simulators import World
    from sealwright.desktop.host import Host


class Way(NamedTuple):
    """A published mistake: what is selected, what is typed over it, and what is then said."""

    selected: str
    typed: str
    says: str
    erased: int = 0
    """Characters erased behind the selection, such as a line end."""


WAYS = {
    "= for ==": Way("value==4639", "value=4639", "`=` does not compare"),
    "no ; after a rule": Way("permit();", "permit()", "`;` is missing at the end of the rule"),
    "no ; after a section": Way("};\n\nissuance", "}\n\nissuance", "`;` is missing after `}`"),
    "no =>": Way("=> deny", "deny", "`=>` is missing"),
    "typographic quotes": Way(
        '"x-ms-sgx-svn", value>', "\u201cx-ms-sgx-svn\u201d, value>", "typographic quote"
    ),
    "misspelt verb": Way("permit()", "premit()", "There is no action `premit`"),
    "rule in a comment": Way("deny();", "deny(); // no debugging ", "part of the comment", 1),
    "text for an integer": Way("4639", '"4639"', "is of type Integer"),
    "a claim nobody makes": Way(
        '"x-ms-sgx-svn", value>', '"x-ms-sgx-svm", value>', "No claim is known as `x-ms-sgx-svm`"
    ),
    "a blank in a claim": Way('"x-ms-sgx-product', '" x-ms-sgx-product', "has blanks around it"),
}


DENIAL = '[type=="x-ms-sgx-is-debuggable", value==true] => deny();'
PERMIT = '[type=="x-ms-sgx-product-id", value==4639] => permit();'
GROWN = f"""version=1.1;
authorizationrules {{
    {DENIAL}
    {PERMIT}
}};
issuancerules {{
    s:[type=="x-ms-sgx-svn"] => issue(type="level", value=s.value);
}};
"""
"""What such a policy grows into."""
MORE_WAYS = {
    "an argument without a name": Way(
        'issue(type="level"', 'issue("level"', "Arguments of an action have names"
    ),
    "a name that went with a copy": Way(
        "    s:[type", "    [type", "No condition of this rule is named `s`"
    ),
    "presence for the value": Way(
        'debuggable", value==true]', 'debuggable"]', "Any value of `x-ms-sgx-is-debuggable`"
    ),
    "a denial below a permit": Way(
        f"{DENIAL}\n    {PERMIT}", f"{PERMIT}\n    {DENIAL}", "counts although it stands after"
    ),
}
WITHOUT_FIX = {
    "a placeholder": Way("4639", "<product-id>", "The placeholder `<product-id>`"),
    "no type": Way('type=="x-ms-sgx-product-id", ', "", "Without a test of `type`"),
}


class Beginner(Writing):
    """What such a person does."""

    def retype(self, way: Way) -> None:
        """Select a stretch by the keyboard and type over it, sign by sign."""
        text = self.editor.text()
        start = text.index(way.selected)
        self.editor.setFocus()
        self.editor.go_to(start, start + len(way.selected))
        self.key(Qt.Key.Key_Delete)
        for sign in way.typed:
            if sign.isascii() and sign != "\n":
                QTest.keyClicks(self.editor, sign)
            else:
                # QTest knows no key for it.
                self.editor.insertPlainText(sign)
            if self.page.assist.completer.popup is not None:
                self.key(Qt.Key.Key_Escape)
        for _ in range(way.erased):
            self.key(Qt.Key.Key_Delete)
        wanted = text[:start] + way.typed + text[start + len(way.selected) + way.erased :]
        # A partner that pairing typed, and that the text had already, is in the way.
        for _ in range(len(self.editor.text()) - len(wanted)):
            self.key(Qt.Key.Key_Delete)
        assert self.editor.text() == wanted
        self.settle()

    def read(self) -> list[str]:
        """The rows of the Problems list."""
        model = self.panel.bottom.problems.model()
        return [str(model.index(row, 0).data()) for row in range(model.rowCount())]

    def mend(self) -> None:
        """Go to a problem by F8, and make what its bulb offers by Ctrl+. alone."""
        for _ in range(len(self.read())):
            self.press(Qt.Key.Key_F8, Qt.KeyboardModifier.NoModifier)
            if self.page.assist.fixes.here():
                break
        self.press(Qt.Key.Key_Period)
        self.settle()

    def verdict(self, wanted: Verdict) -> None:
        dock = self.panel.parts.dry_run
        self.wait(lambda: dock.shown is not None and dock.shown.verdict is wanted)


@pytest.fixture
def beginner(qtbot: QtBot, host: Host, world: World) -> Beginner:
    made = writing_in(qtbot, host, world)
    return Beginner(made.window, made.panel, made.page, qtbot)


def build(person: Beginner) -> str:
    """Make a policy in the builder, from what the dry run knows of an enclave."""
    person.show("")
    # The empty text names this key.
    assert "Ctrl+Shift+B" in person.editor.placeholderText()
    person.press(Qt.Key.Key_B, CONTROL_SHIFT)
    dock = person.panel.parts.builder
    person.wait(lambda: dock.model is not None)
    for group, name, down, value in (
        (dock.denials, "x-ms-sgx-is-debuggable", 0, "true"),
        (dock.requirements, "x-ms-sgx-product-id", 0, "4639"),
        (dock.requirements, "x-ms-sgx-svn", 2, "2"),
    ):
        QTest.mouseClick(group.add, Qt.MouseButton.LeftButton)
        row = group.rows[-1]
        QTest.keyClicks(row.name, name)
        QTest.keyClick(row.name, Qt.Key.Key_Return)
        row.choice.setFocus()
        for _ in range(down):
            QTest.keyClick(row.choice, Qt.Key.Key_Down)
        row.value.setFocus()
        QTest.keyClicks(row.value, value)
        QTest.keyClick(row.value, Qt.Key.Key_Return)
        person.wait(lambda name=name: name in person.editor.text())  # type: ignore[misc]  # bound now
        person.settle()
    person.wait(lambda: "value>=2" in person.editor.text())
    person.settle()
    # Done with it: the dry run comes into sight again.
    person.editor.setFocus()
    person.press(Qt.Key.Key_B, CONTROL_SHIFT)
    return person.editor.text()


def test_built_broken_in_ten_ways_and_right_again_by_one_key(beginner: Beginner) -> None:
    whole = build(beginner)
    assert accepted(check(parse(whole)))
    assert beginner.codes() == []
    beginner.verdict(Verdict.PERMITTED)
    assert len(WAYS) == 10
    for name, way in WAYS.items():
        beginner.retype(way)
        said = beginner.read()
        assert any(way.says in row for row in said), (name, said)
        beginner.mend()
        assert beginner.read() == [], (name, beginner.editor.text())
        # Only the blanks may differ from what it was.
        assert "".join(beginner.editor.text().split()) in (
            "".join(whole.split()),
            "".join(whole.replace("deny();", "deny(); // no debugging").split()),
        ), name
        beginner.editor.replace_text(whole)
        beginner.settle()


@pytest.mark.parametrize("name", MORE_WAYS)
def test_what_else_the_samples_do_wrong_is_right_again_by_one_key(
    beginner: Beginner, name: str
) -> None:
    beginner.show(GROWN)
    assert beginner.read() == []
    beginner.retype(MORE_WAYS[name])
    assert any(MORE_WAYS[name].says in row for row in beginner.read()), beginner.read()
    beginner.mend()
    assert beginner.read() == []
    assert beginner.editor.text() == GROWN


@pytest.mark.parametrize("name", WITHOUT_FIX)
def test_what_only_the_writer_knows_is_said_and_typed_in(beginner: Beginner, name: str) -> None:
    way = WITHOUT_FIX[name]
    beginner.show(GROWN)
    beginner.retype(way)
    assert any(way.says in row for row in beginner.read()), beginner.read()
    beginner.mend()
    assert beginner.editor.text() == GROWN.replace(way.selected, way.typed)
    if way.typed:
        beginner.retype(Way(way.typed, way.selected, ""))
    else:
        beginner.retype(Way("value==4639", way.selected + "value==4639", ""))
    assert beginner.read() == []
    assert beginner.editor.text() == GROWN


def test_the_dry_run_names_the_rule_and_the_value_to_change(beginner: Beginner) -> None:
    build(beginner)
    beginner.retype(Way("4639", "4640", ""))
    beginner.verdict(Verdict.NOT_PERMITTED)
    dock = beginner.panel.parts.dry_run
    run = dock.shown
    assert run is not None
    assert "line" in run.reason
    near = run.rules[-1].miss
    assert near is not None
    beginner.editor.setFocus()
    for _ in range(len(run.rules)):
        beginner.key(Qt.Key.Key_F10)
        if "permit()" in beginner.editor.textCursor().selectedText():
            break
    assert (near.expected, near.actual) == ("4640", "4639")
    beginner.retype(Way("4640", near.actual, ""))
    beginner.verdict(Verdict.PERMITTED)
