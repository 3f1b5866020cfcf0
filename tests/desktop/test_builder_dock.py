"""The builder beside the text, in step with it both ways, by keys and mouse."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from helpers.accessible import nameless
from helpers.attesting import enclave
from helpers.synthetic_evidence import synthetic
from helpers.writing import CONTROL_SHIFT, Writing, writing_in
from sealwright.claims.attestation_type import AttestationType
from sealwright.desktop.host import Notice, PolicyPlace
from sealwright.desktop.widgets.buttons import Button
from sealwright.evidence.examination import Kind
from sealwright.evidence.synthetic.quotes import make_quote, new_platform

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from helpers.simulators import World
    from sealwright.desktop.host import Host
    from sealwright.desktop.policies.building.dock import BuilderDock
    from sealwright.desktop.policies.building.group import Group
    from sealwright.desktop.policies.building.rows import ModelRow

TEXT = """version=1.0;

authorizationrules {
    // nobody looks inside
    [type=="x-ms-sgx-is-debuggable", value==true] => deny();
    [type=="x-ms-sgx-product-id", value==4639] => permit();
};

issuancerules {
    c:[type=="x-ms-sgx-svn"] => issue(type="level", value=c.value);
};
"""
HAND = '    [type=="x-ms-sgx-svn", value>=1, value<=9] && [type=="y"] => deny();\n'


class Bench(Writing):
    """The builder, opened by its key."""

    @property
    def dock(self) -> BuilderDock:
        return self.panel.parts.builder

    def open(self, text: str) -> None:
        self.show(text)
        self.press(Qt.Key.Key_B, CONTROL_SHIFT)
        self.wait(lambda: self.dock.isVisible() and self.dock.model is not None)
        # Rows come one after the other.
        self.wait(lambda: all(len(each.rows) == len(each.items) for each in self.dock.groups))

    def enter(self, field: QWidget, text: str) -> None:
        field.setFocus()
        QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)

    def click(self, widget: QWidget) -> None:
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)

    def add(self, group: Group, *, name: str, value: str = "") -> ModelRow:
        self.click(group.add)
        row = group.rows[-1]
        self.enter(row.name, name)
        if value:
            self.enter(row.value, value)
        return row

    def text_has(self, part: str) -> None:
        self.wait(lambda: part in self.editor.text())
        self.settle()


@pytest.fixture
def bench(qtbot: QtBot, host: Host, world: World) -> Bench:
    made = writing_in(qtbot, host, world)
    return Bench(made.window, made.panel, made.page, qtbot)


def names(group: Group) -> list[str]:
    return [row.name.text() for row in group.rows]


def test_a_policy_is_built_from_an_empty_text(bench: Bench) -> None:
    bench.open("")
    bench.add(bench.dock.denials, name="x-ms-sgx-is-debuggable", value="true")
    bench.text_has("value==true] => deny();")
    row = bench.add(bench.dock.requirements, name="x-ms-sgx-svn")
    # "is at least" is two further in the list.
    row.choice.setFocus()
    QTest.keyClick(row.choice, Qt.Key.Key_Down)
    QTest.keyClick(row.choice, Qt.Key.Key_Down)
    bench.enter(row.value, "7")
    bench.text_has('[type=="x-ms-sgx-svn", value>=7] => permit();')
    bench.add(bench.dock.issued, name="level", value="x-ms-sgx-svn")
    bench.text_has('issue(type="level", value=c.value);')
    assert bench.codes() == []
    # One undo takes back one change of the builder.
    bench.editor.setFocus()
    bench.press(Qt.Key.Key_Z)
    assert "level" not in bench.editor.text()
    bench.wait(lambda: names(bench.dock.issued) == [])


def test_tab_goes_through_the_fields_from_row_to_row(bench: Bench) -> None:
    bench.open("")
    group = bench.dock.requirements
    for name in ("x-ms-sgx-svn", "x-ms-sgx-product-id"):
        bench.add(group, name=name)
    fields = [
        field for row in group.rows for field in (row.name, row.choice, row.value, row.remove)
    ]
    fields[0].setFocus()
    for following in (*fields[1:], group.add):
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, Qt.Key.Key_Tab)
        assert following.hasFocus(), following.accessibleName()


def test_what_is_typed_into_the_text_shows_in_the_builder(bench: Bench) -> None:
    bench.open(TEXT)
    bench.wait(lambda: names(bench.dock.requirements) == ["x-ms-sgx-product-id"])
    assert bench.dock.requirements.rows[0].value.text() == "4639"
    bench.editor.setFocus()
    bench.editor.go_to(TEXT.index("4639") + 4)
    bench.type("1")
    bench.wait(lambda: bench.dock.requirements.rows[0].value.text() == "46391")
    assert nameless(bench.dock) == []


def test_a_change_touches_its_rule_and_no_comment(bench: Bench) -> None:
    bench.open(TEXT)
    bench.wait(lambda: bool(bench.dock.requirements.rows))
    bench.enter(bench.dock.requirements.rows[0].value, "7")
    bench.text_has("value==7]")
    assert bench.editor.text() == TEXT.replace("4639", "7")
    bench.click(bench.dock.denials.rows[0].remove)
    bench.wait(lambda: "deny()" not in bench.editor.text())
    assert "// nobody looks inside" in bench.editor.text()


def test_without_the_last_requirement_nothing_is_permitted(bench: Bench) -> None:
    bench.open(TEXT)
    bench.wait(lambda: bool(bench.dock.requirements.rows))
    bench.click(bench.dock.requirements.rows[0].remove)
    bench.wait(lambda: "permit()" not in bench.editor.text())


def test_a_value_of_the_wrong_type_says_so_and_stays_out_of_the_text(bench: Bench) -> None:
    bench.open(TEXT)
    bench.wait(lambda: bool(bench.dock.requirements.rows))
    row = bench.dock.requirements.rows[0]
    bench.enter(row.value, "many")
    assert row.value.property("invalid")
    assert "whole number" in row.value.toolTip()
    assert bench.editor.text() == TEXT


def test_rules_of_another_shape_are_named_and_stay(bench: Bench) -> None:
    text = TEXT.replace("    // nobody", f"{HAND}    // nobody")
    bench.open(text)
    bench.wait(lambda: "another shape" in bench.dock.note.text())
    (link,) = (each for each in bench.dock.findChildren(Button) if "Line 4" in each.text())
    bench.click(link)
    assert bench.editor.place()[0] == 4
    bench.enter(bench.dock.requirements.rows[0].value, "7")
    bench.text_has("value==7]")
    assert HAND in bench.editor.text()


def test_a_broken_text_locks_the_builder_until_it_is_right_again(bench: Bench) -> None:
    bench.open(TEXT)
    bench.wait(lambda: bool(bench.dock.requirements.rows))
    bench.editor.setFocus()
    bench.editor.go_to(TEXT.index("=> permit"))
    bench.type("[")
    bench.wait(lambda: "has errors" in bench.dock.note.text())
    row = bench.dock.requirements.rows[0]
    bench.wait(row.value.isReadOnly)
    assert not bench.dock.requirements.add.isEnabled()
    assert "errors" in bench.dock.requirements.add.toolTip()
    bench.press(Qt.Key.Key_Z)
    bench.wait(lambda: not row.value.isReadOnly())


def test_every_row_of_a_long_policy_follows_the_text(bench: Bench) -> None:
    def refusing(numbers: range) -> str:
        rules = [f'    [type=="x-ms-sgx-svn", value=={each}] => deny();\n' for each in numbers]
        return TEXT.replace("    // nobody", f"{''.join(rules)}    // nobody")

    def values() -> list[str]:
        return [row.value.text() for row in bench.dock.denials.rows]

    bench.open(refusing(range(20)))
    assert values() == [*map(str, range(20)), "true"]
    # All of them move by one, and one is changed when they have.
    bench.page.put(refusing(range(1, 20)))
    bench.wait(lambda: values() == [*map(str, range(1, 20)), "true"])
    bench.enter(bench.dock.denials.rows[4].value, "77")
    bench.text_has("value==77]")
    assert bench.editor.text() == refusing(range(1, 20)).replace("value==5]", "value==77]")
    bench.editor.setFocus()
    bench.editor.go_to(bench.editor.text().index("=> permit"))
    bench.type("[")
    bench.wait(lambda: all(row.value.isReadOnly() for row in bench.dock.denials.rows))
    bench.press(Qt.Key.Key_Z)
    bench.wait(lambda: not any(row.value.isReadOnly() for row in bench.dock.denials.rows))


def test_what_is_changed_while_rows_are_on_their_way_is_kept(bench: Bench) -> None:
    rules = [f'    [type=="x-ms-sgx-svn", value=={each}] => deny();\n' for each in (1, 2, 3)]
    bench.open(TEXT.replace("    // nobody", f"{''.join(rules)}    // nobody"))
    group = bench.dock.denials
    before = group.items
    steps = group.show_items((*before[1:], before[0]))
    assert group.items == (*before[1:], before[0])
    bench.enter(group.rows[0].value, "9")
    for step in steps:
        step()
    bench.text_has("value==9]")
    assert [row.value.text() for row in group.rows] == ["9", "3", "true", "1"]


def test_rows_on_their_way_come_although_the_text_breaks_meanwhile(bench: Bench) -> None:
    bench.open(TEXT)
    group = bench.dock.denials
    group.show_items((*group.items, *group.items))
    assert len(group.rows) < len(group.items)
    bench.dock.lock("The text has errors.")
    bench.wait(lambda: len(group.rows) == len(group.items))
    assert all(row.value.isReadOnly() for row in group.rows)


def test_requirements_are_pinned_from_the_claims_of_the_dry_run(bench: Bench) -> None:
    bench.open("")
    bench.wait(lambda: bench.panel.trials.chosen is not None)
    menu = bench.dock.pin_menu
    menu.aboutToShow.emit()
    menu.actions()[0].trigger()
    bench.text_has("permit();")
    bench.wait(lambda: "x-ms-sgx-mrsigner" in names(bench.dock.requirements))
    assert "x-ms-sgx-report-data" not in names(bench.dock.requirements)
    assert bench.codes() == []


def test_requirements_are_pinned_from_an_evidence_file(bench: Bench, world: World) -> None:
    bench.open(TEXT)
    bench.wait(lambda: bool(bench.dock.requirements.rows))
    quote = make_quote(new_platform(), enclave(mrsigner=b"\x0c" * 32, isv_svn=3))
    world.files.kept["release.bin"] = quote
    bench.dock.pin_menu.aboutToShow.emit()
    assert "An evidence file…" in [entry.text() for entry in bench.dock.pin_menu.actions()]
    bench.panel.building.evidence.open("release.bin")
    bench.text_has("0c" * 32)
    bench.text_has("value>=3]")


def test_evidence_of_another_type_than_the_policy_s_is_told(
    bench: Bench, world: World, host: Host
) -> None:
    notices: list[Notice] = []
    host.noticed.connect(notices.append)
    bench.page.held.place = PolicyPlace("nowhere", AttestationType.SEV_SNP_VM)
    bench.open(TEXT)
    bench.wait(lambda: bool(bench.dock.requirements.rows))
    world.files.kept["release.bin"] = make_quote(new_platform(), enclave(isv_svn=3))
    bench.panel.building.evidence.open("release.bin")
    title = "Evidence of another type"
    bench.wait(lambda: title in [each.title for each in notices])
    (told,) = (each.text for each in notices if each.title == title)
    assert "is attested as SgxEnclave, and this policy is for SevSnpVm" in told


def test_files_are_added_to_the_evidence_that_is_pinned(bench: Bench, world: World) -> None:
    bench.page.held.place = PolicyPlace("nowhere", AttestationType.TPM)
    bench.open("")
    quote, given = synthetic(Kind.TPM_QUOTE)
    world.files.kept |= {"quote.json": quote, "boot.log": given.companions[0]}
    evidence = bench.panel.building.evidence
    evidence.open("quote.json")
    bench.text_has("aikPubHash")
    bench.dock.pin_menu.aboutToShow.emit()
    words = "Add files to quote.json…"
    (more,) = (entry for entry in bench.dock.pin_menu.actions() if entry.text() == words)
    more.trigger()
    bench.wait(lambda: evidence.sheet is not None and evidence.sheet.viewer.shown is not None)
    sheet = evidence.sheet
    assert sheet is not None
    shown = sheet.viewer.shown
    sheet.add_files(["boot.log"])
    bench.wait(lambda: sheet.viewer.shown is not shown)
    (use,) = (each for each in sheet.findChildren(Button) if each.text() == "Use its claims")
    bench.click(use)
    bench.text_has("secureBootEnabled")
    assert "events" not in names(bench.dock.requirements)
    assert bench.codes() == []


def test_requirements_are_pinned_from_a_token(bench: Bench) -> None:
    bench.open(TEXT)
    bench.wait(lambda: bool(bench.dock.requirements.rows))
    bench.dock.pin_menu.aboutToShow.emit()
    bench.dock.pin_menu.actions()[-1].trigger()
    sheet = bench.panel.building.sheet
    assert sheet is not None
    claims = {"x-ms-sgx-product-id": 12, "x-ms-sgx-svn": 3, "x-ms-ver": "1.0"}
    parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
    sheet.text.setPlainText(
        ".".join(urlsafe_b64encode(p).decode().rstrip("=") for p in parts) + "."
    )
    bench.click(sheet.ok)
    bench.text_has("value>=3]")
    # What was required already has the value of the token now.
    wanted = ["x-ms-sgx-product-id", "x-ms-sgx-svn"]
    bench.wait(lambda: names(bench.dock.requirements) == wanted)
    assert "value==12] &&" in bench.editor.text()


def test_the_builder_moves_below_the_text_and_closes(bench: Bench) -> None:
    bench.open(TEXT)
    parts = bench.panel.parts
    assert parts.side.holds(bench.dock)
    parts.docks.move("builder")
    assert not parts.side.holds(bench.dock)
    assert parts.bottom.tabs.tabText(parts.bottom.tabs.count() - 1) == "Builder"
    assert bench.dock.isVisible()
    kept = bench.panel.save_state()
    assert kept["docks"] == {"dry-run": "beside", "builder": "below", "outline": "shut"}
    parts.docks.move("builder")
    assert parts.side.holds(bench.dock)
    bench.editor.setFocus()
    parts.docks.show("dry-run")
    assert not bench.dock.isVisible()
    bench.press(Qt.Key.Key_B, CONTROL_SHIFT)
    assert bench.dock.isVisible()
    bench.press(Qt.Key.Key_B, CONTROL_SHIFT)
    assert not bench.dock.isVisible()
