"""Bad input in the window: what happened, why and what to do is said, and what was typed stays."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from helpers.key_files import certificate, der, pem, rsa_key
from sealwright.claims.attestation_type import AttestationType
from sealwright.desktop.host import PolicyPlace, TokenText
from sealwright.desktop.policies.library.shelf import file_key
from sealwright.desktop.policies.panel import PoliciesPanel
from sealwright.desktop.signers.add_sheet import AddSignerSheet
from sealwright.desktop.tokens.panel import TokensPanel
from sealwright.errors import StorageError

if TYPE_CHECKING:
    from helpers.desk import Desk
    from sealwright.desktop.policies.document.page import DocumentPage
    from sealwright.desktop.policies.review.sheet import ReviewSheet

SGX = AttestationType.SGX_ENCLAVE
TEXT = "version=1.0;\nauthorizationrules{=>permit();};\nissuancerules{};\n"
_ANSWER = "_answer"
FULL = StorageError("The local database cannot be written: the disk is full.", hint="Free some.")


def words_of(widget: QWidget) -> str:
    """Everything that a part of the window says."""
    children = widget.findChildren(QWidget)
    said = [child.accessibleName() for child in children]
    said += [str(child.property("text") or "") for child in children]
    return "\n".join(said)


def notices(desk: Desk) -> str:
    return "\n".join(f"{notice.title}\n{notice.text}" for notice in desk.window.notices.shown)


class Policies:
    """The Policies panel of the window."""

    def __init__(self, desk: Desk) -> None:
        desk.click("Policies")
        panel = desk.window.panels["policies"]
        assert isinstance(panel, PoliciesPanel)
        self.desk, self.panel = desk, panel

    @property
    def page(self) -> DocumentPage:
        page = self.panel.desk.front
        assert page is not None
        return page

    def open(self) -> DocumentPage:
        self.panel.open_policy(PolicyPlace(self.desk.world.isolated.provider.id, SGX))
        self.desk.qtbot.waitUntil(lambda: self.panel.desk.front is not None)
        page = self.page
        self.desk.qtbot.waitUntil(lambda: page.held.deployed is not None and page.analyser.settled)
        return page

    def type(self, text: str) -> DocumentPage:
        page = self.open()
        page.editor.setFocus()
        QTest.keyClick(page.editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClick(page.editor, Qt.Key.Key_Delete)
        page.editor.insertPlainText(text)
        self.desk.qtbot.waitUntil(lambda: page.analyser.settled)
        return page

    def review(self) -> ReviewSheet:
        keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        QTest.keyClick(self.page.editor, Qt.Key.Key_U, keys)
        self.desk.qtbot.waitUntil(lambda: self.panel.changes.sheet is not None)
        sheet = self.panel.changes.sheet
        assert sheet is not None
        return sheet

    def upload(self, sheet: ReviewSheet, end: str) -> None:
        QTest.mouseClick(sheet.confirm, Qt.MouseButton.LeftButton)
        self.desk.qtbot.waitUntil(lambda: sheet.confirm.text() == end)


@pytest.fixture
def policies(desk: Desk) -> Policies:
    return Policies(desk)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (TEXT.replace("permit()", "permit(“)"), "straight quote"),
        (TEXT + "// filler\n" * 110_000, "1,048,576 bytes"),
    ],
    ids=["smart quotes", "too large"],
)
def test_what_the_provider_will_refuse_is_said_before(
    policies: Policies, typed: str, said: str
) -> None:
    page = policies.type(typed)
    assert said in words_of(policies.review())
    assert page.editor.text() == typed


def test_an_empty_policy_cannot_be_sent(policies: Policies) -> None:
    page = policies.type("")
    reason = page.strip.review.toolTip()
    if page.strip.review.isEnabled():
        sheet = policies.review()
        assert not sheet.confirm.isEnabled()
        reason = words_of(sheet)
    assert "empty" in reason
    assert "set_policy" not in policies.desk.world.isolated.calls


@pytest.mark.parametrize(
    ("summary", "hint"),
    [
        ("The OS keyring is locked.", "Unlock it and try again."),
        ("Access to the OS keyring was denied.", "Allow Sealwright when you are asked."),
    ],
)
def test_a_keyring_that_does_not_open_is_said_and_the_upload_goes_on_later(
    policies: Policies, summary: str, hint: str
) -> None:
    page, world = policies.type(TEXT), policies.desk.world
    sheet = policies.review()
    world.vault.broken = StorageError(summary, hint=hint)
    QTest.mouseClick(sheet.confirm, Qt.MouseButton.LeftButton)
    told = policies.desk
    told.qtbot.waitUntil(lambda: summary.rstrip(".") in notices(told) + words_of(sheet))
    assert hint.rstrip(".") in notices(told) + words_of(sheet)
    assert "set_policy" not in world.isolated.calls
    assert page.editor.text() == TEXT
    world.vault.broken = None
    told.qtbot.waitUntil(sheet.confirm.isEnabled)
    policies.upload(sheet, "Done")


def test_an_expired_certificate_is_said_where_its_key_is_chosen(policies: Policies) -> None:
    world = policies.desk.world
    late = der(certificate(rsa_key(), days=(-3000, -2000)))
    world.isolated.certificates.append(late)
    world.vault.hold("late", chain=(late,))
    policies.type(TEXT)
    sheet = policies.review()
    assert "xpired" in words_of(sheet)


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_a_day_off_is_named(
    policies: Policies, days: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, world = policies.type(TEXT), policies.desk.world
    answer, real = getattr(world.isolated, _ANSWER), world.clock.time

    def at_its_time(*arguments: object, **named: object) -> object:
        ours, world.clock.time = world.clock.time, real
        try:
            return answer(*arguments, **named)
        finally:
            world.clock.time = ours

    monkeypatch.setattr(world.isolated, _ANSWER, at_its_time)
    world.clock.time = real + timedelta(days=days)
    sheet = policies.review()
    said = words_of(sheet)
    assert "1 day" in said
    assert "clock" in said
    assert "Import the key" not in said
    assert not sheet.confirm.isEnabled()
    assert page.editor.text() == TEXT


def test_a_change_that_cannot_be_logged_is_proven_all_the_same(
    policies: Policies, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_: object) -> None:
        raise FULL

    policies.type(TEXT)
    sheet = policies.review()
    monkeypatch.setattr(policies.desk.world.log, "append", full)
    policies.upload(sheet, "Done")
    assert "Proven" in sheet.footer_text.text()
    assert "disk is full" in notices(policies.desk)


def test_a_file_that_cannot_be_saved_stays_edited(policies: Policies) -> None:
    desk, path = policies.desk, "/home/me/a.policy"
    desk.world.files.kept[path] = TEXT.encode()
    policies.panel.files.open_file(path)
    desk.qtbot.waitUntil(lambda: policies.panel.desk.page(file_key(path)) is not None)
    page = policies.page
    page.editor.setFocus()
    QTest.keyClicks(page.editor, "//")
    desk.world.files.full = True
    QTest.keyClick(page.editor, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    desk.qtbot.waitUntil(lambda: "disk is full" in notices(desk))
    assert page.edited
    assert page.editor.text() == "//" + TEXT
    assert desk.world.files.kept[path] == TEXT.encode()


@pytest.mark.parametrize("name", ["/home/me/none", "/home/me/large"])
def test_a_file_that_cannot_be_opened_is_said(policies: Policies, name: str) -> None:
    desk = policies.desk
    desk.world.files.kept["/home/me/large"] = b"x" * (17 * 2**20)
    policies.panel.files.open_file(name)
    desk.qtbot.waitUntil(lambda: name in notices(desk))


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("eyJhbGciOiJub25lIn0.e!!.", "payload of the token is not base64url"),
        ("eyJhbGciOiJub25lIn0.e30", "three parts"),
    ],
)
def test_a_broken_token_is_shown_with_what_is_wrong_and_what_to_do(
    desk: Desk, token: str, said: str
) -> None:
    desk.click("Tokens")
    panel = desk.window.panels["tokens"]
    assert isinstance(panel, TokensPanel)
    desk.host.token_wanted.emit(TokenText(token, "bad"))
    desk.qtbot.waitUntil(lambda: said in panel.view.verdict.sentence)
    assert panel.view.verdict.title in ("Invalid", "Unsecured")
    card = panel.chain.picture.parts[0]
    assert said in card.accessibleDescription()
    assert "Copy the token whole" in card.toolTip()


def test_a_text_that_is_no_token_says_so_and_keeps_the_one_before(desk: Desk) -> None:
    desk.click("Tokens")
    panel = desk.window.panels["tokens"]
    assert isinstance(panel, TokensPanel)
    desk.host.token_wanted.emit(TokenText("eyJhbGciOiJub25lIn0.e30.", "good"))
    desk.qtbot.waitUntil(lambda: panel.current is not None)
    desk.host.token_wanted.emit(TokenText("hello", "bad"))
    desk.qtbot.waitUntil(panel.pages.refused.isVisible)
    said = " ".join(label.text() for label in panel.pages.refused.findChildren(QLabel))
    assert "three parts" in said
    assert "Copy the whole token" in said
    assert panel.current is None
    desk.click("Back to good")
    desk.qtbot.waitUntil(lambda: panel.current is not None)
    assert panel.view.isVisible()


@pytest.fixture
def adding(desk: Desk) -> AddSignerSheet:
    isolated = next(p for p in desk.host.providers if p.name == "isolated")
    desk.host.choose_provider(isolated)
    desk.click("Signers")
    sheet = AddSignerSheet(desk.host, desk.window, desk.world.services(), ())
    sheet.open_sheet()
    return sheet


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("garbage", "no certificate"),
        (pem(certificate(rsa_key())).decode() * 2, "2 certificates"),
        (pem(certificate(rsa_key())).decode()[:-40], "cut off"),
    ],
)
def test_a_bundle_with_garbage_adds_nothing_and_stays_to_be_corrected(
    desk: Desk, adding: AddSignerSheet, text: str, said: str
) -> None:
    chosen: list[object] = []
    adding.certificate_chosen.connect(chosen.append)
    adding.text.setPlainText(text)
    QTest.mouseClick(adding.ok, Qt.MouseButton.LeftButton)
    desk.qtbot.waitUntil(lambda: said in words_of(adding) + notices(desk))
    assert chosen == []
    assert adding.text.toPlainText() == text
    assert adding.isVisible()


def test_a_binary_file_replaces_what_was_pasted_before(desk: Desk, adding: AddSignerSheet) -> None:
    chosen: list[object] = []
    adding.certificate_chosen.connect(chosen.append)
    wanted = der(certificate(rsa_key(number=1), "wanted"))
    adding.text.setPlainText(pem(certificate(rsa_key(), "pasted")).decode())
    adding._on_file(wanted)  # noqa: SLF001 - the dialog itself is the system's
    QTest.mouseClick(adding.ok, Qt.MouseButton.LeftButton)
    desk.qtbot.waitUntil(lambda: bool(chosen))
    assert getattr(chosen[0], "der", b"") == wanted
