"""What is kept of an apply over many providers, so that a cut-off one is known and goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class FleetEntry:
    """One target of an apply as it stands."""

    provider_id: str
    attestation_type: str
    wanted: str
    """Path in the workspace, or `default`."""
    wanted_hash: str
    """`x-ms-policy-hash` of the wanted text; empty for the default."""
    state: str
    """`waiting`, `running`, `proven`, `failed`, `blocked` or `left`."""
    detail: str = ""
    request_id: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class FleetRecord:
    """One apply. It is open until every target was tried or given up."""

    id: str
    workspace: str
    started: datetime
    finished: datetime | None
    entries: tuple[FleetEntry, ...]

    @property
    def cut_off(self) -> bool:
        """Whether it never came to its end: the program was killed, or the machine."""
        return self.finished is None

    @property
    def open(self) -> int:
        """How many targets were not ended."""
        return sum(entry.state in ("waiting", "running") for entry in self.entries)


class FleetJournal(Protocol):
    """Applies and how each target of them stands, durable at every change."""

    async def begin(
        self, run_id: str, workspace: str, started: datetime, entries: tuple[FleetEntry, ...]
    ) -> None:
        """Note an apply before its first change; durable when this returns."""
        ...

    async def note(self, run_id: str, entry: FleetEntry) -> None:
        """Note how one target stands; durable when this returns."""
        ...

    async def finish(self, run_id: str, finished: datetime) -> None:
        """Note that it came to its end."""
        ...

    async def last(self, workspace: str = "") -> FleetRecord | None:
        """The newest apply of a workspace, or of all; None when there was none."""
        ...
