"""Every sheet is left with Escape, from each of its controls, and when nothing has the focus."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from sealwright.desktop.accounts.accounts_sheet import AccountsSheet
from sealwright.desktop.accounts.add_sheet import AddAccountSheet
from sealwright.desktop.accounts.cloud_sheet import CloudSheet
from sealwright.desktop.accounts.network_sheet import NetworkSheet
from sealwright.desktop.attest.synthetic_sheet import SyntheticSheet
from sealwright.desktop.evidence.sheet import EvidenceSheet
from sealwright.desktop.fleet.backup_sheet import BackupSheet
from sealwright.desktop.fleet.restore_sheet import RestoreSheet
from sealwright.desktop.fleet.sheet import FleetSheet
from sealwright.desktop.policies.dry_run.sheets import ClaimsFormSheet
from sealwright.desktop.providers.details.commands_sheet import CommandsSheet
from sealwright.desktop.providers.details.endpoints_sheet import EndpointsSheet
from sealwright.desktop.providers.details.matrix_sheet import MatrixSheet
from sealwright.desktop.providers.details.more_sheets import CloneSheet, SettingsSheet
from sealwright.desktop.providers.making.sheet import NewProviderSheet
from sealwright.desktop.signers.add_sheet import AddSignerSheet
from sealwright.desktop.signers.sheets import ExportSheet, GenerateSheet, ImportSheet, RenameSheet
from sealwright.desktop.tokens.sheets.release import ReleaseSheet
from sealwright.desktop.tokens.sheets.rules import RulesSheet
from sealwright.desktop.tokens.sheets.small import ReportSheet, TimeSheet
from sealwright.desktop.widgets.forms import TypedNameSheet
from sealwright.desktop.window.leaving import LeaveSheet
from sealwright.desktop.window.shortcuts import ShortcutSheet
from sealwright.desktop.window.vault_choice import VaultChoiceSheet

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from helpers.desk import Desk
    from sealwright.desktop.widgets.sheet import Sheet


async def _nothing(_: str) -> object:
    return None


def sheets(desk: Desk) -> list[Callable[[], Sheet]]:
    """One of each kind that opens without a story before it."""
    host, window, services = desk.host, desk.window, desk.world.services()
    provider = desk.world.open.provider
    plain = (
        AccountsSheet,
        AddAccountSheet,
        BackupSheet,
        CloudSheet,
        EvidenceSheet,
        GenerateSheet,
        ImportSheet,
        NetworkSheet,
        NewProviderSheet,
        RestoreSheet,
        SyntheticSheet,
    )
    of_provider = (CloneSheet, EndpointsSheet, MatrixSheet, SettingsSheet)
    typed = partial(
        TypedNameSheet, title="Delete?", verb="Delete", sentences=[], name="open", run=_nothing
    )
    return [
        *(partial(kind, host, window, services) for kind in plain),
        *(partial(kind, host, window, services, provider) for kind in of_provider),
        partial(CommandsSheet, window, provider, desk.world.cloud.places),
        partial(FleetSheet, host, window, services, ""),
        partial(AddSignerSheet, host, window, services, ()),
        partial(ExportSheet, host, window, services, "root"),
        partial(RenameSheet, host, window, services, "root"),
        partial(ClaimsFormSheet, host, window, (), ()),
        partial(ReleaseSheet, host, window, services, {}),
        partial(RulesSheet, host, window, services, "", ""),
        partial(ReportSheet, host, window),
        partial(TimeSheet, host, window, datetime(2026, 1, 1, tzinfo=UTC)),
        partial(typed, host, window),
        partial(LeaveSheet, window, ("Reading",), ()),
        partial(ShortcutSheet, window, ()),
        partial(VaultChoiceSheet, window, host, services),
    ]


def _stops(sheet: Sheet) -> list[QWidget]:
    """What Tab reaches, in turn."""
    found: list[QWidget] = []
    here = QApplication.focusWidget()
    while here is not None and here not in found:
        found.append(here)
        QTest.keyClick(here, Qt.Key.Key_Tab)
        here = QApplication.focusWidget()
    assert all(sheet.isAncestorOf(each) for each in found)
    return found


def _take_focus_away() -> None:
    """As some platforms do when the list of a combo box closes."""
    focused = QApplication.focusWidget()
    assert focused is not None
    focused.clearFocus()


def test_escape_leaves_every_sheet(desk: Desk) -> None:
    for make in sheets(desk):
        sheet = make()
        sheet.open_sheet()
        desk.key(Qt.Key.Key_Escape)
        assert not sheet.isVisible(), f"{type(sheet).__name__} at its first control"
        sheet = make()
        sheet.open_sheet()
        _take_focus_away()
        QTest.keyClick(desk.window, Qt.Key.Key_Escape)
        assert not sheet.isVisible(), f"{type(sheet).__name__} without any focus"
    desk.quiet()


def test_escape_leaves_a_form_from_each_of_its_controls(desk: Desk) -> None:
    services = desk.world.services()

    def opened() -> CloneSheet:
        sheet = CloneSheet(desk.host, desk.window, services, desk.world.open.provider)
        sheet.open_sheet()
        return sheet

    first = opened()
    count = len(_stops(first))
    first.close()
    assert count > 3
    for number in range(count):
        sheet = opened()
        for _ in range(number):
            desk.key(Qt.Key.Key_Tab)
        desk.key(Qt.Key.Key_Escape)
        assert not sheet.isVisible(), number
    desk.quiet()


def test_only_the_sheet_in_front_is_left(desk: Desk) -> None:
    services = desk.world.services()
    below = NetworkSheet(desk.host, desk.window, services)
    below.open_sheet()
    above = AddAccountSheet(desk.host, desk.window, services)
    above.open_sheet()
    _take_focus_away()
    QTest.keyClick(desk.window, Qt.Key.Key_Escape)
    assert not above.isVisible()
    assert below.isVisible()
    desk.key(Qt.Key.Key_Escape)
    assert not below.isVisible()
    desk.quiet()
