"""How many calls to ARM are left, as its answers say: a bucket that fills itself again.

Source: spec rest-api, 8.7 (throttle counters). The sandbox only counts: it is made to refuse by
its operator.
"""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sealwright.sandbox.clock import AdjustableClock
    from sealwright.sandbox.wire import Call

_SUBSCRIPTION: Final = re.compile(r"/subscriptions/([^/]+)", re.IGNORECASE)
_HEADER: Final = "x-ms-ratelimit-remaining-subscription-"
_KINDS: Final = {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}
_WRITES: Final = "writes"
_SIZE: Final = {"reads": 250.0, "writes": 200.0, "deletes": 200.0}
_REFILL: Final = {"reads": 25.0, "writes": 10.0, "deletes": 10.0}
"""A second."""


class Allowances:
    """What each subscription has left of each kind of call."""

    def __init__(self, clock: AdjustableClock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._left: dict[tuple[str, str], tuple[float, float]] = {}

    def spend(self, call: Call) -> dict[str, str]:
        """The header that tells what is left after this call; none outside a subscription."""
        found = _SUBSCRIPTION.match(call.path)
        if found is None or call.site.provider:
            return {}
        kind = _KINDS.get(call.method, _WRITES)
        key, now = (found.group(1).lower(), kind), self._clock.now().timestamp()
        with self._lock:
            left, before = self._left.get(key, (_SIZE[kind], now))
            left = min(_SIZE[kind], left + max(now - before, 0.0) * _REFILL[kind])
            left = max(left - 1.0, 0.0)
            self._left[key] = (left, now)
        return {f"{_HEADER}{kind}": str(int(left))}
