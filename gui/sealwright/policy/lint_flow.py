"""Follows claims through the rules: what can fire, what decides, what nobody reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.claims.catalogue import Catalogue, Direction
from sealwright.claims.claim import POLICY_ISSUER, SERVICE_ISSUER, ClaimValue
from sealwright.policy.catalogue import SEVERITIES
from sealwright.policy.diagnostics import Diagnostic, Edit, Fix
from sealwright.policy.facts import RuleFacts, Wanted, literal_value
from sealwright.policy.source import Span
from sealwright.policy.syntax import AUTHORIZATION, CONFIGURATION, Condition, Reference, Rule, Test

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealwright.claims.attestation_type import AttestationType

DEBUG_CLAIMS: Final = (
    "x-ms-sgx-is-debuggable",
    "x-ms-sevsnpvm-is-debuggable",
    "tdx_td_attributes_debug",
)
_INVERSE: Final = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


class PlacedFacts(NamedTuple):
    """A rule, its section, and the piece of the text in which it stands."""

    facts: RuleFacts
    section: str
    chunk: int


class PlacedFinding(NamedTuple):
    """A finding with offsets of its piece, so that it moves along when something before changes."""

    chunk: int
    finding: Diagnostic


def lint_rule_flow(facts: RuleFacts, section: str, catalogue: Catalogue) -> Iterator[Diagnostic]:
    """What the conditions of one rule say among themselves; offsets are those of its piece."""
    for wanted in facts.wanted:
        condition = wanted.condition
        if not condition.negated and len(condition.tests) > 1 and _contradicts(condition):
            span = Span(condition.start, condition.end)
            yield _at("SW401", "No claim can satisfy this condition", span, _NEVER)
    if len(facts.wanted) > 1:
        yield from _opposed(facts)
    if section == AUTHORIZATION and facts.rule.action.verb in {"permit", "deny"}:
        yield from _presence(facts, catalogue)


def flow_key(facts: RuleFacts) -> object:
    """All that `lint_flow` looks at besides places: as long as it stays, so do the findings."""
    wanted = tuple(
        (
            each.claim_type,
            each.issuer,
            each.condition.negated,
            tuple((test.comparison, literal_value(test.expression)) for test in each.values)
            if each.claim_type in DEBUG_CLAIMS
            else None,
        )
        for each in facts.wanted
    )
    added = facts.added and (facts.added.claim_type, facts.added.identity)
    return facts.rule.action.verb, wanted, added


def lint_flow(
    rules: list[PlacedFacts],
    header: PlacedHeader,
    catalogue: Catalogue,
    attestation_type: AttestationType | None,
) -> Iterator[PlacedFinding]:
    """Findings about the rules together.

    Args:
        rules: all rules in the order of evaluation.
        header: of `authorizationrules`.
        catalogue: what is known about claims.
        attestation_type: of the policy, when it is known.
    """
    yield from _too_early(rules)
    yield from _verdicts(rules, header)
    yield from _debuggers(rules, header, attestation_type)
    yield from _intermediate(rules, catalogue)
    yield from _shared_names(rules, catalogue)


class PlacedHeader(NamedTuple):
    """From the name of a section to its brace, in the piece that holds it."""

    chunk: int
    span: Span


def _at(
    code: str, message: str, span: Span, advice: str = "", fix: Fix | None = None
) -> Diagnostic:
    return Diagnostic(code, SEVERITIES[code], message, span, advice, fix)


def _too_early(rules: list[PlacedFacts]) -> Iterator[PlacedFinding]:
    configured: set[str] = set()
    for facts, section, chunk in rules:
        if section != CONFIGURATION:
            return
        for wanted in facts.wanted:
            condition = wanted.condition
            if not condition.negated and wanted.claim_type not in configured:
                message = "There are no claims yet when configurationrules are read"
                span = Span(condition.start, condition.end)
                yield PlacedFinding(chunk, _at("SW401", message, span, _NEVER))
        if facts.added:
            configured.add(facts.added.claim_type)


def _opposed(facts: RuleFacts) -> Iterator[Diagnostic]:
    """A condition and its own negation in one rule."""
    seen: dict[tuple[tuple[str, str, object], ...], bool] = {}
    for wanted in facts.wanted:
        condition = wanted.condition
        key = tuple((t.property, t.comparison, t.expression[:1]) for t in condition.tests)
        if not all(literal_value(test.expression) is not None for test in condition.tests):
            continue
        if seen.setdefault(key, condition.negated) is not condition.negated:
            span = Span(condition.start, condition.end)
            yield _at("SW401", "This condition and another one exclude each other", span, _NEVER)


def _contradicts(condition: Condition) -> bool:
    """Whether literal tests of one property exclude each other."""
    tests = [(test, literal_value(test.expression)) for test in condition.tests]
    for index, (test, value) in enumerate(tests):
        for other, second in tests[index + 1 :]:
            if value is None or second is None or test.property != other.property:
                continue
            if _excludes(test, value, other, second):
                return True
    return False


def _excludes(test: Test, value: ClaimValue, other: Test, second: ClaimValue) -> bool:
    if "==" in {test.comparison, other.comparison}:
        if test.comparison != "==":
            test, value, other, second = other, second, test, value
        return not _meets(value, other.comparison, second)
    if type(value) is not int or type(second) is not int:
        return False
    low = max((_low(test, value), _low(other, second)), default=None, key=_bound)
    high = min((_high(test, value), _high(other, second)), default=None, key=_ceiling)
    return low is not None and high is not None and low > high


def _bound(value: int | None) -> float:
    return float("-inf") if value is None else value


def _ceiling(value: int | None) -> float:
    return float("inf") if value is None else value


def _low(test: Test, value: int) -> int | None:
    return {">": value + 1, ">=": value}.get(test.comparison)


def _high(test: Test, value: int) -> int | None:
    return {"<": value - 1, "<=": value}.get(test.comparison)


def _meets(value: ClaimValue, comparison: str, wanted: ClaimValue) -> bool:
    if comparison in {"==", "!="}:
        equal = type(value) is type(wanted) and value == wanted
        return equal is (comparison == "==")
    if type(value) is not int or type(wanted) is not int:
        return False
    return {
        "<": value < wanted,
        "<=": value <= wanted,
        ">": value > wanted,
        ">=": value >= wanted,
    }[comparison]


def _verdicts(rules: list[PlacedFacts], header: PlacedHeader) -> Iterator[PlacedFinding]:
    verdicts = [each for each in rules if each.facts.rule.action.verb in {"permit", "deny"}]
    permits = [each for each in verdicts if each.facts.rule.action.verb == "permit"]
    denies = [each for each in verdicts if each.facts.rule.action.verb == "deny"]
    always = [each for each in denies if not each.facts.wanted]
    if always:
        advice = "One deny defeats every permit, wherever it stands; remove it or add a condition."
        yield _on_rule("SW405", "This denies every request", always[0], advice)
    elif not permits:
        advice = "A request needs a permit; add a rule such as `[...] => permit();`."
        finding = _at("SW404", "No rule permits anything", header.span, advice)
        yield PlacedFinding(header.chunk, finding)
    elif not denies:
        for permit in permits:
            if not permit.facts.wanted:
                advice = "All the evidence has to do is to verify."
                yield _on_rule("SW402", "This permits every request", permit, advice)
    if permits:
        yield from _late(denies, permits[0])


def _late(denies: list[PlacedFacts], permit: PlacedFacts) -> Iterator[PlacedFinding]:
    first = (permit.chunk, permit.facts.rule.start)
    for deny in denies:
        if deny.facts.wanted and (deny.chunk, deny.facts.rule.start) > first:
            message = "This deny counts although it stands after a permit"
            advice = "Put denials first, as they are weighed first."
            yield _on_rule("SW409", message, deny, advice)


def _on_rule(code: str, message: str, rule: PlacedFacts, advice: str) -> PlacedFinding:
    span = Span(rule.facts.rule.start, rule.facts.rule.end)
    return PlacedFinding(rule.chunk, _at(code, message, span, advice))


def _presence(facts: RuleFacts, catalogue: Catalogue) -> Iterator[Diagnostic]:
    for wanted in facts.wanted:
        condition = wanted.condition
        if wanted.values or condition.negated:
            continue
        entry = catalogue.find(wanted.claim_type, Direction.INCOMING)
        if entry is None or entry.value_class is not bool:
            continue
        if condition.name not in _referred(facts.rule):
            message = f"Any value of `{wanted.claim_type}` will do here"
            span = Span(condition.start, condition.end)
            yield _at("SW408", message, span, "Test the value too: `value==false`.")


def _referred(rule: Rule) -> set[str]:
    """Names whose claims another condition is compared with."""
    return {
        test.expression.name
        for condition in rule.conditions
        for test in condition.tests
        if isinstance(test.expression, Reference)
    }


def _debuggers(
    rules: list[PlacedFacts], header: PlacedHeader, attestation_type: AttestationType | None
) -> Iterator[PlacedFinding]:
    name = _debug_claim(rules, attestation_type)
    if not name:
        return
    guarded = True
    permits = False
    for facts, _, _ in rules:
        verb = facts.rule.action.verb
        if verb == "deny" and any(_asks(each, name, value=True) for each in facts.wanted):
            return
        if verb == "permit":
            permits = True
            guarded = guarded and any(_asks(each, name, value=False) for each in facts.wanted)
    if permits and not guarded:
        rule = f'\n    [type=="{name}", value==true] => deny();'
        end = header.span.end
        fix = Fix("Deny what can be debugged", (Edit(Span(end, end), rule),))
        message = "Debuggable enclaves are permitted too"
        finding = _at("SW407", message, header.span, _DEBUG, fix)
        yield PlacedFinding(header.chunk, finding)


def _debug_claim(rules: list[PlacedFacts], attestation_type: AttestationType | None) -> str:
    if attestation_type is not None:
        names = {"SgxEnclave": 0, "OpenEnclave": 0, "SevSnpVm": 1, "TdxVm": 2}
        place = names.get(attestation_type.value)
        return "" if place is None else DEBUG_CLAIMS[place]
    for facts, _, _ in rules:
        for wanted in facts.wanted:
            for name, prefix in zip(
                DEBUG_CLAIMS, ("x-ms-sgx-", "x-ms-sevsnpvm-", "tdx_"), strict=True
            ):
                if wanted.claim_type.startswith(prefix):
                    return name
    return ""


def _asks(wanted: Wanted, name: str, *, value: bool) -> bool:
    """Whether a condition holds for that value of the claim only."""
    if wanted.claim_type != name:
        return False
    if wanted.condition.negated:
        value = not value
    return any(
        (test.comparison, literal_value(test.expression)) in {("==", value), ("!=", not value)}
        for test in wanted.values
    )


def _intermediate(rules: list[PlacedFacts], catalogue: Catalogue) -> Iterator[PlacedFinding]:
    added: set[str] = set()
    for facts, section, chunk in rules:
        if section != CONFIGURATION:
            for wanted in facts.wanted:
                if _is_missing(wanted, added, catalogue):
                    yield PlacedFinding(chunk, _missing(wanted, rules))
            if facts.added:
                added.add(facts.added.claim_type)
    yield from _unread(rules)


def _is_missing(wanted: Wanted, added: set[str], catalogue: Catalogue) -> bool:
    name = wanted.claim_type
    if not name or wanted.condition.negated or name in added or "" in added:
        return False
    if wanted.issuer == POLICY_ISSUER:
        return True
    return not wanted.issuer and name not in catalogue.incoming_names and _made(name, catalogue)


def _made(name: str, catalogue: Catalogue) -> bool:
    """Whether only recipes make this claim."""
    entry = catalogue.find(name)
    return entry is not None and entry.by_policy and not entry.deprecated


def _missing(wanted: Wanted, rules: list[PlacedFacts]) -> Diagnostic:
    name = wanted.claim_type
    later = any(each.facts.added and each.facts.added.claim_type == name for each in rules)
    where = "before this rule" if later else "in this policy"
    message = f"No rule adds `{name}` {where}"
    literal = wanted.type_literal or wanted.condition
    advice = "The rule does nothing. Copy the rule that adds the claim too, and put it first."
    return _at("SW403", message, Span(literal.start, literal.end), advice)


def _unread(rules: list[PlacedFacts]) -> Iterator[PlacedFinding]:
    read: set[str] = set()
    for facts, section, chunk in reversed(rules):
        added = facts.added
        verb = facts.rule.action.verb
        acts_as_add = verb == "add" or (verb == "issue" and section == AUTHORIZATION)
        name = added.claim_type if added and acts_as_add else ""
        if name and read.isdisjoint((name, "")):
            action = facts.rule.action
            finding = _at("SW406", f"No later rule reads `{name}`", Span(action.start, action.end))
            yield PlacedFinding(chunk, finding)
        for wanted in facts.wanted:
            read.add(wanted.claim_type)


def _shared_names(rules: list[PlacedFacts], catalogue: Catalogue) -> Iterator[PlacedFinding]:
    added: set[str] = set()
    for facts, _, chunk in rules:
        for wanted in facts.wanted:
            name = wanted.claim_type
            if name in added and not wanted.issuer and not wanted.condition.negated:
                literal = wanted.type_literal or wanted.condition
                span = Span(literal.start, literal.end)
                message = f"`{name}` may come from the service or from a rule above"
                advice = "Test the issuer too."
                finding = _at("SW315", message, span, advice, _issuers(wanted))
                yield PlacedFinding(chunk, finding)
        fresh = facts.added
        if fresh and not fresh.identity and fresh.claim_type in catalogue.incoming_names:
            entry = catalogue.find(fresh.claim_type, Direction.INCOMING)
            if entry is not None and not entry.deprecated:
                added.add(fresh.claim_type)


def _issuers(wanted: Wanted) -> Fix | None:
    if wanted.type_literal is None:
        return None
    at = wanted.type_literal.end
    test = f', issuer=="{SERVICE_ISSUER}"'
    return Fix("Ask for the claim of the service", (Edit(Span(at, at), test),))


_NEVER: Final = "The rule never fires."
_DEBUG: Final = "Whoever runs a debuggable enclave can read its memory."
