"""A policy as a list of requirements and issued claims, for people who do not write rules.

The model covers: denials on one claim each, one rule that permits, property settings, and claims
issued as a copy or as a fixed value. `read_model` says what else a text holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.claims.catalogue import Catalogue, Direction
from sealwright.claims.claim import VALUE_TYPES
from sealwright.pace import paced
from sealwright.policy.facts import Wanted, facts_of, literal_value
from sealwright.policy.literals import literal_text, quote
from sealwright.policy.syntax import (
    AUTHORIZATION,
    CONFIGURATION,
    ISSUANCE,
    Literal,
    PlacedRule,
    Policy,
    Reference,
)
from sealwright.policy.writing.formatter import format_policy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.claims.claim import Claim, ClaimValue


class Requirement(NamedTuple):
    """`claim operator value`; without an operator the claim need only be there."""

    claim: str
    operator: str = ""
    value: ClaimValue | None = None
    issuer: str = ""


class IssuedClaim(NamedTuple):
    """A claim for the token: a copy of the claim `source`, or the fixed `value`."""

    name: str
    source: str = ""
    value: ClaimValue | None = None


class PolicyModel(NamedTuple):
    """The request is permitted when no denial holds and all requirements do."""

    version: str = "1.0"
    denials: tuple[Requirement, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    issued: tuple[IssuedClaim, ...] = ()
    settings: tuple[tuple[str, ClaimValue], ...] = ()
    permits: bool = True


class ReadModel(NamedTuple):
    """The model of a text; `outside` holds the rules it cannot express, empty when it is whole."""

    model: PolicyModel
    outside: tuple[PlacedRule, ...]


_VOLATILE: Final = ("report-data", "reportdata", "report_data", "reportid", "vmid", "chipid")
_RISING: Final = ("svn", "-version", "Svn")


def model_text(model: PolicyModel) -> str:
    """The policy that says what the model says."""
    version = model.version
    if model.settings and version == "1.0":
        version = "1.1"
    lines = [f"version={version};"]
    if model.settings:
        lines.append(f"{CONFIGURATION} {{")
        for name, value in model.settings:
            lines.append(setting_text(name, value))
        lines.append("};")
    lines += ["", f"{AUTHORIZATION} {{"]
    lines += [f"{condition_text(each)} => deny();" for each in model.denials]
    if model.permits:
        joined = " && ".join(condition_text(each) for each in model.requirements)
        lines.append(f"{joined} => permit();")
    lines += ["};", "", f"{ISSUANCE} {{"]
    lines += [issuance_text(each) for each in model.issued]
    lines.append("};")
    return format_policy("\n".join(lines))


def setting_text(name: str, value: ClaimValue) -> str:
    """The rule that makes a setting."""
    return f"=> issueproperty(type={quote(name)}, value={literal_text(value)});"


def condition_text(requirement: Requirement, name: str = "") -> str:
    """The condition that asks for a requirement."""
    tests = [f"type=={quote(requirement.claim)}"]
    if requirement.operator and requirement.value is not None:
        tests.append(f"value{requirement.operator}{literal_text(requirement.value)}")
    if requirement.issuer:
        tests.append(f"issuer=={quote(requirement.issuer)}")
    label = f"{name}:" if name else ""
    return f"{label}[{', '.join(tests)}]"


def issuance_text(issued: IssuedClaim) -> str:
    """The rule that issues a claim."""
    if not issued.source:
        value = literal_text(issued.value if issued.value is not None else True)
        return f"=> issue(type={quote(issued.name)}, value={value});"
    head = condition_text(Requirement(issued.source), "c")
    if issued.source == issued.name:
        return f"{head} => issue(claim=c);"
    return f"{head} => issue(type={quote(issued.name)}, value=c.value);"


def read_model(policy: Policy) -> ReadModel:
    """The model of a text, as far as the text has that shape."""
    outside: list[PlacedRule] = []
    denials: list[Requirement] = []
    permits: list[tuple[Requirement, ...]] = []
    for placed in paced(policy.section(AUTHORIZATION)):
        verb = placed.rule.action.verb
        wanted = [requirement_of(each) for each in facts_of(placed.rule).wanted]
        found = [each for each in wanted if each is not None]
        whole = len(found) == len(wanted)
        if verb == "deny" and whole and len(found) == 1:
            denials.append(found[0])
        elif verb == "permit" and whole and not permits:
            permits.append(tuple(found))
        else:
            outside.append(placed)
    model = PolicyModel(
        version=policy.version or "1.0",
        denials=tuple(denials),
        requirements=permits[0] if permits else (),
        issued=tuple(_read_issued(policy, outside)),
        settings=tuple(_read_settings(policy, outside)),
        permits=bool(permits),
    )
    outside.sort(key=lambda each: each.span)
    return ReadModel(model, tuple(outside))


def requirement_of(wanted: Wanted) -> Requirement | None:
    """What a condition asks for; None when that is more than the model can say."""
    condition = wanted.condition
    expected = 1 + bool(wanted.issuer) + len(wanted.values)
    if condition.negated or not wanted.claim_type or len(condition.tests) != expected:
        return None
    if not wanted.values:
        return Requirement(wanted.claim_type, issuer=wanted.issuer)
    test = wanted.values[0]
    value = literal_value(test.expression)
    if len(wanted.values) > 1 or value is None:
        return None
    return Requirement(wanted.claim_type, test.comparison, value, wanted.issuer)


def _read_issued(policy: Policy, outside: list[PlacedRule]) -> list[IssuedClaim]:
    found = []
    for placed in policy.section(ISSUANCE):
        issued = issued_of(placed)
        if issued is None:
            outside.append(placed)
        else:
            found.append(issued)
    return found


def issued_of(placed: PlacedRule) -> IssuedClaim | None:
    """What a rule issues; None when that is more than the model can say."""
    facts, action = facts_of(placed.rule), placed.rule.action
    added = facts.added
    if action.verb != "issue" or added is None or not added.claim_type:
        return None
    if not facts.wanted:
        value = literal_value(added.value)
        return None if value is None else IssuedClaim(added.claim_type, value=value)
    first = requirement_of(facts.wanted[0])
    if len(facts.wanted) > 1 or first is None or first != Requirement(first.claim):
        return None
    if action.copy:
        return IssuedClaim(first.claim, first.claim)
    copies = isinstance(added.value, Reference) and added.value.property == "value"
    return IssuedClaim(added.claim_type, first.claim) if copies else None


def _read_settings(policy: Policy, outside: list[PlacedRule]) -> list[tuple[str, ClaimValue]]:
    found = []
    for placed in policy.section(CONFIGURATION):
        setting = setting_of(placed)
        if setting is None:
            outside.append(placed)
        else:
            found.append(setting)
    return found


def setting_of(placed: PlacedRule) -> tuple[str, ClaimValue] | None:
    """Name and value that a configuration rule sets, whatever the evidence says."""
    action = placed.rule.action
    name, value = action.assigned("type"), literal_value(action.assigned("value"))
    if isinstance(name, Literal) and value is not None and not placed.rule.conditions:
        return str(name.value), value
    return None


def pin_from(
    claims: Iterable[Claim], catalogue: Catalogue, attestation_type: AttestationType
) -> tuple[Requirement, ...]:
    """Requirements that hold for evidence like this: same digests, versions no older.

    Values that differ from one report to the next, and JSON texts, are left out.
    """
    found: dict[str, Requirement] = {}
    for claim in claims:
        entry = catalogue.find(claim.type, Direction.INCOMING)
        if entry is None or entry.deprecated or attestation_type not in entry.types:
            continue
        if entry.json_text or claim.type.endswith(_VOLATILE):
            continue
        rising = VALUE_TYPES[type(claim.value)] == "Integer" and claim.type.endswith(_RISING)
        operator = ">=" if rising else "=="
        found.setdefault(claim.type, Requirement(claim.type, operator, claim.value))
    return tuple(found.values())
