"""Checks that are the same for thousands of tokens are made once.

What is remembered is keyed by everything that the checks depend on, and holds no token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from sealwright.evidence.basis.checks import Check

_MOST: Final = 512


class Memo:
    """A bounded memory; when it is full it begins anew."""

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[Check, ...]] = {}

    def get(self, key: Hashable, make: Callable[[], tuple[Check, ...]]) -> tuple[Check, ...]:
        """What is known for `key`, or made now."""
        found = self._known.get(key)
        if found is None:
            found = make()
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[key] = found
        return found

    def cache_clear(self) -> None:
        """Forget everything, as a function with a memory can be told to."""
        self._known.clear()
