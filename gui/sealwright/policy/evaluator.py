"""Decides what a policy makes of a set of claims (spec policy-language, 4 to 11 and 23)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.claims.claim import SERVICE_ISSUER, Claim, ClaimSet
from sealwright.errors import PolicyError
from sealwright.policy.checks import accepted, check
from sealwright.policy.conditions import PreparedCondition, prepare_condition
from sealwright.policy.functions import check_size
from sealwright.policy.outcome import (
    ConditionTrace,
    Effect,
    EvaluationError,
    Outcome,
    RulePlace,
    RuleTrace,
)
from sealwright.policy.run import Run
from sealwright.policy.semantics import OUR_SEMANTICS, Semantics
from sealwright.policy.syntax import (
    AUTHORIZATION,
    CONFIGURATION,
    ISSUANCE,
    SECTIONS,
    Action,
    Policy,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.policy.limits import Limits

_CLOCK_EVERY: Final = 16


class PreparedRule:
    """A rule with its conditions made ready."""

    __slots__ = ("action", "conditions", "place")

    def __init__(
        self, conditions: tuple[PreparedCondition, ...], action: Action, place: RulePlace
    ) -> None:
        self.conditions = conditions
        self.action = action
        self.place = place


class PreparedPolicy:
    """A policy that is evaluated many times. Make one with `prepare`."""

    __slots__ = ("_limits", "_rules", "_semantics", "_type")

    def __init__(
        self,
        rules: dict[str, tuple[PreparedRule, ...]],
        limits: Limits,
        semantics: Semantics,
        attestation_type: AttestationType | None,
    ) -> None:
        self._rules = rules
        self._limits = limits
        self._semantics = semantics
        self._type = attestation_type

    def evaluate(
        self, claims: Iterable[Claim], clock: Callable[[], float] | None = None
    ) -> Outcome:
        """What the policy makes of these claims; those of the service are put first.

        Args:
            claims: the incoming claims.
            clock: seconds of a steady clock; without it the time limit is not enforced.

        Raises:
            EvaluationError: a rule failed, or a limit was reached.
        """
        evaluation = _Evaluation(self._semantics, self._limits, self._type, clock)
        return evaluation.run(self._rules, claims)


def prepare(
    policy: Policy,
    semantics: Semantics = OUR_SEMANTICS,
    attestation_type: AttestationType | None = None,
) -> PreparedPolicy:
    """Make a policy ready for evaluation.

    Raises:
        PolicyError: it does not parse or fails a static check.
    """
    problems = check(policy, attestation_type)
    if not accepted(problems):
        raise PolicyError(
            "The policy has errors and cannot be evaluated",
            hint="Correct them first.",
            diagnostics=problems,
        )
    rules: dict[str, tuple[PreparedRule, ...]] = dict.fromkeys(SECTIONS, ())
    for section in policy.sections:
        rules[section.name] = tuple(
            PreparedRule(
                tuple(prepare_condition(each, semantics) for each in placed.rule.conditions),
                placed.rule.action,
                RulePlace(section.name, number, placed.span),
            )
            for number, placed in enumerate(section.rules, 1)
        )
    return PreparedPolicy(rules, policy.limits, semantics, attestation_type)


def evaluate(
    policy: Policy,
    claims: Iterable[Claim],
    *,
    semantics: Semantics = OUR_SEMANTICS,
    attestation_type: AttestationType | None = None,
    clock: Callable[[], float] | None = None,
) -> Outcome:
    """`prepare` and `PreparedPolicy.evaluate` in one.

    Raises:
        PolicyError: the policy does not parse or fails a static check.
        EvaluationError: a rule failed, or a limit was reached.
    """
    return prepare(policy, semantics, attestation_type).evaluate(claims, clock)


class _Evaluation:
    """One evaluation from beginning to end."""

    __slots__ = ("_clock", "_deadline", "_limits", "_run", "_semantics", "_tick", "_type")

    def __init__(
        self,
        semantics: Semantics,
        limits: Limits,
        attestation_type: AttestationType | None,
        clock: Callable[[], float] | None,
    ) -> None:
        self._semantics = semantics
        self._limits = limits
        self._type = attestation_type
        self._clock = clock
        self._deadline = clock() + limits.seconds if clock else 0.0
        self._tick = 0
        self._run = Run(semantics, limits)

    def run(self, rules: dict[str, tuple[PreparedRule, ...]], claims: Iterable[Claim]) -> Outcome:
        run = self._run
        for rule in rules[CONFIGURATION]:
            self._rule(rule)
        configuration = run.take_configuration(self._type)
        run.start(self._incoming(claims))
        verdict: RuleTrace | None = None
        for rule in rules[AUTHORIZATION]:
            verdict = self._weigh(verdict, self._rule(rule))
            if verdict and not self._semantics.every_rule_runs:
                break
        permitted = verdict is not None and verdict.effects[0].action == "permit"
        for rule in rules[ISSUANCE] if permitted else ():
            self._rule(rule)
        run.check_properties(self._type)
        return Outcome(
            permitted,
            _reason(verdict),
            verdict.place if verdict else None,
            ClaimSet(run.incoming),
            ClaimSet(run.outgoing),
            ClaimSet(run.properties),
            configuration,
            tuple(run.trace),
            tuple(sorted(run.choices)),
            tuple(run.warnings),
        )

    def _incoming(self, claims: Iterable[Claim]) -> list[Claim]:
        read_only = self._semantics.read_only_types
        service: list[Claim] = []
        others: list[Claim] = []
        for claim in claims:
            if isinstance(claim.value, str):
                check_size(claim.value, self._limits.value_bytes)
            if claim.issuer != SERVICE_ISSUER:
                others.append(claim._replace(read_only=False) if claim.read_only else claim)
            elif (claim.type in read_only) is claim.read_only:
                service.append(claim)
            else:
                service.append(claim._replace(read_only=not claim.read_only))
        return service + others

    def _weigh(self, before: RuleTrace | None, rule: RuleTrace) -> RuleTrace | None:
        """The verdict after one more authorization rule."""
        if not rule.fired or rule.effects[:1] == () or rule.effects[0].claim is not None:
            return before
        if before is None:
            return rule
        action, was = rule.effects[0].action, before.effects[0].action
        if action != was:
            self._run.choices.add("deny_wins")
            if action == "deny" and self._semantics.deny_wins:
                return rule
        return before

    def _rule(self, rule: PreparedRule) -> RuleTrace:
        self._tick += 1
        if self._clock and self._tick % _CLOCK_EVERY == 0 and self._clock() > self._deadline:
            message = f"The evaluation took longer than {self._limits.seconds:g} seconds"
            raise EvaluationError(message, rule.place)
        run = self._run
        run.bound.clear()
        conditions: list[ConditionTrace] = []
        effects: tuple[Effect, ...] = ()
        fired = True
        try:
            for condition in rule.conditions:
                result = condition.match(run)
                conditions.append(result)
                if result.holds is False:
                    fired = False
                    break
            if fired:
                effects = run.act(rule.action, rule.place.section)
        except EvaluationError as error:
            raise EvaluationError(error.summary, rule.place, hint=error.hint) from error
        trace = RuleTrace(rule.place, fired, tuple(conditions), effects)
        run.trace.append(trace)
        return trace


def _reason(verdict: RuleTrace | None) -> str:
    if verdict is None:
        return "No rule permitted the request."
    action = "denied" if verdict.effects[0].action == "deny" else "permitted"
    return f"Rule {verdict.place.number} of {verdict.place.section} {action} the request."
