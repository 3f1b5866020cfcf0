"""Values of claims as they are typed into a field."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sealwright.desktop.policies.words import tr

if TYPE_CHECKING:
    from sealwright.claims.catalogue import ClaimEntry
    from sealwright.claims.claim import ClaimValue

_BOOLEANS = {"true": True, "false": False}
_INTEGER = re.compile(r"-?[0-9]{1,19}")
_LIMIT = 1 << 63
_QUOTE = '"'


class ValueProblemError(ValueError):
    """The words do not make a value of the claim's type; the text says which is needed."""


def shown_value(value: ClaimValue | None) -> str:
    """A value as a field shows it; a text that would read as something else stands in quotes."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and (_guess(value) != value or not value):
        return f"{_QUOTE}{value}{_QUOTE}"
    return str(value)


def read_value(text: str, entry: ClaimEntry | None) -> ClaimValue:
    """The value that words stand for, of the type that the catalogue gives the claim.

    Raises:
        ValueProblemError: it is none of that type.
    """
    wanted = entry.value_class if entry is not None else None
    value = _guess(text)
    if wanted is None or isinstance(value, bool) is (wanted is bool):
        if wanted is str and not isinstance(value, str):
            return text
        if wanted is None or type(value) is wanted:
            return value
    if wanted is str:
        return text
    raise ValueProblemError(
        tr("This claim is true or false.")
        if wanted is bool
        else tr("This claim is a whole number.")
    )


def _guess(text: str) -> ClaimValue:
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.fullmatch(text) and -_LIMIT <= int(text) < _LIMIT:
        return int(text)
    if len(text) > 1 and text.startswith(_QUOTE) and text.endswith(_QUOTE):
        return text[1:-1]
    return text
