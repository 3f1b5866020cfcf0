"""The connection test as a line of stops: where the way to the provider ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.painting import words
from sealwright.desktop.wording import took

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from sealwright.services.connection import ConnectionCheck

_LOOKS = {
    "pass": ("ok", "ok.mark"),
    "fail": ("err", "err.mark"),
    "skip": ("none", "text3"),
}


class ConnectionStops(QWidget):
    """Icon, name and time of each stop, joined by a line."""

    def __init__(self, checks: tuple[ConnectionCheck, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._checks = checks
        self.setFixedHeight(theme.px(54))
        said = ", ".join(f"{check.title}: {self._words(check)}" for check in checks)
        self.setAccessibleName(self.tr("Connection test: {0}").format(said))
        self.setToolTip("\n".join(f"{check.title}: {check.detail}" for check in checks))

    def _words(self, check: ConnectionCheck) -> str:
        if check.status == "skip":
            return self.tr("not tried")
        return took(check.seconds)

    @virtual_value(QSize(240, 54))
    def sizeHint(self) -> QSize:
        """Takes the width there is."""
        return QSize(theme.px(240), theme.px(54))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """The line, the icons, names and times."""
        if not self._checks:
            return
        painter = QPainter(self)
        colors = theme.palette()
        pitch = self.width() / len(self._checks)
        size = theme.px(14)
        for i, check in enumerate(self._checks):
            middle = int(pitch * (i + 0.5))
            if i:
                start = int(pitch * (i - 0.5)) + size
                ok = check.status == "pass"
                line = colors.tone(Tone.OK).border if ok else colors.border
                painter.fillRect(start, size // 2, middle - size - start, 2, line)
            icon, color = _LOOKS.get(check.status, _LOOKS["skip"])
            theme.paint(painter, middle - size // 2, 0, icon, size=size, color=color)
            left, width = int(pitch * i), int(pitch)
            center = Qt.AlignmentFlag.AlignHCenter
            name = QRect(left, size + 2, width, theme.px(18))
            tone = colors.tone(Tone.ERR).text if check.status == "fail" else colors.text
            words(painter, name, check.title, theme.font(Role.SMALL), tone, align=center)
            time = QRect(left, size + theme.px(18), width, theme.px(16))
            words(
                painter,
                time,
                self._words(check),
                theme.font(Role.MICRO),
                colors.text3,
                align=center,
            )
