"""Activity: every change and every refusal, its chain, and exporting it.

A change that is sent is logged before and after. The row before is listed only where none came
after: the program ended in between, and nobody knows here what became of the change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import anyio.to_thread

from sealwright.services.model import ActivityEntry, ChainState

if TYPE_CHECKING:
    from datetime import datetime

    from sealwright.services.model import LogForm
    from sealwright.services.ports import ActivityLog

_PAGE: Final = 1000
_NEAR: Final = 20
"""Rows after a page in which the end of its newest one is looked for."""
SENT: Final = "sent"
"""Result of the row that is written before a change leaves."""


@dataclass(frozen=True, slots=True)
class ActivityFilter:
    """Which rows to list; every given field must hold."""

    text: str = ""
    """Found in who, where, what, detail or request id, in any case."""
    where: str = ""
    results: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None

    def takes(self, entry: ActivityEntry) -> bool:
        """Whether a row belongs in the list."""
        if self.where and entry.where != self.where:
            return False
        if self.results and entry.result not in self.results:
            return False
        if self.since is not None and entry.time < self.since:
            return False
        if self.until is not None and entry.time > self.until:
            return False
        words = (entry.who, entry.where, entry.what, entry.detail, entry.request_id)
        return self.text.lower() in "\n".join(words).lower()


class _Endings:
    """Sees rows from the newest to the oldest, and knows which beginnings they end."""

    def __init__(self) -> None:
        self._ended: set[tuple[str, str, str]] = set()

    def leave_out(self, entry: ActivityEntry) -> bool:
        """Whether this row only says that something began whose end is known."""
        change = (entry.who, entry.where, entry.what)
        if entry.result != SENT:
            self._ended.add(change)
            return False
        known = change in self._ended
        self._ended.discard(change)
        return known


class ActivityService:
    """Reads the activity log."""

    def __init__(self, log: ActivityLog) -> None:
        self._log = log

    async def list(
        self, filter_: ActivityFilter | None = None, *, limit: int = 1000, before: int | None = None
    ) -> tuple[ActivityEntry, ...]:
        """Rows, newest first; `before` is a sequence number to page by."""
        after = _Endings()
        if before is not None:
            for entry in await self._log.entries(limit=_NEAR, before=before + _NEAR):
                if entry.seq >= before:
                    after.leave_out(entry)
        return await self._rows(filter_, limit, before, after)

    async def _rows(
        self,
        filter_: ActivityFilter | None,
        limit: int,
        before: int | None,
        endings: _Endings | None,
    ) -> tuple[ActivityEntry, ...]:
        wanted, found = filter_ or ActivityFilter(), list[ActivityEntry]()
        while len(found) < limit:
            page = await self._log.entries(limit=_PAGE, before=before)
            shown = [each for each in page if endings is None or not endings.leave_out(each)]
            found += [entry for entry in shown if wanted.takes(entry)]
            if len(page) < _PAGE:
                break
            before = page[-1].seq
        return tuple(found[:limit])

    async def verify(self) -> ChainState:
        """Recompute the chain."""
        broken = await self._log.verify()
        newest = await self._log.entries(limit=1)
        return ChainState(broken is None, newest[0].seq if newest else 0, broken)

    async def export(self, form: LogForm, filter_: ActivityFilter | None = None) -> bytes:
        """All rows as a file, oldest first: a chain has no gaps."""
        from sealwright.services import activity_export  # noqa: PLC0415 - only when exported

        rows = await self._rows(filter_, 2**31, None, None)
        chain = await self.verify()
        make = activity_export.MAKERS[form]
        return await anyio.to_thread.run_sync(make, tuple(reversed(rows)), chain)
