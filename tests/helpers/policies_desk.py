"""The Policies panel in a window over real services, with what a person does to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from sealwright.claims.attestation_type import AttestationType
from sealwright.desktop.host import PolicyPlace
from sealwright.desktop.policies.library.shelf import place_key
from sealwright.desktop.policies.panel import PoliciesPanel

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from helpers.simulated_provider import SimulatedProvider
    from helpers.simulators import World
    from sealwright.desktop.host import Host
    from sealwright.desktop.policies.document.page import DocumentPage
    from sealwright.desktop.policies.review.sheet import ReviewSheet

SGX = AttestationType.SGX_ENCLAVE
POLICY = "version=1.0;\nauthorizationrules {\n    => permit();\n};\nissuancerules {\n};\n"


class PoliciesDesk:
    """The panel in a window, with what a person does to it."""

    def __init__(self, window: QWidget, panel: PoliciesPanel, world: World, qtbot: QtBot) -> None:
        # The window is held here: Qt's parent does not keep the Python object alive.
        self.window, self.panel, self.world, self.qtbot = window, panel, world, qtbot

    def place(self, simulated: SimulatedProvider) -> PolicyPlace:
        return PolicyPlace(simulated.provider.id, SGX)

    def click(self, key: str) -> None:
        """Click a row of the library."""
        library = self.panel.library
        assert library.choose(key)
        at = library.visualRect(library.currentIndex()).center()
        QTest.mouseClick(library.viewport(), Qt.MouseButton.LeftButton, pos=at)

    def open(self, simulated: SimulatedProvider) -> DocumentPage:
        self.click(place_key(self.place(simulated)))
        self.wait(lambda: self.panel.desk.front is not None)
        page = self.front
        self.wait(lambda: page.held.deployed is not None and page.analyser.settled)
        return page

    @property
    def front(self) -> DocumentPage:
        page = self.panel.desk.front
        assert page is not None
        return page

    @property
    def sheet(self) -> ReviewSheet:
        sheet = self.panel.changes.sheet
        assert sheet is not None
        return sheet

    def wait(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition)

    def retype(self, page: DocumentPage, text: str) -> None:
        """Replace the whole text by typing."""
        page.editor.setFocus()
        QTest.keyClick(page.editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClick(page.editor, Qt.Key.Key_Delete)
        page.editor.insertPlainText(text[:-1])
        if text.endswith("\n"):
            QTest.keyClick(page.editor, Qt.Key.Key_Return)
        else:
            QTest.keyClicks(page.editor, text[-1])
        self.wait(lambda: page.analyser.settled)

    def review(self) -> ReviewSheet:
        control_shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        QTest.keyClick(self.front.editor, Qt.Key.Key_U, control_shift)
        self.wait(lambda: self.panel.changes.sheet is not None)
        return self.sheet

    def press(self, button: QWidget) -> None:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def bare_panel(qtbot: QtBot, host: Host) -> tuple[QWidget, PoliciesPanel]:
    """The panel in a window of its own, before it has services."""
    window = QWidget()
    panel = PoliciesPanel(host, window)
    window.resize(1364, 820)
    panel.resize(1364, 820)
    qtbot.addWidget(window)
    with qtbot.waitActive(window, timeout=60_000):
        window.show()
        window.activateWindow()
    return window, panel


def shown_panel(qtbot: QtBot, host: Host, world: World) -> tuple[QWidget, PoliciesPanel]:
    """The panel in a window of its own, with services."""
    window, panel = bare_panel(qtbot, host)
    services = world.services()
    panel.set_services(services)
    host.overviews.set_services(services)
    host.set_providers(tuple(world.directory.kept.values()))
    return window, panel


def open_policies(qtbot: QtBot, host: Host, world: World) -> PoliciesDesk:
    """The panel, once the library is filled."""
    window, panel = shown_panel(qtbot, host, world)
    desk = PoliciesDesk(window, panel, world, qtbot)
    desk.wait(lambda: len(panel.feed.shelf.cells) >= 18)
    return desk


def texts(widget: QWidget) -> str:
    """Everything that the labels of a widget say."""
    words = [child.accessibleName() for child in widget.findChildren(QWidget)]
    words += [str(child.property("text") or "") for child in widget.findChildren(QWidget)]
    return "\n".join(words)
