"""The wheel is for scrolling: a choice that lies under the mouse is not changed by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.desktop.virtual import virtual

if TYPE_CHECKING:
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QWidget

    _Base = QWidget
else:
    _Base = object


class WheelPasses(_Base):
    """Put before the Qt class among the bases: the wheel goes to what scrolls around it.

    Qt's own choices take it, so whoever scrolls a form changes a location or a policy unseen.
    """

    @virtual
    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
