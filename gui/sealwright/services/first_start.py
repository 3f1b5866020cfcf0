"""First start: a sandbox that is already worth looking at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class FirstStartResult:
    """What was made. `key` is the example's signing key, empty when no secret store is usable."""

    created: bool
    providers: tuple[str, ...]
    key: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TryCard:
    """The first-run card: which of its steps are done."""

    dismissed: bool
    looked_at_policy: bool
    uploaded: bool
    checked_token: bool


class FirstStart:
    """Fills a new home with the sandbox's example."""

    async def ensure(self, on_progress: Callable[[str], None] | None = None) -> FirstStartResult:
        """Make the example once; nothing happens in a home that has it."""
        raise NotImplementedError

    async def card(self) -> TryCard:
        """Where the first-run card stands."""
        raise NotImplementedError

    async def mark(self, step: str) -> TryCard:
        """Mark `look`, `upload`, `token` or `dismissed` as done."""
        raise NotImplementedError
