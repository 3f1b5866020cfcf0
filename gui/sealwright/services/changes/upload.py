"""The verified change of a policy: sign, send, verify the result, compare, read back, compare."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from sealwright.errors import BadAnswerError, RejectedError
from sealwright.services.changes.proof import rows_of
from sealwright.services.changes.run import RunTools, StepResult
from sealwright.services.changes.steps import ProofRow, StepId
from sealwright.services.changes.token_run import ALREADY_THERE, READ, RESULT_TOKEN, TokenRun
from sealwright.services.model import PolicyState
from sealwright.tokens import policy_jws, results

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.services.ports import Answer, PolicyHistory, Signer
    from sealwright.services.reaching.overview import DeployedPolicy
    from sealwright.services.reaching.reach import ProviderSession
    from sealwright.tokens.results import Wire
    from sealwright.tokens.verification.report import Report

_READ_BACK: Final = "the policy read back"
_VERBS: Final = {"rolled-back": "roll back"}


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """What to send. `baseline` is what was reviewed; the change is stopped when that moved."""

    attestation_type: AttestationType
    text: str
    policy_hash: str
    reset: bool
    signer: Signer | None
    signer_name: str
    baseline: DeployedPolicy | None
    origin: str = "sent"


class UploadRun(TokenRun):
    """One change of one policy. `run` again goes on at the step that failed; that is safe."""

    def __init__(
        self,
        change: PolicyChange,
        session: ProviderSession,
        history: PolicyHistory,
        tools: RunTools,
    ) -> None:
        verb = "reset" if change.reset else _VERBS.get(change.origin, "upload")
        self.what = f"Policy {change.attestation_type.value} {verb}"
        self.titles = {
            StepId.SIGN: "Sign" if change.signer else "Wrap without a signature",
            StepId.SEND: "Reset" if change.reset else "Upload",
            StepId.RESULT: "Result token verified",
            StepId.HASH: "Hash compared",
            StepId.READ_BACK: "Read back",
            StepId.EQUAL: "Equal",
        }
        super().__init__(session, tools)
        self._change = change
        self._history = history
        self._before = change.baseline
        self._stored: DeployedPolicy | None = None

    def _actions(self) -> Mapping[StepId, Callable[[], Awaitable[StepResult]]]:
        return {
            StepId.SIGN: self._sign,
            StepId.SEND: self._send,
            StepId.RESULT: partial(self._verify_result, "what is stored"),
            StepId.HASH: self._compare_hash,
            StepId.READ_BACK: self._read_back,
            StepId.EQUAL: self._compare_text,
        }

    def _hashes(self) -> tuple[str, str]:
        token_hash = policy_jws.token_hash(self._jws) if self._jws else ""
        if self._change.reset:
            return (self._stored.policy_hash if self._stored else ""), token_hash
        return self._change.policy_hash, token_hash

    def _before_and_after(self) -> tuple[str, str]:
        before = self._before.policy_hash if self._before else ""
        return before, self._stored.policy_hash if self._stored else ""

    async def _sign(self) -> StepResult:
        change, signer = self._change, self._change.signer
        if signer is None:
            jws = (
                policy_jws.unsecured_reset()
                if change.reset
                else policy_jws.unsecured_policy(change.text)
            )
            detail = "No signature: this trust model takes the policy without one."
        else:
            chain = signer.certificate_chain
            data = (
                policy_jws.signed_reset_input(chain)
                if change.reset
                else policy_jws.signed_policy_input(change.text, chain)
            )
            jws = policy_jws.assemble(data, await signer.sign(data))
            detail = f"Signed with `{change.signer_name}`; the signature fits its certificate."
        self._jws = jws
        return StepResult(detail, self._signed_rows())

    def _signed_rows(self) -> tuple[ProofRow, ...]:
        policy = ProofRow("Policy hash", self._change.policy_hash, "", None, "computed here")
        token = ProofRow("Token hash", policy_jws.token_hash(self._jws), "", None, "computed here")
        return (token,) if self._change.reset else (policy, token)

    async def _send(self) -> StepResult:
        current = await self._session.policy(self._change.attestation_type)
        current.require()
        if self._uncertain and self._is_there(current):
            self._answer = None
            return ALREADY_THERE
        self._require_unmoved(current)
        if self._before is None:
            self._before = current
        if not self._change.reset:
            await self._remember_sent()
        return await self._transmit()

    def _send_token(self) -> Awaitable[Answer]:
        api = self._session.api
        send = api.reset_policy if self._change.reset else api.set_policy
        return send(self._change.attestation_type, self._jws)

    @property
    def _word(self) -> str:
        return "Removed" if self._change.reset else "Updated"

    def _result_report(self, token: str, wire: Wire) -> Report:
        return results.verify_policy_result(token, wire, result=self._word)

    def _is_there(self, current: DeployedPolicy) -> bool:
        if not self._change.reset:
            return current.jws == self._jws
        return self._is_reset(current)

    def _require_unmoved(self, current: DeployedPolicy) -> None:
        if self._before is None or current.jws in (self._before.jws, self._jws):
            return
        if self._change.reset and self._uncertain and self._is_reset(current):
            return
        raise RejectedError(
            "The deployed policy is not the one that was reviewed: somebody changed it meanwhile.",
            hint="Nothing was sent. Review the change again against what is deployed now.",
            details={
                "reviewed policy hash": self._before.policy_hash,
                "deployed policy hash": current.policy_hash,
            },
        )

    async def _remember_sent(self) -> None:
        change = self._change
        await self._history.record(
            self._session.provider.id,
            change.attestation_type,
            change.text,
            policy_hash=change.policy_hash,
            token_hash=policy_jws.token_hash(self._jws),
            origin=change.origin,
            signer=_sha256(change.signer),
        )

    async def _compare_hash(self) -> StepResult:
        answer = self._answer
        if self._change.reset:
            return StepResult("The answer to a reset carries no hash.", skipped=True)
        expected = policy_jws.token_hash(self._jws)
        if answer is None:
            stored = await self._session.policy(self._change.attestation_type)
            stored.require()
            row = _row("Token hash", expected, stored.token_hash, _READ_BACK)
            return StepResult("The stored policy has the hash of what was sent.", (row,))
        signer = self._change.signer
        leaf = signer.certificate_chain[0] if signer else None
        report = await self._session.judge(
            lambda wire: results.verify_policy_result(
                answer.token, wire, result="Updated", jws=self._jws, signer=leaf
            )
        )
        compared = (c for c in report.checks if c.id in ("result.hash", "result.signer"))
        rows = rows_of(compared, RESULT_TOKEN)
        error = None if report.valid else self._session.why_not(report, answer)
        return StepResult("It names exactly what was sent.", rows, answer.request_id, error=error)

    async def _read_back(self) -> StepResult:
        stored = await self._look_for("policy", self._look)
        self._stored = stored
        row = ProofRow("Read back", "", stored.policy_hash, None, _READ_BACK)
        return StepResult(READ, (row,), stored.request_id)

    async def _look(self) -> tuple[DeployedPolicy, bool]:
        stored = await self._session.policy(self._change.attestation_type)
        stored.require()
        return stored, not self._is_stale(stored)

    def _is_stale(self, stored: DeployedPolicy) -> bool:
        """Whether it is what stood there before, where something else must be there now."""
        if self._before is None or stored.jws != self._before.jws:
            return False
        return not self._is_reset(stored) if self._change.reset else stored.jws != self._jws

    def _is_reset(self, stored: DeployedPolicy) -> bool:
        """Whether a reset was made: a default we know, or an unsigned text that is not the old one.

        The texts of some defaults are not published (spec rest-api, 6.4).
        """
        if not _unsigned(stored):
            return False
        if stored.state in (PolicyState.DEFAULT, PolicyState.NONE):
            return True
        return self._before is not None and stored.jws != self._before.jws

    async def _compare_text(self) -> StepResult:
        stored = self._stored
        if stored is None:
            raise BadAnswerError("Nothing was read back.")
        rows = self._reset_rows(stored) if self._change.reset else self._text_rows(stored)
        result = StepResult("What is deployed is what was sent.", rows, stored.request_id)
        if self._change.reset:
            result = StepResult("The earlier policy is gone.", rows, stored.request_id)
        if result.good:
            await self._keep(self._remember_proven(stored))
        return result

    def _text_rows(self, stored: DeployedPolicy) -> tuple[ProofRow, ...]:
        sent, found = self._change.text, stored.text
        sizes = (f"{len(sent.encode())} bytes", f"{len(found.encode())} bytes")
        return (
            _row("Policy hash", self._change.policy_hash, stored.policy_hash, _READ_BACK),
            ProofRow("Policy text", *sizes, sent == found, _READ_BACK),
            _row("Token hash", policy_jws.token_hash(self._jws), stored.token_hash, _READ_BACK),
        )

    def _reset_rows(self, stored: DeployedPolicy) -> tuple[ProofRow, ...]:
        made = self._is_reset(stored)
        known = stored.state is not PolicyState.CUSTOM
        what = stored.state.value if known else "a text that is not known here"
        signed = "unsigned" if _unsigned(stored) else "signed"
        return (
            ProofRow("Earlier policy", "gone", "gone" if made else "still there", made, _READ_BACK),
            ProofRow("Deployed policy", "a default, unsigned", f"{what}, {signed}", None),
            ProofRow("Policy hash", "", stored.policy_hash, None, _READ_BACK),
        )

    async def _remember_proven(self, stored: DeployedPolicy) -> None:
        # What a reset leads to is known only now; were it kept as seen alone, it would look like a
        # change that somebody else made.
        for origin in ("reset", "seen") if self._change.reset else ("seen",):
            await self._history.record(
                self._session.provider.id,
                self._change.attestation_type,
                stored.text,
                policy_hash=stored.policy_hash,
                token_hash=stored.token_hash,
                origin=origin,
                signer=stored.signer.sha256 if stored.signer else "",
            )


def _unsigned(policy: DeployedPolicy) -> bool:
    return policy.signer is None and policy.jws.endswith(".")


def _row(label: str, expected: str, actual: str, source: str) -> ProofRow:
    return ProofRow(label, expected, actual, expected == actual, source)


def _sha256(signer: Signer | None) -> str:
    if signer is None:
        return ""
    import hashlib  # noqa: PLC0415 - only here

    return hashlib.sha256(signer.certificate_chain[0]).hexdigest()
