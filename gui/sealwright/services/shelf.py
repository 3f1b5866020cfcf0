"""Tokens that came in while the program runs, newest first. Nothing of it is written anywhere."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

_MOST: Final = 50


@dataclass(frozen=True, slots=True)
class SampleToken:
    """A token worth looking at: a real answer of a provider."""

    title: str
    token: str
    provider_id: str


class TokenShelf:
    """The last tokens; old ones fall off."""

    def __init__(self) -> None:
        self._tokens: deque[SampleToken] = deque(maxlen=_MOST)

    def put(self, sample: SampleToken) -> None:
        """Add one; one of the same title and provider goes."""
        same = [
            each
            for each in self._tokens
            if (each.title, each.provider_id) == (sample.title, sample.provider_id)
        ]
        for each in same:
            self._tokens.remove(each)
        self._tokens.appendleft(sample)

    def all(self) -> tuple[SampleToken, ...]:
        """Newest first."""
        return tuple(self._tokens)
