"""Dry run: what a policy would decide on a set of claims, and why, without any provider."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Final

from sealwright.claims.catalogue import Direction
from sealwright.claims.claim import SERVICE_ISSUER, ClaimSet
from sealwright.errors import PolicyError
from sealwright.services.policies.claims_input import (
    added_by_service,
    claims_of_json,
    claims_of_token,
    claims_to_text,
    form_entries,
    sample_claims,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.claims.catalogue import Catalogue, ClaimEntry
    from sealwright.claims.claim import Claim
    from sealwright.policy.outcome import EvaluationError, Outcome
    from sealwright.policy.syntax import Policy
    from sealwright.services.policies.rule_rows import NearMiss, RuleRow
    from sealwright.services.reference import Reference


class Verdict(StrEnum):
    """The decision in one word."""

    PERMITTED = "permitted"
    DENIED = "denied"
    NOT_PERMITTED = "not-permitted"
    FAILED = "failed"
    """A rule failed while it was evaluated; a provider would refuse the request."""
    UNREADABLE = "unreadable"
    """The text has errors; no provider would take it."""


@dataclass(frozen=True, slots=True)
class TokenMember:
    """A member of the token that would be issued."""

    name: str
    value: object
    by_policy: bool


@dataclass(frozen=True, slots=True)
class DryRun:
    """Everything a dry run found. Lists are empty when the text could not be evaluated."""

    verdict: Verdict
    reason: str
    rules: tuple[RuleRow, ...] = ()
    before: tuple[Claim, ...] = ()
    after: tuple[Claim, ...] = ()
    """The incoming set at the end, what rules added included."""
    looked_at: tuple[Claim, ...] = ()
    issued: tuple[Claim, ...] = ()
    """What the policy issued for the token, as it was issued."""
    token: tuple[TokenMember, ...] = ()
    validity_minutes: int = 0
    warnings: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    """Names of the semantics that mattered where the language's definition is silent."""
    place: tuple[int, int] | None = None
    """Where in the text the failure stands, when there is one."""
    seconds: float = 0.0

    @property
    def decision(self) -> str:
        """`permit`, `deny` or `error`, as a saved case expects it; empty when not evaluated."""
        return _DECISIONS[self.verdict]


_DECISIONS: Final = {
    Verdict.PERMITTED: "permit",
    Verdict.DENIED: "deny",
    Verdict.NOT_PERMITTED: "deny",
    Verdict.FAILED: "error",
    Verdict.UNREADABLE: "",
}
_EIGHT_HOURS: Final = 480
_ONE_DAY: Final = 1440


class DryRunService:
    """Evaluates on worker threads; nothing is sent anywhere."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference

    async def run(
        self,
        text: str | Policy,
        attestation_type: AttestationType | None,
        claims: Sequence[Claim],
        *,
        sent_text: str = "",
    ) -> DryRun:
        """Evaluate a text; errors of the text are part of the result.

        Args:
            text: the policy, parsed or not; places in the result are those of this text.
            attestation_type: what it is for, when that is known.
            claims: what comes in.
            sent_text: the text as it would be sent, when line ends or a BOM differ from `text`.
        """
        from anyio import to_thread  # noqa: PLC0415 - after the first paint

        call = partial(dry_run, text, attestation_type, tuple(claims), self._reference, sent_text)
        return await to_thread.run_sync(call)

    async def from_json(self, text: str) -> tuple[Claim, ...]:
        """Claims of a JSON text.

        Raises:
            UsageError: it holds none; the message says where.
        """
        return claims_of_json(text, await self._catalogue())

    async def to_json(self, claims: Sequence[Claim]) -> str:
        """A JSON text of claims, the shortest that loses nothing."""
        return claims_to_text(claims, await self._catalogue())

    async def from_token(self, text: str) -> tuple[Claim, ...]:
        """Incoming claims that a token shows; it is not verified.

        Raises:
            TokenError: there is no token in it.
            UsageError: it holds no claim that a policy looks at.
        """
        return claims_of_token(text, await self._catalogue())

    async def added_by_service(self, names: Iterable[str]) -> frozenset[str]:
        """Of a token's members, those that the service adds itself, whatever a policy says."""
        return added_by_service(names, await self._catalogue())

    async def samples(self, attestation_type: AttestationType) -> tuple[Claim, ...]:
        """Plausible claims of a type, to begin a form with."""
        return sample_claims(await self._catalogue(), attestation_type)

    async def form(self, attestation_type: AttestationType) -> tuple[ClaimEntry, ...]:
        """What a form offers for a type."""
        return form_entries(await self._catalogue(), attestation_type)

    async def _catalogue(self) -> Catalogue:
        from anyio import to_thread  # noqa: PLC0415 - after the first paint

        return await to_thread.run_sync(self._reference.catalogue)


