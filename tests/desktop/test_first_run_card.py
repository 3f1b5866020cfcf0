"""The card of the first start: its buttons do something on every computer."""

from __future__ import annotations

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
