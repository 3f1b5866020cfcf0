"""Settings, clone, private endpoints and equivalent commands of a provider, by mouse and key."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMenu

from sealwright.claims.attestation_type import AttestationType
from sealwright.desktop.providers.details.commands_sheet import CommandsSheet
from sealwright.desktop.providers.details.endpoints_sheet import EndpointsSheet, RemovalSheet
from sealwright.desktop.providers.details.matrix_sheet import MatrixSheet
from sealwright.desktop.providers.details.more_sheets import CloneSheet
from sealwright.desktop.providers.details.stops import ConnectionStops
from sealwright.desktop.widgets.fields import ComboBox
from sealwright.desktop.widgets.tables.tree import TreeTable
from sealwright.errors import UnreachableError, UntrustedError
from sealwright.services.ports import ActionGrant, PrivateEndpointConnection
from sealwright.tokens.policy_jws import unsecured_policy
from sealwright.tokens.unwrap import read_policy

if TYPE_CHECKING:
    from helpers.desk import Desk

SGX = AttestationType.SGX_ENCLAVE
TEXT = "version= 1.0;authorizationrules{=> permit();};issuancerules{};"


def more(desk: Desk, entry: str) -> None:
    desk.click_row(desk.one(TreeTable, "Providers"), desk.world.open.provider.id)
    desk.quiet()
    desk.click("More about this provider")
    menu = next(each for each in desk.window.findChildren(QMenu) if each.isVisible())
    action = next(each for each in menu.actions() if each.text() == entry)
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())


def test_tags_are_changed_and_a_bad_one_is_said(desk: Desk) -> None:
    more(desk, "Settings…")
    desk.type_into("Tags", "env")
    desk.click("Save settings")
    assert [each.text() for each in desk.all(QLabel) if "name=value" in each.text()]
    desk.type_into("Tags", "env=prod, team=tee")
    desk.click("Save settings")
    desk.quiet()
    assert "The settings of open were changed" in desk.notices()
    kept = desk.world.directory.kept[desk.world.open.provider.id]
    assert kept.tags == {"env": "prod", "team": "tee"}


def test_a_clone_is_checked_while_its_name_is_typed_and_proven(desk: Desk) -> None:
    desk.world.open.policies[SGX] = unsecured_policy(TEXT)
    more(desk, "Clone…")
    desk.type_into("Name", "no good")
    assert [each for each in desk.all(QLabel) if "nothing else" in each.text()]
    desk.type_into("Name", "second")
    desk.click("Make clone")
    desk.qtbot.waitUntil(lambda: "second applies the same, proven" in desk.notices())
    desk.quiet()
    assert not desk.all(CloneSheet)
    assert read_policy(desk.world.cloud.known["second"].policies[SGX]).text == TEXT


def test_a_clone_names_its_place_as_the_list_does_and_both_trust_models(desk: Desk) -> None:
    provider = replace(desk.world.open.provider, location="sandbox")
    sheet = CloneSheet(desk.host, desk.window, desk.world.services(), provider)
    sheet.open_sheet()
    box = desk.one(ComboBox, "Location")
    assert (box.currentText(), box.currentData()) == ("Local", "sandbox")
    desk.key(Qt.Key.Key_Escape)
    desk.qtbot.waitUntil(lambda: not desk.all(CloneSheet))
    isolated = desk.world.isolated.provider
    CloneSheet(desk.host, desk.window, desk.world.services(), isolated).open_sheet()
    model = desk.one(ComboBox, "Trust model")
    desk.qtbot.waitUntil(lambda: model.currentText().startswith("Isolated, signed with"))
    assert model.itemText(model.count() - 1).startswith("AAD: "), "offered, never first"
    desk.key(Qt.Key.Key_Escape)


def test_a_private_endpoint_is_approved_and_removed(desk: Desk) -> None:
    waiting = PrivateEndpointConnection("", "pe-1", "Pending", "please", "/pe", "Succeeded")
    desk.world.cloud.connections["open"] = {"pe-1": waiting}
    more(desk, "Private endpoints…")
    sheet = desk.wait_for(EndpointsSheet, "Private endpoints of open")
    desk.click("Approve")
    connections = desk.world.cloud.connections["open"]
    desk.qtbot.waitUntil(lambda: connections["pe-1"].status == "Approved")
    desk.quiet()
    desk.qtbot.waitUntil(lambda: sheet.approve.toolTip() == "It is approved already.")
    assert not sheet.approve.isEnabled()
    desk.click("Reject")
    desk.qtbot.waitUntil(lambda: connections["pe-1"].status == "Rejected")
    desk.quiet()
    desk.qtbot.waitUntil(lambda: sheet.reject.toolTip() == "It is rejected already.")
    assert sheet.approve.isEnabled()
    desk.click("Remove")
    desk.wait_for(RemovalSheet, "Remove pe-1?")
    assert connections, "it is asked for first"
    desk.click("Remove connection")
    desk.qtbot.waitUntil(lambda: not connections)
    desk.qtbot.waitUntil(lambda: not desk.all(RemovalSheet))
    desk.quiet()
    assert sheet.approve.toolTip() == "Select a connection first."
    desk.key(Qt.Key.Key_Escape)


def test_the_same_is_shown_for_other_tools(desk: Desk) -> None:
    more(desk, "Equivalent commands…")
    sheet = desk.one(CommandsSheet, "Equivalent commands for open")
    assert "az attestation policy show" in sheet.text.toPlainText()
    rect = sheet.tool.tabRect(1)
    QTest.mouseClick(sheet.tool, Qt.MouseButton.LeftButton, pos=rect.center())
    assert "Set-AzAttestationPolicy" in sheet.text.toPlainText()
    desk.key(Qt.Key.Key_Escape)


def test_what_the_account_may_do_stands_in_the_details(desk: Desk) -> None:
    desk.world.cloud.grants = (ActionGrant(("*/read",), ()),)
    desk.click_row(desk.one(TreeTable, "Providers"), desk.world.open.provider.id)
    words = "tester may read policies and signers, but not"
    desk.qtbot.waitUntil(lambda: any(words in each.text() for each in desk.all(QLabel)))


def test_a_failed_connection_test_shows_no_backticks(desk: Desk) -> None:
    lost = UnreachableError("`open.test` has no address.", hint="Look up `open.test` elsewhere.")
    desk.world.open.faults.fail_before("metadata", *[lost] * 99)
    desk.click_row(desk.one(TreeTable, "Providers"), desk.world.open.provider.id)
    desk.click("Test connection")
    words = {"\u201copen.test\u201d has no address.", "Look up \u201copen.test\u201d elsewhere."}
    desk.qtbot.waitUntil(lambda: words <= {each.text() for each in desk.all(QLabel)})
    (stops,) = desk.all(ConnectionStops)
    assert "`" not in stops.toolTip()
    desk.quiet()
    hashed = {"SHA-256 of the certificate": "0123456789abcdef" * 4}
    foreign = UntrustedError("Not trusted.", details=hashed)
    desk.world.open.faults.before["metadata"] = [foreign] * 99
    desk.click("Test connection")
    groups = " ".join(["01234567", "89abcdef"] * 4)
    desk.qtbot.waitUntil(lambda: any(groups in each.text() for each in desk.all(QLabel)))
    desk.quiet()


def test_every_type_is_probed_and_compared_with_another_provider(desk: Desk) -> None:
    desk.world.open.policies[SGX] = unsecured_policy(TEXT)
    more(desk, "Every policy, compare…")
    sheet = desk.wait_for(MatrixSheet, "Every policy of open")
    desk.quiet()
    kinds = [row.key for row in sheet.table.rows.leaves()]
    assert kinds == [kind.value for kind in AttestationType]
    sheet.other.setCurrentIndex(sheet.other.findText("Compare with isolated"))
    desk.qtbot.waitUntil(lambda: "Differs" in _column(sheet.table, 4))
    desk.quiet()
    same = dict(zip(kinds, _column(sheet.table, 4), strict=True))
    assert same["SgxEnclave"] == "Differs"
    assert same["OpenEnclave"] == "The same"
    desk.click_row(sheet.table, "SgxEnclave")
    desk.qtbot.waitUntil(lambda: "permit" in sheet.diff.toPlainText())
    desk.key(Qt.Key.Key_Escape)


def _column(table: TreeTable, column: int) -> list[str]:
    return [row.cells[column].words for row in table.rows.leaves()]
