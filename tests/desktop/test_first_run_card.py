"""The card of the first start: its buttons do something on every computer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QWidget

from sealwright.desktop.providers.card import FirstRunCard
from sealwright.desktop.providers.first_run import FirstRun

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from helpers.simulators import World
    from sealwright.desktop.host import Host


@pytest.mark.parametrize(
    ("known", "opened"),
    [
        (("shared", "open", "isolated"), "isolated"),
        (("shared", "open"), "open"),
        (("shared",), "shared"),
        ((), ""),
    ],
)
def test_a_step_opens_the_policy_that_shows_most(
    qtbot: QtBot, host: Host, world: World, known: tuple[str, ...], opened: str
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    card = FirstRunCard(window)
    runs = FirstRun(host, card, window)
    by_name = {provider.name: provider for provider in world.directory.kept.values()}
    host.set_providers(tuple(by_name[name] for name in known))
    wanted: list[str] = []
    said: list[str] = []
    host.policy_wanted.connect(lambda place: wanted.append(place.provider_id))
    host.noticed.connect(lambda notice: said.append(notice.text))
    card.step_wanted.emit("upload")
    assert wanted == ([by_name[opened].id] if opened else [])
    assert bool(said) is not bool(opened)
    assert all("No provider is there yet." in text for text in said)
    assert runs.parent() is window


def test_the_card_gives_way_to_providers_of_ones_own_until_it_is_asked_for(
    qtbot: QtBot, host: Host, world: World
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    card = FirstRunCard(window)
    runs = FirstRun(host, card, window)
    runs.set_services(world.services())
    qtbot.waitUntil(lambda: not card.isHidden())
    pretended = tuple(replace(each, cloud="Sandbox") for each in world.directory.kept.values())
    host.set_providers(pretended)
    assert not card.isHidden()

    host.set_providers((*pretended, replace(pretended[0], id="own", cloud="Azure public")))
    assert card.isHidden()

    host.card_wanted.emit()
    assert not card.isHidden()
    card.dismissed.emit()
    qtbot.waitUntil(card.isHidden)
