"""A change made by one token: sent once, its answer verified, looked for until it is there.

Invariants
- The log has a row before the token leaves, so that a program that ends there leaves a trace.
- A token is sent again only when it is known that the provider did not take it.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from sealwright.errors import BadAnswerError, UnreachableError
from sealwright.services.changes.proof import summary_of
from sealwright.services.changes.run import DELAYS, READ_BACKS, ChangeRun, RunTools, StepResult
from sealwright.services.changes.steps import StepId

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealwright.services.model import Check
    from sealwright.services.ports import Answer
    from sealwright.services.reaching.reach import ProviderSession
    from sealwright.tokens.results import Wire
    from sealwright.tokens.verification.report import Report

RESULT_TOKEN: Final = "the provider's result token"  # noqa: S105 - where a value came from
ALREADY_THERE: Final = StepResult(
    "Already there: the earlier answer was lost after the provider had made the change."
)
READ: Final = "The provider's signed answer was verified."
_TOO_MANY: Final = 429


class _Read(Protocol):
    @property
    def request_id(self) -> str: ...


R = TypeVar("R", bound=_Read)


class TokenRun(ChangeRun):
    """The steps that every such change shares."""

    def __init__(self, session: ProviderSession, tools: RunTools) -> None:
        super().__init__(session, tools)
        self._jws = ""
        self._answer: Answer | None = None
        self._checks: tuple[Check, ...] = ()

    @property
    @abstractmethod
    def _word(self) -> str:
        """What the result token must say."""

    @abstractmethod
    def _send_token(self) -> Awaitable[Answer]:
        """Send it."""

    @abstractmethod
    def _result_report(self, token: str, wire: Wire) -> Report:
        """Verify the result token."""

    async def _transmit(self) -> StepResult:
        await self._log_sending()
        self._uncertain = True
        try:
            self._answer = await self._send_token()
        except UnreachableError as error:
            # 429 is decided before the work; after anything else the provider may have done it.
            self._uncertain = error.status != _TOO_MANY
            raise
        except BadAnswerError:
            raise
        except Exception:
            self._uncertain = False
            raise
        self._uncertain = False
        self._request_id = self._answer.request_id
        return StepResult(
            f"Accepted in {self._answer.elapsed:.2f} s.", request_id=self._answer.request_id
        )

    def _lost(self, proof: str) -> StepResult:
        return StepResult(f"Its answer was lost; {proof} proves it instead.", skipped=True)

    async def _verify_result(self, proof: str) -> StepResult:
        """Verify the result token; where it was lost, `proof` stands in for it."""
        answer = self._answer
        if answer is None:
            return self._lost(proof)
        report = await self._session.judge(lambda wire: self._result_report(answer.token, wire))
        rows = summary_of(report.checks, RESULT_TOKEN)
        if not report.valid:
            error = self._session.why_not(report, answer)
            return StepResult(rows=rows, error=error, request_id=answer.request_id)
        self._verified(self._word, answer.token)
        self._checks = report.checks
        return StepResult(f"The provider says `{self._word}`.", rows, answer.request_id)

    async def _look_for(self, what: str, look: Callable[[], Awaitable[tuple[R, bool]]]) -> R:
        """Look until the change is there; `what` is what would still be the earlier one.

        Raises:
            BadAnswerError: it did not come.
        """
        for attempt in range(1, READ_BACKS + 1):
            found, there = await look()
            if there:
                return found
            if attempt < READ_BACKS:
                self._attempt(StepId.READ_BACK, attempt + 1, f"Still the earlier {what}.")
                await self._tools.pause(DELAYS[attempt - 1])
        raise BadAnswerError(
            f"The provider still returns the earlier {what}, after {READ_BACKS} tries.",
            hint="Another region may answer. Try again: it goes on with reading back.",
            request_id=found.request_id,
        )
