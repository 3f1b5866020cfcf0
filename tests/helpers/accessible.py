"""Walks a tree of widgets for what a screen reader would not know how to call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
    QWidget,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
)


def nameless(root: QWidget) -> list[str]:
    """Controls under `root` that have no accessible name, as class and object path."""
    return [_path(widget) for widget in _controls(root) if not widget.accessibleName().strip()]


def _controls(root: QWidget) -> Iterator[QWidget]:
    for widget in root.findChildren(QWidget):
        inner = widget.objectName().startswith("qt_") or isinstance(
            widget.parentWidget(), (QComboBox, QAbstractSpinBox, QTabBar, QAbstractItemView)
        )
        if isinstance(widget, _CONTROLS) and not inner:
            yield widget


def _path(widget: QWidget) -> str:
    parts = []
    here: QWidget | None = widget
    while here is not None:
        parts.append(type(here).__name__)
        here = here.parentWidget()
    return " < ".join(parts)
