"""Activity: every change and every refusal, its chain, and exporting it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from sealwright.services.model import ActivityEntry


class ExportForm(StrEnum):
    """Forms of an exported log."""

    CSV = "csv"
    JSON = "json"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class ActivityFilter:
    """Which rows to list; every given field must hold."""

    text: str = ""
    """Found in who, where, what, detail or request id, in any case."""
    where: str = ""
    results: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChainState:
    """Whether the rows are as they were written."""

    holds: bool
    rows: int
    first_broken: int | None


class ActivityService:
    """Reads the activity log."""

    async def list(
        self, filter_: ActivityFilter | None = None, *, limit: int = 1000, before: int | None = None
    ) -> tuple[ActivityEntry, ...]:
        """Rows, newest first; `before` is a sequence number to page by."""
        raise NotImplementedError

    async def verify(self) -> ChainState:
        """Recompute the chain."""
        raise NotImplementedError

    async def export(self, form: ExportForm, filter_: ActivityFilter | None = None) -> bytes:
        """The rows as a file, oldest first."""
        raise NotImplementedError
