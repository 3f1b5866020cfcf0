"""Holds back what takes longer than a key until the typing rests."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

REST_MS = 150
LONG_REST_MS = 600
"""After a key in a long text, where what follows takes long: nobody waits for it between words."""
LONG = 50_000
"""Characters from which a text is long."""


class Pause(QObject):
    """`over(object)` brings what was told last: at once, or after the typing."""

    begun = Signal()
    """The typing goes on after a rest: what was brought is out of date."""
    over = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._last: object = None
        self._typed = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REST_MS)
        self._timer.timeout.connect(self._on_rest)

    def typed(self, length: int) -> None:
        """A key changed the text, which has so many characters."""
        if not self._typed:
            self._typed = True
            self.begun.emit()
        self._timer.setInterval(LONG_REST_MS if length >= LONG else REST_MS)

    def tell(self, value: object) -> None:
        """Something new is known about the text."""
        self._last = value
        if self._typed:
            self._timer.start()
        else:
            self._on_rest()

    @Slot()
    def _on_rest(self) -> None:
        self._timer.stop()
        self._typed = False
        self.over.emit(self._last)
