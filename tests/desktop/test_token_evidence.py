"""From a token's chain into the evidence viewer: the evidence of the key that signed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from helpers.attest_bench import attest_bench
from sealwright.desktop.tokens.panel import TokensPanel
from sealwright.desktop.widgets.buttons import Button

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from sealwright.desktop.host import Host


def test_the_chain_of_a_token_leads_into_the_evidence_of_its_key(
    host: Host, qtbot: QtBot, tmp_path: Path
) -> None:
    with attest_bench(host, qtbot, tmp_path) as bench:
        tokens = TokensPanel(host, bench.window)
        tokens.set_services(bench.scene.services)
        bench.bring(bench.put_quote("release.bin"))
        bench.attest()
        bench.click("Open in Tokens")
        bench.wait(lambda: tokens.shown_token is not None)
        shown = tokens.shown_token
        assert shown is not None
        stop = next(each for each in shown.found.chain.stops if each.place == "evidence")
        tokens.desk.show_part(stop)
        QTest.mouseClick(bench.one(Button, "Evidence viewer…"), Qt.MouseButton.LeftButton)
        sheet = bench.panel.opener.sheet
        assert sheet is not None
        bench.wait(lambda: sheet.viewer.shown is not None)
        assert sheet.title.text() == "Evidence of the signing key"
        held = sheet.viewer.shown
        assert held is not None
        assert held.examination.kind.value == "oe-report"
        assert held.examination.valid
