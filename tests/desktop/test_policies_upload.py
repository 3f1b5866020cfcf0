"""The way to the provider: review, upload, proof, refusal, roll back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from helpers.policies_desk import POLICY, SGX, PoliciesDesk, open_policies, texts
from sealwright.errors import UnreachableError

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from helpers.simulators import World
    from sealwright.desktop.host import Host


@pytest.fixture
def desk(qtbot: QtBot, host: Host, world: World) -> PoliciesDesk:
    return open_policies(qtbot, host, world)


def test_an_upload_is_reviewed_run_and_proven(desk: PoliciesDesk, host: Host) -> None:
    told: list[str] = []
    host.changed.connect(told.append)
    page = desk.open(desk.world.isolated)
    desk.retype(page, POLICY)
    sheet = desk.review()
    assert "6 added, 1 removed" in texts(sheet)
    assert sheet.signer.chosen == "root"
    assert sheet.confirm.isEnabled()
    desk.press(sheet.confirm)
    desk.wait(lambda: sheet.confirm.text() == "Done")
    assert "Proven" in sheet.footer_text.text()
    assert "holds" in texts(sheet.run_steps)
    assert "Signed with \u201croot\u201d" in texts(sheet.run_steps)
    assert "`" not in texts(sheet)
    assert "policies" in told, "the list of providers would go on showing the old policy"
    desk.press(sheet.confirm)
    desk.wait(lambda: desk.panel.changes.sheet is None)
    desk.wait(lambda: page.strip.standing.verdict == "equal")
    assert not page.edited
    desk.wait(lambda: not desk.world.drafts.kept)


def test_nothing_is_sent_when_the_review_is_cancelled(desk: PoliciesDesk) -> None:
    page = desk.open(desk.world.isolated)
    desk.retype(page, POLICY)
    sheet = desk.review()
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    desk.wait(lambda: desk.panel.changes.sheet is None)
    assert page.editor.text() == POLICY
    assert page.strip.standing.verdict == "differs"
    assert QApplication.focusWidget() is page.editor


@pytest.mark.parametrize("fault", ["wrong_hash", "algorithm_none", "own_key_in_header", "keep"])
def test_a_lying_provider_is_never_shown_as_proven(desk: PoliciesDesk, fault: str) -> None:
    page = desk.open(desk.world.isolated)
    desk.retype(page, POLICY)
    sheet = desk.review()
    setattr(desk.world.isolated.faults, fault, True)
    if fault in ("algorithm_none", "own_key_in_header"):
        desk.world.isolated.faults.signed_by = "stranger"
    desk.press(sheet.confirm)
    desk.wait(lambda: sheet.confirm.text() == "Try again")
    assert "Proven" not in sheet.footer_text.text()
    assert "not proven" in sheet.footer_text.text() or "Nothing" in sheet.footer_text.text()
    assert "failed" in texts(sheet.run_steps)
    assert page.editor.text() == POLICY


def test_a_cut_connection_can_be_tried_again(desk: PoliciesDesk) -> None:
    page = desk.open(desk.world.isolated)
    desk.retype(page, POLICY)
    sheet = desk.review()
    lost = UnreachableError("The connection was cut.")
    desk.world.isolated.faults.fail_after("set_policy", lost)
    desk.press(sheet.confirm)
    desk.wait(lambda: sheet.confirm.text() in ("Try again", "Done"))
    if sheet.confirm.text() == "Try again":
        assert "not known" in sheet.footer_text.text()
        desk.press(sheet.confirm)
        desk.wait(lambda: sheet.confirm.text() == "Done")
    assert "Proven" in sheet.footer_text.text()


def test_roll_back_from_history_is_proven(desk: PoliciesDesk) -> None:
    page = desk.open(desk.world.isolated)
    first = page.held.deployed.text  # type: ignore[union-attr]  # waited for
    desk.retype(page, POLICY)
    sheet = desk.review()
    desk.press(sheet.confirm)
    desk.wait(lambda: sheet.confirm.text() == "Done")
    desk.press(sheet.confirm)
    desk.wait(lambda: page.strip.standing.verdict == "equal")
    bottom = desk.panel.bottom
    bottom.tabs.setCurrentIndex(2)
    desk.wait(lambda: bottom.history.table.rows.total >= 2)
    here = desk.world.isolated.provider.id
    oldest = next(
        entry
        for entry in desk.world.history.rows
        if entry.text == first and entry.provider_id == here and entry.attestation_type is SGX
    )
    assert bottom.history.table.select_key(str(oldest.seq))
    assert bottom.history.roll_back.isEnabled()
    desk.press(bottom.history.roll_back)
    desk.wait(lambda: desk.panel.changes.sheet is not None)
    assert "Roll back" in desk.sheet.title.text()
    desk.press(desk.sheet.confirm)
    desk.wait(lambda: desk.sheet.confirm.text() == "Done")
    desk.press(desk.sheet.confirm)
    desk.wait(lambda: page.editor.text() == first.replace("\r\n", "\n"))


def test_a_new_text_gets_a_provider_and_can_be_reviewed(desk: PoliciesDesk) -> None:
    panel = desk.panel
    QTest.keyClick(panel.library, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    page = desk.front
    review = page.strip.review
    assert "Choose a provider" in review.toolTip()
    for width in (620, 700, 760, 900):
        page.strip.setFixedWidth(width)
        desk.wait(lambda: review.width() >= review.sizeHint().width())
        assert page.strip.rect().contains(review.geometry()), width
    panel.changes.target_chosen.emit(page, desk.place(desk.world.open))
    desk.wait(lambda: page.held.deployed is not None)
    desk.retype(page, POLICY)
    assert page.strip.standing.verdict == "differs"
    assert desk.review().signer.chosen is None
