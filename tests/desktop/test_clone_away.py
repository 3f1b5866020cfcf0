"""A region fails in the sandbox: its provider is cloned into the pair, from the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from helpers.desk import Desk
from sealwright.composition import opening
from sealwright.desktop.providers.details.more_sheets import CloneSheet
from sealwright.desktop.providers.panel import ProvidersPanel
from sealwright.desktop.widgets.fields import ComboBox
from sealwright.store.home import find_home

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.sandbox.sandbox import Sandbox
    from sealwright.services.bundle import Services
    from sealwright.services.ports import Clock
    from sealwright.store.home import Home


def fail_region(desk: Desk, sandbox: Sandbox) -> None:
    """The window finds out by itself: what the account may do there is not answered."""
    sandbox.core.region.failed_over = True
    panel = desk.window.panels["providers"]
    assert isinstance(panel, ProvidersPanel)
    ids = {each.name: each.id for each in desk.host.providers}
    for name in ("contoso-prod", "contoso-dev"):
        desk.click_row(panel.table, ids[name])
        desk.quiet()
    desk.qtbot.waitUntil(lambda: "Region sandbox" in desk.notices())


def choose_clone(desk: Desk) -> None:
    """Clone… in the menu of what is selected."""
    desk.click("More about this provider")
    menu = next(each for each in desk.window.findChildren(QMenu) if each.isVisible())
    entry = next(each for each in menu.actions() if each.text() == "Clone…")
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(entry).center())


@pytest.fixture
def played(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Desk, Sandbox]]:
    """The window over a home on disk, and the sandbox within it."""
    sandboxes: list[Sandbox] = []
    plain = opening._open_sandbox  # noqa: SLF001 - the region is failed by hand

    def watched(home: Home, clock: Clock) -> tuple[Sandbox, TrustAnchor]:
        found = plain(home, clock)
        sandboxes.append(found[0])
        return found

    async def opened() -> Services:
        services = await opening.open_services(find_home(str(tmp_path / "home")))
        await services.vault.choose("memory")
        for asked in (services.rights, services.regions):
            asked._patience = 0.5  # noqa: SLF001 - the sandbox asks for half a minute
        return services

    monkeypatch.setattr(opening, "_open_sandbox", watched)
    desk = Desk(qtbot, open_services=opened)
    desk.open()
    qtbot.waitUntil(lambda: len(desk.host.providers) >= 3)
    desk.quiet()
    yield desk, sandboxes[0]
    desk.leave()
    desk.close()
    assert desk.reports == []


def test_a_provider_of_a_failed_region_is_cloned_into_its_pair(
    played: tuple[Desk, Sandbox],
) -> None:
    desk, sandbox = played
    fail_region(desk, sandbox)
    choose_clone(desk)
    desk.wait_for(CloneSheet, "Clone contoso-dev")
    place = desk.one(ComboBox, "Location")
    desk.qtbot.waitUntil(lambda: place.currentText() == "Local pair")
    desk.type_into("Name", "contoso-away")
    place.setCurrentIndex(0)
    desk.click("Make clone")
    assert desk.all(CloneSheet), "its own region takes none"
    place.setCurrentIndex(1)
    desk.click("Make clone")
    desk.qtbot.waitUntil(lambda: "contoso-away applies the same, proven" in desk.notices())
    places = {"contoso-dev": "sandbox", "contoso-away": "sandboxpair"}

    def placed() -> bool:
        found = {each.name: each.location for each in desk.host.providers}
        return found.items() >= places.items()

    desk.qtbot.waitUntil(placed)
    desk.quiet()
