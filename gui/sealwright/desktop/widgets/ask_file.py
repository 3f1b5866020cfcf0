"""Asks for files without blocking the event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget


def ask_file(parent: QWidget, title: str, use: Callable[[str], None]) -> None:
    """Ask for one file that exists, and hand its path on."""
    dialog = QFileDialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    _open(dialog, use)


def ask_files(parent: QWidget, title: str, use: Callable[[list[str]], None]) -> None:
    """Ask for files that exist, one or more, and hand their paths on."""
    dialog = QFileDialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.filesSelected.connect(use)
    _show(dialog)


def ask_where_to_save(parent: QWidget, title: str, use: Callable[[str], None], suffix: str) -> None:
    """Ask where a file shall be written."""
    dialog = QFileDialog(parent, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(suffix)
    _open(dialog, use)


def _open(dialog: QFileDialog, use: Callable[[str], None]) -> None:
    dialog.fileSelected.connect(use)
    _show(dialog)


def _show(dialog: QFileDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
