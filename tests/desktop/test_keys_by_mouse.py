"""Keys in a real keyring, by mouse and keyboard in the window over the real home and sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QLabel, QPlainTextEdit

from helpers.desk import Desk
from helpers.secret_service import lock_collection, secret_service, secret_service_session
from sealwright.composition.opening import open_services
from sealwright.desktop.signers.panel import SignersPanel
from sealwright.store.home import find_home

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from keyring.backend import KeyringBackend
    from pytestqt.qtbot import QtBot

    from helpers.private_session import PrivateSession
    from sealwright.services.bundle import Services

__all__ = ["secret_service", "secret_service_session"]

WORDS = "correct horse battery"
EXAMPLE = "contoso-policy-signer"


@pytest.fixture
def desk(
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    secret_service: KeyringBackend,
) -> Iterator[Desk]:
    """A filled window whose keys lie in the real keyring."""
    monkeypatch.setattr("keyring.get_keyring", lambda: secret_service)

    async def opened() -> Services:
        return await open_services(find_home(str(tmp_path / "home")))

    made = Desk(qtbot, open_services=opened)
    made.open()
    made.click("Signers")
    made.qtbot.waitUntil(lambda: keys(made) == [EXAMPLE])
    yield made
    made.leave()
    made.close()
    assert made.reports == []


def keys(desk: Desk) -> list[str]:
    panel = desk.window.panels["signers"]
    assert isinstance(panel, SignersPanel)
    return [use.key.name for use in panel.keys.keys]


def said(desk: Desk) -> str:
    return "\n".join(label.text() for label in desk.all(QLabel))


@pytest.mark.keyring
def test_a_key_is_renamed_exported_deleted_and_imported(desk: Desk, tmp_path: Path) -> None:
    desk.click("Rename…")
    desk.type_into("New name", "ours")
    desk.click("Rename")
    desk.qtbot.waitUntil(lambda: keys(desk) == ["ours"])

    target = tmp_path / "ours.p12"
    desk.click("Export…")
    desk.click_tab("Form", "PKCS#12 with certificates")
    desk.type_into("Passphrase", WORDS)
    desk.type_into("Passphrase again", WORDS)
    desk.click("Export…")
    desk.answer_file_dialog(target)
    desk.qtbot.waitUntil(lambda: "The key was exported" in desk.notices())

    desk.click("Delete…")
    assert "It signs for contoso-prod." in said(desk)
    desk.type_into("Type ours to go on", "ours")
    desk.click("Delete key")
    desk.qtbot.waitUntil(lambda: keys(desk) == [])

    desk.click("Import key…")
    desk.click("Open a file…")
    desk.answer_file_dialog(target)
    text = desk.wait_for(QPlainTextEdit, "Key and certificates as text")
    desk.qtbot.waitUntil(lambda: text.placeholderText().startswith("A binary file of"))
    desk.type_into("Passphrase", "another one")
    desk.click("Import key")
    desk.qtbot.waitUntil(lambda: "does not open" in said(desk))
    assert keys(desk) == []
    desk.type_into("Passphrase", WORDS)
    desk.click("Import key")
    desk.qtbot.waitUntil(lambda: keys(desk) == ["ours"])


# keyring leaves its connection open when it finds the collection locked.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.keyring
def test_a_keyring_that_stays_locked_is_said_and_what_was_typed_goes_on_later(
    desk: Desk, secret_service_session: PrivateSession
) -> None:
    """Nobody answers the keyring's question for its password: what a refusal looks like there."""
    lock_collection()
    try:
        desk.click("Generate")
        desk.type_into("Name", "second")
        desk.click("Generate key")
        desk.qtbot.waitUntil(
            lambda: "The OS keyring is locked, and it was not unlocked" in said(desk)
        )
        assert "or unlock it first, and try again." in said(desk)
        assert keys(desk) == [EXAMPLE]
    finally:
        secret_service_session.restart_keyring()
    desk.click("Generate key")
    desk.qtbot.waitUntil(lambda: sorted(keys(desk)) == [EXAMPLE, "second"])
