"""Runs the steps of one change at a provider, so that a repeat is always safe.

Invariants
- A step is `done` only when every comparison it made held.
- After a failure the next `run` goes on at that step. When it is unknown whether the provider made
  the change, the sending step reads back before it sends again.
- What happened is in the activity log when `run` returns or is cancelled; when it cannot be
  written, the outcome says so and is not hidden by that.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import anyio

from sealwright.errors import (
    AppError,
    BadAnswerError,
    RefusedError,
    RejectedError,
    ServiceError,
    StorageError,
)
from sealwright.services.activity import SENT
from sealwright.services.changes.steps import ProofRow, RunOutcome, Step, StepId, StepStatus
from sealwright.services.model import NewActivity
from sealwright.services.shelf import SampleToken, TokenShelf

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from sealwright.services.changes.steps import StepListener
    from sealwright.services.ports import ActivityLog, Clock
    from sealwright.services.reaching.reach import ProviderSession

READ_BACKS: Final = 5
"""How often a change is looked for before it counts as not made."""
DELAYS: Final = (0.5, 1.0, 2.0, 4.0)
"""Seconds between them."""
_RESEND: Final = frozenset({StepId.RESULT, StepId.HASH})
"""Steps whose proof can only be had by sending again."""
_REREAD: Final = frozenset({StepId.EQUAL})


@dataclass(frozen=True, slots=True)
class StepResult:
    """What a step found. It failed when a row does not hold or there is an error."""

    detail: str = ""
    rows: tuple[ProofRow, ...] = ()
    request_id: str = ""
    skipped: bool = False
    error: AppError | None = None

    @property
    def good(self) -> bool:
        """Whether the run may go on."""
        return self.error is None and all(row.holds is not False for row in self.rows)


@dataclass(frozen=True, slots=True)
class RunTools:
    """What every run needs."""

    log: ActivityLog
    clock: Clock
    shelf: TokenShelf
    pause: Callable[[float], Awaitable[None]] = anyio.sleep


class ChangeRun(ABC):
    """One change, made step by step. `run` again goes on at the step that failed; that is safe."""

    titles: Mapping[StepId, str]
    what: str
    """The change in the log's words."""

    def __init__(self, session: ProviderSession, tools: RunTools) -> None:
        self._session = session
        self._tools = tools
        self._steps = {
            id_: Step(id_, title, attempts=READ_BACKS if id_ is StepId.READ_BACK else 1)
            for id_, title in self.titles.items()
        }
        self._listener: StepListener | None = None
        self._uncertain = False
        self._result = ""
        self._result_token = ""
        self._request_id = ""
        self._busy = False
        self._unkept: StorageError | None = None

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps as they stand."""
        return tuple(self._steps.values())

    @property
    def outcome(self) -> RunOutcome:
        """How the run stands."""
        good = (StepStatus.DONE, StepStatus.SKIPPED)
        proven = all(step.status in good for step in self.steps)
        policy_hash, token_hash = self._hashes()
        # A refusal has a request id as well, and it is the one that support asks for.
        refusals = (step.request_id for step in self.steps if step.status is StepStatus.FAILED)
        return RunOutcome(
            steps=self.steps,
            proven=proven,
            result=self._result,
            policy_hash=policy_hash,
            token_hash=token_hash,
            request_id=self._request_id or next(refusals, ""),
            result_token=self._result_token,
            unkept=self._unkept,
        )

    async def run(self, on_step: StepListener | None = None) -> RunOutcome:
        """Go on until proven or stopped; a failed step is in the outcome, not raised."""
        if self._busy or self.outcome.proven:
            return self.outcome
        self._busy, self._listener, self._unkept = True, on_step, None
        try:
            for id_ in self._remaining():
                if not await self._make(id_):
                    break
        except anyio.get_cancelled_exc_class():
            with anyio.CancelScope(shield=True):
                await self._cancelled()
            raise
        finally:
            self._busy, self._listener = False, None
        await self._log_outcome()
        return self.outcome

    @abstractmethod
    def _actions(self) -> Mapping[StepId, Callable[[], Awaitable[StepResult]]]:
        """The work of each step."""

    @abstractmethod
    def _hashes(self) -> tuple[str, str]:
        """Policy hash and token hash of what is sent; empty where there is none."""

    @abstractmethod
    def _before_and_after(self) -> tuple[str, str]:
        """What the log says stood there before and stands there when proven."""

    def _remaining(self) -> tuple[StepId, ...]:
        """The steps to make now; those that must be made anew wait again."""
        order = list(self._steps)
        open_ = (StepStatus.WAITING, StepStatus.FAILED, StepStatus.RUNNING)
        first = next(id_ for id_ in order if self._steps[id_].status in open_)
        if first in _RESEND:
            first = StepId.SEND
        elif first in _REREAD:
            first = StepId.READ_BACK
        remaining = tuple(order[order.index(first) :])
        for id_ in remaining:
            self._show(self._steps[id_].waiting())
        return remaining

    async def _make(self, id_: StepId) -> bool:
        begun = time.monotonic()
        self._show(
            replace(
                self._steps[id_],
                status=StepStatus.RUNNING,
                started=self._tools.clock.now(),
                attempt=1,
            )
        )
        try:
            result = await self._actions()[id_]()
        except AppError as error:
            known = error.request_id if isinstance(error, ServiceError) else ""
            result = StepResult(error=error, request_id=known)
        self._show(_finished(self._steps[id_], result, time.monotonic() - begun))
        return result.good

    def _show(self, step: Step) -> None:
        self._steps[step.id] = step
        if self._listener is not None:
            self._listener(step)

    def _attempt(self, id_: StepId, attempt: int, detail: str) -> None:
        self._show(replace(self._steps[id_], attempt=attempt, detail=detail))

    def _verified(self, word: str, token: str) -> None:
        """Keep a result token that was verified."""
        self._result, self._result_token = word, token
        provider = self._session.provider
        title = f"Result of: {self.what}, {provider.name}"
        self._tools.shelf.put(SampleToken(title, token, provider.id))

    async def _cancelled(self) -> None:
        for step in self.steps:
            if step.status is StepStatus.RUNNING:
                self._uncertain = self._uncertain or step.id is StepId.SEND
                self._show(replace(step.waiting(), detail="Cancelled."))
        await self._append("cancelled", "Cancelled by the user.")

    async def _log_outcome(self) -> None:
        failed = self.outcome.failed
        if failed is None:
            await self._append("proven", self._steps[StepId.EQUAL].detail)
            return
        error = failed.error
        # A refusal is the service's, so it has a status; what is stopped here has none.
        refused = isinstance(error, (RefusedError, RejectedError)) and error.status is not None
        summary = error.summary if error is not None else failed.detail
        await self._append("refused" if refused else "failed", f"{failed.title}: {summary}")

    async def _log_sending(self) -> None:
        """Say it before it happens: nobody may be left to say it afterwards."""
        policy_hash, token_hash = self._hashes()
        sent = f"Policy hash {policy_hash}." if policy_hash else f"Token hash {token_hash}."
        await self._append(SENT, f"Sent; what became of it is not known yet. {sent}")

    async def _append(self, result: str, detail: str) -> None:
        before, after = self._before_and_after()
        entry = NewActivity(
            who=self._session.account,
            where=self._session.provider.name,
            what=self.what,
            result=result,
            request_id=self.outcome.request_id,
            before=before,
            after=after,
            detail=detail,
        )
        await self._keep(self._tools.log.append(entry))

    async def _keep(self, writing: Awaitable[object]) -> None:
        """Note what happened; a full disk must not make a change that was made look undone."""
        try:
            await writing
        except StorageError as error:
            self._unkept = error


def _finished(step: Step, result: StepResult, elapsed: float) -> Step:
    error = result.error
    status = StepStatus.DONE
    if not result.good:
        status, error = StepStatus.FAILED, error or _mismatch(result.rows)
    elif result.skipped:
        status = StepStatus.SKIPPED
    detail = result.detail or (error.summary if error is not None else "")
    return replace(
        step,
        status=status,
        detail=detail,
        rows=result.rows,
        elapsed=elapsed,
        request_id=result.request_id,
        error=error,
    )


def _mismatch(rows: Iterable[ProofRow]) -> AppError:
    wrong = next(row for row in rows if row.holds is False)
    return BadAnswerError(
        f"{wrong.label} is not what it must be.",
        hint="The change is not proven. Try again, or read what is deployed.",
        details={"expected": wrong.expected, "actual": wrong.actual, "source": wrong.source},
    )
