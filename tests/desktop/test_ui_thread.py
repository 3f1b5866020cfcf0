"""The window over the real home, sandbox and clients: nothing blocking runs on its thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from helpers.desk import Desk
from helpers.ui_guards import UiThreadError, guarded_ui_thread
from sealwright.composition.opening import open_services
from sealwright.desktop.heartbeat import Heartbeat
from sealwright.desktop.signers.panel import SignersPanel
from sealwright.desktop.tokens.panel import TokensPanel
from sealwright.store.home import find_home

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from sealwright.services.bundle import Services


def test_the_guards_see_a_file_opened_on_this_thread(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with guarded_ui_thread(monkeypatch) as seen, pytest.raises(UiThreadError):
        (tmp_path / "x.txt").read_text()
    assert len(seen) == 1


def test_real_work_leaves_the_window_s_thread_free(
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    home = find_home(str(tmp_path / "home"))

    async def opened() -> Services:
        services = await open_services(home)
        await services.vault.choose("memory")
        return services

    desk = Desk(qtbot, open_services=opened)
    # It sees every event in Python, which the gaps would be charged with.
    desk.strays.stop()
    heart = Heartbeat()
    desk.window.painted.connect(heart.start)
    with guarded_ui_thread(monkeypatch) as seen:
        desk.open()
        work(desk, heart)
        desk.leave()
    heart.stop()
    desk.close()
    assert seen == []
    assert desk.reports == []
    with capsys.disabled():
        print(f"\n{heart.worst}")  # noqa: T201 - the figure is the point
    assert heart.worst.seconds < 1.0


def work(desk: Desk, heart: Heartbeat) -> None:
    def click(name: str) -> None:
        desk.click(name)
        # A person's acts come one at a time; all within one beat would count as one gap.
        before = heart.beats
        desk.qtbot.waitUntil(lambda: heart.beats > before)

    isolated = next(p for p in desk.host.providers if p.trust_model.value == "Isolated")
    desk.host.choose_provider(isolated)
    click("Signers")
    panel = desk.window.panels["signers"]
    assert isinstance(panel, SignersPanel)
    click("Generate")
    desk.type_into("Name", "second")
    click("Generate key")
    desk.qtbot.waitUntil(lambda: len(panel.keys.keys) == 2)
    click("Tokens")
    tokens = desk.window.panels["tokens"]
    assert isinstance(tokens, TokensPanel)
    click("Show an answer of a provider")
    desk.qtbot.waitUntil(lambda: tokens.view.verdict.title == "Valid")
    click("Activity")
    desk.quiet()
