"""Tolerant reading of JSON answers: names in any case, members that may be missing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def member(value: object, *path: str) -> object:
    """The member at `path`, names in any case (spec rest-api, 2.2); None when it is not there."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value[name] if name in value else _any_case(value, name)
    return value


def _any_case(value: Mapping[object, object], name: str) -> object:
    wanted = name.lower()
    return next((item for key, item in value.items() if str(key).lower() == wanted), None)


def text(value: object, default: str = "") -> str:
    """A string, or `default` for anything else."""
    return value if isinstance(value, str) else default


def items(value: object) -> list[object]:
    """A list, or none for anything else."""
    return list(value) if isinstance(value, list) else []


def texts(value: object) -> dict[str, str]:
    """An object of strings; other members are left out."""
    if not isinstance(value, dict):
        return {}
    return {str(key): item for key, item in value.items() if isinstance(item, str)}


def moment(value: object) -> datetime | None:
    """An RFC 3339 time; without a zone it is UTC. None when it cannot be read."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
