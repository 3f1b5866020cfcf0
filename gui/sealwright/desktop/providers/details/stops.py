"""The connection test as a line of stops: where the way to the provider ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QWidget

from sealwright.desktop import theme
from sealwright.desktop.messages import quoted
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.painting import words
from sealwright.desktop.wording import took
from sealwright.services.providers.connection import NO_PROXY

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from sealwright.services.providers.connection import ConnectionCheck

_LOOKS = {
    "pass": ("ok", "ok.mark"),
    "fail": ("err", "err.mark"),
    "skip": ("none", "text3"),
}


class ConnectionStops(QWidget):
    """Icon, name and time of each stop, joined by a line."""

    def __init__(self, checks: tuple[ConnectionCheck, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(theme.px(54))
        self.show_checks(checks)

    def show_checks(self, checks: tuple[ConnectionCheck, ...]) -> None:
        """Another way, or none."""
        # Where nothing stands in between, there is no stop.
        self._checks = tuple(check for check in checks if check.detail != NO_PROXY)
        said = ", ".join(f"{check.title}: {self._words(check)}" for check in checks)
        self.setAccessibleName(self.tr("Connection test: {0}").format(said))
        self.setToolTip("\n".join(f"{check.title}: {quoted(check.detail)}" for check in checks))
        self.update()

    def _words(self, check: ConnectionCheck) -> str:
        if check.status == "skip":
            return self.tr("not tried")
        return took(check.seconds)

    @virtual_value(QSize(240, 54))
    def sizeHint(self) -> QSize:
        """Takes the width there is."""
        return QSize(theme.px(240), theme.px(54))

    def _columns(self) -> list[QRect]:
        """The room of each stop: as wide as its words, with the rest shared out."""
        names, times = QFontMetrics(theme.font(Role.SMALL)), QFontMetrics(theme.font(Role.MICRO))
        wanted = [
            max(names.horizontalAdvance(check.title), times.horizontalAdvance(_time(check)))
            for check in self._checks
        ]
        spare = max(self.width() - sum(wanted), 0) / len(wanted)
        made, left = [], 0.0
        for width in wanted:
            made.append(QRect(int(left), 0, int(width + spare), self.height()))
            left += width + spare
        return made

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """The line, the icons, names and times."""
        if not self._checks:
            return
        painter = QPainter(self)
        columns = self._columns()
        size = theme.px(14)
        for i, check in enumerate(self._checks):
            if i:
                start, end = columns[i - 1].center().x() + size, columns[i].center().x() - size
                self._paint_line(painter, start, end, check)
            self._paint_stop(painter, columns[i], check)

    def _paint_line(self, painter: QPainter, start: int, end: int, check: ConnectionCheck) -> None:
        colors = theme.palette()
        passed = check.status == "pass"
        line = colors.tone(Tone.OK).border if passed else colors.border
        painter.fillRect(start, theme.px(14) // 2, end - start, 2, line)

    def _paint_stop(self, painter: QPainter, room: QRect, check: ConnectionCheck) -> None:
        colors, size = theme.palette(), theme.px(14)
        icon, color = _LOOKS.get(check.status, _LOOKS["skip"])
        theme.paint(painter, room.center().x() - size // 2, 0, icon, size=size, color=color)
        center = Qt.AlignmentFlag.AlignHCenter
        name = QRect(room.left(), size + 2, room.width(), theme.px(18))
        tone = colors.tone(Tone.ERR).text if check.status == "fail" else colors.text
        words(painter, name, check.title, theme.font(Role.SMALL), tone, align=center)
        time = QRect(room.left(), size + theme.px(18), room.width(), theme.px(16))
        words(painter, time, _time(check), theme.font(Role.MICRO), colors.text3, align=center)


def _time(check: ConnectionCheck) -> str:
    return "–" if check.status == "skip" else took(check.seconds)  # noqa: RUF001 - a dash
