"""A policy document in the panel, and a person at the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from helpers.policies_desk import bare_panel
from sealwright.claims.attestation_type import AttestationType
from sealwright.desktop.host import PolicyPlace

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from helpers.simulators import World
    from sealwright.desktop.host import Host
    from sealwright.desktop.policies.document.page import DocumentPage
    from sealwright.desktop.policies.panel import PoliciesPanel

CONTROL = Qt.KeyboardModifier.ControlModifier
CONTROL_SHIFT = CONTROL | Qt.KeyboardModifier.ShiftModifier


class Writing:
    """A document in front of the panel, and a person at the keyboard."""

    def __init__(
        self, window: QWidget, panel: PoliciesPanel, page: DocumentPage, qtbot: QtBot
    ) -> None:
        # The window is held here: Qt's parent does not keep the Python object alive.
        self.window = window
        self.panel, self.page, self.editor, self.qtbot = panel, page, page.editor, qtbot

    def wait(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition)

    def settle(self) -> None:
        self.wait(lambda: self.page.analyser.settled)

    def show(self, text: str, at: str = "") -> None:
        """Put a text in and the cursor behind `at`."""
        self.editor.set_text(text)
        self.editor.setFocus()
        self.editor.go_to(text.index(at) + len(at))
        self.settle()

    def codes(self) -> list[str]:
        assert self.page.analysis is not None
        return [finding.code for finding in self.page.analysis.findings]

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = CONTROL) -> None:
        QTest.keyClick(self.editor, key, modifiers)

    def key(self, key: Qt.Key) -> None:
        QTest.keyClick(self.editor, key)

    def type(self, text: str) -> None:
        for sign in text:
            if sign == "\n":
                self.key(Qt.Key.Key_Return)
            else:
                QTest.keyClicks(self.editor, sign)

    def chosen(self) -> str:
        popup = self.page.assist.completer.popup
        item = popup.chosen if popup is not None else None
        return item.label if item is not None else ""


def writing_in(qtbot: QtBot, host: Host, world: World) -> Writing:
    """A new text for SGX in a panel over real services."""
    window, panel = bare_panel(qtbot, host)
    panel.set_services(world.services())
    page = panel.files.new_text()
    # The place says the attestation type; no provider is asked in these tests.
    page.held.place = PolicyPlace("nowhere", AttestationType.SGX_ENCLAVE)
    made = Writing(window, panel, page, qtbot)
    made.settle()
    return made