def dry_run(
    text: str | Policy,
    attestation_type: AttestationType | None,
    claims: tuple[Claim, ...],
    reference: Reference,
    sent_text: str = "",
) -> DryRun:
    """Evaluate a text; blocking."""
    from sealwright.policy.evaluation.evaluator import evaluate  # noqa: PLC0415 - after the first paint
    from sealwright.policy.outcome import EvaluationError  # noqa: PLC0415 - as above
    from sealwright.policy.reading.parser import parse  # noqa: PLC0415 - as above
    from sealwright.services.policies.rule_rows import rule_rows  # noqa: PLC0415 - as above

    policy = parse(text) if isinstance(text, str) else text
    before = tuple(ClaimSet(claims).service_first())
    started = perf_counter()
    try:
        outcome = evaluate(policy, claims, attestation_type=attestation_type, clock=monotonic)
    except EvaluationError as error:
        return _failed(error, before, perf_counter() - started, policy)
    except PolicyError as error:
        return _unreadable(error, before, policy)
    seconds = perf_counter() - started
    rules = rule_rows(policy, outcome)
    members, minutes, choices = _token(
        outcome, sent_text or policy.text, attestation_type, reference.catalogue()
    )
    return DryRun(
        verdict=_verdict(outcome),
        reason=_reason(outcome, rules),
        rules=rules,
        before=before,
        after=tuple(outcome.incoming),
        looked_at=_looked_at(outcome, before),
        issued=tuple(outcome.outgoing),
        token=members,
        validity_minutes=minutes,
        warnings=outcome.warnings,
        choices=tuple(sorted({*outcome.choices, *choices})),
        seconds=seconds,
    )


def _failed(
    error: EvaluationError, before: tuple[Claim, ...], seconds: float, policy: Policy
) -> DryRun:
    place = error.place
    reason = f"{error.summary.rstrip('.')}."
    if place is not None:
        reason = f"Line {policy.position(place.span.start).line}: {reason}"
    span = (place.span.start, place.span.end) if place is not None else None
    return DryRun(
        Verdict.FAILED, reason, before=before, choices=error.choices, place=span, seconds=seconds
    )


def _unreadable(error: PolicyError, before: tuple[Claim, ...], policy: Policy) -> DryRun:
    from sealwright.policy.diagnostics import Diagnostic, Severity  # noqa: PLC0415 - as above

    found = [each for each in error.diagnostics if isinstance(each, Diagnostic)]
    first = next((each for each in found if each.severity is Severity.ERROR), None)
    if first is None:
        return DryRun(Verdict.UNREADABLE, f"{error.summary.rstrip('.')}.", before=before)
    line = policy.position(first.span.start).line
    reason = f"Line {line}: {first.message.rstrip('.')}."
    place = (first.span.start, first.span.end)
    return DryRun(Verdict.UNREADABLE, reason, before=before, place=place)


def _verdict(outcome: Outcome) -> Verdict:
    if outcome.permitted:
        return Verdict.PERMITTED
    return Verdict.NOT_PERMITTED if outcome.decided_by is None else Verdict.DENIED


def _reason(outcome: Outcome, rules: tuple[RuleRow, ...]) -> str:
    decider = outcome.decided_by
    if decider is not None:
        row = next(each for each in rules if each.span == decider.span)
        why = "it has no conditions"
        if row.checks:
            why = "every condition holds" if outcome.permitted else _held(row)
        return f"The {row.title} of line {row.first_line} fired: {why}."
    near = next((each for each in rules if each.state == "nearly" and each.miss), None)
    if near is not None and near.miss is not None:
        return f"No rule reached permit(): {_why_missed(near, near.miss, rules)}."
    if not any(each.title == "permit()" for each in rules):
        return "There is no permit() in the text, so every request is refused."
    return outcome.reason


def _why_missed(near: RuleRow, miss: NearMiss, rules: tuple[RuleRow, ...]) -> str:
    """What to look at: where the claim is one that a rule adds, what that rule lacks."""
    first, row = miss, near
    while miss.is_absence:
        above = rules[: rules.index(row)]
        makers = {f"add {miss.claim}", f"issue {miss.claim}"}
        maker = next((each for each in above if each.title in makers and each.miss), None)
        if maker is None or maker.miss is None:
            break
        row, miss = maker, maker.miss
    if miss is first:
        return miss.sentence
    return f"{miss.sentence}, so line {first.line} finds no `{first.claim}`"


def _held(row: RuleRow) -> str:
    return " and ".join(f"{each.text}" for each in row.checks)


def _looked_at(outcome: Outcome, before: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """Claims that came in and that a condition matched or missed, in their order."""
    places: set[int] = set()
    for rule in outcome.trace:
        for condition in rule.conditions:
            places.update(condition.matched, (miss.claim for miss in condition.missed))
    # What rules add stands behind what came in.
    return tuple(claim for place, claim in enumerate(before) if place in places)


def _token(
    outcome: Outcome, text: str, kind: AttestationType | None, catalogue: Catalogue
) -> tuple[tuple[TokenMember, ...], int, tuple[str, ...]]:
    """Members that can be foretold, minutes, and choices; none when no token would be issued."""
    if not outcome.permitted:
        return (), 0, ()
    from sealwright.policy.digest import policy_hash  # noqa: PLC0415 - after the first paint
    from sealwright.policy.evaluation.report import (  # noqa: PLC0415 - as above
        token_choices,
        token_claims,
        validity_minutes,
    )

    service: dict[str, object] = {"x-ms-ver": "1.0", "x-ms-policy-hash": policy_hash(text)}
    for claim in outcome.incoming:
        entry = catalogue.find(claim.type, Direction.OUTGOING)
        # The service repeats its own claims; whatever the evidence holds more is not known here.
        if claim.issuer == SERVICE_ISSUER and entry is not None and not entry.by_policy:
            service.setdefault(claim.type, claim.value)
    members = token_claims(service, outcome.outgoing)
    minutes = _EIGHT_HOURS
    if kind is not None and kind.value == "Tpm":
        minutes = validity_minutes(outcome.properties, _ONE_DAY)
    made = tuple(TokenMember(name, value, name not in service) for name, value in members.items())
    return made, minutes, tuple(token_choices(service, outcome.outgoing))
