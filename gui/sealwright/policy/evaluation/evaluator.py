"""Decides what a policy makes of a set of claims (spec policy-language, 4 to 11 and 23)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from sealwright.errors import PolicyError
from sealwright.pace import paced
from sealwright.policy.checking.checks import accepted, check
from sealwright.policy.checking.rule_checks import UNDECLARED
from sealwright.policy.evaluation.hindsight import (
    Case,
    choices_that_mattered,
    failure_of,
    noted_choices,
    result_of,
)
from sealwright.policy.evaluation.recorder import PreparedRule, Recorder, Terms, prepare_rule
from sealwright.policy.evaluation.run import Run
from sealwright.policy.outcome import Account, EvaluationError, Outcome, RulePlace
from sealwright.policy.reading.parser import without_collector
from sealwright.policy.semantics import OUR_SEMANTICS, Semantics, turned
from sealwright.policy.syntax import AUTHORIZATION, ISSUANCE, SECTIONS, Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.claims.claim import Claim, ClaimValue
    from sealwright.policy.diagnostics import Diagnostic
    from sealwright.policy.evaluation.compiled import Decide, Decision
    from sealwright.policy.evaluation.notes import NotedRule

_OFTEN: Final = 32
"""Evaluations after which a policy is compiled: that takes as long as some fifty of them."""
_FEW: Final = 100
"""Rules that compile without being asked: the interpreter does nothing else meanwhile."""


class PreparedPolicy:
    """A policy that is evaluated many times. Make one with `prepare`."""

    __slots__ = ("_asked", "_before", "_decide", "_noted", "_rules", "_static_choices", "_terms")

    def __init__(
        self,
        rules: Mapping[str, tuple[PreparedRule, ...]],
        terms: Terms,
        static_choices: tuple[str, ...] = (),
    ) -> None:
        self._rules = rules
        self._terms = terms
        self._static_choices = static_choices
        self._asked = 0
        self._decide: Decide | None = None
        self._noted: Mapping[str, tuple[NotedRule, ...]] = {}
        self._before: Outcome | None = None

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
        given = list(claims)
        late = self._deadline(clock) if clock else None
        if self._asked <= _OFTEN:
            self._asked += 1
            if self._asked > _OFTEN and sum(map(len, self._rules.values())) <= _FEW:
                self.compile()
        if self._decide is not None and self._before is not None:
            decision = self._decide(given, late)
            if decision is not None:
                return self._outcome(decision, self._before, given, clock)
        recorder = Recorder(self._terms, late)
        try:
            return recorder.run(self._rules, given, partial(self._choices, given, clock))
        except EvaluationError as error:
            if late is not None and late():
                raise
            mattered = self._mattered(recorder, given, failure_of(error), clock)
            raise error.resting_on(mattered) from error

    def configuration(self, clock: Callable[[], float] | None = None) -> Mapping[str, ClaimValue]:
        """What configurationrules ask of the verification, which comes before any claim (spec, 8).

        Raises:
            EvaluationError: a rule failed, set a value that its property does not take, or took
                too long by `clock`.
        """
        if self._before is not None:
            return self._before.configuration
        late = self._deadline(clock) if clock else None
        return Recorder(self._terms, late).configure(self._rules)

    def compile(self) -> bool:
        """Get ready for thousands of evaluations; False when the policy has a shape too rare.

        It happens by itself for a policy of ordinary size that is asked often.
        """
        from sealwright.policy.evaluation.compiled import compile_rules  # noqa: PLC0415 - most are asked once
        from sealwright.policy.evaluation.notes import noted_rule  # noqa: PLC0415 - as above

        if self._terms.semantics != OUR_SEMANTICS:
            return False
        rules = {name: [each.rule for each in found] for name, found in self._rules.items()}
        try:
            # These rules see no claims, so they always come out the same.
            self._before = Recorder(self._terms, None).run({**self._rules, AUTHORIZATION: ()}, ())
        except EvaluationError:
            return False
        self._noted = {name: tuple(map(noted_rule, found)) for name, found in self._rules.items()}
        self._decide = compile_rules(rules, self._terms.semantics, self._terms.limits)
        return self._decide is not None

    def _deadline(self, clock: Callable[[], float]) -> Callable[[], bool]:
        end = clock() + self._terms.limits.seconds
        return lambda: clock() > end

    def _outcome(
        self,
        decision: Decision,
        before: Outcome,
        given: list[Claim],
        clock: Callable[[], float] | None,
    ) -> Outcome:
        permit, deny, _, incoming, outgoing, properties, _ = decision
        decided = deny or permit
        return Outcome(
            bool(permit and not deny),
            self._rules[AUTHORIZATION][decided - 1].place if decided else None,
            incoming,
            outgoing,
            properties,
            before.configuration,
            partial(self._account, decision, before),
            partial(self._choices, given, clock),
        )

    def _account(self, decision: Decision, before: Outcome) -> Account:
        """How the configuration rules came out, and after them the others."""
        from sealwright.policy.evaluation.notes import read_notes  # noqa: PLC0415 - as above

        run = Run(self._terms.semantics, self._terms.limits)
        run.properties = decision.properties
        run.check_properties(self._terms.attestation_type)
        trace = read_notes(self._noted[AUTHORIZATION], self._noted[ISSUANCE], decision)
        return Account(before.trace + trace, (*before.warnings, *run.warnings))

    def _choices(
        self, given: list[Claim], clock: Callable[[], float] | None, outcome: Outcome
    ) -> tuple[str, ...]:
        """What an outcome hung on."""
        recorder = Recorder(self._terms, None)
        recorder.run(self._rules, given)
        return self._mattered(recorder, given, result_of(outcome, self._terms), clock)

    def _mattered(
        self,
        recorder: Recorder,
        given: list[Claim],
        ours: object,
        clock: Callable[[], float] | None,
    ) -> tuple[str, ...]:
        late = self._deadline(clock) if clock else None
        case = Case(self._terms, self._rules, given)
        found = choices_that_mattered(case, noted_choices(case, recorder), ours, late)
        return tuple(sorted((*found, *self._static_choices)))


@without_collector()
def prepare(
    policy: Policy,
    semantics: Semantics = OUR_SEMANTICS,
    attestation_type: AttestationType | None = None,
) -> PreparedPolicy:
    """Make a policy ready for evaluation.

    Raises:
        PolicyError: it does not parse or fails a static check.
    """
    problems = check(policy, attestation_type, semantics)
    static = _static_choices(policy, semantics, attestation_type, problems)
    if not accepted(problems):
        raise PolicyError(
            "The policy has errors and cannot be evaluated",
            hint="Correct them first.",
            details={"choices": ", ".join(static)} if static else None,
            diagnostics=problems,
        )
    rules: dict[str, tuple[PreparedRule, ...]] = dict.fromkeys(SECTIONS, ())
    for section in policy.sections:
        rules[section.name] = tuple(
            [
                prepare_rule(placed.rule, RulePlace(section.name, number, placed.span), semantics)
                for number, placed in enumerate(paced(section.rules), 1)
            ]
        )
    return PreparedPolicy(rules, Terms(semantics, policy.limits, attestation_type), static)


def _static_choices(
    policy: Policy,
    semantics: Semantics,
    attestation_type: AttestationType | None,
    problems: tuple[Diagnostic, ...],
) -> tuple[str, ...]:
    """The switches that the static checks hung on."""
    switch = "references_look_left"
    if semantics.references_look_left and not any(each.code == UNDECLARED for each in problems):
        return ()
    other = check(policy, attestation_type, turned(semantics, switch))
    return (switch,) if accepted(other) is not accepted(problems) else ()


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
