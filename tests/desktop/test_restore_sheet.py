"""A backup brought back in the window: what it shows before, while and after, place by place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from sealwright.claims.attestation_type import AttestationType
from sealwright.desktop.fleet.restore_sheet import RestoreSheet
from sealwright.errors import RejectedError
from sealwright.tokens.policy_jws import unsecured_policy
from sealwright.tokens.unwrap import read_policy

if TYPE_CHECKING:
    from helpers.desk import Desk
    from helpers.simulated_provider import SimulatedProvider

SGX, SNP = AttestationType.SGX_ENCLAVE, AttestationType.SEV_SNP_VM
TEXT = "version= 1.0;\nauthorizationrules{=> permit();};\nissuancerules{};\n"


@pytest.fixture
def archive(desk: Desk) -> str:
    """Of all three, while `open` applied something for two types; then it lost both."""
    world = desk.world
    world.open.policies |= {SGX: unsecured_policy(TEXT), SNP: unsecured_policy(TEXT)}
    providers = [each.provider for each in (world.shared, world.open, world.isolated)]

    async def made() -> bytes:
        return (await world.services().backup.create(providers, "root")).data

    world.files.kept["/b.zip"] = anyio.run(made)
    world.open.policies.clear()
    return "/b.zip"


def checked(desk: Desk, path: str) -> RestoreSheet:
    desk.click("Backup")
    menu = next(each for each in desk.window.findChildren(QMenu) if each.isVisible())
    action = next(each for each in menu.actions() if each.text() == "Restore…")
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    sheet = desk.wait_for(RestoreSheet, "Restore from a backup")
    desk.window.activateWindow()
    desk.type_into("Archive", path)
    desk.click("Check")
    desk.qtbot.waitUntil(lambda: bool(sheet.footer_text.text()))
    desk.quiet()
    return sheet


def place(desk: Desk, sheet: RestoreSheet, source: str, target: SimulatedProvider) -> None:
    sheet.source.setCurrentIndex(sheet.source.findText(source))
    sheet.target.setCurrentIndex(sheet.target.findText(target.provider.name))
    desk.qtbot.waitUntil(lambda: bool(sheet.footer_text.text()))
    desk.quiet()


def column(sheet: RestoreSheet, at: int) -> list[str]:
    return [row.cells[at].words for row in sheet.table.rows.leaves()]


def test_the_provider_that_is_known_here_is_proposed_with_what_would_change(
    desk: Desk, archive: str
) -> None:
    """The archive begins with a shared one, whose defaults must not be offered to another."""
    sheet = checked(desk, archive)
    assert (sheet.source.currentText(), sheet.target.currentText()) == ("open", "open")
    assert column(sheet, 0) == ["Policy SgxEnclave", "Policy SevSnpVm"]
    assert column(sheet, 2) == ["custom policy instead of the default"] * 2
    assert "permit" in sheet.diff.toPlainText()
    assert "signed with a key of this computer" in sheet.banner.accessibleDescription()
    assert not sheet.key.isVisible(), "an AAD provider wants no signature"


def test_an_isolated_test_provider_gets_it_signed_again(desk: Desk, archive: str) -> None:
    desk.world.vault.hold("stranger")
    sheet = checked(desk, archive)
    place(desk, sheet, "open", desk.world.isolated)
    keys = [sheet.key.itemText(number) for number in range(sheet.key.count())]
    assert keys == ["root"], "only keys that the provider trusts"
    desk.click("Restore")
    desk.qtbot.waitUntil(lambda: sheet.banner.title == "Restored: every change was proven")
    desk.quiet()
    assert column(sheet, 1) == ["Proven", "Proven"]
    kept = read_policy(desk.world.isolated.policies[SGX])
    assert (kept.text, kept.signed) == (TEXT, True)
    assert desk.world.open.policies == {}, "the rehearsal touched nothing else"


def test_another_place_forgets_what_the_last_one_said(desk: Desk, archive: str) -> None:
    sheet = checked(desk, archive)
    desk.click("Restore")
    desk.qtbot.waitUntil(lambda: sheet.banner.title == "Restored: every change was proven")
    desk.quiet()
    assert not sheet.apply.isEnabled(), "it is done"
    place(desk, sheet, "open", desk.world.isolated)
    assert sheet.banner.title == "The archive is whole"
    assert column(sheet, 1) == ["To be restored", "To be restored"]


def test_what_failed_ends_it_and_another_check_goes_on(desk: Desk, archive: str) -> None:
    desk.world.open.faults.fail_before("set_policy", RejectedError("Refused.", status=400))
    sheet = checked(desk, archive)
    desk.click("Restore")
    desk.qtbot.waitUntil(lambda: sheet.banner.title == "Not everything was restored")
    desk.quiet()
    assert column(sheet, 1) == ["Failed", "Not begun"]
    assert column(sheet, 2)[0] == "Refused."
    assert "Check again" in sheet.apply.toolTip()
    desk.click("Check")
    desk.qtbot.waitUntil(sheet.apply.isEnabled)
    desk.click("Restore")
    desk.qtbot.waitUntil(lambda: column(sheet, 1) == ["Proven", "Proven"])
    desk.quiet()


def test_where_nothing_is_missing_it_says_so(desk: Desk, archive: str) -> None:
    desk.world.open.policies |= {SGX: unsecured_policy(TEXT), SNP: unsecured_policy(TEXT)}
    sheet = checked(desk, archive)
    assert column(sheet, 0) == []
    assert sheet.apply.toolTip() == "Nothing is missing."


def test_the_keyboard_is_not_led_to_the_cross_while_it_runs(desk: Desk, archive: str) -> None:
    sheet = checked(desk, archive)
    assert QApplication.focusWidget() is sheet.check
