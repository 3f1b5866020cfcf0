"""Evaluates a policy and keeps how each rule came out (spec policy-language, 4 to 11 and 23)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.claims.claim import SERVICE_ISSUER, Claim
from sealwright.pace import paced
from sealwright.policy.evaluation.actions import VERDICTS, prepare_action
from sealwright.policy.evaluation.conditions import PreparedCondition, prepare_condition
from sealwright.policy.evaluation.functions import check_size
from sealwright.policy.evaluation.hindsight import choices_in_hindsight
from sealwright.policy.evaluation.run import Run
from sealwright.policy.outcome import (
    Account,
    ConditionTrace,
    EvaluationError,
    Outcome,
    RulePlace,
    RuleTrace,
    looked_at,
)
from sealwright.policy.syntax import AUTHORIZATION, CONFIGURATION, ISSUANCE, Action, Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.claims.claim import ClaimValue
    from sealwright.policy.evaluation.actions import Effects
    from sealwright.policy.limits import Limits
    from sealwright.policy.semantics import Semantics

    Rules = Mapping[str, tuple["PreparedRule", ...]]

_CLOCK_EVERY: Final = 16
"""Rules between two looks at the clock; of many claims, every rule may take long."""
_MANY: Final = 1_000
_new: Final = tuple.__new__
"""Makes a named tuple in half the time that its own constructor takes."""


class Terms(NamedTuple):
    """What an evaluation goes by besides rules and claims."""

    semantics: Semantics
    limits: Limits
    attestation_type: AttestationType | None


class PreparedRule(NamedTuple):
    """A rule with its conditions and its action made ready."""

    rule: Rule
    conditions: tuple[PreparedCondition, ...]
    action: Action
    effect: Callable[[Run], Effects]
    place: RulePlace
    named: bool


def hangs_on_blindness(
    terms: Terms,
    rules: Rules,
    claims: Sequence[Claim],
    configuration: Mapping[str, ClaimValue],
    late: Callable[[], bool] | None = None,
) -> bool:
    """Whether configurationrules that see the claims come to another end than blind ones."""
    if not any(each.conditions for each in rules[CONFIGURATION]):
        return False
    semantics = terms.semantics
    other = semantics._replace(configuration_is_blind=not semantics.configuration_is_blind)
    try:
        found = Recorder(terms._replace(semantics=other), late).configure(rules, claims)
    except EvaluationError:
        return True
    return found != configuration


def prepare_rule(rule: Rule, place: RulePlace, semantics: Semantics) -> PreparedRule:
    """Make a rule ready."""
    return PreparedRule(
        rule,
        tuple([prepare_condition(each, semantics) for each in rule.conditions]),
        rule.action,
        prepare_action(rule.action, place.section),
        place,
        any(condition.name for condition in rule.conditions),
    )


class Recorder:
    """One evaluation from beginning to end.

    Args:
        terms: what it goes by.
        late: whether the time for it is up; without it there is no limit of time.
    """

    __slots__ = ("_decided", "_run", "_terms", "_tick", "_trying")

    def __init__(self, terms: Terms, late: Callable[[], bool] | None) -> None:
        self._terms = terms
        self._tick = 0
        self._trying: RulePlace | None = None
        self._decided = False
        self._run = Run(terms.semantics, terms.limits, late)

    def configure(self, rules: Rules, claims: Sequence[Claim] = ()) -> dict[str, ClaimValue]:
        """Try the configuration rules; what they set.

        Args:
            rules: of all sections.
            claims: what is known of the request, nothing before the evidence is judged.

        Raises:
            EvaluationError: a rule failed.
        """
        try:
            return self._configure(rules, claims)
        except EvaluationError as error:
            raise self._failure(error) from error

    def _configure(self, rules: Rules, claims: Sequence[Claim]) -> dict[str, ClaimValue]:
        if not self._terms.semantics.configuration_is_blind:
            self._run.start(self._incoming(claims))
        for rule in rules[CONFIGURATION]:
            self._rule(rule)
        return self._run.take_configuration(self._terms.attestation_type)

    def run(self, rules: Rules, claims: Sequence[Claim]) -> Outcome:
        """The outcome.

        Raises:
            EvaluationError: a rule failed, or a limit was reached.
        """
        try:
            return self._evaluate(rules, claims)
        except EvaluationError as error:
            raise self._failure(error) from error

    def _failure(self, error: EvaluationError) -> EvaluationError:
        """The error with the rule that failed and the choices that mattered until then."""
        choices, place = self._run.choices, self._trying
        if self._decided:
            # The other reading ends at a verdict, and so before this rule.
            choices.add("every_rule_runs")
        return EvaluationError(error.summary, place, hint=error.hint, choices=choices)

    def _evaluate(self, rules: Rules, claims: Sequence[Claim]) -> Outcome:
        run = self._run
        configuration = self._configure(rules, claims)
        before = tuple(run.trace)
        if hangs_on_blindness(self._terms, rules, claims, configuration, run.late):
            run.choices.add("configuration_is_blind")
        run.start([*self._kept(before), *self._incoming(claims)])
        verdict: PreparedRule | None = None
        for rule in paced(rules[AUTHORIZATION]):
            if self._rule(rule) and rule.action.verb in VERDICTS:
                verdict = self._weigh(verdict, rule)
                self._decided = True
                if not self._terms.semantics.every_rule_runs:
                    break
        self._decided = False
        permitted = verdict is not None and verdict.action.verb == "permit"
        for rule in paced(rules[ISSUANCE]) if permitted else ():
            self._rule(rule)
        # Configuration rules had an incoming set of their own.
        after = run.trace[len(before) :]
        if run.copies and looked_at(after, run.copies):
            run.choices.add("copies_become_ours")
        run.choices |= choices_in_hindsight(before, after, run.incoming)
        if run.properties:
            run.check_properties(self._terms.attestation_type)
        return Outcome(
            permitted,
            verdict.place if verdict else None,
            run.incoming,
            run.outgoing,
            run.properties,
            configuration,
            Account(tuple(run.trace), tuple(sorted(run.choices)), tuple(run.warnings)),
        )

    def _kept(self, before: Sequence[RuleTrace]) -> list[Claim]:
        """Claims of configurationrules that the other sections see."""
        if self._terms.semantics.configuration_is_apart:
            return []
        return [each.claim for rule in before for each in rule.effects if each.claim is not None]

    def _incoming(self, claims: Iterable[Claim]) -> list[Claim]:
        read_only = self._terms.semantics.read_only_types
        limit = self._terms.limits.value_bytes
        given: list[Claim] = []
        for claim in claims:
            name, value, issuer, marked = claim
            if type(value) is str and len(value) > limit // 4:
                check_size(value, limit)
            kept_back = issuer == SERVICE_ISSUER and name in read_only
            given.append(claim if kept_back is marked else claim._replace(read_only=kept_back))
        return self._ordered(given)

    def _ordered(self, given: list[Claim]) -> list[Claim]:
        """The claims of the service before the others."""
        others = [claim[2] != SERVICE_ISSUER for claim in given]
        if True not in others or False not in others[others.index(True) :]:
            return given
        self._run.choices.add("service_comes_first")
        if not self._terms.semantics.service_comes_first:
            return given
        return sorted(given, key=lambda claim: claim.issuer != SERVICE_ISSUER)

    def _weigh(self, before: PreparedRule | None, rule: PreparedRule) -> PreparedRule:
        """The verdict after one more rule with a verdict has fired."""
        if before is None:
            return rule
        if before.action.verb != rule.action.verb:
            self._run.choices.add("deny_wins")
            if rule.action.verb == "deny" and self._terms.semantics.deny_wins:
                return rule
        return before

    def _rule(self, rule: PreparedRule) -> bool:
        """Try a rule; whether it fired."""
        run = self._run
        self._tick += 1
        if rule.named:
            run.bound = {}
        conditions: list[ConditionTrace] = []
        self._trying = rule.place
        if self._tick % _CLOCK_EVERY == 0 or len(run.incoming) > _MANY:
            run.require_time()
        for condition, negated, name, match in rule.conditions:
            matched, missed = match(run)
            conditions.append(_new(ConditionTrace, (condition, matched, missed)))
            if bool(matched) is negated:
                run.trace.append(_new(RuleTrace, (rule.place, False, tuple(conditions), ())))
                self._trying = None
                return False
            if name:
                run.bound[name] = matched
        effects = rule.effect(run)
        run.trace.append(_new(RuleTrace, (rule.place, True, tuple(conditions), effects)))
        self._trying = None
        return True
