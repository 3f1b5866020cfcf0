"""Puts a failure into the activity log on its way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.errors import AppError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class FailureLog:
    """Logs what a person can understand; anything else is a bug and goes on."""

    def __init__(self, failed: Callable[[str, AppError], Awaitable[None]]) -> None:
        self._failed = failed

    async def __aenter__(self) -> None:
        """Nothing to do before."""

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Log an error, and let it go on."""
        if isinstance(error, AppError):
            refused = error.code in ("Refused", "Rejected")
            await self._failed("refused" if refused else "failed", error)
