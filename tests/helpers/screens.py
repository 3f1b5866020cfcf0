"""Pictures of widgets, in either theme and any size, for the eye and for the README.

`python tests/helpers/screens.py` lists what it can draw; set QT_SCALE_FACTOR=2 before the start for
200 %, since a picture scaled afterwards shows icons at their small size.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QFont, QFontDatabase

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QWidget

ROOT = Path(__file__).resolve().parents[2]


@cache
def icon_sources() -> dict[str, bytes]:
    """The icons of this checkout."""
    return {path.stem: path.read_bytes() for path in (ROOT / "resources/icons").glob("*.svg")}


def prefer_inter(app: QApplication) -> None:
    """Draw with Inter where it is installed, as the design pictures do."""
    if "Inter" in QFontDatabase.families():
        app.setFont(QFont("Inter"))


def settle(widget: QWidget) -> None:
    """Let layouts and deferred calls finish."""
    widget.ensurePolished()
    for _ in range(5):
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)


def grab(widget: QWidget, path: Path, width: int, height: int) -> Path:
    """Show at a size and keep the picture as PNG."""
    widget.resize(width, height)
    widget.show()
    settle(widget)
    path.parent.mkdir(parents=True, exist_ok=True)
    widget.grab().save(str(path))
    return path
