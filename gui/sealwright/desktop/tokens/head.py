"""The head of the Tokens panel: its title, and what can be done with a token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QSize, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from sealwright.desktop import theme
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.buttons import Button, Kind, ToolButton
from sealwright.desktop.widgets.heads import PanelHead

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QWidget

_ROOMY = 860
"""Below this width of the head, only the primary button and the menu stay."""


class TokenHead(PanelHead):
    """Buttons for the common things, a menu for all of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(QCoreApplication.translate("TokenHead", "Tokens"), parent)
        self.compare_button = Button(
            self.tr("Compare…"),
            icon="compare",
            kind=Kind.GHOST,
            tip=self.tr("Beside another token"),
        )
        self.release_button = Button(
            self.tr("Release check"),
            icon="unlock",
            kind=Kind.GHOST,
            tip=self.tr("Would a key vault release a key for this token?"),
        )
        self.copy_button = Button(
            self.tr("Copy claims"), icon="copy", tip=self.tr("The claims as JSON, to the clipboard")
        )
        self.open = Button(self.tr("Open token"), icon="folder", kind=Kind.PRIMARY)
        self.more = ToolButton("more", self.tr("More for tokens"), size=30)
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        self.paste = self._action(self.tr("From clipboard"))
        self.batch = self._action(self.tr("Many tokens…"))
        # Made here and not by `addMenu`: a wrapper of what Qt made is invalid once a sheet goes.
        self.recent = QMenu(self.tr("Recent tokens"), self.menu)
        self.menu.addMenu(self.recent)
        self.menu.addSeparator()
        self.compare = self._action(self.tr("Compare…"))
        self.release = self._action(self.tr("Release check…"))
        self.rules = self._action(self.tr("Relying-party rules…"))
        self.time = self._action(self.tr("Check at another time…"))
        self.collateral = self._action(self.tr("Load Intel collateral…"))
        self.menu.addSeparator()
        self.copy = self._action(self.tr("Copy claims"))
        self.report = self._action(self.tr("Save report…"))
        self.close_token = self._action(self.tr("Close token"))
        for widget in (
            self.compare_button,
            self.release_button,
            self.copy_button,
            self.open,
            self.more,
        ):
            self.tools.addWidget(widget)
        self._connect()
        self.set_open(opened=False)

    def _action(self, text: str) -> QAction:
        action = QAction(text, self)
        self.menu.addAction(action)
        return action

    def _connect(self) -> None:
        self.more.clicked.connect(self._on_more)
        self.compare_button.clicked.connect(self.compare.trigger)
        self.release_button.clicked.connect(self.release.trigger)
        self.copy_button.clicked.connect(self.copy.trigger)

    def set_open(self, *, opened: bool) -> None:
        """What needs a token says so while there is none."""
        why = "" if opened else self.tr("Open a token first.")
        for button in (self.compare_button, self.release_button, self.copy_button):
            button.set_available(why)
        for action in (
            self.compare,
            self.release,
            self.time,
            self.copy,
            self.report,
            self.close_token,
        ):
            action.setEnabled(opened)
            action.setToolTip(why)

    @Slot()
    def _on_more(self) -> None:
        self.menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    @virtual_value(QSize(340, 56))
    def minimumSizeHint(self) -> QSize:
        """What stays when there is no room: title, primary button, menu."""
        return QSize(theme.px(340), self.height())

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        """The buttons that are in the menu too leave when there is no room."""
        super().resizeEvent(event)
        roomy = self.width() >= theme.px(_ROOMY)
        for button in (self.compare_button, self.release_button, self.copy_button):
            button.setVisible(roomy)
