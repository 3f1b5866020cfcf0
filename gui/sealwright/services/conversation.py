"""Two ways to get a machine's trustworthiness judged, message by message (RFC 9334, section 5).

Every message is real: evidence is made by the sandbox's own machine, the verifier is a provider
that is called over its wire, and the relying party checks the token with the keys that the provider
publishes. In the passport model the attester asks the verifier and shows the result to whoever
wants it; in the background-check model the relying party takes the evidence and asks itself.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import UsageError
from sealwright.services.attestation.request import AttachedData, AttestRequest, DataType
from sealwright.services.tokens.key_source import KeyOrigin, KeySource

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealwright.services.attestation.flow import Attestation
    from sealwright.services.bundle import Services
    from sealwright.services.model import Provider
    from sealwright.tokens.verification.report import Report

_NONCE_BYTES: Final = 16


class Role(StrEnum):
    """Who takes part, in the words of RFC 9334."""

    ATTESTER = "Attester"
    VERIFIER = "Verifier"
    RELYING_PARTY = "Relying party"


class Model(StrEnum):
    """Who brings the evidence to the verifier."""

    PASSPORT = "passport"
    BACKGROUND_CHECK = "background-check"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a message says; `holds` is None where nothing was compared."""

    name: str
    value: str
    holds: bool | None = None
    code: bool = False
    """Whether the value is data rather than words."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A message before it is sent."""

    number: int
    sender: Role
    receiver: Role
    conveys: str
    why: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as it was sent."""

    planned: Planned
    sentence: str
    facts: tuple[Fact, ...]
    call: str = ""
    """The call on the wire, where there was one."""
    holds: bool = True
    """Whether the conversation goes on as hoped."""


_ASK: Final = ("Nonce", "A fresh number, so that the answer cannot be an old one.")
_EVIDENCE: Final = ("Evidence", "Claims about itself, signed by the hardware it runs on.")
_RESULT: Final = ("Attestation result", "What the verifier found, signed by the verifier.")
_DECISION: Final = ("Decision", "The relying party decides by its own appraisal policy.")

_PLANS: Final = {
    Model.PASSPORT: (
        (Role.RELYING_PARTY, Role.ATTESTER, _ASK),
        (Role.ATTESTER, Role.VERIFIER, _EVIDENCE),
        (Role.VERIFIER, Role.ATTESTER, _RESULT),
        (Role.ATTESTER, Role.RELYING_PARTY, _RESULT),
        (Role.RELYING_PARTY, Role.ATTESTER, _DECISION),
    ),
    Model.BACKGROUND_CHECK: (
        (Role.RELYING_PARTY, Role.ATTESTER, _ASK),
        (Role.ATTESTER, Role.RELYING_PARTY, _EVIDENCE),
        (Role.RELYING_PARTY, Role.VERIFIER, _EVIDENCE),
        (Role.VERIFIER, Role.RELYING_PARTY, _RESULT),
        (Role.RELYING_PARTY, Role.ATTESTER, _DECISION),
    ),
}


def plan(model: Model) -> tuple[Planned, ...]:
    """The messages of a model in their order."""
    return tuple(
        Planned(number, sender, receiver, conveys, why)
        for number, (sender, receiver, (conveys, why)) in enumerate(_PLANS[model], 1)
    )


@dataclass(slots=True)
class _State:
    """What the parties hold by now."""

    nonce: str = ""
    runtime: bytes = b""
    evidence: bytes = field(default=b"", repr=False)
    found: Attestation | None = None
    report: Report | None = None


class Conversation:
    """One run of a model; `next` sends the next message."""

    def __init__(
        self, model: Model, provider: Provider, with_: Services, *, debug: bool = False
    ) -> None:
        self.model = model
        self.provider = provider
        self._evidence, self._attest = with_.evidence, with_.attest
        self._tokens = with_.tokens
        self._debug = debug
        self._plan = plan(model)
        self._state = _State()
        self._sent: list[Sent] = []

    @property
    def sent(self) -> tuple[Sent, ...]:
        """The messages so far."""
        return tuple(self._sent)

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to send."""
        return len(self._sent) == len(self._plan)

    async def next(self) -> Sent:
        """Send the next message.

        Raises:
            UsageError: the conversation has ended.
            UnreachableError: the provider does not answer.
        """
        if self.ended:
            raise UsageError("The conversation has ended.", hint="Start over.")
        planned = self._plan[len(self._sent)]
        message = await self._call(planned)(planned)
        self._sent.append(message)
        return message

    def _call(self, planned: Planned) -> Callable[[Planned], Awaitable[Sent]]:
        if planned.conveys == _ASK[0]:
            return self._ask
        if planned.conveys == _DECISION[0]:
            return self._decide
        if planned.conveys == _EVIDENCE[0]:
            return self._to_verifier if planned.receiver is Role.VERIFIER else self._hand_over
        return self._answer if planned.sender is Role.VERIFIER else self._show

    # --- messages -----------------------------------------------------------------------------

    async def _ask(self, planned: Planned) -> Sent:
        self._state.nonce = secrets.token_hex(_NONCE_BYTES)
        return Sent(
            planned,
            "The relying party has never seen this machine. It asks for proof that is made now.",
            (Fact("Nonce", self._state.nonce, code=True),),
        )

    async def _make(self) -> tuple[Fact, ...]:
        """The attester's evidence over the nonce, and what it says."""
        from sealwright.evidence.examination import Kind  # noqa: PLC0415 - after the first paint
        from sealwright.evidence.intel.sgx import parse_quote  # noqa: PLC0415 - as above

        state = self._state
        document = {"nonce": state.nonce, "service": "orders"}
        state.runtime = json.dumps(document, separators=(",", ":")).encode()
        values = {"runtime_data": state.runtime.decode(), "debug": str(self._debug).lower()}
        made = await self._evidence.make(Kind.SGX_QUOTE, values)
        body = parse_quote(made.data).body
        state.evidence = made.data
        digest = hashlib.sha256(state.runtime).digest()
        committed = body.report_data[: len(digest)]
        return (
            Fact("Evidence", f"SGX quote, {len(made.data):,} bytes"),
            Fact("Measurement", body.mrenclave.hex(), code=True),
            Fact("Runtime data", state.runtime.decode(), code=True),
            Fact("Report data", committed.hex(), holds=committed == digest, code=True),
        )

    async def _hand_over(self, planned: Planned) -> Sent:
        facts = await self._make()
        return Sent(
            planned,
            "The attester signs claims about itself. The hash of its runtime data, with the nonce "
            "in it, is part of what is signed. The relying party cannot judge this itself.",
            facts,
        )

    async def _to_verifier(self, planned: Planned) -> Sent:
        facts = () if self._state.evidence else await self._make()
        state = self._state
        request = AttestRequest(
            provider=self.provider.id,
            attestation_type=AttestationType.SGX_ENCLAVE,
            evidence=state.evidence,
            runtime_data=AttachedData(state.runtime, DataType.JSON),
        )
        state.found = await self._attest.attest(request)
        last = state.found.exchange.messages[-1]
        sender = (
            "The attester sends its evidence to the verifier, with the runtime data it is bound to."
            if planned.sender is Role.ATTESTER
            else "The relying party passes the evidence on, unchanged, to a verifier it trusts."
        )
        answer = Fact("Answer", f"status {last.status} in {last.elapsed * 1000:.0f} ms")
        return Sent(planned, sender, (*facts, answer), call=f"{last.method} {last.url}")

    async def _answer(self, planned: Planned) -> Sent:
        found = self._attestation()
        if found.error is not None:
            refused = (Fact("Refused", found.error.summary, holds=False),)
            return Sent(planned, "The verifier refused: there is no result.", refused, holds=False)
        run = found.run
        policy = run.reason if run is not None else "The provider's policy permitted it."
        facts = (
            Fact("Appraisal policy", policy, holds=True),
            Fact("Claims", f"{len(found.claims)} in the token"),
            Fact("Token", _digest(found.token), code=True),
        )
        return Sent(
            planned,
            f"The verifier, {self.provider.name}, appraised the evidence by its policy and signed "
            "what it found.",
            facts,
        )

    async def _show(self, planned: Planned) -> Sent:
        found = self._attestation()
        if not found.token:
            facts = (Fact("Token", "none", holds=False),)
            return Sent(planned, "There is nothing to show.", facts, holds=False)
        return Sent(
            planned,
            "The attester shows the result, as a traveller shows a passport. Whoever trusts the "
            "verifier can check it without asking anybody.",
            (Fact("Token", _digest(found.token), code=True),),
        )

    async def _decide(self, planned: Planned) -> Sent:
        found = self._attestation()
        if not found.token:
            nothing = (Fact("Attestation result", "none", holds=False),)
            return Sent(planned, "Without a result there is no access.", nothing, holds=False)
        report = await self._tokens.verify(
            found.token, KeySource(KeyOrigin.PROVIDER, self.provider.id)
        )
        runtime = report.claims.get("x-ms-runtime")
        told = runtime.get("nonce") if isinstance(runtime, dict) else None
        debug = report.claims.get("x-ms-sgx-is-debuggable")
        facts = (
            Fact("Token", f"{report.verdict}: signature, issuer, time", holds=report.valid),
            Fact("Nonce", str(told), holds=told == self._state.nonce, code=True),
            Fact("Debugging", "on" if debug else "off", holds=debug is False),
        )
        granted = all(fact.holds for fact in facts)
        sentence = (
            "The result is genuine, fresh, and meets the relying party's own appraisal policy for "
            "results: access is granted."
            if granted
            else "The result does not meet the relying party's own appraisal policy for results: "
            "access is refused."
        )
        call = f"GET {self.provider.attest_uri}/certs"
        return Sent(planned, sentence, facts, call=call, holds=granted)

    def _attestation(self) -> Attestation:
        found = self._state.found
        if found is None:
            raise UsageError("Nothing was sent to the verifier yet.")
        return found


def _digest(token: str) -> str:
    return f"SHA-256 {hashlib.sha256(token.encode()).hexdigest()}"
