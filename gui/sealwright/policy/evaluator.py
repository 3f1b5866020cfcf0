"""Decides what a policy makes of a set of claims (spec policy-language, 4 to 11 and 23)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.claims.claim import SERVICE_ISSUER, Claim, ClaimSet
from sealwright.errors import PolicyError
from sealwright.policy.actions import prepare_action
from sealwright.policy.checks import accepted, check
from sealwright.policy.conditions import PreparedCondition, prepare_condition
from sealwright.policy.functions import check_size
from sealwright.policy.outcome import EvaluationError, Outcome, RulePlace
from sealwright.policy.run import Run
from sealwright.policy.semantics import OUR_SEMANTICS, Semantics
from sealwright.policy.syntax import (
    AUTHORIZATION,
    CONFIGURATION,
    ISSUANCE,
    SECTIONS,
    Action,
    Policy,
    Rule,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.claims.claim import ClaimValue
    from sealwright.policy.actions import Effects
    from sealwright.policy.limits import Limits
    from sealwright.policy.outcome import ConditionRecord

_CLOCK_EVERY: Final = 16
_VERDICTS: Final = frozenset(("permit", "deny"))


class PreparedRule(NamedTuple):
    """A rule with its conditions and its action made ready."""

    conditions: tuple[PreparedCondition, ...]
    action: Action
    effect: Callable[[Run], Effects]
    place: RulePlace
    named: bool


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

    def configuration(self) -> Mapping[str, ClaimValue]:
        """What configurationrules ask of the verification, which comes before any claim (spec, 8).

        Raises:
            EvaluationError: a rule failed, or set a value that its property does not take.
        """
        return _Evaluation(self._semantics, self._limits, self._type, None).configure(self._rules)


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
            _prepare_rule(placed.rule, RulePlace(section.name, number, placed.span), semantics)
            for number, placed in enumerate(section.rules, 1)
        )
    return PreparedPolicy(rules, policy.limits, semantics, attestation_type)


def _prepare_rule(rule: Rule, place: RulePlace, semantics: Semantics) -> PreparedRule:
    return PreparedRule(
        tuple(prepare_condition(each, semantics) for each in rule.conditions),
        rule.action,
        prepare_action(rule.action, place.section),
        place,
        any(condition.name for condition in rule.conditions),
    )


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

    def configure(self, rules: dict[str, tuple[PreparedRule, ...]]) -> dict[str, ClaimValue]:
        """Try the configuration rules; what they set."""
        for rule in rules[CONFIGURATION]:
            self._rule(rule)
        return self._run.take_configuration(self._type)

    def run(self, rules: dict[str, tuple[PreparedRule, ...]], claims: Iterable[Claim]) -> Outcome:
        run = self._run
        configuration = self.configure(rules)
        run.start(self._incoming(claims))
        verdict: PreparedRule | None = None
        for rule in rules[AUTHORIZATION]:
            if self._rule(rule) and rule.action.verb in _VERDICTS:
                verdict = self._weigh(verdict, rule)
                if not self._semantics.every_rule_runs:
                    break
        permitted = verdict is not None and verdict.action.verb == "permit"
        for rule in rules[ISSUANCE] if permitted else ():
            self._rule(rule)
        if run.properties:
            run.check_properties(self._type)
        return Outcome(
            permitted,
            _reason(verdict),
            verdict.place if verdict else None,
            ClaimSet(run.incoming),
            ClaimSet(run.outgoing),
            ClaimSet(run.properties),
            configuration,
            tuple(run.records),
            tuple(sorted(run.choices)),
            tuple(run.warnings),
        )

    def _incoming(self, claims: Iterable[Claim]) -> list[Claim]:
        read_only = self._semantics.read_only_types
        quarter = self._limits.value_bytes // 4
        service: list[Claim] = []
        others: list[Claim] = []
        for claim in claims:
            name, value, issuer, marked = claim
            if type(value) is str and len(value) > quarter:
                check_size(value, self._limits.value_bytes)
            kept_back = issuer == SERVICE_ISSUER and name in read_only
            fresh = claim if kept_back is marked else claim._replace(read_only=kept_back)
            (service if issuer == SERVICE_ISSUER else others).append(fresh)
        return service + others

    def _weigh(self, before: PreparedRule | None, rule: PreparedRule) -> PreparedRule:
        """The verdict after one more rule with a verdict has fired."""
        if before is None:
            return rule
        if before.action.verb != rule.action.verb:
            self._run.choices.add("deny_wins")
            if rule.action.verb == "deny" and self._semantics.deny_wins:
                return rule
        return before

    def _rule(self, rule: PreparedRule) -> bool:
        """Try a rule; whether it fired."""
        if self._clock:
            self._check_time(rule)
        run = self._run
        if rule.named:
            run.bound = {}
        conditions: list[ConditionRecord] = []
        try:
            for condition, negated, name, match in rule.conditions:
                matched, missed = match(run)
                conditions.append((condition, matched, missed))
                if bool(matched) is negated:
                    run.records.append((rule.place, False, conditions, ()))
                    return False
                if name:
                    run.bound[name] = matched
            effects = rule.effect(run)
        except EvaluationError as error:
            raise EvaluationError(error.summary, rule.place, hint=error.hint) from error
        run.records.append((rule.place, True, conditions, effects))
        return True

    def _check_time(self, rule: PreparedRule) -> None:
        self._tick += 1
        if self._clock and self._tick % _CLOCK_EVERY == 0 and self._clock() > self._deadline:
            message = f"The evaluation took longer than {self._limits.seconds:g} seconds"
            raise EvaluationError(message, rule.place)


def _reason(verdict: PreparedRule | None) -> str:
    if verdict is None:
        return "No rule permitted the request."
    action = "denied" if verdict.action.verb == "deny" else "permitted"
    return f"Rule {verdict.place.number} of {verdict.place.section} {action} the request."
