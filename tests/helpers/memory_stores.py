"""Ports of what is kept, in memory: a clock, tables in lists and dicts, files, drafts."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sealwright.errors import StorageError
from sealwright.services.model import (
    ActivityEntry,
    Draft,
    HistoryEntry,
    NewActivity,
    Provider,
    SavedCase,
)
from sealwright.services.ports.fleet import FleetEntry, FleetRecord
from sealwright.services.tokens.batch import SLICE, Judge

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.services.ports import (
        SavedKeySet,
    )

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


class SetClock:
    """A clock that a test moves."""

    def __init__(self, now: datetime = START) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def advance(self, **parts: float) -> None:
        self.time += timedelta(**parts)


class MemoryDirectory:
    """Providers in a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, Provider] = {}

    async def providers(self) -> tuple[Provider, ...]:
        return tuple(self.kept.values())

    async def provider(self, provider_id: str) -> Provider | None:
        return self.kept.get(provider_id)

    async def put(self, provider: Provider) -> None:
        self.kept[provider.id] = provider

    async def remove(self, provider_id: str) -> None:
        self.kept.pop(provider_id, None)

    async def change(self, put: Sequence[Provider], removed: Sequence[str]) -> None:
        for provider_id in removed:
            await self.remove(provider_id)
        for provider in put:
            await self.put(provider)


class MemoryHistory:
    """Texts in a list."""

    def __init__(self, clock: SetClock) -> None:
        self._clock = clock
        self.rows: list[HistoryEntry] = []

    async def record(  # noqa: PLR0913 - the port's signature
        self,
        provider_id: str,
        attestation_type: AttestationType,
        text: str,
        *,
        policy_hash: str,
        token_hash: str,
        origin: str,
        signer: str = "",
    ) -> HistoryEntry:
        known = await self.entries(provider_id, attestation_type)
        if known and (known[0].text, known[0].origin) == (text, origin):
            return known[0]
        entry = HistoryEntry(
            seq=len(self.rows) + 1,
            time=self._clock.now(),
            provider_id=provider_id,
            attestation_type=attestation_type,
            text=text,
            policy_hash=policy_hash,
            token_hash=token_hash,
            origin=origin,
            signer=signer,
        )
        self.rows.append(entry)
        return entry

    async def entries(
        self, provider_id: str, attestation_type: AttestationType
    ) -> tuple[HistoryEntry, ...]:
        place = (provider_id, attestation_type)
        found = [row for row in self.rows if (row.provider_id, row.attestation_type) == place]
        return tuple(reversed(found))

    async def find(self, policy_hash: str) -> tuple[HistoryEntry, ...]:
        return tuple(row for row in self.rows if row.policy_hash == policy_hash)


class MemoryActivity:
    """Rows in a list, chained as the real log chains them."""

    def __init__(self, clock: SetClock) -> None:
        self._clock = clock
        self.rows: list[ActivityEntry] = []

    async def append(self, entry: NewActivity) -> ActivityEntry:
        previous = self.rows[-1].hash if self.rows else "0" * 64
        row = ActivityEntry(
            seq=len(self.rows) + 1,
            time=self._clock.now(),
            who=entry.who,
            where=entry.where,
            what=entry.what,
            result=entry.result,
            request_id=entry.request_id,
            before=entry.before,
            after=entry.after,
            detail=entry.detail,
            previous=previous,
            hash="",
        )
        row = replace(row, hash=_digest(row))
        self.rows.append(row)
        return row

    async def entries(
        self, *, limit: int = 1000, before: int | None = None
    ) -> tuple[ActivityEntry, ...]:
        found = [row for row in reversed(self.rows) if before is None or row.seq < before]
        return tuple(found[:limit])

    async def verify(self) -> int | None:
        return next(
            (row.seq for row in self.rows if _digest(replace(row, hash="")) != row.hash), None
        )


def _digest(row: ActivityEntry) -> str:
    return hashlib.sha256(repr(row).encode()).hexdigest()


class MemoryDrafts:
    """Drafts in a dict; `full` makes the disk full."""

    def __init__(self) -> None:
        self.kept: dict[str, Draft] = {}
        self.full = False

    async def save(self, draft: Draft) -> None:
        if self.full:
            raise StorageError("The disk is full.", hint="Free some space.")
        self.kept[draft.id] = draft

    async def drafts(self) -> tuple[Draft, ...]:
        return tuple(sorted(self.kept.values(), key=lambda draft: draft.saved))

    async def discard(self, draft_id: str) -> None:
        self.kept.pop(draft_id, None)


