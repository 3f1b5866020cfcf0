"""The verified change of the trusted certificates of a provider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sealwright.errors import BadAnswerError, RejectedError, UnreachableError
from sealwright.services.proof import rows_of, summary_of
from sealwright.services.run import DELAYS, READ_BACKS, ChangeRun, RunTools, StepResult
from sealwright.services.steps import ProofRow, StepId
from sealwright.tokens import policy_jws, results

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from sealwright.services.model import Certificate, Check
    from sealwright.services.ports import Answer, Signer
    from sealwright.services.reach import ProviderSession, TrustedSet

_RESULT_TOKEN: Final = "the provider's result token"  # noqa: S105 - where a value came from
_READ_BACK: Final = "the certificates read back"


@dataclass(frozen=True, slots=True)
class SignerChange:
    """Add `certificate`, or remove it. `before` is the trusted set that was looked at."""

    certificate: Certificate
    adding: bool
    signer: Signer
    signer_name: str
    before: TrustedSet


class SignerRun(ChangeRun):
    """One change of the trusted certificates; `run` again goes on where it failed, safely."""

    def __init__(self, change: SignerChange, session: ProviderSession, tools: RunTools) -> None:
        verb = "Add" if change.adding else "Remove"
        self.what = f"{verb} policy signer {change.certificate.subject}"
        self.titles = {
            StepId.SIGN: "Sign",
            StepId.SEND: "Add" if change.adding else "Remove",
            StepId.RESULT: "Result token verified",
            StepId.HASH: "Thumbprint compared",
            StepId.READ_BACK: "Read back",
            StepId.EQUAL: "Equal",
        }
        super().__init__(session, tools)
        self._change = change
        self._jws = ""
        self._answer: Answer | None = None
        self._stored: TrustedSet | None = None
        self._checks: tuple[Check, ...] = ()

    def _actions(self) -> Mapping[StepId, Callable[[], Awaitable[StepResult]]]:
        return {
            StepId.SIGN: self._sign,
            StepId.SEND: self._send,
            StepId.RESULT: self._verify_result,
            StepId.HASH: self._compare_thumbprint,
            StepId.READ_BACK: self._read_back,
            StepId.EQUAL: self._compare_sets,
        }

    def _hashes(self) -> tuple[str, str]:
        return "", policy_jws.token_hash(self._jws) if self._jws else ""

    def _before_and_after(self) -> tuple[str, str]:
        before = _count(self._change.before)
        return before, _count(self._stored) if self._stored else ""

    @property
    def _word(self) -> str:
        return "IsPresent" if self._change.adding else "IsAbsent"

    async def _sign(self) -> StepResult:
        chain = self._change.signer.certificate_chain
        data = policy_jws.certificate_input(self._change.certificate.der, chain)
        self._jws = policy_jws.assemble(data, await self._change.signer.sign(data))
        certificate = self._change.certificate
        rows = (
            ProofRow("Certificate", certificate.subject, "", None, "the request"),
            ProofRow("SHA-1 thumbprint", certificate.thumbprint, "", None, "computed here"),
        )
        return StepResult(f"Signed with `{self._change.signer_name}`.", rows)

    async def _send(self) -> StepResult:
        current = await self._session.trusted_set()
        if self._uncertain and self._is_made(current):
            self._answer = None
            return StepResult(
                "Already there: the earlier answer was lost after the provider had made the change."
            )
        self._require_unmoved(current)
        return await self._transmit()

    async def _transmit(self) -> StepResult:
        api = self._session.api
        send = api.add_certificate if self._change.adding else api.remove_certificate
        self._uncertain = True
        try:
            self._answer = await send(self._jws)
        except UnreachableError as error:
            # 429 is decided before the work; after anything else the provider may have done it.
            self._uncertain = error.status != 429  # noqa: PLR2004 - Too Many Requests
            raise
        except BadAnswerError:
            raise
        except Exception:
            self._uncertain = False
            raise
        self._uncertain = False
        self._request_id = self._answer.request_id
        return StepResult(
            f"Accepted in {self._answer.elapsed:.1f} s.", request_id=self._answer.request_id
        )

    def _is_made(self, current: TrustedSet) -> bool:
        return (self._change.certificate.sha256 in _names(current)) == self._change.adding

    def _require_unmoved(self, current: TrustedSet) -> None:
        mine = {self._change.certificate.sha256}
        if _names(current) - mine == _names(self._change.before) - mine:
            return
        raise RejectedError(
            "Somebody changed the signers meanwhile: they are not those that were shown.",
            hint="Nothing was sent. Refresh the list and decide again.",
            details={"shown": _count(self._change.before), "now": _count(current)},
        )

    async def _verify_result(self) -> StepResult:
        answer = self._answer
        if answer is None:
            return StepResult(
                "Its answer was lost; the trusted set proves it instead.", skipped=True
            )
        report = await self._session.judge(
            lambda wire: results.verify_certificate_result(
                answer.token, wire, result=self._word, certificate=self._change.certificate.der
            )
        )
        rows = summary_of(report.checks, _RESULT_TOKEN)
        if not report.valid:
            error = self._session.why_not(report, answer)
            return StepResult(rows=rows, error=error, request_id=answer.request_id)
        self._verified(self._word, answer.token)
        self._checks = report.checks
        return StepResult(f"The provider says `{self._word}`.", rows, answer.request_id)

    async def _compare_thumbprint(self) -> StepResult:
        if self._answer is None:
            return StepResult(
                "Its answer was lost; the trusted set proves it instead.", skipped=True
            )
        own = (check for check in self._checks if check.id == "result.thumbprint")
        return StepResult("It names this certificate.", rows_of(own, _RESULT_TOKEN))

    async def _read_back(self) -> StepResult:
        for attempt in range(1, READ_BACKS + 1):
            stored = await self._session.trusted_set()
            if self._is_made(stored):
                self._stored = stored
                rows = (ProofRow("Trusted certificates", "", _count(stored), None, _READ_BACK),)
                detail = "The provider's signed answer was verified."
                return StepResult(detail, rows, stored.request_id)
            if attempt < READ_BACKS:
                self._attempt(StepId.READ_BACK, attempt + 1, "Still the earlier certificates.")
                await self._tools.pause(DELAYS[attempt - 1])
        raise BadAnswerError(
            f"The provider still returns the earlier certificates, after {READ_BACKS} tries.",
            hint="Another region may answer. Try again: it goes on with reading back.",
            request_id=stored.request_id,
        )

    async def _compare_sets(self) -> StepResult:
        stored = self._stored
        if stored is None:
            raise BadAnswerError("Nothing was read back.")
        mine = {self._change.certificate.sha256}
        expected = _names(self._change.before) - mine
        expected |= mine if self._change.adding else set()
        found = _names(stored)
        there = self._change.certificate.sha256 in found
        words = {True: "trusted", False: "not trusted"}
        rows = (
            ProofRow(
                self._change.certificate.subject,
                words[self._change.adding],
                words[there],
                there == self._change.adding,
                _READ_BACK,
            ),
            ProofRow(
                "Trusted certificates",
                f"{len(expected)} certificates",
                f"{len(found)} certificates",
                expected == found,
                _READ_BACK,
            ),
        )
        return StepResult("The provider trusts exactly these certificates.", rows)


def _names(trusted: TrustedSet) -> set[str]:
    return {certificate.sha256 for certificate in trusted.certificates}


def _count(trusted: TrustedSet) -> str:
    count = len(trusted.certificates)
    return f"{count} certificate{'s' if count != 1 else ''}"
