"""The one object of Qt's that other threads touch.

A signal emitted on a worker, whose sender the Qt thread deletes at that moment, is a crash. So
workers put what they have to say into a mailbox that lives as long as the application, and the
Qt thread hands it to whoever is still there.
"""

from __future__ import annotations

from collections import deque
from time import perf_counter
from typing import Protocol

import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal, Slot

_TURN = 0.004
"""Seconds of one delivery; what is left waits until the window has been painted."""


class Receiver(Protocol):
    """A `QObject` with a parent, so that Python never deletes it on the thread of a worker."""

    def deliver(self, value: object) -> None:
        """Take what was sent; called on the Qt thread."""


class Mailbox(QObject):
    """Carries values to receivers on the Qt thread, in the order in which they were sent."""

    _arrived = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._letters: deque[tuple[Receiver, object]] = deque()
        self._woken = False
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self._deliver)
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @classmethod
    def of_application(cls) -> Mailbox:
        """The application's mailbox; asked for on the Qt thread."""
        application = QCoreApplication.instance()
        if application is None:
            raise RuntimeError
        found = application.findChild(cls, options=Qt.FindChildOption.FindDirectChildrenOnly)
        return found if found is not None else cls(application)

    def send(self, receiver: Receiver, value: object) -> None:
        """Deliver `value` soon, unless `receiver` is gone by then; may be called on any thread."""
        self._letters.append((receiver, value))
        if not self._woken:
            self._woken = True
            self._arrived.emit()

    @Slot()
    def _deliver(self) -> None:
        # Told first, so that whoever sends from here on wakes this again.
        self._woken = False
        end = perf_counter() + _TURN
        while self._letters:
            receiver, value = self._letters.popleft()
            if self._letters:
                # Before the delivery, which may open a sheet with an event loop of its own.
                self._again.start()
            if shiboken6.isValid(receiver):
                receiver.deliver(value)
            if perf_counter() > end:
                return
