"""Policy history: every text ever seen on or sent to a provider, each text kept once."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING, Final

from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import StorageError
from sealwright.services.model import HistoryEntry
from sealwright.store.timestamps import to_text, to_time

if TYPE_CHECKING:
    import sqlite3

    from sealwright.services.ports import Clock
    from sealwright.store.database import Database

_SELECT: Final = (
    "SELECT seq, time, provider_id, attestation_type, data, policy_hash, token_hash, origin,"
    " signer FROM policy_history JOIN policy_text ON sha256 = text_id"
)
_PLACE: Final = f"{_SELECT} WHERE provider_id = ? AND attestation_type = ? ORDER BY seq DESC"
_HASH: Final = f"{_SELECT} WHERE policy_hash = ? ORDER BY seq DESC"
_INSERT: Final = (
    "INSERT INTO policy_history (time, provider_id, attestation_type, text_id, policy_hash,"
    " token_hash, origin, signer) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


class StoredHistory:
    """The port `PolicyHistory` on SQLite."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def record(  # noqa: PLR0913 - the columns of one row
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
        """Keep a text; the newest row again when it is the same text from the same origin."""
        entry = HistoryEntry(
            seq=0,
            time=self._clock.now(),
            provider_id=provider_id,
            attestation_type=attestation_type,
            text=text,
            policy_hash=policy_hash,
            token_hash=token_hash,
            origin=origin,
            signer=signer,
        )
        return await self._database.write(partial(_record, entry))

    async def entries(
        self, provider_id: str, attestation_type: AttestationType
    ) -> tuple[HistoryEntry, ...]:
        """Newest first."""
        place = (provider_id, attestation_type.value)
        return await self._database.read(
            lambda connection: tuple(_entry(row) for row in connection.execute(_PLACE, place))
        )

    async def find(self, policy_hash: str) -> tuple[HistoryEntry, ...]:
        """Where a text with this `x-ms-policy-hash` was seen."""
        return await self._database.read(
            lambda connection: tuple(
                _entry(row) for row in connection.execute(_HASH, (policy_hash,))
            )
        )


def _record(entry: HistoryEntry, connection: sqlite3.Connection) -> HistoryEntry:
    place = (entry.provider_id, entry.attestation_type.value)
    row = connection.execute(f"{_PLACE} LIMIT 1", place).fetchone()
    if row is not None and _same(newest := _entry(row), entry):
        return newest
    # A policy is bytes: SQLite text would end at a NUL in some tools.
    data = entry.text.encode("utf-8")
    digest = hashlib.sha256(data).hexdigest()
    connection.execute("INSERT OR IGNORE INTO policy_text VALUES (?, ?)", (digest, data))
    values = (
        to_text(entry.time),
        *place,
        digest,
        entry.policy_hash,
        entry.token_hash,
        entry.origin,
        entry.signer,
    )
    seq = connection.execute(_INSERT, values).lastrowid
    row = connection.execute(f"{_SELECT} WHERE seq = ?", (seq,)).fetchone()
    return _entry(row)


def _same(newest: HistoryEntry, entry: HistoryEntry) -> bool:
    return (newest.text, newest.origin, newest.token_hash, newest.signer) == (
        entry.text,
        entry.origin,
        entry.token_hash,
        entry.signer,
    )


def _entry(row: tuple[int, str, str, str, bytes, str, str, str, str]) -> HistoryEntry:
    seq, time, provider_id, type_, data, policy_hash, token_hash, origin, signer = row
    attestation_type = AttestationType.parse(type_)
    if attestation_type is None:
        raise StorageError(
            f"The policy history names `{type_}`, which this version does not know.",
            hint="Update Sealwright.",
        )
    return HistoryEntry(
        seq=seq,
        time=to_time(time),
        provider_id=provider_id,
        attestation_type=attestation_type,
        text=data.decode("utf-8"),
        policy_hash=policy_hash,
        token_hash=token_hash,
        origin=origin,
        signer=signer,
    )
