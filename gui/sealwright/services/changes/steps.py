"""A change at a provider as a list of steps that prove themselves, for the sheet and the log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from sealwright.errors import AppError, StorageError


class StepId(StrEnum):
    """The steps of a verified change, in their order (spec cli, policy set)."""

    SIGN = "sign"
    SEND = "send"
    RESULT = "result"
    HASH = "hash"
    READ_BACK = "read-back"
    EQUAL = "equal"


class StepStatus(StrEnum):
    """Where a step stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ProofRow:
    """One comparison: what had to be, what was, and where the second value came from.

    `holds` is None for a fact that is shown but compared with nothing.
    """

    label: str
    expected: str
    actual: str
    holds: bool | None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step as it stands now. `error` says why it failed; `elapsed` is in seconds."""

    id: StepId
    title: str
    status: StepStatus = StepStatus.WAITING
    detail: str = ""
    rows: tuple[ProofRow, ...] = ()
    started: datetime | None = None
    elapsed: float = 0.0
    request_id: str = ""
    attempt: int = 0
    attempts: int = 1
    error: AppError | None = None

    def waiting(self) -> Step:
        """The same step before its first try."""
        return Step(self.id, self.title, attempts=self.attempts)


StepListener = Callable[[Step], None]
"""Told of every change of a step, on the event loop; it must return at once."""


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How a run stands: `proven` only when every comparison of every needed step held."""

    steps: tuple[Step, ...]
    proven: bool
    result: str
    """What the provider called it: `Updated`, `Removed`, `IsPresent`, `IsAbsent`, or empty."""
    policy_hash: str = ""
    token_hash: str = ""
    request_id: str = ""
    result_token: str = ""
    """The provider's answer, once it was verified; worth a look in Tokens."""
    unkept: StorageError | None = None
    """Why history or log lack a part of it; the change itself stands as the steps say."""

    @property
    def failed(self) -> Step | None:
        """The step that stopped the run."""
        return next((step for step in self.steps if step.status is StepStatus.FAILED), None)
