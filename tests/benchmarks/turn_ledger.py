"""Who had the Qt thread in one turn of its loop: each of our calls by its own time, the rest Qt's.

Own time is that of the thread's clock less what calls inside took, so that the parts of a turn add
up to it. Wrapping costs some microseconds a call; so figures are taken without it.
"""

from __future__ import annotations

import inspect
import re
import sys
import time
from collections import defaultdict
from functools import wraps
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PACKAGE = "sealwright.desktop"
_NAMES = re.compile(
    r"_on_\w+|\w+Event|eventFilter|event|data|paint|refresh|show(_\w+)?|shown|follow|tell|_tell\w*"
    r"|_collect|_deliver|_parse_key|_read_key|_weigh_key|_complete|sizeHint|minimumSizeHint|visible_lines"
)
_LEAST = 0.0003
"""Seconds below which a part is not worth its word."""


class TurnLedger:
    """Counts seconds by call, between `begin` and `end`."""

    def __init__(self) -> None:
        self._spent: defaultdict[str, float] = defaultdict(float)
        self._inside: list[float] = []
        self._begun = 0.0

    def watch(self) -> None:
        """Wrap what the program has loaded by now; before its objects are made."""
        for name, module in list(sys.modules.items()):
            if not name.startswith(_PACKAGE):
                continue
            for holder, key, function in _candidates(name, module):
                setattr(holder, key, self._wrapped(function))

    def begin(self) -> None:
        """A turn begins."""
        self._spent.clear()
        self._inside = [0.0]
        self._begun = time.thread_time()

    def end(self) -> str:
        """Milliseconds by call of the turn that ends; `Qt` is what none of ours took."""
        whole = time.thread_time() - self._begun
        self._spent["Qt"] = whole - self._inside[0]
        parts = [
            f"{name} {spent * 1e3:.1f}"
            for name, spent in sorted(self._spent.items(), key=lambda part: -part[1])
            if spent >= _LEAST
        ]
        return f"{whole * 1e3:.1f} ms: {', '.join(parts)}"

    def _wrapped(self, function: Callable[..., object]) -> Callable[..., object]:
        name = f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}"
        taken = _taken(function)

        @wraps(function)
        def call(*args: object, **kwargs: object) -> object:
            begun = time.thread_time()
            self._inside.append(0.0)
            try:
                return function(*args[:taken], **kwargs)
            finally:
                took = time.thread_time() - begun
                self._spent[name] += took - self._inside.pop()
                if self._inside:
                    self._inside[-1] += took

        return call


def _candidates(name: str, module: object) -> Iterator[tuple[type, str, Callable[..., object]]]:
    for value in list(vars(module).values()):
        if inspect.isclass(value) and value.__module__ == name:
            for method, function in list(vars(value).items()):
                if inspect.isfunction(function) and _NAMES.fullmatch(method):
                    yield value, method, function


def _taken(function: Callable[..., object]) -> int | None:
    """How many arguments it takes; Qt hands a slot no more than that, but a wrapper all of them."""
    code = inspect.unwrap(function).__code__
    return None if code.co_flags & inspect.CO_VARARGS else code.co_argcount
