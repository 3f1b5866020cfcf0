"""What is kept on this computer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.services.model import (
        ActivityEntry,
        Draft,
        HistoryEntry,
        NewActivity,
        Provider,
        SavedCase,
    )


class ProviderDirectory(Protocol):
    """Providers known on this computer."""

    async def providers(self) -> tuple[Provider, ...]:
        """All of them, by cloud, subscription, group and name."""
        ...

    async def provider(self, provider_id: str) -> Provider | None:
        """The one of this id."""
        ...

    async def put(self, provider: Provider) -> None:
        """Add or replace by id."""
        ...

    async def remove(self, provider_id: str) -> None:
        """Forget it."""
        ...

    async def change(self, put: Sequence[Provider], removed: Sequence[str]) -> None:
        """Add, replace and forget many, all of it or nothing."""
        ...


class PolicyHistory(Protocol):
    """Every policy text ever seen on or sent to a provider, by hash."""

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
        ...

    async def entries(
        self, provider_id: str, attestation_type: AttestationType
    ) -> tuple[HistoryEntry, ...]:
        """Newest first."""
        ...

    async def find(self, policy_hash: str) -> tuple[HistoryEntry, ...]:
        """Where a text with this `x-ms-policy-hash` was seen."""
        ...


class ActivityLog(Protocol):
    """Every change and every refusal, each row chained to the one before by hash."""

    async def append(self, entry: NewActivity) -> ActivityEntry:
        """Add a row, durable when this returns."""
        ...

    async def entries(
        self, *, limit: int = 1000, before: int | None = None
    ) -> tuple[ActivityEntry, ...]:
        """Newest first; `before` is a sequence number to page by."""
        ...

    async def verify(self) -> int | None:
        """None when the chain holds, else the sequence number of the first row that does not."""
        ...


class DraftStore(Protocol):
    """Documents that are being edited."""

    async def save(self, draft: Draft) -> None:
        """Keep the draft, durable when this returns.

        Raises:
            StorageError: disk full or read-only; the previous version is still there.
        """
        ...

    async def drafts(self) -> tuple[Draft, ...]:
        """All drafts, oldest first."""
        ...

    async def discard(self, draft_id: str) -> None:
        """Forget a draft."""
        ...


class BackupShelf(Protocol):
    """Where backups go that are made unasked."""

    @property
    def folder(self) -> str:
        """Where they lie, for people."""
        ...

    async def keep(self, name: str, data: bytes) -> str:
        """Keep the archive of the provider `name` beside all earlier ones; its path.

        Raises:
            StorageError: disk full or read-only.
        """
        ...


class CaseStore(Protocol):
    """Claim sets kept for dry runs and policy tests."""

    async def save(self, case: SavedCase) -> None:
        """Keep or replace by id, durable when this returns.

        Raises:
            StorageError: disk full or read-only; the previous version is still there.
        """
        ...

    async def cases(self) -> tuple[SavedCase, ...]:
        """All of them, by name."""
        ...

    async def discard(self, case_id: str) -> None:
        """Forget a case."""
        ...


@dataclass(frozen=True, slots=True)
class SavedKeySet:
    """A provider's key document as it was published between two times."""

    issuer: str
    """Attest URI, lower case, without a trailing slash."""
    key_ids: tuple[str, ...]
    first_seen: datetime
    last_seen: datetime
    url: str
    raw: bytes = field(repr=False)


class KeySetStore(Protocol):
    """Key documents that were fetched from providers, by time."""

    async def save(self, saved: SavedKeySet) -> None:
        """Keep a document, or move the times of the one with the same keys."""
        ...

    async def of(self, issuer: str) -> tuple[SavedKeySet, ...]:
        """Every kept document of a provider, the newest first."""
        ...


class Settings(Protocol):
    """Small JSON values by name: window state, theme, recent choices."""

    async def get(self, name: str) -> str | None:
        """The JSON text kept under `name`."""
        ...

    async def put(self, name: str, value: str) -> None:
        """Keep a JSON text."""
        ...

    async def erase(self, name: str) -> None:
        """Forget it, and every earlier text of that name: no file holds its bytes any more.

        Raises:
            StorageError: another process is using the files; it is forgotten, but not yet erased.
        """
        ...


class Files(Protocol):
    """Files that belong to the user."""

    async def read(self, path: str, *, limit: int) -> bytes:
        """The whole file; refuses more than `limit` bytes.

        Raises:
            StorageError: not there, not readable, a folder, or too large.
        """
        ...

    async def exists(self, path: str) -> bool:
        """Whether a file is there; false where nobody can tell."""
        ...

    async def find(self, folder: str, ending: str) -> tuple[str, ...]:
        """Files below `folder` whose names end so: sorted paths from it, with `/` between.

        Raises:
            StorageError: a folder cannot be read. A folder that is not there has no files.
        """
        ...

    async def write(self, path: str, data: bytes, *, parents: bool = False) -> None:
        """Write atomically: temporary file, fsync, rename; `parents` makes missing folders.

        Raises:
            StorageError: disk full, read-only, no such folder; the old file is untouched.
        """
        ...