class MemoryCases:
    """The port CaseStore."""

    def __init__(self) -> None:
        self.kept: dict[str, SavedCase] = {}

    async def save(self, case: SavedCase) -> None:
        self.kept[case.id] = case

    async def cases(self) -> tuple[SavedCase, ...]:
        return tuple(sorted(self.kept.values(), key=lambda case: case.name.lower()))

    async def discard(self, case_id: str) -> None:
        self.kept.pop(case_id, None)


class MemorySettings:
    """Settings in a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def get(self, name: str) -> str | None:
        return self.kept.get(name)

    async def put(self, name: str, value: str) -> None:
        self.kept[name] = value

    async def erase(self, name: str) -> None:
        self.kept.pop(name, None)


class MemoryKeySets:
    """The port KeySetStore."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, tuple[str, ...]], SavedKeySet] = {}

    async def save(self, saved: SavedKeySet) -> None:
        place = (saved.issuer, saved.key_ids)
        older = self.kept.get(place)
        first = min(older.first_seen, saved.first_seen) if older else saved.first_seen
        self.kept[place] = replace(saved, first_seen=first)

    async def of(self, issuer: str) -> tuple[SavedKeySet, ...]:
        found = [saved for saved in self.kept.values() if saved.issuer == issuer]
        return tuple(sorted(found, key=lambda saved: saved.last_seen, reverse=True))


class PlainSealer:
    """The port Sealer without a cipher; `lost` forgets the key."""

    def __init__(self) -> None:
        self.lost = False

    async def seal(self, data: bytes) -> str:
        self.lost = False
        return "sealed:" + data.hex()

    async def unseal(self, sealed: str) -> bytes | None:
        return None if self.lost else bytes.fromhex(sealed.removeprefix("sealed:"))

    async def forget(self) -> None:
        self.lost = True


class PlainJudges:
    """The port TokenJudges without processes."""

    async def judge(
        self, setup: str, lines: Sequence[str], tell: Callable[[Sequence[str]], Awaitable[None]]
    ) -> None:
        judge = Judge(setup)
        for at in range(0, len(lines), SLICE):
            await tell([judge.answer(line) for line in lines[at : at + SLICE]])


class MemoryFiles:
    """Files in a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.full = False

    async def read(self, path: str, *, limit: int) -> bytes:
        if path not in self.kept:
            raise StorageError(f"`{path}` is not there.")
        if len(self.kept[path]) > limit:
            raise StorageError(f"`{path}` is too large.")
        return self.kept[path]

    async def exists(self, path: str) -> bool:
        return path in self.kept

    async def find(self, folder: str, ending: str) -> tuple[str, ...]:
        start = f"{folder}/"
        return tuple(
            sorted(
                path.removeprefix(start)
                for path in self.kept
                if path.startswith(start) and path.endswith(ending)
            )
        )

    async def write(self, path: str, data: bytes, *, parents: bool = False) -> None:
        del parents
        if self.full:
            raise StorageError("The disk is full.", hint="Free some space.")
        self.kept[path] = data


class MemoryBackups:
    """Archives in a dict."""

    folder = "/home/test/deleted-providers"

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.full = False

    async def keep(self, name: str, data: bytes) -> str:
        if self.full:
            raise StorageError("The disk is full.", hint="Free some space.")
        path = f"{self.folder}/{name}.zip"
        self.kept[path] = data
        return path


class MemoryFleetJournal:
    """Applies in a list, the newest last."""

    def __init__(self) -> None:
        self.records: list[FleetRecord] = []
        self.noted: Callable[[], None] | None = None
        """Called after a target was noted."""

    async def begin(
        self, run_id: str, workspace: str, started: datetime, entries: tuple[FleetEntry, ...]
    ) -> None:
        self.records.append(FleetRecord(run_id, workspace, started, None, entries))

    async def note(self, run_id: str, entry: FleetEntry) -> None:
        place = (entry.provider_id, entry.attestation_type)
        record = self._of(run_id)
        entries = tuple(
            entry if (each.provider_id, each.attestation_type) == place else each
            for each in record.entries
        )
        self.records[self.records.index(record)] = replace(record, entries=entries)
        if self.noted is not None:
            self.noted()

    async def finish(self, run_id: str, finished: datetime) -> None:
        record = self._of(run_id)
        self.records[self.records.index(record)] = replace(record, finished=finished)

    async def last(self, workspace: str = "") -> FleetRecord | None:
        newest = self.records[::-1]
        return next((each for each in newest if workspace in ("", each.workspace)), None)

    def _of(self, run_id: str) -> FleetRecord:
        return next(each for each in self.records if each.id == run_id)
