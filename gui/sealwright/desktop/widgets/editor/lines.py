"""An editor as those know it who paint under its lines and beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtCore import QPointF, QRect
    from PySide6.QtGui import QTextBlock
    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.widgets.editor.folding import Folds
    from sealwright.desktop.widgets.editor.marks import LineChange, Mark


class Viewed(Protocol):
    """A text of which some lines are in view."""

    def visible_lines(self) -> list[tuple[QTextBlock, QRect]]:
        """Blocks in view, each with its place in the viewport."""
        ...

    def viewport(self) -> QWidget:
        """What the lines are painted on."""
        ...

    def contentOffset(self) -> QPointF:
        """How far the text is scrolled."""
        ...


class Lined(Protocol):
    """What there is to show and to do beside each line; lines count from 0."""

    @property
    def folds(self) -> Folds:
        """What can be folded, and is."""
        ...

    def visible_lines(self) -> list[tuple[QTextBlock, QRect]]:
        """Blocks in view, each with its place in the viewport."""
        ...

    def shows_current_line(self) -> bool:
        """Whether the line of the cursor is tinted."""
        ...

    def heaviest_marks(self) -> Mapping[int, Mark]:
        """The heaviest finding of each line in view that has one."""
        ...

    def line_message(self, number: int) -> str:
        """What the heaviest finding of a line in view says."""
        ...

    def line_change(self, number: int) -> LineChange | None:
        """How a line differs from what is deployed."""
        ...

    def select_line(self, number: int) -> None:
        """Select a whole line."""
        ...
