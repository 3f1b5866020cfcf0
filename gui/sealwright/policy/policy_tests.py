"""Policy test files: `*.policytest.yaml` (spec cli, Policy test files).

Reading files and evidence is the caller's; claims of a case given as names and values have the
issuer `AttestationService` when the catalogue knows the name, `CustomClaim` otherwise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.claims.attestation_type import AttestationType
from sealwright.claims.claim import CUSTOM_CLAIM, SERVICE_ISSUER, Claim, ClaimSet
from sealwright.claims.notation import claims_from_json
from sealwright.errors import UsageError
from sealwright.pace import paced
from sealwright.policy.evaluation.evaluator import prepare
from sealwright.policy.evaluation.report import token_claims
from sealwright.policy.facts import facts_of
from sealwright.policy.literals import literal_text
from sealwright.policy.outcome import ConditionTrace, EvaluationError, Outcome, RuleTrace
from sealwright.policy.phrases import comparison_words
from sealwright.policy.syntax import AUTHORIZATION, Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sealwright.claims.catalogue import Catalogue
    from sealwright.policy.source import Span

_FILE: Final = frozenset(("policy", "attestationType", "cases"))
_CASE: Final = frozenset(("name", "claims", "evidence", "with", "expect"))
_EXPECT: Final = frozenset(("decision", "issued"))
_DECISIONS: Final = ("permit", "deny", "error")
_NOT_XML: Final = re.compile("[^\\t\\n\\r -\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
"""What no XML document may hold, escaped or not."""


class PolicyCase(NamedTuple):
    """One case; `claims` is None when `evidence` names files. An absent claim expects `None`."""

    name: str
    claims: ClaimSet | None
    evidence: tuple[str, ...]
    """The file of the evidence, then those that lie beside it."""
    decision: str
    issued: Mapping[str, object]


class PolicyTests(NamedTuple):
    """What a test file asks for; `policy` is a path relative to it."""

    policy: str
    attestation_type: AttestationType | None
    cases: tuple[PolicyCase, ...]


class CaseResult(NamedTuple):
    """How one case came out; `failure` is empty when as expected."""

    name: str
    decision: str
    failure: str
    turned_at: str


class Uncovered(NamedTuple):
    """A condition that no case made true, or none made false."""

    section: str
    rule: int
    span: Span
    never: str


@dataclass(frozen=True, slots=True)
class PolicyTestReport:
    """The results of one file."""

    policy: str
    results: tuple[CaseResult, ...]
    uncovered: tuple[Uncovered, ...]

    @property
    def failures(self) -> int:
        """How many cases came out otherwise than expected."""
        return sum(bool(result.failure) for result in self.results)


def read_test_file(data: object, catalogue: Catalogue) -> PolicyTests:
    """Make sense of parsed YAML.

    Raises:
        UsageError: a member is missing, unknown or of the wrong type.
    """
    if not isinstance(data, dict):
        hint = (
            "Policy tests are in files `*.policytest.yaml`; name one, or a folder that holds some."
        )
        raise UsageError("This is no policy test file: it is not a mapping", hint=hint)
    members = _members(data, _FILE, "A policy test file")
    policy, cases = members.get("policy"), members.get("cases")
    if not isinstance(policy, str) or not isinstance(cases, list):
        raise UsageError("A policy test file needs `policy`, a path, and `cases`, a list")
    return PolicyTests(policy, _type(members), tuple(_case(each, catalogue) for each in cases))


def _type(members: Mapping[str, object]) -> AttestationType | None:
    name = members.get("attestationType")
    if name is None:
        return None
    found = AttestationType.parse(str(name))
    if found is None:
        raise UsageError(f"There is no attestation type `{name}`")
    return found


def _members(data: object, known: frozenset[str], what: str) -> Mapping[str, object]:
    if not isinstance(data, dict):
        raise UsageError(f"{what} is a mapping")
    for name in data:
        if name not in known:
            raise UsageError(f"{what} has no member `{name}`", hint=f"Known: {sorted(known)}.")
    return data


def _case(data: object, catalogue: Catalogue) -> PolicyCase:
    members = _members(data, _CASE, "A case")
    name = str(members.get("name", "unnamed"))
    expect = _members(members.get("expect"), _EXPECT, f"`expect` of `{name}`")
    decision, issued = expect.get("decision"), expect.get("issued", {})
    if decision not in _DECISIONS:
        raise UsageError(f"`{name}` expects a decision: {', '.join(_DECISIONS)}")
    if not isinstance(issued, dict):
        raise UsageError(f"`issued` of `{name}` is a mapping of names and values")
    evidence, given = _files(members, name), members.get("claims")
    if (given is None) is (not evidence):
        raise UsageError(f"`{name}` needs either `claims` or `evidence`")
    claims = None if given is None else _claims(given, catalogue)
    return PolicyCase(name, claims, evidence, str(decision), issued)


def _files(members: Mapping[str, object], name: str) -> tuple[str, ...]:
    evidence, beside = members.get("evidence"), members.get("with")
    others = beside if isinstance(beside, list) else [] if beside is None else [beside]
    if evidence is None and not others:
        return ()
    files = tuple(each for each in (evidence, *others) if isinstance(each, str) and each)
    if len(files) != 1 + len(others):
        raise UsageError(
            f"`evidence` of `{name}` is not a file, or `with` not one or a list of them",
            hint="Name in `with` what lies beside the evidence, such as the log of a TPM quote.",
        )
    return files


def _claims(given: object, catalogue: Catalogue) -> ClaimSet:
    found = claims_from_json(given)
    if not isinstance(given, dict):
        return found
    known = catalogue.incoming_names
    return ClaimSet(
        claim._replace(issuer=SERVICE_ISSUER if claim.type in known else CUSTOM_CLAIM)
        for claim in found
    ).service_first()


def run_tests(
    file: PolicyTests,
    policy: Policy,
    claims_of: Callable[[tuple[str, ...]], Sequence[Claim]],
    clock: Callable[[], float] | None = None,
) -> PolicyTestReport:
    """Try every case.

    Args:
        file: the cases.
        policy: the policy they are about.
        claims_of: claims of evidence, by the paths of its files in the case.
        clock: seconds of a steady clock, for the time limit.

    Raises:
        PolicyError: the policy does not parse or fails a static check.
    """
    prepared = prepare(policy, attestation_type=file.attestation_type)
    results = []
    seen: dict[tuple[int, int], set[bool]] = {}
    for case in file.cases:
        claims = case.claims if case.claims is not None else claims_of(case.evidence)
        try:
            outcome = prepared.evaluate(claims, clock)
        except EvaluationError as error:
            results.append(_failed(case, error))
            continue
        for rule in paced(outcome.trace):
            for place, condition in enumerate(rule.conditions):
                seen.setdefault((rule.place.span.start, place), set()).add(condition.holds)
        results.append(_judge(case, outcome, policy))
    return PolicyTestReport(file.policy, tuple(results), tuple(_uncovered(policy, seen)))


def _failed(case: PolicyCase, error: EvaluationError) -> CaseResult:
    where = f"rule {error.place.number} of {error.place.section}" if error.place else ""
    failure = "" if case.decision == "error" else f"failed to evaluate: {error.summary}"
    return CaseResult(case.name, "error", failure, where)


def _judge(case: PolicyCase, outcome: Outcome, policy: Policy) -> CaseResult:
    if outcome.decision != case.decision:
        failure = f"expected {case.decision}, was {outcome.decision}. {outcome.reason}"
        return CaseResult(case.name, outcome.decision, failure, _turning_point(outcome, policy))
    members = token_claims({}, outcome.outgoing)
    for name, wanted in case.issued.items():
        found = members.get(name)
        if _typed(found) != _typed(wanted):
            failure = f"expected `{name}` to be {_shown(wanted)}, was {_shown(found)}"
            return CaseResult(
                case.name, outcome.decision, failure, _issuer_of(name, outcome, policy)
            )
    return CaseResult(case.name, outcome.decision, "", "")


def _typed(value: object) -> object:
    """A value of the token to be compared: true is not 1, in a list neither."""
    return [*map(_typed, value)] if isinstance(value, list) else (type(value), value)


def _shown(value: object) -> str:
    """A value of the token as JSON, which test files are close to."""
    import json  # noqa: PLC0415 - only of what failed

    return "missing" if value is None else json.dumps(value, ensure_ascii=False, default=str)


def _turning_point(outcome: Outcome, policy: Policy) -> str:
    """The rule that decided or, when none permitted, the first permit that did not fire."""
    if outcome.decided_by is not None:
        line = policy.position(outcome.decided_by.span.start).line
        return f"rule {outcome.decided_by.number} of {outcome.decided_by.section}, line {line}"
    verbs = [each.rule.action.verb for each in policy.section(AUTHORIZATION)]
    for rule in outcome.trace:
        if rule.place.section == AUTHORIZATION and verbs[rule.place.number - 1] == "permit":
            return _why_not(rule, policy)
    return ""


def _issuer_of(name: str, outcome: Outcome, policy: Policy) -> str:
    for rule in outcome.trace:
        if any(each.claim and each.claim.type == name for each in rule.effects):
            line = policy.position(rule.place.span.start).line
            return f"rule {rule.place.number} of {rule.place.section}, line {line}"
    placed = {each.span: each for section in policy.sections for each in section.rules}
    for rule in outcome.trace:
        added = facts_of(placed[rule.place.span].rule).added
        if added and added.claim_type == name:
            return _why_not(rule, policy)
    return ""


def _why_not(rule: RuleTrace, policy: Policy) -> str:
    line = policy.position(rule.place.span.start).line
    where = f"rule {rule.place.number} of {rule.place.section}, line {line}"
    if rule.fired or not rule.conditions:
        return where
    return f"{where}, did not fire: {miss_words(rule.conditions[-1])}"


def miss_words(condition: ConditionTrace) -> str:
    """Why a condition did not hold: the nearest miss, or that there was nothing to look at."""
    names = [
        str(test.expression[0])
        for test in condition.condition.tests
        if test.property == "type" and test.comparison == "=="
    ]
    name = names[0] if names else "claim"
    if condition.condition.negated:
        return f"there is such a `{name}`"
    if not condition.missed:
        return f"there is no `{name}`"
    miss = condition.missed[0]
    wanted = miss.expected[0] if miss.expected else "nothing"
    words = comparison_words(name, miss.operator, wanted)
    return f"it needs that {words}, and the {miss.property} is {literal_text(miss.actual)}"


def _uncovered(policy: Policy, seen: Mapping[tuple[int, int], set[bool]]) -> list[Uncovered]:
    found = []
    for section in policy.sections:
        for number, placed in enumerate(paced(section.rules), 1):
            for place, condition in enumerate(placed.rule.conditions):
                results = seen.get((placed.span.start, place), set())
                base = placed.base
                span = placed.span._replace(start=base + condition.start, end=base + condition.end)
                found += [
                    Uncovered(section.name, number, span, word)
                    for word, value in (("true", True), ("false", False))
                    if value not in results
                ]
    return found


def junit(reports: Sequence[PolicyTestReport]) -> str:
    """The results as JUnit XML, one suite for each file."""
    from xml.sax.saxutils import escape, quoteattr  # noqa: PLC0415 - writes XML, reads none

    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>"]
    for report in reports:
        count = f'tests="{len(report.results)}" failures="{report.failures}"'
        name = quoteattr(report.policy)
        lines.append(f"  <testsuite name={name} {count}>")
        for result in report.results:
            head = (
                f"    <testcase name={quoteattr(result.name)} classname={quoteattr(report.policy)}"
            )
            if not result.failure:
                lines.append(f"{head}/>")
                continue
            lines.append(f"{head}>")
            text = escape(result.turned_at)
            lines.append(f"      <failure message={quoteattr(result.failure)}>{text}</failure>")
            lines.append("    </testcase>")
        lines.append("  </testsuite>")
    return _NOT_XML.sub("\ufffd", "\n".join([*lines, "</testsuites>", ""]))
