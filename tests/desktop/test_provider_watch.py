"""What is watched unasked is said once: failed regions, drift, backups never rehearsed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.desk import Desk
from helpers.simulators import World
from sealwright.desktop.providers.panel import ProvidersPanel
from sealwright.errors import UnreachableError

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

FILE = b"version: 1\nassignments:\n- providers: [open]\n  policies: {sgx: p.policy}\n"
TEXT = b"version= 1.0;authorizationrules{=> permit();};issuancerules{};"


def test_a_failed_region_is_said_once(desk: Desk) -> None:
    lost = UnreachableError("No answer.", status=503)
    faults = desk.world.open.faults
    for _ in range(2):
        faults.fail_before("signing_keys", lost)
        faults.fail_before("metadata", lost)
    desk.click("Refresh")
    desk.qtbot.waitUntil(lambda: "Region tst" in desk.notices())
    desk.quiet()
    desk.click("Refresh")
    desk.quiet()
    assert desk.notices().count("Region tst") == 1


def test_drift_is_said_when_it_is_new(qtbot: QtBot) -> None:
    world = World()
    world.files.kept |= {"/w/sealwright.yaml": FILE, "/w/p.policy": TEXT}
    desk = Desk(qtbot, world)
    desk.open()
    panel = desk.window.panels["providers"]
    assert isinstance(panel, ProvidersPanel)
    panel.tools.keeping.workspace = "/w"
    panel.watch.look()
    qtbot.waitUntil(lambda: "The fleet has drifted" in desk.notices())
    desk.click("Open fleet")
    desk.quiet()
    desk.close()


def test_a_backup_that_was_never_rehearsed_is_said(qtbot: QtBot) -> None:
    world = World()
    world.settings.kept["backup.rehearsed"] = '"2026-01-01T00:00:00+00:00"'
    desk = Desk(qtbot, world)
    desk.open()
    qtbot.waitUntil(lambda: "Rehearse a restore" in desk.notices())
    desk.close()
