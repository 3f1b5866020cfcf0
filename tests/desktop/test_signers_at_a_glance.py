"""The Signers panel shows what it can: the list whole while there is room, the worst end first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from helpers.desk import Desk
from helpers.key_files import certificate, der, rsa_key
from sealwright.desktop.signers.halves import Halves
from sealwright.desktop.signers.panel import SignersPanel
from sealwright.desktop.widgets.buttons import Button
from sealwright.desktop.widgets.surfaces import Banner, EmptyState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from helpers.simulators import World

DAYS = {"long": (-30, 700), "soon": (-300, 20), "gone": (-900, -30), "later": (-9, 1500)}


@pytest.fixture
def panel(qtbot: QtBot, world: World) -> Iterator[SignersPanel]:
    for number, (name, days) in enumerate(DAYS.items()):
        made = certificate(rsa_key(number=number % 2), name, days=days)
        world.isolated.certificates.append(der(made))
    desk = Desk(qtbot, world)
    desk.open()
    isolated = next(each for each in desk.host.providers if each.name == "isolated")
    desk.host.choose_provider(isolated)
    desk.click("Signers")
    found = desk.window.panels["signers"]
    assert isinstance(found, SignersPanel)
    qtbot.waitUntil(lambda: found.table.rows.total == len(DAYS) + 1)
    desk.quiet()
    yield found
    desk.close()
    assert desk.reports == []


def fits(panel: SignersPanel) -> bool:
    last = panel.table.model().index(panel.table.rows.total - 1, 0)
    return panel.table.viewport().rect().contains(panel.table.visualRect(last))


def test_every_signer_is_in_sight_while_there_is_room(panel: SignersPanel, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: fits(panel))
    assert panel.save_state()["halves"] == [], "nobody chose these sizes"
    certificate_view = panel.certificate
    assert certificate_view.height() >= certificate_view.sizeHint().height()


def test_an_unchanged_reason_for_no_rows_is_not_made_anew(
    panel: SignersPanel, qtbot: QtBot
) -> None:
    by_role = next(each for each in panel.host.providers if each.name == "open")
    panel.host.choose_provider(by_role)
    qtbot.waitUntil(lambda: len(panel.table.findChildren(EmptyState)) == 1)
    before = panel.table.findChildren(EmptyState)
    panel.host.changed.emit("signers")
    panel.host.provider_changed.emit(by_role)
    assert panel.table.findChildren(EmptyState) == before


def test_a_moved_handle_counts(panel: SignersPanel, qtbot: QtBot) -> None:
    [halves] = panel.findChildren(Halves)
    handle = halves.handle(1)
    QTest.mousePress(handle, Qt.MouseButton.LeftButton)
    QTest.mouseMove(handle, QPoint(0, -120))
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=QPoint(0, -120))
    chosen = panel.save_state()["halves"]
    assert isinstance(chosen, list)
    assert len(chosen) == 2
    panel.window().resize(1440, 840)
    qtbot.waitUntil(lambda: panel.window().height() == 840)
    assert panel.save_state()["halves"] != []
    assert not fits(panel)


def test_the_banner_names_the_signer_that_ended_first_and_counts(panel: SignersPanel) -> None:
    banner = next(each for each in panel.findChildren(Banner) if each.isVisible())
    assert banner.title == "gone is expired"
    assert "2 signers have ended or end within 30 days." in banner.accessibleDescription()


def test_the_words_of_the_buttons_are_whole_in_a_small_window(
    panel: SignersPanel, qtbot: QtBot
) -> None:
    panel.window().resize(1024, 700)
    qtbot.waitUntil(lambda: panel.window().width() == 1024)
    buttons = [each for each in panel.certificate.findChildren(Button) if each.isVisible()]
    assert len(buttons) == 2
    qtbot.waitUntil(lambda: all(each.width() >= each.sizeHint().width() for each in buttons))
    assert buttons[0].geometry().right() < buttons[1].geometry().left()
