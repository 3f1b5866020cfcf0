"""A dashed box that takes files and text by drop or paste, and opens a file on a click."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QPainter, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.keyboard_ring import KeyboardRing, keyboard_focus
from sealwright.desktop.widgets.painting import focus_ring, words

if TYPE_CHECKING:
    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import (
        QDragEnterEvent,
        QDragLeaveEvent,
        QDropEvent,
        QKeyEvent,
        QPaintEvent,
    )


class DropZone(KeyboardRing, QAbstractButton):
    """Drop, paste or click."""

    file_dropped = Signal(str)
    text_dropped = Signal(str)

    def __init__(self, title: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._hint = title, hint
        self._over = False
        self.setAccessibleName(title)
        self.setAccessibleDescription(hint)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def take(self, mime: QMimeData) -> bool:
        """Take a file or text; False when there is neither."""
        return take_mime(self, mime)

    @virtual_value(QSize(300, 96))
    def sizeHint(self) -> QSize:
        """As high as the design says."""
        return QSize(theme.px(300), theme.px(96))

    @virtual
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files and text are welcome."""
        if event.mimeData().hasUrls() or event.mimeData().hasText():
            self._over = True
            self.update()
            event.acceptProposedAction()

    @virtual
    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Gone again."""
        self._over = False
        self.update()

    @virtual
    def dropEvent(self, event: QDropEvent) -> None:
        """Take it."""
        self._over = False
        self.update()
        if self.take(event.mimeData()):
            event.acceptProposedAction()

    @virtual
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+V pastes."""
        if event.matches(QKeySequence.StandardKey.Paste):
            self.take(QGuiApplication.clipboard().mimeData())
        else:
            super().keyPressEvent(event)

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """Dashes, icon, title, hint."""
        painter = QPainter(self)
        colors = theme.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(colors.focus if self._over else colors.edge, 1, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(colors.accent_tint if self._over else colors.raised)
        radius = theme.px(8)
        box = self.rect().adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(box, radius, radius)
        size = theme.px(18)
        top = (self.height() - theme.px(60)) // 2
        theme.paint(painter, (self.width() - size) // 2, top, "import", size=size, color="text2")
        center = Qt.AlignmentFlag.AlignHCenter
        title = QRect(8, top + theme.px(24), self.width() - 16, theme.px(18))
        words(painter, title, self._title, theme.font(Role.STRONG), colors.text, align=center)
        hint = QRect(8, top + theme.px(43), self.width() - 16, theme.px(16))
        words(painter, hint, self._hint, theme.font(Role.SMALL), colors.text2, align=center)
        if keyboard_focus(self):
            focus_ring(painter, self.rect(), radius)


def take_mime(zone: DropZone, mime: QMimeData) -> bool:
    """Emit the first local file, else the text."""
    for url in mime.urls():
        if url.isLocalFile():
            zone.file_dropped.emit(url.toLocalFile())
            return True
    if mime.hasText() and mime.text().strip():
        zone.text_dropped.emit(mime.text())
        return True
    return False
