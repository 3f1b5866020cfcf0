"""Tokens of the policy language, and the pieces of text between which nothing is shared.

One compiled regular expression reads blanks, comments and the token that follows in one step. No
alternative can fail after reading far ahead, so reading is linear whatever the text is.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

# Only runs of one character set are possessive: Python before 3.11.5 matches possessive groups
# wrongly. What follows a group here never begins like it, so giving back finds nothing new.
_BLANK: Final = r"(?:[ \t\r\n]++|//[^\n]*+)*"
_QUOTES: Final = "\u201c\u201d\u201e\u201f\u2018\u2019\u00ab\u00bb\u2033"
SMART_QUOTES: Final = frozenset(_QUOTES)

NAME: Final = "name"
STRING: Final = "string"
NUMBER: Final = "number"
OPEN_STRING: Final = "open string"
SMART_STRING: Final = "smart string"
PLACEHOLDER: Final = "placeholder"
FOREIGN: Final = "foreign"
BLOCK_COMMENT: Final = "block comment"
STRAY: Final = "stray"
END: Final = "end"

_TOKEN: Final = re.compile(
    rf"""{_BLANK}(?:
      ([A-Za-z_][A-Za-z0-9_]*+)                    # 1 name
    | (==|=>|!=|<=|>=|&&|[=!](?!~)|[\[\](),:.;{{}}])  # 2 operator that is its own kind
    | ("[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*")         # 3 string
    | (-?[0-9][0-9A-Za-z_]*+)                      # 4 number, checked later
    | (<[A-Za-z_][A-Za-z0-9_ -]*+>)                # 5 placeholder left in a sample
    | ([<>])                                       # 6 operator
    | ("[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*\\?)       # 7 string that never ends
    | ([{_QUOTES}][^{_QUOTES}"\n]*+["{_QUOTES}]?|'[^'"\n]*+')  # 8 in quotes of another kind
    | (/\*[^*]*+(?:\*(?!/)[^*]*+)*(?:\*/)?)        # 9 block comment
    | (\|\||=~|!~|@\w++[ \t]*+(?:=[ \t]*+"[^"\n]*+")?|[\w$]++|\\"|.)  # 10 not of this language
    | \Z)""",
    re.VERBOSE | re.DOTALL,
)
_KINDS: Final = (
    END,
    NAME,
    "",
    STRING,
    NUMBER,
    PLACEHOLDER,
    "",
    OPEN_STRING,
    SMART_STRING,
    BLOCK_COMMENT,
    STRAY,
)
_OPERATOR: Final = 2
_OPEN_STRING: Final = 7
_LAST_OF_GRAMMAR: Final = 8
"""Numbers of groups; no grammar rule takes the ones after the last."""
_MORE_SEMICOLONS: Final = re.compile(rf"(?:{_BLANK};)*")
_MORE_BRACES: Final = re.compile(rf"(?:{_BLANK}\{{)*")
_AFTER_BRACE: Final = re.compile(rf"{_BLANK};")
_STRAY_ENDS: Final = re.compile(rf"(?:{_BLANK}[;}}])*")
_ENDS: Final = frozenset(";{}")


class Token(NamedTuple):
    """One token; `start` is an offset in the text that was read."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Offset after the last character."""
        return self.start + len(self.text)


class Piece(NamedTuple):
    """Tokens up to and with the next `;`, `{` or `}`; offsets count from the start of the piece.

    What the piece is does not depend on anything before it, and on one token after it at most, so
    an edit re-reads one piece and its neighbours.
    """

    end: int
    kinds: list[str]
    texts: list[str]
    starts: list[int]
    strays: list[Token]


def next_token(text: str, at: int) -> Token:
    """The token after `at`; kind `END` with an empty text at the end."""
    match = _TOKEN.match(text, at)
    if match is None or not match.lastindex:
        return Token(END, "", len(text))
    index = match.lastindex
    return Token(_KINDS[index] or match[index], match[index], match.start(index))


def tokens(text: str) -> list[Token]:
    """Every token of a text, the strange ones included; comments and blanks lie between."""
    found = []
    for match in _TOKEN.finditer(text, 1 if text.startswith("\ufeff") else 0):
        index = match.lastindex
        if index:
            word = match[index]
            found.append(Token(_KINDS[index] or word, word, match.start(index)))
    return found


def read_piece(text: str, begin: int) -> Piece:
    """The piece of `text` that starts at `begin`; it reaches the end when nothing ends it."""
    kinds: list[str] = []
    texts: list[str] = []
    starts: list[int] = []
    strays: list[Token] = []
    end = len(text)
    first = begin + 1 if not begin and text.startswith("\ufeff") else begin
    for match in _TOKEN.finditer(text, first):
        index = match.lastindex
        if index == _OPERATOR:
            kind = word = match[index]
            if kind == "}" and kinds and _ends_section(text, match.end(), kinds):
                end = match.start()
                break
            last = kind in _ENDS and (kind != "}" or not kinds)
        elif not index:
            break
        else:
            word = match[index]
            kind = _KINDS[index] or word
            if index > _LAST_OF_GRAMMAR:
                strays.append(Token(kind, word, match.start(index) - begin))
                continue
            last = index == _OPEN_STRING and word.rstrip().endswith(";")
        kinds.append(kind)
        texts.append(word)
        starts.append(match.start(index) - begin)
        if last:
            end = _run_on(text, match.end(), kinds, texts, starts, begin)
            break
    return Piece(end, kinds, texts, starts, strays)


def _ends_section(text: str, at: int, kinds: list[str]) -> bool:
    """Whether a `}` that ends at `at` ends the section, or was typed in place of a `]`."""
    if kinds.count("[") == kinds.count("]"):
        return True
    return next_token(text, at).kind in {";", END}


def _run_on(  # noqa: PLR0913, PLR0917 - the lists of one piece under construction
    text: str, at: int, kinds: list[str], texts: list[str], starts: list[int], begin: int
) -> int:
    """End of the piece whose last token ends at `at`: `};` is one, so is a run of stray ends."""
    last = kinds[-1]
    if last == "}":
        after = _AFTER_BRACE.match(text, at)
        if after is not None:
            kinds.append(";")
            texts.append(";")
            at = after.end()
            starts.append(at - 1 - begin)
        pattern = _STRAY_ENDS
    elif len(kinds) > 1 or last == OPEN_STRING:
        return at
    else:
        pattern = _MORE_SEMICOLONS if last == ";" else _MORE_BRACES
    match = pattern.match(text, at)
    return at if match is None else match.end()
