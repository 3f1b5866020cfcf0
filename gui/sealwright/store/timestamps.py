"""Times in the database: RFC 3339 in UTC with microseconds, so that text order is time order."""

from __future__ import annotations

from datetime import UTC, datetime

from sealwright.errors import StorageError


def to_text(time: datetime) -> str:
    """An aware time as it is stored."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def to_time(text: str) -> datetime:
    """A stored time.

    Raises:
        StorageError: somebody changed it.
    """
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise StorageError(
            f"The local database holds `{text}` where a time should be.",
            hint="Restore it from the folder `backups`.",
        ) from error


def to_optional_text(time: datetime | None) -> str | None:
    """A time that may be unknown, as it is stored."""
    return None if time is None else to_text(time)


def to_optional_time(text: str | None) -> datetime | None:
    """A stored time that may be unknown."""
    return None if text is None else to_time(text)
