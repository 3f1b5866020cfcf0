"""F1: the keys of the window in one list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QGridLayout, QScrollArea, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role
from sealwright.desktop.widgets.buttons import Button
from sealwright.desktop.widgets.labels import KeyCaps, Label
from sealwright.desktop.widgets.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.desktop.window.rail import RailEntry


class ShortcutSheet(Sheet):
    """All keys, grouped by where they work."""

    def __init__(self, window: QWidget, entries: Sequence[RailEntry]) -> None:
        size = QSize(theme.px(640), theme.px(620))
        super().__init__(window, self.tr("Keyboard shortcuts"), icon="keyboard", size=size)
        grid_box = QWidget()
        grid = QGridLayout(grid_box)
        grid.setContentsMargins(theme.px(22), theme.px(12), theme.px(22), theme.px(12))
        grid.setVerticalSpacing(theme.px(8))
        row = 0
        for title, keys in self._groups(entries):
            grid.addWidget(Label(title, role=Role.SECTION, color="text2"), row, 0, 1, 2)
            row += 1
            for combination, words in keys:
                grid.addWidget(Label(words), row, 0)
                grid.addWidget(KeyCaps(combination), row, 1, Qt.AlignmentFlag.AlignRight)
                row += 1
        grid.setRowStretch(row, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setAccessibleName(self.tr("Keyboard shortcuts"))
        area.setProperty("k", "clear")
        grid_box.setProperty("k", "clear")
        area.setWidget(grid_box)
        self.body.addWidget(area)
        done = Button(self.tr("Close"))
        done.clicked.connect(self.request_close)
        self.buttons.addWidget(done)

    def _groups(self, entries: Sequence[RailEntry]) -> list[tuple[str, list[tuple[str, str]]]]:
        return [
            (
                self.tr("Everywhere"),
                [
                    *((entry.keys, self.tr("Go to {0}").format(entry.title)) for entry in entries),
                    ("Ctrl+K", self.tr("Search or run a command")),
                    ("Ctrl+,", self.tr("Settings")),
                    ("F6", self.tr("Next pane")),
                    ("Shift+F6", self.tr("Previous pane")),
                    ("F1", self.tr("This list")),
                    ("Ctrl+Q", self.tr("Quit")),
                ],
            ),
            (
                self.tr("Lists"),
                [
                    ("↑+↓", self.tr("Move")),
                    ("→", self.tr("Open a group")),
                    ("←", self.tr("Close a group")),
                    ("Enter", self.tr("Open what is chosen")),
                    ("Ctrl+C", self.tr("Copy the chosen rows")),
                    ("Ctrl+F", self.tr("Filter")),
                    ("F5", self.tr("Refresh")),
                ],
            ),
            (
                self.tr("Policies"),
                [
                    ("Ctrl+S", self.tr("Save the file")),
                    ("Ctrl+F", self.tr("Find in the text")),
                    ("Ctrl+H", self.tr("Find and replace")),
                    ("Ctrl+G", self.tr("Go to a line")),
                    ("Ctrl+Space", self.tr("What can be written here")),
                    ("Ctrl+I", self.tr("Explain what stands at the cursor")),
                    ("F12", self.tr("Where the name at the cursor is made")),
                    ("Shift+F12", self.tr("Every place of the name at the cursor")),
                    ("F2", self.tr("Rename the identifier at the cursor")),
                    ("Ctrl+/", self.tr("Make lines comments, or text again")),
                    ("F8", self.tr("Go to the next problem")),
                    (
                        "Ctrl+.",
                        self.tr("Make the quick fix here, or choose one of several"),
                    ),
                    ("Alt+Enter", self.tr("Make the first quick fix at once")),
                    ("Ctrl+Shift+F", self.tr("Format the text")),
                    ("Ctrl+Shift+[", self.tr("Fold the section")),
                    ("Ctrl+Shift+]", self.tr("Open the folded section")),
                    ("Ctrl+Shift+D", self.tr("Dry run")),
                    ("F10", self.tr("Dry run: go to the next rule")),
                    ("Ctrl+Shift+B", self.tr("Builder")),
                    ("Ctrl+Shift+O", self.tr("Outline")),
                    ("Ctrl+L", self.tr("Filter the library")),
                    ("Ctrl+Shift+U", self.tr("Review and upload")),
                    ("Esc", self.tr("Leave the text for the library")),
                    ("Ctrl+M", self.tr("Tab moves on or indents")),
                ],
            ),
        ]
