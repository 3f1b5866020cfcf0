"""The Fleet, Backup and Export tools of the Providers panel, by mouse and keyboard."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import anyio
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QMenu

from sealwright.claims.attestation_type import AttestationType
from sealwright.desktop.fleet.restore_sheet import RestoreSheet
from sealwright.desktop.fleet.sheet import FleetSheet
from sealwright.desktop.widgets.diff import DiffView
from sealwright.desktop.widgets.fields import CheckBox
from sealwright.desktop.widgets.tables.tree import TreeTable
from sealwright.errors import RejectedError
from sealwright.services.ports.fleet import FleetEntry
from sealwright.tokens.policy_jws import unsecured_policy
from sealwright.tokens.unwrap import read_policy

if TYPE_CHECKING:
    from helpers.desk import Desk

SGX = AttestationType.SGX_ENCLAVE
TEXT = "version= 1.0;\nauthorizationrules{=> permit();};\nissuancerules{};\n"
FILE = b"""\
version: 1
apply: {parallel: 1}
assignments:
- providers: [open, isolated]
  policies: {sgx: p.policy}
"""


@pytest.fixture
def workspace(desk: Desk) -> str:
    desk.world.files.kept |= {"/w/sealwright.yaml": FILE, "/w/p.policy": TEXT.encode()}
    return "/w"


def compared(desk: Desk, folder: str) -> FleetSheet:
    desk.click("Fleet")
    desk.type_into("Workspace folder", folder)
    desk.key(Qt.Key.Key_Return)
    desk.quiet()
    return desk.one(FleetSheet, "Fleet")


def words(table: TreeTable, column: int) -> list[str]:
    return [row.cells[column].words for row in table.rows.leaves()]


def test_a_drifted_fleet_is_compared_applied_and_proven(desk: Desk, workspace: str) -> None:
    sheet = compared(desk, workspace)
    assert words(sheet.table, 3) == ["Drifted", "Drifted"]
    assert "signed with root" in words(sheet.table, 4)[0]
    assert "permit" in desk.one(DiffView, "What would change").toPlainText()
    assert sheet.apply.text() == "Apply 2 changes"
    desk.click("Apply 2 changes")
    desk.qtbot.waitUntil(lambda: words(sheet.table, 3) == ["Proven", "Proven"])
    desk.quiet()
    for provider in (desk.world.open, desk.world.isolated):
        assert read_policy(provider.policies[SGX]).text == TEXT
    desk.key(Qt.Key.Key_Escape)
    desk.qtbot.waitUntil(lambda: not desk.all(FleetSheet))


def test_the_list_of_providers_knows_what_was_applied(desk: Desk, workspace: str) -> None:
    """Of every target, not only of the provider that the window is at."""
    panel = desk.one(TreeTable, "Providers")

    def seen(name: str) -> str:
        leaf = next(row for row in panel.rows.leaves() if row.cells[0].words == name)
        return leaf.cells[4].words

    assert all("SGX Default" in seen(name) for name in ("open", "isolated"))
    compared(desk, workspace)
    desk.click("Apply 2 changes")
    desk.qtbot.waitUntil(lambda: all("SGX Custom" in seen(n) for n in ("open", "isolated")))
    desk.quiet()


def test_what_needs_a_look_comes_first(desk: Desk, workspace: str) -> None:
    desk.world.isolated.policies[SGX] = unsecured_policy(TEXT)
    sheet = compared(desk, workspace)
    assert words(sheet.table, 0) == ["open", "isolated"]
    assert words(sheet.table, 3) == ["Drifted", "As wanted"]
    assert words(sheet.table, 4)[1] == "as \u201cp.policy\u201d"


def test_what_fails_says_why_and_what_was_not_begun(desk: Desk, workspace: str) -> None:
    refused = RejectedError("The service refused it.", status=400)
    desk.world.isolated.faults.fail_before("set_policy", refused)
    sheet = compared(desk, workspace)
    desk.click("Apply 2 changes")
    desk.qtbot.waitUntil(lambda: words(sheet.table, 3) == ["Failed", "Not begun"])
    desk.quiet()
    assert words(sheet.table, 4)[0] == "The service refused it."
    assert SGX not in desk.world.open.policies
    desk.click("Compare")
    desk.quiet()
    desk.click("Apply 2 changes")
    desk.qtbot.waitUntil(lambda: words(sheet.table, 3) == ["Proven", "Proven"])
    desk.quiet()


def test_an_apply_that_was_cut_off_is_said_and_goes_on(desk: Desk, workspace: str) -> None:
    world = desk.world
    world.open.policies[SGX] = unsecured_policy(TEXT)
    waiting = FleetEntry(world.isolated.provider.id, SGX.value, "p.policy", "", "waiting")
    running = replace(waiting, provider_id=world.open.provider.id, state="running")
    entries = (running, waiting)
    anyio.run(world.fleet_journal.begin, "killed", workspace, world.clock.now(), entries)
    sheet = compared(desk, workspace)
    assert "was cut off" in sheet.banner.title
    assert "2 of its 2 changes" in sheet.banner.accessibleDescription()
    desk.click("Apply 1 change")
    desk.qtbot.waitUntil(lambda: words(sheet.table, 3) == ["Proven", "Proven"])
    desk.quiet()
    desk.click("Compare")
    desk.quiet()
    assert not sheet.banner.isVisible(), "it has come to its end"


def test_the_targets_are_filtered_and_written_as_a_table(desk: Desk, workspace: str) -> None:
    sheet = compared(desk, workspace)
    desk.type_into("Filter targets", "isolated drifted")
    assert words(sheet.table, 0) == ["isolated"]
    desk.click("Export…")
    dialog = desk.wait_for(QFileDialog, "")
    dialog.fileSelected.emit("/fleet.csv")
    dialog.reject()
    desk.qtbot.waitUntil(lambda: "/fleet.csv" in desk.world.files.kept)
    desk.quiet()
    head, line = desk.world.files.kept["/fleet.csv"].decode().splitlines()
    assert head.startswith("provider,attestUri,type,wanted,state,detail,before,after,requestId")
    assert line.startswith("isolated,https://")
    assert ",SgxEnclave,p.policy,Drifted," in line


def test_a_folder_without_a_workspace_is_explained_and_can_become_one(desk: Desk) -> None:
    sheet = compared(desk, "/new")
    assert "is no workspace" in sheet.banner.accessibleDescription()
    desk.click("Describe what is deployed")
    desk.qtbot.waitUntil(lambda: "/new/sealwright.yaml" in desk.world.files.kept)
    desk.qtbot.waitUntil(lambda: set(words(sheet.table, 3)) == {"As wanted"})
    desk.quiet()
    assert sheet.apply.toolTip() == "Every target that was read is as wanted."


def choose(desk: Desk, button: str, entry: str) -> None:
    desk.click(button)
    menu = next(each for each in desk.window.findChildren(QMenu) if each.isVisible())
    action = next(each for each in menu.actions() if each.text() == entry)
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())


def test_a_backup_is_written_and_brings_a_policy_back(desk: Desk) -> None:
    desk.world.open.policies[SGX] = unsecured_policy(TEXT)
    choose(desk, "Backup", "Back up…")
    desk.type_into("Archive", "/b.zip")
    desk.click("Write backup")
    desk.qtbot.waitUntil(lambda: "/b.zip" in desk.world.files.kept)
    desk.quiet()
    assert "The backup was written" in desk.notices()

    desk.world.open.policies.clear()
    choose(desk, "Backup", "Restore…")
    desk.type_into("Archive", "/b.zip")
    desk.click("Check")
    desk.quiet()
    sheet = desk.one(RestoreSheet, "Restore from a backup")
    sheet.source.setCurrentIndex(sheet.source.findText("open"))
    sheet.target.setCurrentIndex(sheet.target.findText("open"))
    desk.qtbot.waitUntil(lambda: words(sheet.table, 0) == ["Policy SgxEnclave"])
    desk.quiet()
    desk.click("Restore")
    desk.qtbot.waitUntil(lambda: words(sheet.table, 1) == ["Proven"])
    desk.quiet()
    assert read_policy(desk.world.open.policies[SGX]).text == TEXT


def test_a_backup_is_not_written_over_a_file_before_that_is_agreed_to(desk: Desk) -> None:
    kept = desk.world.files.kept
    kept |= {"/old.zip": b"old", "/other.zip": b"other"}
    choose(desk, "Backup", "Back up…")
    desk.type_into("Archive", "/other.zip")
    desk.click("Write backup")
    desk.wait_for(CheckBox, "Overwrite the file").click()

    desk.type_into("Archive", "/old.zip")
    assert not desk.all(CheckBox, "Overwrite the file"), "it was agreed to for the other file"
    desk.click("Write backup")
    agree = desk.wait_for(CheckBox, "Overwrite the file")
    assert any(each.text().startswith("This file exists.") for each in desk.all(QLabel))
    assert (kept["/old.zip"], kept["/other.zip"]) == (b"old", b"other")

    agree.click()
    desk.click("Write backup")
    desk.qtbot.waitUntil(lambda: "The backup was written" in desk.notices())
    desk.quiet()
    assert kept["/old.zip"] != b"old"
    assert kept["/other.zip"] == b"other"


def test_the_selected_provider_is_exported(desk: Desk) -> None:
    desk.world.open.policies[SGX] = unsecured_policy(TEXT)
    desk.click_row(desk.one(TreeTable, "Providers"), desk.world.open.provider.id)
    choose(desk, "Export", "Terraform")
    dialog = desk.wait_for(QFileDialog, "")
    dialog.fileSelected.emit("/main.tf")
    dialog.close()
    desk.qtbot.waitUntil(lambda: "/main.tf" in desk.world.files.kept)
    desk.quiet()
    assert b'"open"' in desk.world.files.kept["/main.tf"]
    assert b'"isolated"' not in desk.world.files.kept["/main.tf"]
