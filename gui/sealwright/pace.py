"""Lets a long computation give way, step by step, to what is more urgent.

Whoever has something computed sets a pace: a callable that may wait, or raise `CalledOffError`.
What computes asks it at every step, and knows nothing of threads and clocks. Where no pace is set,
as in commands and servers, asking costs next to nothing. A pace reaches as far as a context does:
into what the caller awaits, and from there to the worker's thread.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")


class CalledOffError(Exception):
    """Nobody waits for the result any more."""


def _go_on() -> None:
    """Nothing is more urgent."""


_PACE: Final[ContextVar[Callable[[], None]]] = ContextVar("pace", default=_go_on)


@contextmanager
def at_pace(give_way: Callable[[], None]) -> Iterator[None]:
    """Have everything that is computed inside ask `give_way` at every step."""
    token = _PACE.set(give_way)
    try:
        yield
    finally:
        _PACE.reset(token)


def pace() -> Callable[[], None]:
    """What to call at every step."""
    return _PACE.get()


def paced(steps: Iterable[T]) -> Iterable[T]:
    """The same, with a step before each."""
    give_way = _PACE.get()
    return steps if give_way is _go_on else _one_by_one(steps, give_way)


def _one_by_one(steps: Iterable[T], give_way: Callable[[], None]) -> Iterator[T]:
    for step in steps:
        give_way()
        yield step
