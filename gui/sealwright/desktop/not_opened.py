"""The window that says why Sealwright did not open: a start from an icon has no terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout

from sealwright.desktop import theme
from sealwright.desktop.app import application
from sealwright.desktop.messages import message, quoted
from sealwright.desktop.theme import Theme
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.sheet import SheetFooter
from sealwright.desktop.widgets.surfaces import Picture

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.desktop.messages import Message
    from sealwright.errors import AppError

_WIDTH = 520
_LOWEST = 180
_UNSEEN = ("offscreen", "minimal")
"""Platforms of Qt that show nothing, so that nobody could close what they show."""


class NotOpened(QDialog):
    """What happened, what to do, and the raw facts, which can be copied. Esc and Enter close it."""

    def __init__(self, error: AppError) -> None:
        super().__init__()
        title = self.tr("Sealwright did not open")
        said = message(error)
        self.setWindowTitle(title)
        self.setWindowIcon(theme.icon("mark", "accent"))
        self.setAccessibleName(title)
        self.setAccessibleDescription(said.text)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(_picture_and_texts(title, said), 1)
        column.addWidget(self._footer())
        width = theme.px(_WIDTH)
        self.setFixedSize(width, max(theme.px(_LOWEST), self.heightForWidth(width)))

    def _footer(self) -> SheetFooter:
        button = Button(self.tr("Close"), kind=Kind.PRIMARY, tip=self.tr("Close (Esc)"))
        button.setDefault(True)
        button.clicked.connect(self.accept)
        footer = SheetFooter()
        footer.row.addStretch(1)
        footer.row.addWidget(button)
        return footer


def show_not_opened(error: AppError, icons: Mapping[str, bytes]) -> None:
    """Show `error` until the window is closed; nothing where nobody could see it."""
    app = application()
    if QGuiApplication.platformName() not in _UNSEEN:
        look = Theme(app, icons)
        NotOpened(error).exec()
        look.deleteLater()


def _picture_and_texts(title: str, said: Message) -> QHBoxLayout:
    texts = QVBoxLayout()
    texts.setSpacing(theme.px(8))
    texts.addWidget(Label(title, role=theme.Role.SHEET))
    for text, color in (
        (quoted(said.sentence), "text"),
        (quoted(said.hint), "text2"),
        (said.details_text, "text3"),
    ):
        if text:
            label = Label(text, color=color, wrap=True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            texts.addWidget(label)
    texts.addStretch()
    row = QHBoxLayout()
    row.setContentsMargins(theme.px(22), theme.px(20), theme.px(22), theme.px(20))
    row.setSpacing(theme.px(14))
    row.addWidget(Picture("err", "err.mark", size=24), 0, Qt.AlignmentFlag.AlignTop)
    row.addLayout(texts, 1)
    return row
