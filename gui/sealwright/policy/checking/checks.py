"""Static checks of a whole policy (spec policy-language, 1, 3 and 14)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.claims.attestation_type import AttestationType
from sealwright.pace import paced
from sealwright.policy.catalogue import SEVERITIES
from sealwright.policy.checking.rule_checks import RuleChecker, RuleContext
from sealwright.policy.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from sealwright.policy.reading.parser import without_collector
from sealwright.policy.semantics import OUR_SEMANTICS, Semantics
from sealwright.policy.source import Span
from sealwright.policy.syntax import (
    AUTHORIZATION,
    CONFIGURATION,
    SECTIONS,
    VERSIONS,
    Policy,
    Section,
    VersionLine,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_NEWEST: Final = len(VERSIONS) - 1
_OF_VERSION: Final = frozenset(("SW106", "SW107"))


@without_collector()
def check(
    policy: Policy,
    attestation_type: AttestationType | None = None,
    semantics: Semantics = OUR_SEMANTICS,
) -> tuple[Diagnostic, ...]:
    """Syntax errors and static findings in the order of the text.

    The findings of the lint catalogue are not among them. Rules in a piece that does not parse are
    left alone: what they would say follows from the syntax error.
    """
    found = list(policy.syntax_errors)
    sections = policy.sections
    found += check_structure(policy, sections, attestation_type)
    version = version_index(policy.version)
    for section in sections:
        checker = RuleChecker(
            RuleContext(section.name, version, policy.limits, semantics.references_look_left)
        )
        for rule, base, chunk in paced(section.rules):
            if not has_syntax_error(policy, chunk):
                found += [each.shifted(base) for each in checker.check(rule)]
    found = with_version_fixes(policy, found)
    found.sort(key=lambda each: each.span)
    return tuple(found)


def with_version_fixes(policy: Policy, found: list[Diagnostic]) -> list[Diagnostic]:
    """The placed findings; those about the version can be mended where it stands."""
    if not any(each.code in _OF_VERSION for each in found):
        return found
    fix = _newer_version(policy, VERSIONS[_NEWEST])
    return [each._replace(fix=fix) if each.code in _OF_VERSION else each for each in found]


def has_syntax_error(policy: Policy, chunk: int) -> bool:
    """Whether the piece does not follow the grammar."""
    problems = policy.chunks[chunk].problems
    return bool(problems) and any(each.is_syntax_error for each in problems)


def accepted(diagnostics: tuple[Diagnostic, ...]) -> bool:
    """Whether a provider would take the policy: nothing is an error."""
    return all(each.severity is not Severity.ERROR for each in diagnostics)


def version_index(version: str | None) -> int:
    """0, 1 or 2; an unknown version counts as the newest, so that one error does not breed more."""
    return VERSIONS.index(version) if version in VERSIONS else _NEWEST


def check_structure(
    policy: Policy, sections: tuple[Section, ...], attestation_type: AttestationType | None
) -> list[Diagnostic]:
    """Findings about the version, the sections and the size."""
    found = list(_check_version(policy, attestation_type))
    found += _check_sections(policy, sections)
    count = sum(len(section.rules) for section in sections)
    if count > policy.limits.rules:
        message = f"More than {policy.limits.rules:,} rules"
        found.append(_finding("SW123", message, sections[-1].span, ""))
    return found


def _finding(
    code: str, message: str, span: Span, advice: str, fix: Fix | None = None
) -> Diagnostic:
    return Diagnostic(code, SEVERITIES[code], message, span, advice, fix)


def _check_version(
    policy: Policy, attestation_type: AttestationType | None
) -> Iterator[Diagnostic]:
    line = _version_line(policy)
    if line is None:
        return
    span = Span(line.number_start, line.number_end)
    if line.version not in VERSIONS:
        advice = f"The versions are {', '.join(VERSIONS)}."
        yield _finding("SW101", f"There is no version `{line.version[:20]}`", span, advice)
    elif line.version == VERSIONS[_NEWEST] and attestation_type not in {None, AttestationType.TPM}:
        message = f"Version {line.version} is only documented for TPM and VBS"
        yield _finding("SW207", message, span, "Use 1.0 or 1.1; there is no JSON to query here.")


def _version_line(policy: Policy) -> VersionLine | None:
    nodes = policy.chunks[0].nodes
    return nodes[0] if nodes and isinstance(nodes[0], VersionLine) else None


def _check_sections(policy: Policy, sections: tuple[Section, ...]) -> Iterator[Diagnostic]:
    seen: dict[str, Span] = {}
    last = -1
    for name, span, _, _ in sections:
        if not name:
            continue
        header = Span(span.start, span.start + len(name))
        if name in seen:
            where = Label(seen[name], "first here")
            message = f"`{name}` appears twice"
            advice = "Move the rules into the first one."
            yield Diagnostic("SW103", Severity.ERROR, message, header, advice, None, (where,))
            continue
        seen[name] = header
        place = SECTIONS.index(name)
        if place < last:
            message = f"`{name}` must stand before `{SECTIONS[last]}`"
            yield _finding("SW104", message, header, f"The order is {', '.join(SECTIONS)}.")
        last = max(last, place)
        if name == CONFIGURATION and policy.version == VERSIONS[0]:
            message = f"`{name}` needs version 1.1"
            yield _finding("SW105", message, header, "", _newer_version(policy, VERSIONS[1]))
    if AUTHORIZATION not in seen and not _is_hopeless(policy):
        yield _missing_authorization(policy, sections)


def _newer_version(policy: Policy, version: str) -> Fix | None:
    line = _version_line(policy)
    if line is None:
        return None
    span = Span(line.number_start, line.number_end)
    return Fix(f"Write `version={version};`", (Edit(span, version),))


def _is_hopeless(policy: Policy) -> bool:
    """Whether the text is no policy at all, or its sections could not be told apart."""
    hopeless = {"SW015", "SW018", "SW021", "SW012"}
    return any(each.code in hopeless for chunk in policy.chunks for each in chunk.problems)


def _missing_authorization(policy: Policy, sections: tuple[Section, ...]) -> Diagnostic:
    line = _version_line(policy)
    span = Span(line.start, line.end) if line else Span(0, 0)
    after = line.end if line else 0
    for section in sections:
        if section.name == CONFIGURATION:
            after = section.span.end
    text = f"\n{AUTHORIZATION} {{\n}};"
    fix = Fix(f"Insert `{AUTHORIZATION}`", (Edit(Span(after, after), text),))
    advice = "Without a rule that permits, every request fails."
    return _finding("SW102", f"The section `{AUTHORIZATION}` is missing", span, advice, fix)
