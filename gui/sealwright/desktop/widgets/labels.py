"""Words on a surface: labels of a type role, labels that shorten, key caps, hairlines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from sealwright.desktop import theme
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.painting import rounded, words

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent


class Label(QLabel):
    """Words of our own, which wrap or stand whole. Data belongs in an `ElidingLabel`.

    `color` is `text`, `text2`, `text3`, `err`, `warn` or `ok`.
    """

    def __init__(
        self,
        text: str = "",
        *,
        role: theme.Role = theme.Role.BODY,
        color: str = "text",
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(theme.font(role))
        self.setProperty("k", color)
        self.setWordWrap(wrap)
        if wrap:
            self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)

    def set_color(self, color: str) -> None:
        """Another colour of the text."""
        if self.property("k") != color:
            self.setProperty("k", color)
            self.style().unpolish(self)
            self.style().polish(self)


class ElidingLabel(QLabel):
    """Data on one line: shortened to the width there is, whole in the tooltip."""

    def __init__(
        self,
        text: str = "",
        *,
        role: theme.Role = theme.Role.BODY,
        color: str = "text",
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._elide = elide
        self._color = color
        self._measured = ("", "")
        self._width = 2
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(theme.font(role))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def set_color(self, color: str) -> None:
        """Another token, such as `text3` or `err.text`."""
        self._color = color
        self.update()

    def setText(self, text: str) -> None:
        """Show other data."""
        super().setText(text)
        self.setAccessibleName(text)
        self._tell()

    def _full_width(self) -> int:
        """Asked at every layout; measured when the text or the font is another."""
        asked = (self.text(), self.font().key())
        if asked != self._measured:
            self._measured = asked
            self._width = QFontMetrics(self.font()).horizontalAdvance(self.text()) + 2
        return self._width

    def _tell(self) -> None:
        self.setToolTip(self.text() if self._full_width() > self.width() else "")

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tell()

    @virtual_value(QSize(40, 18))
    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(self._full_width(), max(metrics.height(), theme.px(16)))

    @virtual_value(QSize(24, 18))
    def minimumSizeHint(self) -> QSize:
        hint = self.sizeHint()
        return QSize(min(hint.width(), theme.px(36)), hint.height())

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        color = theme.color(self._color) if self.isEnabled() else theme.palette().textoff
        align = self.alignment() & Qt.AlignmentFlag.AlignHorizontal_Mask
        words(
            painter,
            self.rect(),
            self.text(),
            self.font(),
            color,
            align=Qt.AlignmentFlag(align.value),
            elide=self._elide,
        )


class KeyCaps(QWidget):
    """Keys of a shortcut as caps: `Ctrl+K` becomes two."""

    def __init__(self, keys: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_keys(keys)

    def set_keys(self, keys: str) -> None:
        """Another shortcut."""
        self._keys = tuple(part for part in keys.split("+") if part)
        self.setAccessibleName(keys)
        self.updateGeometry()
        self.update()

    @virtual_value(QSize(20, 20))
    def sizeHint(self) -> QSize:
        return QSize(keys_width(self._keys), theme.px(18))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_keys(painter, self.rect(), self._keys)


def _cap_widths(keys: tuple[str, ...]) -> list[int]:
    metrics = QFontMetrics(theme.font(theme.Role.MICRO))
    return [max(metrics.horizontalAdvance(key) + theme.px(10), theme.px(18)) for key in keys]


def keys_width(keys: tuple[str, ...]) -> int:
    """How wide the caps of a shortcut are together."""
    return sum(_cap_widths(keys)) + 4 * max(len(keys) - 1, 0)


def paint_keys(painter: QPainter, rect: QRect, keys: tuple[str, ...]) -> None:
    """Caps side by side from the left edge of `rect`, centred upright."""
    colors = theme.palette()
    height = theme.px(18)
    left = rect.left()
    top = rect.top() + (rect.height() - height) // 2
    for key, width in zip(keys, _cap_widths(keys), strict=True):
        box = QRect(left, top, width, height)
        rounded(painter, box, 4, colors.raised, colors.border2)
        words(
            painter,
            box,
            key,
            theme.font(theme.Role.MICRO),
            colors.text2,
            align=Qt.AlignmentFlag.AlignHCenter,
        )
        left += width + 4


class Hairline(QWidget):
    """A one-pixel line in `border`, sharp at every scale."""

    def __init__(self, *, vertical: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        if vertical:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme.palette().border)
