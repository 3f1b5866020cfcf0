"""What is watched unasked is said once: failed regions, drift, backups never rehearsed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QMenu

from helpers.desk import Desk
from helpers.simulators import World
from sealwright.claims.attestation_type import AttestationType
from sealwright.desktop.fleet.sheet import FleetSheet
from sealwright.desktop.providers.making.sheet import NewProviderSheet
from sealwright.desktop.providers.panel import ProvidersPanel
from sealwright.desktop.widgets.fields import ComboBox
from sealwright.desktop.widgets.surfaces import Banner
from sealwright.errors import ProxyError, UnreachableError, UntrustedError
from sealwright.services.ports.fleet import FleetEntry, FleetRecord
from sealwright.tokens.policy_jws import unsecured_policy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from pytestqt.qtbot import QtBot

    from sealwright.desktop.tasks import Task

SGX = AttestationType.SGX_ENCLAVE
FILE = b"version: 1\nassignments:\n- providers: [open]\n  policies: {sgx: p.policy}\n"
TEXT = b"version= 1.0;authorizationrules{=> permit();};issuancerules{};"


def test_a_failed_region_is_said_once(desk: Desk) -> None:
    lost = UnreachableError("No answer.", status=503)
    for operation in ("signing_keys", "metadata"):
        # More than anybody asks here: who else reads at this moment must not use them up.
        desk.world.open.faults.fail_before(operation, *[lost] * 99)
    desk.click("Refresh")
    desk.qtbot.waitUntil(lambda: "Region tst" in desk.notices())
    desk.quiet()
    desk.click("Refresh")
    desk.quiet()
    assert desk.notices().count("Region tst") == 1


def test_a_failed_region_is_said_beside_each_refused_action_and_when_it_is_over(
    desk: Desk,
) -> None:
    panel = desk.window.panels["providers"]
    assert isinstance(panel, ProvidersPanel)
    desk.world.cloud.failed_over = True
    desk.click_row(panel.table, desk.world.open.provider.id)
    desk.qtbot.waitUntil(lambda: "Region tst" in desk.notices())

    banner = desk.wait_for(Banner, "Failed over")
    assert "answered by its pair" in banner.accessibleDescription()
    assert not panel.details.delete.isEnabled()
    assert "Nothing is queued" in panel.details.delete.toolTip()
    assert panel.details.edit.isEnabled(), "policies are the pair's to change"
    desk.click("More about this provider")
    menu = desk.wait_for(QMenu, "More")
    entries = {action.text(): action for action in menu.actions()}
    for words in ("Settings…", "Private endpoints…"):
        assert not entries[words].isEnabled()
        assert "failed over" in entries[words].toolTip()
    assert entries["Every policy, compare…"].isEnabled()
    assert entries["Clone…"].isEnabled(), "another region takes it"
    menu.close()

    desk.world.cloud.failed_over = False
    panel.watch.look_at_regions()
    desk.qtbot.waitUntil(lambda: not banner.isVisible())
    assert panel.details.delete.isEnabled()
    assert desk.notices().count("Region tst") == 1, "the same notice says that it is over"
    desk.quiet()


def test_what_the_account_may_do_is_asked_again_when_its_region_is_whole(desk: Desk) -> None:
    panel = desk.window.panels["providers"]
    assert isinstance(panel, ProvidersPanel)
    desk.world.cloud.failed_over = True
    desk.click_row(panel.table, desk.world.open.provider.id)
    desk.qtbot.waitUntil(lambda: "Region tst" in desk.notices())
    desk.qtbot.waitUntil(lambda: _seen(desk, "may do here is not known"))

    desk.world.cloud.failed_over = False
    panel.watch.look_at_regions()
    desk.qtbot.waitUntil(lambda: not _seen(desk, "may do here is not known"))
    assert _seen(desk, "tester may ")
    desk.quiet()


def _seen(desk: Desk, words: str) -> bool:
    return any(words in each.text() for each in desk.all(QLabel))


def test_nothing_is_made_in_a_region_that_failed(desk: Desk) -> None:
    panel = desk.window.panels["providers"]
    assert isinstance(panel, ProvidersPanel)
    desk.world.cloud.failed_over = True
    desk.click_row(panel.table, desk.world.open.provider.id)
    desk.qtbot.waitUntil(lambda: "Region tst" in desk.notices())
    desk.click("New provider")
    sheet = desk.wait_for(NewProviderSheet, "New attestation provider")
    desk.type_into("Name", "another")
    location = desk.one(ComboBox, "Location")
    desk.qtbot.waitUntil(lambda: location.count() > 0)
    desk.click("Create provider")
    assert sheet.isVisible(), "nothing was sent"
    assert "another" not in desk.world.cloud.known
    sheet.close()
    desk.quiet()


def test_a_refused_deletion_finds_the_region_out(desk: Desk) -> None:
    panel = desk.window.panels["providers"]
    assert isinstance(panel, ProvidersPanel)
    desk.click_row(panel.table, desk.world.open.provider.id)
    desk.qtbot.waitUntil(panel.details.delete.isEnabled)
    desk.quiet()
    desk.world.cloud.failed_over = True
    desk.click("Delete…")
    desk.type_into("Type open to go on", "open")
    desk.click("Delete provider")
    desk.qtbot.waitUntil(lambda: "Region tst" in desk.notices())
    assert not panel.details.delete.isEnabled()
    assert "open" in [provider.name for provider in desk.host.providers]
    desk.quiet()


def test_drift_is_said_when_it_is_new(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.files.kept |= {"/w/sealwright.yaml": FILE, "/w/p.policy": TEXT}
    desk = Desk(qtbot, world)
    desk.open()
    panel = desk.window.panels["providers"]
    assert isinstance(panel, ProvidersPanel)
    panel.tools.keeping.workspace = "/w"
    said: list[str] = []
    desk.host.noticed.connect(lambda notice: said.append(notice.title))

    desk.quiet()
    started: list[Task] = []
    start = desk.runner.start

    def noted(call: Callable[[], Awaitable[object]], **more: str) -> Task:
        started.append(start(call, **more))
        return started[-1]

    monkeypatch.setattr(desk.runner, "start", noted)
    (now_and_then,) = [one for one in panel.watch.findChildren(QTimer) if one.isActive()]

    def look() -> int:
        now_and_then.timeout.emit()
        with qtbot.waitSignal(started[-1].finished):
            pass
        return said.count("The fleet has drifted")

    assert look() == 1
    assert look() == 1, "it has been said"
    world.open.policies[SGX] = unsecured_policy(TEXT.decode())
    assert look() == 1, "as it shall be"
    del world.open.policies[SGX]
    assert look() == 2, "it has drifted again"
    desk.click("Open fleet")
    desk.quiet()
    desk.close()


@pytest.mark.parametrize("ended", [False, True])
def test_an_apply_that_was_cut_off_is_said_at_the_next_start(qtbot: QtBot, *, ended: bool) -> None:
    world = World()
    world.files.kept |= {"/team/sealwright.yaml": FILE, "/team/p.policy": TEXT}
    waiting = FleetEntry(world.open.provider.id, "SgxEnclave", "p.policy", "hash", "waiting")
    done = replace(waiting, provider_id="gone", state="proven")
    now = world.clock.now()
    world.fleet_journal.records.append(
        FleetRecord("r", "/team", now, now if ended else None, (waiting, done))
    )
    desk = Desk(qtbot, world)
    desk.open()
    desk.quiet()
    assert ("An apply was cut off" in desk.notices()) is not ended
    if not ended:
        desk.click("Open fleet")
        sheet = desk.window.findChild(FleetSheet)
        assert isinstance(sheet, FleetSheet)
        desk.qtbot.waitUntil(lambda: "was cut off" in sheet.banner.title)
        desk.quiet()
    desk.close()


def test_a_backup_that_was_never_rehearsed_is_said(qtbot: QtBot) -> None:
    world = World()
    world.settings.kept["backup.rehearsed"] = '"2026-01-01T00:00:00+00:00"'
    desk = Desk(qtbot, world)
    desk.open()
    qtbot.waitUntil(lambda: "Rehearse a restore" in desk.notices())
    desk.close()


def test_a_certificate_that_is_not_trusted_is_no_failed_region(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = desk.window.panels["providers"]
    assert isinstance(panel, ProvidersPanel)
    looked: list[object] = []
    monkeypatch.setattr(desk.runner, "start", lambda *call: looked.append(call))
    for stopped in (UntrustedError("Not trusted."), ProxyError("Not let through.")):
        panel.watch.unanswered(desk.world.open.provider, stopped)
    monkeypatch.undo()
    assert looked == [], "nobody asks how the region is"
