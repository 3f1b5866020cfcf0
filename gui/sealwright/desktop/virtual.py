"""Overridden Qt virtuals that let no exception out.

An exception in an override escapes from `app.exec()` and ends the program, so an override is marked
with `@virtual` (or `@virtual_value` where Qt expects a value): what it raises goes to the exception
hook like that of a slot, and Qt gets the fallback.
"""

from __future__ import annotations

import sys
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")


def virtual(method: Callable[P, R]) -> Callable[P, R]:
    """An override whose value Qt does not need, or may read as None."""
    return virtual_value(cast("R", None))(method)


def virtual_value(fallback: R) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """An override which answers `fallback` when it failed."""

    def keep(method: Callable[P, R]) -> Callable[P, R]:
        @wraps(method)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return method(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 - nothing may pass into Qt
                sys.excepthook(type(error), error, error.__traceback__)
                return fallback

        return call

    return keep
