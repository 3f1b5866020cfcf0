"""The system's clock."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """The port `Clock` on this computer."""

    def now(self) -> datetime:
        """Now, aware, in UTC."""
        return datetime.now(UTC)
