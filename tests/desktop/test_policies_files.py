"""Policies in files: the same bytes back, nothing of another program overwritten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from helpers.policies_desk import POLICY, PoliciesDesk, open_policies, texts
from sealwright.desktop.policies.library.overwrite_sheet import OverwriteSheet
from sealwright.desktop.policies.library.shelf import file_key
from sealwright.desktop.widgets.buttons import Button
from sealwright.tokens.policy_jws import unsecured_policy

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from helpers.simulators import World
    from sealwright.desktop.host import Host


@pytest.fixture
def desk(qtbot: QtBot, host: Host, world: World) -> PoliciesDesk:
    return open_policies(qtbot, host, world)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\xef\xbb\xbfversion=1.0;\r\n", "CRLF, BOM"),
        (b"version=1.0;\r\nauthorizationrules {\n};\r\n", "Mixed line ends"),
        (b"version=1.0;\n", "LF"),
    ],
)
def test_a_file_gives_back_the_same_bytes(desk: PoliciesDesk, data: bytes, says: str) -> None:
    told: list[str] = []
    desk.panel.facts.connect(lambda facts: told.append(" | ".join(f.text for f in facts)))
    desk.world.files.kept["/home/me/a.policy"] = data
    desk.panel.files.open_file("/home/me/a.policy")
    desk.wait(lambda: desk.panel.desk.page(file_key("/home/me/a.policy")) is not None)
    page = desk.front
    desk.wait(lambda: bool(told) and says in told[-1])
    page.editor.setFocus()
    page.editor.go_to(len("version=1.0;"))
    QTest.keyClicks(page.editor, "//")
    QTest.keyClick(page.editor, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    desk.wait(lambda: not page.edited)
    expected = data.replace(b"version=1.0;", b"version=1.0;//")
    assert desk.world.files.kept["/home/me/a.policy"] == expected


def test_policies_come_out_of_the_files_of_other_tools(desk: PoliciesDesk) -> None:
    jws = unsecured_policy(POLICY)
    desk.world.files.kept["/infra/main.tf"] = (
        f'resource "azurerm_attestation_provider" "a" {{\n  sgx_enclave_policy_base64 = "{jws}"\n'
        f'  tpm_policy_base64 = "{jws}"\n}}\n'
    ).encode()
    before = len(desk.panel.desk.pages)
    desk.panel.files.open_file("/infra/main.tf")
    desk.wait(lambda: len(desk.panel.desk.pages) == before + 2)
    assert desk.front.editor.text() == POLICY


def test_a_file_changed_by_another_program_is_overwritten_only_when_told(
    desk: PoliciesDesk,
) -> None:
    path, kept = "/home/me/a.policy", desk.world.files.kept
    kept[path] = b"version=1.0;"
    desk.panel.files.open_file(path)
    desk.wait(lambda: desk.panel.desk.page(file_key(path)) is not None)
    page = desk.front
    page.editor.setFocus()
    page.editor.go_to(len("version=1.0;"))
    QTest.keyClicks(page.editor, "//")
    kept[path] = b"theirs"
    for answer, left in (("Cancel", b"theirs"), ("Overwrite", b"version=1.0;//")):
        QTest.keyClick(page.editor, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
        desk.wait(lambda: bool(overwrite_sheets(desk)))
        buttons = overwrite_sheets(desk)[0].findChildren(Button)
        button = next(each for each in buttons if each.text() == answer)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        desk.wait(lambda: not overwrite_sheets(desk))
        desk.wait(lambda wanted=left: kept[path] == wanted)  # type: ignore[misc]  # a default has no type
        assert page.editor.text() == "version=1.0;//"
    desk.wait(lambda: not page.edited)


def overwrite_sheets(desk: PoliciesDesk) -> list[OverwriteSheet]:
    return desk.panel.window().findChildren(OverwriteSheet)


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"version=1.0;\xff\n", "not UTF-8"), (b"//" + b"x" * (10 * 2**20), "10.0 MB")],
)
def test_what_cannot_be_edited_opens_read_only_and_says_why(
    desk: PoliciesDesk, data: bytes, reason: str
) -> None:
    desk.world.files.kept["/odd"] = data
    desk.panel.files.open_file("/odd")
    desk.wait(lambda: desk.panel.desk.page(file_key("/odd")) is not None)
    page = desk.front
    assert page.editor.isReadOnly()
    assert reason in texts(page.banner)
    assert not page.edited
    assert not page.strip.review.isEnabled()
