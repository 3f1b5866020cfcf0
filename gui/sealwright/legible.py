"""Texts of others, fit to be shown.

Control characters rule terminals, and those that turn the direction of writing make a text read as
another one (Unicode Technical Report 36).
"""

from __future__ import annotations

import re
from typing import Final

_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)


def legible(text: str) -> str:
    """`text` with such characters as escapes of JSON; line ends and tabs stay."""
    return _UNSAFE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)
