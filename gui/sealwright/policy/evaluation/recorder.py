"""Evaluates a policy and keeps how each rule came out (spec policy-language, 4 to 11 and 23)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.claims.claim import SERVICE_ISSUER, Claim
from sealwright.pace import paced
from sealwright.policy.evaluation.actions import VERDICTS, prepare_action
from sealwright.policy.evaluation.conditions import PreparedCondition, prepare_condition
from sealwright.policy.evaluation.functions import check_size
from sealwright.policy.evaluation.joins import Joins
from sealwright.policy.evaluation.run import Run, identity_of
from sealwright.policy.facts import in_order
from sealwright.policy.outcome import (
    Account,
    ConditionTrace,
    EvaluationError,
    Outcome,
    RulePlace,
    RuleTrace,
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
    Tell = Callable[[Outcome], tuple[str, ...]]

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


def prepare_rule(rule: Rule, place: RulePlace, semantics: Semantics) -> PreparedRule:
    """Make a rule ready."""
    ordered = rule.conditions if semantics.references_look_left else in_order(rule.conditions)
    conditions = tuple([prepare_condition(each, semantics) for each in ordered])
    effect = prepare_action(rule.action, place.section)
    return _new(PreparedRule, (rule, conditions, rule.action, effect, place))


def prepare_rules(rules: Rules, terms: Terms) -> Rules:
    """The same rules made ready for other terms."""
    return {
        section: tuple([prepare_rule(each.rule, each.place, terms.semantics) for each in found])
        for section, found in rules.items()
    }


def _untold(_: Outcome) -> tuple[str, ...]:
    return ()


class Recorder:
    """One evaluation from beginning to end.

    Args:
        terms: what it goes by.
        late: whether the time for it is up; without it there is no limit of time.
    """

    __slots__ = ("_otherwise", "_run", "_terms", "_tick", "_trying")

    def __init__(self, terms: Terms, late: Callable[[], bool] | None) -> None:
        self._terms = terms
        self._otherwise = not (
            terms.semantics.rules_stop_early and terms.semantics.bindings_stay_whole
        )
        self._tick = 0
        self._trying: RulePlace | None = None
        self._run = Run(terms.semantics, terms.limits, late)

    @property
    def noted(self) -> set[str]:
        """The switches whose readings parted."""
        return self._run.choices

    @property
    def incoming(self) -> list[Claim]:
        """The set as far as it has grown."""
        return self._run.incoming

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
        run = self._run
        if not self._terms.semantics.configuration_is_blind:
            run.start(self._incoming(claims))
        for rule in rules[CONFIGURATION]:
            self._rule(rule)
        if len(set(map(identity_of, run.incoming))) < len(run.incoming):
            run.choices.add("repeats_stay")
        return run.take_configuration(self._terms.attestation_type)

    def run(self, rules: Rules, claims: Sequence[Claim], choices: Tell = _untold) -> Outcome:
        """The outcome; `choices` tells it later what it hung on.

        Raises:
            EvaluationError: a rule failed, or a limit was reached.
        """
        try:
            return self._evaluate(rules, claims, choices)
        except EvaluationError as error:
            raise self._failure(error) from error

    def _failure(self, error: EvaluationError) -> EvaluationError:
        """The error with the rule that failed."""
        return EvaluationError(error.summary, self._trying, hint=error.hint)

    def _evaluate(self, rules: Rules, claims: Sequence[Claim], choices: Tell) -> Outcome:
        run = self._run
        configuration = self._configure(rules, claims)
        run.start([*self._kept(), *self._incoming(claims)])
        verdict = self._authorize(rules[AUTHORIZATION])
        permitted = verdict is not None and verdict.action.verb == "permit"
        for rule in paced(rules[ISSUANCE]) if permitted else ():
            self._rule(rule)
        if run.properties:
            run.check_properties(self._terms.attestation_type)
        return Outcome(
            permitted,
            verdict.place if verdict else None,
            run.incoming,
            run.outgoing,
            run.properties,
            configuration,
            Account(tuple(run.trace), tuple(run.warnings)),
            choices,
        )

    def _authorize(self, rules: Sequence[PreparedRule]) -> PreparedRule | None:
        """The rule that decides."""
        verdict: PreparedRule | None = None
        for rule in paced(rules):
            if verdict is not None:
                # The other reading ends at a verdict, and so before this rule.
                self._run.choices.add("every_rule_runs")
                if not self._terms.semantics.every_rule_runs:
                    break
            if self._rule(rule) and rule.action.verb in VERDICTS:
                verdict = self._weigh(verdict, rule)
        return verdict

    def _kept(self) -> list[Claim]:
        """Claims of configurationrules that the other sections see."""
        effects = [each for rule in self._run.trace for each in rule.effects]
        if effects:
            self._run.choices.add("configuration_is_apart")
        if self._terms.semantics.configuration_is_apart:
            return []
        return [each.claim for each in effects if each.claim is not None]

    def _incoming(self, claims: Iterable[Claim]) -> list[Claim]:
        read_only = self._terms.semantics.read_only_types
        limit = self._terms.limits.value_bytes
        mark = self._run.mark
        given: list[Claim] = []
        for claim in claims:
            name, value, issuer, marked = claim
            if type(value) is str and len(value) > limit // 4:
                check_size(value, limit)
            kept_back = name in read_only and (issuer == SERVICE_ISSUER or mark())
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
        run.bound = {}
        conditions: list[ConditionTrace] = []
        self._trying = rule.place
        if self._tick % _CLOCK_EVERY == 0 or len(run.incoming) > _MANY:
            run.require_time()
        if self._otherwise:
            return self._read_otherwise(rule)
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

    def _read_otherwise(self, rule: PreparedRule) -> bool:
        """Try a rule of which every condition is looked at, or narrows what names stand for."""
        run, semantics = self._run, self._terms.semantics
        joins = Joins(run, semantics)
        conditions: list[ConditionTrace] = []
        fired = True
        for condition, negated, name, match in rule.conditions:
            if not fired and semantics.rules_stop_early:
                break
            matches = match(run)
            if not semantics.bindings_stay_whole:
                matches = joins.narrowed(condition, matches)
            conditions.append(ConditionTrace(condition, *matches))
            fired = fired and bool(matches[0]) is not negated
            if name:
                run.bound[name] = matches[0]
        effects = rule.effect(run) if fired else ()
        run.trace.append(RuleTrace(rule.place, fired, tuple(conditions), effects))
        self._trying = None
        return fired
