"""The connection test: the way to a provider, stop by stop, and where it ends."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sealwright.errors import AppError
from sealwright.services.model import CheckStatus

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence


@dataclass(frozen=True, slots=True)
class ConnectionCheck:
    """One step of the connection test."""

    id: str
    title: str
    status: CheckStatus
    detail: str
    seconds: float


async def in_order(
    steps: Sequence[tuple[str, str, Callable[[], Awaitable[str]]]],
) -> tuple[ConnectionCheck, ...]:
    """Try the steps in turn; after one that fails the others are not tried."""
    made: list[ConnectionCheck] = []
    for id_, title, step in steps:
        if any(check.status is CheckStatus.FAIL for check in made):
            made.append(ConnectionCheck(id_, title, CheckStatus.SKIP, "not tried", 0.0))
            continue
        begun = time.monotonic()
        try:
            detail, status = await step(), CheckStatus.PASS
        except AppError as error:
            detail, status = f"{error.summary} {error.hint}".strip(), CheckStatus.FAIL
        made.append(ConnectionCheck(id_, title, status, detail, time.monotonic() - begun))
    return tuple(made)
