"""The trust anchors in the window: found under Settings, with what has expired in red."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from sealwright.desktop.evidence.anchors_sheet import AnchorsSheet, anchor_table
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.tables.cells import State
from sealwright.evidence.basis.trust import VTPM_ROOT, TrustAnchor
from sealwright.services.evidence.anchors import AnchorRow, AnchorState

if TYPE_CHECKING:
    from helpers.desk import Desk
    from sealwright.desktop.theme import Theme


def sheets(desk: Desk) -> list[AnchorsSheet]:
    return [each for each in desk.window.findChildren(AnchorsSheet) if each.isVisible()]


def test_the_roots_are_listed_under_settings(desk: Desk) -> None:
    desk.window.show_panel("settings")
    desk.click("Trust anchors…")
    desk.qtbot.waitUntil(
        lambda: bool(sheets(desk)) and bool(list(sheets(desk)[0].table.rows.leaves()))
    )
    sheet = sheets(desk)[0]
    rows = {row.cells[0].words: row.cells[2].words for row in sheet.table.rows.leaves()}
    assert rows["Attestation keys of TPMs"] == "none"
    said = [each.text() for each in sheet.findChildren(QLabel)]
    assert any("Attestation keys of TPMs" in text and "its vendor" in text for text in said)
    desk.click("Copy File")
    assert QGuiApplication.clipboard().text() == "/home/test/trust-anchors.json"
    desk.key(Qt.Key.Key_Escape)
    desk.qtbot.waitUntil(lambda: not sheets(desk))


def test_what_has_expired_says_so(look: Theme) -> None:
    del look
    key = "11" * 32
    old = TrustAnchor(VTPM_ROOT, "lab", "Lab TPMs", key, "lab", "1", "2025-01-01", "2026-11-01")
    row = AnchorRow(VTPM_ROOT, "Attestation keys of TPMs", AnchorState.EXPIRED, old)
    cells = anchor_table([row])[0].cells
    state = cells[2]
    assert isinstance(state, State)
    assert (state.text, state.tone) == ("expired", Tone.ERR)
    assert "until 2026-11-01 only" in cells[4].words
