"""What the composition root knows of a window before Qt starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Where this home is, what it remembers, and how the window is to be shown."""

    home: str
    """Folder of this home, shown in the settings."""
    icons: Mapping[str, bytes] = field(repr=False)
    """SVG sources by name."""
    window_state: str = field(default="", repr=False)
    """What `save_state` was last given."""
    save_state: Callable[[str], None] | None = None
    """Keeps the window state; blocking, called on a worker thread."""
    listen: Callable[[Callable[[], None]], None] | None = None
    """Calls back, from any thread, when the program is started again on this home."""
    theme: str = ""
    """`light` or `dark` overrides what was chosen; for pictures and tests."""
    crash_log: str = ""
    """File for crashes of the interpreter."""
    heartbeat: bool = False
    """Measure the worst gap of the window's thread and print it at the end."""
