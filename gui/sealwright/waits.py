"""Lets whoever waits for the service hear that the service asked for it.

Where nobody listens, telling costs next to nothing. A listener reaches as far as a context does:
into all that is awaited inside.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def _unheard(_seconds: float) -> None:
    """Nobody wants to know."""


_LISTENER: Final[ContextVar[Callable[[float], None]]] = ContextVar("waits", default=_unheard)


@contextmanager
def waits_told(listener: Callable[[float], None]) -> Iterator[None]:
    """Have `listener` hear the seconds of every wait that the service asks for inside."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


def tell_wait(seconds: float) -> None:
    """Say that the service asks to be left alone for this long, before waiting."""
    _LISTENER.get()(seconds)
