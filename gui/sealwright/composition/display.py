"""Whether there is a display for a window, asked before Qt is."""

from __future__ import annotations

import os
import sys

from sealwright.errors import UsageError


def want_display(hint: str) -> None:
    """Qt ends the process where it finds none, and names its plugins instead of the reason.

    Raises:
        UsageError: no display is named; with `hint`, what to do then.
    """
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in names):
        raise UsageError("There is no display to open the window on.", hint=hint)
