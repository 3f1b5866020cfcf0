"""What the rules together decide: whether anything permits, what denies all, who may debug."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.policy.catalogue import SEVERITIES
from sealwright.policy.diagnostics import Diagnostic, Edit, Fix
from sealwright.policy.facts import RuleFacts, Wanted, literal_value
from sealwright.policy.source import Span
from sealwright.policy.syntax import CONFIGURATION, SECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sealwright.claims.attestation_type import AttestationType

    _Placed = list[tuple[int, "Verdict"]]

DEBUG_CLAIMS: Final = (
    "x-ms-sgx-is-debuggable",
    "x-ms-sevsnpvm-is-debuggable",
    "tdx_td_attributes_debug",
)
_DEBUG_NAMES: Final = {name: name for name in DEBUG_CLAIMS} | {"$is-debuggable": DEBUG_CLAIMS[0]}
"""Also the name that policies of 2020 test."""
_FAMILIES: Final = ("x-ms-sgx-", "x-ms-sevsnpvm-", "tdx_")
_OF_TYPE: Final = {"SgxEnclave": 0, "OpenEnclave": 0, "SevSnpVm": 1, "TdxVm": 2}


class Verdict(NamedTuple):
    """A rule that permits or denies, by its number in the piece.

    Args:
        rule: its number.
        section: where it stands.
        verb: `permit` or `deny`.
        always: whether it has no condition.
        refuses: claims about debugging that it only holds for when they are true, or are there.
        demands: those that it only holds for when they are false.
    """

    rule: int
    section: str
    verb: str
    always: bool
    refuses: frozenset[str]
    demands: frozenset[str]


class Configured(NamedTuple):
    """A rule of configurationrules: numbers and types of its conditions, and what it sets."""

    rule: int
    wanted: tuple[tuple[int, str], ...]
    sets: str | None


class Bearing(NamedTuple):
    """All that a piece has to do with the verdict; places are not part of it.

    Args:
        verdicts: its rules that permit or deny.
        configured: its rules of configurationrules.
        family: section and claim about debugging of the first hardware it speaks of.
        swallowed: whether a rule stands in one of its comments, which is a finding of its own.
    """

    verdicts: tuple[Verdict, ...]
    configured: tuple[Configured, ...]
    family: tuple[str, str] | None
    swallowed: bool = False


NO_BEARING: Final = Bearing((), (), None)


class VerdictFinding(NamedTuple):
    """What is wrong: the piece, the number of its rule and condition; or the header instead."""

    piece: int
    code: str
    rule: int = 0
    condition: int = 0
    header: Span | None = None
    debug_claim: str = ""


class PlacedHeader(NamedTuple):
    """From the name of a section to its brace, in the piece that holds it."""

    piece: int
    span: Span


def bearing_of(rules: Iterable[tuple[RuleFacts, str]], *, swallowed: bool) -> Bearing:
    """What a piece has to do with the verdict.

    Args:
        rules: its rules, each with its section.
        swallowed: whether one of its comments holds a rule.
    """
    verdicts: list[Verdict] = []
    configured: list[Configured] = []
    family: tuple[str, str] | None = None
    for number, (facts, section) in enumerate(rules):
        if not section:
            continue
        if facts.rule.action.verb in {"permit", "deny"}:
            verdicts.append(_verdict(number, facts, section))
        if section == CONFIGURATION:
            configured.append(_configured(number, facts))
        if family is None:
            family = _family(facts, section)
    if verdicts or configured or family or swallowed:
        return Bearing(tuple(verdicts), tuple(configured), family, swallowed)
    return NO_BEARING


def _verdict(number: int, facts: RuleFacts, section: str) -> Verdict:
    wanted = [
        (_DEBUG_NAMES[each.claim_type], each)
        for each in facts.wanted
        if each.claim_type in _DEBUG_NAMES
    ]
    refuses = frozenset(name for name, each in wanted if _asks(each, value=True, here=True))
    demands = frozenset(name for name, each in wanted if _asks(each, value=False))
    verb = facts.rule.action.verb
    return Verdict(number, section, verb, not facts.wanted, refuses, demands)


def _asks(wanted: Wanted, *, value: bool, here: bool = False) -> bool:
    """Whether a condition holds for that value of its claim only; `here`: or for any value."""
    if wanted.condition.negated:
        value = not value
    elif here and not wanted.values:
        return True
    # A value of the wrong type is a finding of its own; what it is meant for is plain.
    meant = {"==": {value, str(value).lower()}, "!=": {not value, str(not value).lower()}}
    return any(
        literal_value(test.expression) in meant.get(test.comparison, ()) for test in wanted.values
    )


def _configured(number: int, facts: RuleFacts) -> Configured:
    wanted = tuple(
        (place, each.claim_type)
        for place, each in enumerate(facts.wanted)
        if not each.condition.negated
    )
    return Configured(number, wanted, facts.added.claim_type if facts.added else None)


def _family(facts: RuleFacts, section: str) -> tuple[str, str] | None:
    for wanted in facts.wanted:
        if wanted.claim_type.startswith(_FAMILIES):
            for name, prefix in zip(DEBUG_CLAIMS, _FAMILIES, strict=True):
                if wanted.claim_type.startswith(prefix):
                    return section, name
    return None


def weigh(
    bearings: Sequence[tuple[int, Bearing]],
    header: PlacedHeader,
    attestation_type: AttestationType | None,
) -> Iterator[VerdictFinding]:
    """Findings about the verdict.

    Args:
        bearings: pieces and what they have to do with it, in the order of the text.
        header: of `authorizationrules`.
        attestation_type: of the policy, when it is known.
    """
    yield from _too_early(bearings)
    verdicts = [(piece, each) for piece, bearing in bearings for each in bearing.verdicts]
    # The order of evaluation; sections may stand in the wrong order.
    verdicts.sort(key=lambda placed: SECTIONS.index(placed[1].section))
    permits = [placed for placed in verdicts if placed[1].verb == "permit"]
    denies = [placed for placed in verdicts if placed[1].verb == "deny"]
    yield from _decisive(permits, denies, header)
    if permits:
        first = permits[0][0], permits[0][1].rule
        for piece, deny in denies:
            if not deny.always and (piece, deny.rule) > first:
                yield VerdictFinding(piece, "SW409", deny.rule)
        # Whoever starts a new line for the rule in the comment may have denied it there.
        lost = any(bearing.swallowed for _, bearing in bearings)
        name = "" if lost else _debug_claim(bearings, attestation_type)
        refused = any(name in deny.refuses for _, deny in denies)
        if name and not refused and any(name not in permit.demands for _, permit in permits):
            yield VerdictFinding(header.piece, "SW407", header=header.span, debug_claim=name)


def _decisive(permits: _Placed, denies: _Placed, header: PlacedHeader) -> Iterator[VerdictFinding]:
    """What decides whatever the claims are."""
    always = next((placed for placed in denies if placed[1].always), None)
    if always is not None:
        yield VerdictFinding(always[0], "SW405", always[1].rule)
    elif not permits:
        yield VerdictFinding(header.piece, "SW404", header=header.span)
    elif not denies:
        for piece, permit in permits:
            if permit.always:
                yield VerdictFinding(piece, "SW402", permit.rule)


def _too_early(bearings: Sequence[tuple[int, Bearing]]) -> Iterator[VerdictFinding]:
    set_before: set[str] = set()
    for piece, bearing in bearings:
        for rule, wanted, sets in bearing.configured:
            for place, name in wanted:
                if name not in set_before:
                    yield VerdictFinding(piece, "SW401", rule, place)
            if sets is not None:
                set_before.add(sets)


def _debug_claim(
    bearings: Sequence[tuple[int, Bearing]], attestation_type: AttestationType | None
) -> str:
    if attestation_type is not None:
        place = _OF_TYPE.get(attestation_type.value)
        return "" if place is None else DEBUG_CLAIMS[place]
    families = [bearing.family for _, bearing in bearings if bearing.family]
    first = min(families, key=lambda family: SECTIONS.index(family[0]), default=("", ""))
    return first[1]


def verdict_diagnostic(finding: VerdictFinding, facts: RuleFacts | None) -> Diagnostic:
    """The finding in words, with offsets of its piece; `facts` of its rule, if it is about one."""
    if finding.header is not None:
        return _on_header(finding.code, finding.header, finding.debug_claim)
    if facts is None:
        raise ValueError(finding)
    if finding.code == "SW401":
        condition = facts.wanted[finding.condition].condition
        message = "There are no claims yet when configurationrules are read"
        return _at("SW401", message, Span(condition.start, condition.end), "The rule never fires.")
    message, advice = _ON_RULE[finding.code]
    return _at(finding.code, message, Span(facts.rule.start, facts.rule.end), advice)


def _on_header(code: str, header: Span, debug_claim: str) -> Diagnostic:
    if code == "SW404":
        advice = "A request needs a permit; add a rule such as `[...] => permit();`."
        return _at("SW404", "No rule permits anything", header, advice)
    rule = f'\n    [type=="{debug_claim}", value==true] => deny();'
    fix = Fix("Deny what can be debugged", (Edit(Span(header.end, header.end), rule),))
    return _at("SW407", "Debuggable enclaves are permitted too", header, _DEBUG, fix)


def _at(
    code: str, message: str, span: Span, advice: str = "", fix: Fix | None = None
) -> Diagnostic:
    return Diagnostic(code, SEVERITIES[code], message, span, advice, fix)


_ON_RULE: Final = {
    "SW402": ("This permits every request", "All the evidence has to do is to verify."),
    "SW405": (
        "This denies every request",
        "One deny defeats every permit, wherever it stands; remove it or add a condition.",
    ),
    "SW409": (
        "This deny counts although it stands after a permit",
        "Put denials first, as they are weighed first.",
    ),
}
_DEBUG: Final = "Whoever runs a debuggable enclave can read its memory."
