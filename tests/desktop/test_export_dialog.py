"""Providers written for other tools through the file dialog, on a real disk, and read back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from helpers.desk import Desk
from sealwright.composition.opening import open_services
from sealwright.desktop.policies.panel import PoliciesPanel
from sealwright.desktop.providers.panel import ProvidersPanel
from sealwright.store.home import find_home

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from sealwright.services.bundle import Services

MARKS = {
    "Bicep": ("bicep", "resource contoso_dev 'Microsoft.Attestation/attestationProviders@"),
    "ARM template": ("json", '"Microsoft.Attestation/attestationProviders"'),
    "Terraform": ("tf", 'resource "azurerm_attestation_provider" "contoso_dev"'),
    "Azure CLI script": ("sh", "az attestation create --name contoso-dev "),
    "PowerShell script": ("ps1", "New-AzAttestationProvider -Name 'contoso-dev' "),
}
HOLDING = ("Terraform", "Azure CLI script", "PowerShell script")
"""What has policies in it: Resource Manager's own forms know of none."""


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Iterator[Desk]:
    """The window over a home and sandbox on disk, with the example in it."""

    async def opened() -> Services:
        services = await open_services(find_home(str(tmp_path / "home")))
        await services.vault.choose("memory")
        return services

    made = Desk(qtbot, open_services=opened)
    made.open()
    made.qtbot.waitUntil(lambda: len(made.host.providers) >= 3)
    made.quiet()
    yield made
    made.leave()
    made.close()
    assert made.reports == []


def export(desk: Desk, form: str, path: Path) -> None:
    """Choose a form in the menu, type the path, press Return."""
    desk.click("Export")
    menu = desk.wait_for(QMenu, "Export")
    action = next(each for each in menu.actions() if each.text() == form)
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    desk.answer_file_dialog(path)
    desk.qtbot.waitUntil(path.is_file)
    desk.quiet()


def select(desk: Desk, *names: str) -> None:
    panel = desk.window.panels["providers"]
    assert isinstance(panel, ProvidersPanel)
    ids = {each.name: each.id for each in desk.host.providers}
    desk.click_row(panel.table, ids[names[0]])
    model = panel.table.rows
    for name in names[1:]:
        rect = panel.table.visualRect(model.index_of(ids[name]))
        QTest.mouseClick(
            panel.table.viewport(),
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.ControlModifier,
            rect.center(),
        )


def test_one_and_many_are_written_to_the_disk_and_their_policies_read_back(
    desk: Desk, tmp_path: Path
) -> None:
    select(desk, "contoso-dev")
    for form, (ending, mark) in MARKS.items():
        path = tmp_path / f"one.{ending}"
        export(desk, form, path)
        text = path.read_text("utf-8")
        assert mark in text
        assert "contoso-prod" not in text
        assert "The providers were exported" in desk.notices()
    json.loads((tmp_path / "one.json").read_text("utf-8"))
    select(desk, "contoso-dev", "contoso-prod")
    for form, (ending, mark) in MARKS.items():
        path = tmp_path / f"both.{ending}"
        export(desk, form, path)
        text = path.read_text("utf-8")
        assert mark in text
        assert "contoso-prod" in text

    desk.click("Policies")
    panel = desk.window.panels["policies"]
    assert isinstance(panel, PoliciesPanel)
    for form in HOLDING:
        path = tmp_path / f"one.{MARKS[form][0]}"
        before = len(list(panel.desk.items()))
        panel.files.ask_open()
        desk.answer_file_dialog(path)
        desk.qtbot.waitUntil(lambda before=before: len(list(panel.desk.items())) > before)  # type: ignore[misc]  # a default has no type
    desk.quiet()
