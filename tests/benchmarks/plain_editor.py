"""Qt's own editor with nothing but our colours: what a key takes before anybody reads the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QFont, QSyntaxHighlighter, QTextCharFormat
from PySide6.QtWidgets import QPlainTextEdit

from sealwright.desktop import theme
from sealwright.desktop.theme import Syntax
from sealwright.desktop.widgets.editor.syntax import pieces

if TYPE_CHECKING:
    from sealwright.desktop.widgets.editor.code_editor import CodeEditor


class _Colours(QSyntaxHighlighter):
    """Colours each line as the program does."""

    def __init__(self, editor: QPlainTextEdit) -> None:
        super().__init__(editor.document())
        self._formats: dict[Syntax, QTextCharFormat] = {}
        for syntax in Syntax:
            made = self._formats[syntax] = QTextCharFormat()
            made.setForeground(theme.palette().syntax[syntax])
            made.setFontItalic(syntax == Syntax.COMMENT)
            if syntax in (Syntax.SECTION, Syntax.PERMIT, Syntax.DENY):
                made.setFontWeight(QFont.Weight.DemiBold)

    def highlightBlock(self, text: str) -> None:  # noqa: N802 - Qt's
        for piece in pieces(text):
            self.setFormat(piece.start, piece.end - piece.start, self._formats[piece.syntax])


class PlainEditor(QPlainTextEdit):
    """As large as another editor, with its text and font, in a window of its own."""

    def __init__(self, like: CodeEditor) -> None:
        super().__init__()
        self.setFont(like.font())
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.resize(like.size())
        self.setPlainText(like.text())
        self._colours = _Colours(self)
        # Otherwise in the next turn of the loop, which may be timed.
        self._colours.rehighlight()
        self.show()

    def uncoloured(self) -> PlainEditor:
        """The same without colours."""
        self._colours.setDocument(None)
        return self

    def text(self) -> str:
        """The text."""
        return self.toPlainText()

    def replace_text(self, text: str) -> None:
        """Another text."""
        self.setPlainText(text)

    def go_to(self, position: int) -> None:
        """Put the cursor at a place and show it."""
        cursor = self.textCursor()
        cursor.setPosition(position)
        self.setTextCursor(cursor)
        self.centerCursor()
