"""Typing, signing with a key of a real keyring, and a proven upload: the UI thread stays free."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from helpers.desk import Desk
from helpers.secret_service import secret_service, secret_service_session
from helpers.ui_guards import guarded_ui_thread
from sealwright.claims.attestation_type import AttestationType
from sealwright.composition.opening import open_services
from sealwright.desktop.host import PolicyPlace
from sealwright.desktop.policies.panel import PoliciesPanel
from sealwright.store.home import find_home

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from keyring.backend import KeyringBackend
    from pytestqt.qtbot import QtBot

    from sealwright.services.bundle import Services

__all__ = ["secret_service", "secret_service_session"]

TEXT = "version=1.0;\nauthorizationrules{=>permit();};\nissuancerules{};\n"


def test_a_proven_upload_does_nothing_blocking_on_the_window_s_thread(
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    secret_service: KeyringBackend,
) -> None:
    monkeypatch.setattr("keyring.get_keyring", lambda: secret_service)
    home = find_home(str(tmp_path / "home"))
    opened: list[Services] = []

    async def opening() -> Services:
        opened.append(await open_services(home))
        return opened[0]

    desk = Desk(qtbot, open_services=opening)
    with guarded_ui_thread(monkeypatch) as seen:
        desk.open()
        _upload(desk)
        desk.leave()
    desk.close()
    assert seen == []
    assert desk.reports == []


def _upload(desk: Desk) -> None:
    isolated = next(p for p in desk.host.providers if p.trust_model.value == "Isolated")
    desk.click("Policies")
    panel = desk.window.panels["policies"]
    assert isinstance(panel, PoliciesPanel)
    panel.open_policy(PolicyPlace(isolated.id, AttestationType.SGX_ENCLAVE))
    desk.qtbot.waitUntil(lambda: panel.desk.front is not None)
    page = panel.desk.front
    assert page is not None
    desk.qtbot.waitUntil(lambda: page.held.deployed is not None and page.analyser.settled)
    page.editor.setFocus()
    QTest.keyClick(page.editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(page.editor, Qt.Key.Key_Delete)
    QTest.keyClicks(page.editor, TEXT.splitlines()[0])
    page.editor.insertPlainText(TEXT[len(TEXT.splitlines()[0]) :])
    desk.qtbot.waitUntil(lambda: bool(page.held.draft_id))
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(page.editor, Qt.Key.Key_U, keys)
    desk.qtbot.waitUntil(lambda: panel.changes.sheet is not None)
    sheet = panel.changes.sheet
    assert sheet is not None
    assert sheet.signer.chosen
    QTest.mouseClick(sheet.confirm, Qt.MouseButton.LeftButton)
    desk.qtbot.waitUntil(lambda: sheet.confirm.text() in ("Done", "Try again"))
    assert sheet.confirm.text() == "Done"
    QTest.mouseClick(sheet.confirm, Qt.MouseButton.LeftButton)
    desk.quiet()
