"""A clock that tests may set."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from sealwright.services.ports import Clock


class AdjustableClock:
    """The given clock, shifted or stopped. Settings live as long as the process."""

    def __init__(self, base: Clock) -> None:
        self._base = base
        self.offset = timedelta()
        self.fixed: datetime | None = None
        """When set, time stands still there."""

    def now(self) -> datetime:
        """Now, aware, in UTC."""
        return self.fixed if self.fixed is not None else self._base.now() + self.offset

    def timestamp(self) -> int:
        """Seconds since 1970, whole, as NumericDate (RFC 7519 section 2)."""
        return int(self.now().timestamp())

    def text(self) -> str:
        """Now as RFC 3339 with milliseconds, as ARM writes times."""
        now = self.now()
        return f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z"
