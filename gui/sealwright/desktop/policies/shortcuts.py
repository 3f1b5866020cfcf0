"""The keys of the panel. They work anywhere in it and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtWidgets import QWidget

KEYS = {
    "Ctrl+N": "new",
    "Ctrl+O": "open",
    "Ctrl+S": "save",
    "Ctrl+Shift+S": "save-as",
    "Ctrl+W": "close",
    "Ctrl+F": "find",
    "Ctrl+H": "replace",
    "Ctrl+G": "go-to-line",
    "F3": "find-next",
    "Shift+F3": "find-previous",
    "Ctrl+Shift+U": "review",
    "Ctrl+I": "explain",
    "F12": "definition",
    "Shift+F12": "uses",
    "F2": "rename",
    "Ctrl+.": "fix",
    "Alt+Return": "fix-now",
    "Ctrl+Shift+F": "format",
    "Ctrl+J": "bottom",
    "F5": "refresh",
    "F8": "next-problem",
    "Shift+F8": "previous-problem",
    "F10": "step",
    "Ctrl+Shift+D": "dry-run",
    "Ctrl+Shift+B": "builder",
    "Ctrl+Shift+O": "outline",
    "Ctrl+L": "filter",
    "Ctrl+Shift+[": "fold",
    "Ctrl+Shift+]": "unfold",
    "Ctrl+Tab": "next-tab",
    "Ctrl+Shift+Tab": "previous-tab",
}

ON_PAGE = (
    "save",
    "save-as",
    "close",
    "find",
    "replace",
    "find-next",
    "find-previous",
    "go-to-line",
    "review",
    "explain",
    "definition",
    "uses",
    "rename",
    "fix",
    "fix-now",
    "format",
    "fold",
    "unfold",
)
"""Names of what is done to the document in front."""


def add_shortcuts(panel: QWidget, calls: Mapping[str, Callable[[], object]]) -> None:
    """Bind every key to its call."""
    for keys, name in KEYS.items():
        shortcut = QShortcut(QKeySequence(keys), panel)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(calls[name])
