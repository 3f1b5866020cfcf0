"""The verified change of the trusted certificates of a provider."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from sealwright.errors import BadAnswerError, RejectedError
from sealwright.services.changes.proof import rows_of
from sealwright.services.changes.run import RunTools, StepResult
from sealwright.services.changes.steps import ProofRow, StepId
from sealwright.services.changes.token_run import ALREADY_THERE, READ, RESULT_TOKEN, TokenRun
from sealwright.tokens import policy_jws, results

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from sealwright.services.model import Certificate
    from sealwright.services.ports import Answer, Signer
    from sealwright.services.reaching.reach import ProviderSession, TrustedSet
    from sealwright.tokens.results import Wire
    from sealwright.tokens.verification.report import Report

_TRUSTED_SET: Final = "the trusted set"
_READ_BACK: Final = "the certificates read back"


@dataclass(frozen=True, slots=True)
class SignerChange:
    """Add `certificate`, or remove it. `before` is the trusted set that was looked at."""

    certificate: Certificate
    adding: bool
    signer: Signer
    signer_name: str
    before: TrustedSet


class SignerRun(TokenRun):
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
        self._stored: TrustedSet | None = None

    def _actions(self) -> Mapping[StepId, Callable[[], Awaitable[StepResult]]]:
        return {
            StepId.SIGN: self._sign,
            StepId.SEND: self._send,
            StepId.RESULT: partial(self._verify_result, _TRUSTED_SET),
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
            return ALREADY_THERE
        self._require_unmoved(current)
        return await self._transmit()

    def _send_token(self) -> Awaitable[Answer]:
        api = self._session.api
        send = api.add_certificate if self._change.adding else api.remove_certificate
        return send(self._jws)

    def _result_report(self, token: str, wire: Wire) -> Report:
        return results.verify_certificate_result(
            token, wire, result=self._word, certificate=self._change.certificate.der
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

    async def _compare_thumbprint(self) -> StepResult:
        if self._answer is None:
            return self._lost(_TRUSTED_SET)
        own = (check for check in self._checks if check.id == "result.thumbprint")
        return StepResult("It names this certificate.", rows_of(own, RESULT_TOKEN))

    async def _read_back(self) -> StepResult:
        stored = await self._look_for("certificates", self._look)
        self._stored = stored
        rows = (ProofRow("Trusted certificates", "", _count(stored), None, _READ_BACK),)
        return StepResult(READ, rows, stored.request_id)

    async def _look(self) -> tuple[TrustedSet, bool]:
        stored = await self._session.trusted_set()
        return stored, self._is_made(stored)

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
