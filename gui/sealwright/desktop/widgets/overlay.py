"""What covers a whole window: the window below it as a picture, and the fade of a card over it.

A translucent widget has all that lies below it painted again whenever something in it changes. An
overlay takes a picture of the window once, when it opens, and is opaque from then on. The picture
is a copy of what the window has painted already: to render it anew lays out every hidden panel,
and takes ten times as long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QCoreApplication,
    QEasingCurve,
    QEvent,
    QPoint,
    QRect,
    Qt,
    QTimer,
    QVariantAnimation,
    Signal,
    Slot,
)
from PySide6.QtGui import QGuiApplication, QImage, QPainter, QPixmap, QRegion
from PySide6.QtWidgets import QStackedWidget, QWidget

from sealwright.desktop import theme
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.shadow import LARGE, paint_shadow

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QPaintEvent

RISE = 8
FADE_MS = 120
_RENEWAL_MS = 1000


class Overlay(QWidget):
    """The scrim over a window. Without a picture it lets the window itself shine through."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._picture: QPixmap | None = None
        self._renewing = False
        self._renewal = QTimer(self)
        self._renewal.setSingleShot(True)
        self._renewal.setInterval(_RENEWAL_MS)
        self._renewal.timeout.connect(self._renew)

    def take_picture(self) -> None:
        """Keep the look of the window below, and renew it once what is under way has ended."""
        window = self.parentWidget()
        if window is None or not window.isVisible():
            return
        picture = _painted(window) or self._rendered(window)
        _fill(picture, window.rect(), theme.palette().scrim)
        if self._picture is None:
            self._renewal.start()
        self._keep(picture)

    def _keep(self, picture: QPixmap) -> None:
        self._picture = picture
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def _rendered(self, window: QWidget) -> QPixmap:
        """The window painted anew, where what it has painted cannot be had."""
        picture = QPixmap(window.size() * window.devicePixelRatioF())
        picture.setDevicePixelRatio(window.devicePixelRatioF())
        _fill(picture, window.rect(), theme.palette().canvas)
        painter = QPainter(picture)
        for widget in self._below(window):
            # Of a stack the page in front only: rendering lays out the hidden ones as well.
            page = widget.currentWidget() if isinstance(widget, QStackedWidget) else widget
            if page is not None:
                page.render(painter, page.mapTo(window, QPoint()))
        painter.end()
        return picture

    def _below(self, window: QWidget) -> list[QWidget]:
        """The parts of the window that this one covers, the lowest first."""
        widgets = [each for each in window.children() if isinstance(each, QWidget)]
        if self in widgets and self.isVisible():
            widgets = widgets[: widgets.index(self)]
        return [
            each
            for each in widgets
            if each is not self and each.isVisible() and not each.isWindow()
        ]

    def renew_soon(self) -> None:
        """Something ended that the window below may show."""
        if self._picture is not None:
            self._renewal.start()

    @Slot()
    def _renew(self) -> None:
        if self.isVisible() and self._picture is not None:
            self._renewing = True
            self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, on=False)
            # Paints the window below too, and keeps what it looks like before anything covers it.
            self.repaint()
            self._renewing = False
            self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def drop_picture(self) -> None:
        """The window below looks otherwise now: show it itself."""
        self._picture = None
        self._renewal.stop()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, on=False)
        self.update()

    @property
    def picture(self) -> QPixmap | None:
        """The window with the scrim over it."""
        return self._picture

    def paint_ground(self, painter: QPainter, card: QRect) -> None:
        """The window, the scrim, and the shadow of the card."""
        if self._renewing:
            self._take_again(card)
        if self._picture is None:
            painter.fillRect(self.rect(), theme.palette().scrim)
        else:
            painter.drawPixmap(0, 0, self._picture)
        paint_shadow(painter, card, LARGE)

    def _take_again(self, card: QRect) -> None:
        """Keep what lies below, which has just been painted, but where the card hides it."""
        window = self.parentWidget()
        picture = _copied(window) if window is not None else None
        if picture is None or self._picture is None:
            return
        _fill(picture, self.rect(), theme.palette().scrim)
        painter = QPainter(picture)
        painter.setClipRect(card)
        painter.drawPixmap(0, 0, self._picture)
        painter.end()
        self._picture = picture

    @virtual
    def changeEvent(self, event: QEvent) -> None:
        """Another theme needs another picture."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._picture is not None:
            self.drop_picture()


def _painted(window: QWidget) -> QPixmap | None:
    """What the window looks like, as far as it has been painted; None where that is not known."""
    if not window.isWindow() or not window.windowHandle().isExposed():
        return None
    # What waits to be painted, an overlay that has just been left for one, is painted now.
    QCoreApplication.sendPostedEvents(window, QEvent.Type.UpdateRequest)
    return _copied(window)


def _copied(window: QWidget) -> QPixmap | None:
    """A copy of the pixels that the window's widgets are painted into."""
    if QGuiApplication.platformName() == "cocoa":
        # It hands out the buffer that is painted next, which may be an older one, or none yet.
        return None
    pixels = window.backingStore().paintDevice()
    ratio = window.devicePixelRatioF()
    size = window.size() * ratio
    if not isinstance(pixels, QImage) or not pixels.rect().contains(QRect(QPoint(), size)):
        return None
    picture = QPixmap.fromImage(pixels.copy(QRect(QPoint(), size)))
    picture.setDevicePixelRatio(ratio)
    return picture


def _fill(picture: QPixmap, place: QRect, color: QColor) -> None:
    painter = QPainter(picture)
    painter.fillRect(place, color)
    painter.end()


class CardFade(QWidget):
    """Lies over an overlay while its card fades in: two pictures, no widget painted again.

    The card is there from the start and has mouse and keyboard.
    """

    faded = Signal()

    def __init__(self, overlay: Overlay, card: QWidget) -> None:
        super().__init__(overlay)
        self._overlay = overlay
        self._card = _look_of(card)
        self._place = card.geometry()
        self._share = 0.0
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        reach = LARGE.reach + RISE
        self._moving = self._place.adjusted(-reach, -reach, reach, reach)
        self.setGeometry(overlay.rect())
        self._fade = QVariantAnimation(self)
        self._fade.setDuration(FADE_MS)
        self._fade.setStartValue(0.0)
        self._fade.setEndValue(1.0)
        self._fade.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._fade.valueChanged.connect(self._on_value)
        self._fade.finished.connect(self._on_finished)

    def start(self) -> None:
        """Fade in, then go."""
        self.show()
        self.raise_()
        self._fade.start()

    @Slot(object)
    def _on_value(self, value: object) -> None:
        self._share = float(value) if isinstance(value, float) else 1.0
        self.update(self._moving)

    @Slot()
    def _on_finished(self) -> None:
        self.hide()
        self.faded.emit()
        self.deleteLater()

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        picture = self._overlay.picture
        if picture is not None:
            painter.drawPixmap(0, 0, picture)
        painter.setOpacity(self._share)
        place = self._place.translated(0, round(RISE * (1 - self._share)))
        paint_shadow(painter, place, LARGE)
        painter.drawPixmap(place.topLeft(), self._card)


def _look_of(card: QWidget) -> QPixmap:
    """A picture of a card; what lies beside its rounded corners stays clear."""
    ratio = card.devicePixelRatioF()
    made = QPixmap(card.size() * ratio)
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    card.render(made, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
    return made
