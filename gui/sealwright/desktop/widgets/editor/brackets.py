"""Which bracket belongs to which; those in strings and comments do not count."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtGui import QTextBlock, QTextDocument

PAIRS = {"(": ")", "[": "]", "{": "}"}
_BACK = {close: start for start, close in PAIRS.items()}
FARTHEST = 500
"""Lines to look at in either direction, for which there is time at a key."""
_MOST_BALANCED = 2_000
"""Lines of a text that is looked at as a whole."""


def partner(document: QTextDocument, position: int) -> int | None:
    """The document position of the bracket that belongs to the one at `position`."""
    block = document.findBlock(position)
    column = position - block.position()
    here = [(at, sign) for at, sign in _brackets(block) if at == column]
    if not here:
        return None
    sign = here[0][1]
    forward = sign in PAIRS
    want = PAIRS[sign] if forward else _BACK[sign]
    depth = 0
    for place, found in _walk(block, column, sign + want, forward=forward):
        if found == sign:
            depth += 1
        elif found == want:
            depth -= 1
            if depth == 0:
                return place
    return None


def balanced(document: QTextDocument, close: str) -> bool:
    """Whether each bracket of this kind has its partner; a long text is not looked at."""
    if document.blockCount() > _MOST_BALANCED:
        return False
    depth, block = 0, document.begin()
    while block.isValid() and depth >= 0:
        for _, sign in _brackets(block):
            depth += (sign == _BACK[close]) - (sign == close)
        block = block.next()
    return depth == 0


def _walk(
    block: QTextBlock, column: int, signs: str, *, forward: bool
) -> Iterator[tuple[int, str]]:
    """Brackets from `column` on, away from it, as (document position, sign)."""
    first = True
    for _ in range(FARTHEST):
        if not block.isValid():
            return
        text = block.text()
        # A section's brace has thousands of lines without another one before its partner.
        found = _brackets(block) if signs[0] in text or signs[1] in text else []
        if not forward:
            found.reverse()
        for at, sign in found:
            if first and (at < column if forward else at > column):
                continue
            yield block.position() + at, sign
        first = False
        block = block.next() if forward else block.previous()


def _brackets(block: QTextBlock) -> list[tuple[int, str]]:
    from sealwright.desktop.widgets.editor.positions import Positions  # noqa: PLC0415 - as below
    from sealwright.policy.reading import lexer  # noqa: PLC0415 - after the first paint

    text = block.text()
    where = Positions(text)
    return [
        (where.to_units(token.start), token.text)
        for token in lexer.tokens(text)
        if token.text in PAIRS or token.text in _BACK
    ]
