"""Holds the claims of a policy against the catalogue (spec policy-language, 20; claims)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.claims.attestation_type import AttestationType
from sealwright.claims.catalogue import Catalogue, ClaimEntry, Direction
from sealwright.claims.claim import (
    CUSTOM_CLAIM,
    POLICY_ISSUER,
    REGISTERED,
    SERVICE_ISSUER,
    VALUE_TYPES,
    ClaimValue,
)
from sealwright.policy.catalogue import SEVERITIES
from sealwright.policy.diagnostics import Diagnostic, Edit, Fix, brief
from sealwright.policy.facts import RuleFacts, Wanted, literal_string, literal_value
from sealwright.policy.literals import literal_text
from sealwright.policy.nearest import nearest
from sealwright.policy.source import Span
from sealwright.policy.syntax import (
    CONFIGURATION,
    ISSUANCE,
    VERSIONS,
    Action,
    Call,
    Literal,
    Reference,
    Test,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_ISSUERS: Final = (SERVICE_ISSUER, POLICY_ISSUER, CUSTOM_CLAIM)
_SERVICE_PREFIXES: Final = ("x-ms-", "tdx_", "$")
MOST_LOOKED_UP: Final = 200
"""Added claims beyond which a misspelling is not looked up among them."""
_TELLING: Final = frozenset(("IsSubsetOf", "ContainsOnlyValue"))
"""Functions whose results are not read-only (spec, 4)."""
_HEX: Final = frozenset("0123456789abcdefABCDEF")


class ClaimLinter:
    """Checks rules one by one; `added` are the claim types that rules of the policy add."""

    def __init__(
        self,
        catalogue: Catalogue,
        attestation_type: AttestationType | None,
        version: int,
        added: frozenset[str],
    ) -> None:
        self._catalogue = catalogue
        self._type = attestation_type
        self._version = version
        self._added = added

    def check(self, facts: RuleFacts, section: str) -> Iterator[Diagnostic]:
        """Findings about the claims of one rule, with offsets of its piece."""
        for wanted in facts.wanted:
            yield from self._wanted(wanted)
            yield from self._texts(wanted)
        yield from self._issued(facts, section)
        if section == ISSUANCE and facts.rule.action.verb in {"issue", "issueproperty"}:
            yield from self._kept_back(facts)

    def _wanted(self, wanted: Wanted) -> Iterator[Diagnostic]:
        literal, name = wanted.type_literal, wanted.claim_type
        if literal is None:
            return
        if name != name.strip():
            advice = "Types are compared character by character."
            message = f"The claim type `{name}` has blanks around it"
            yield _at("SW310", message, literal, advice, _rewrite(literal, name.strip()))
            return
        if wanted.issuer in {POLICY_ISSUER, CUSTOM_CLAIM}:
            return
        entry = self._catalogue.find(name, Direction.INCOMING)
        if entry is None:
            if name not in self._added:
                yield from self._unknown(wanted, literal)
            return
        yield from self._known(wanted, entry, literal)

    def _known(self, wanted: Wanted, entry: ClaimEntry, literal: Literal) -> Iterator[Diagnostic]:
        if entry.deprecated:
            message = f"`{entry.name}` is a former name of `{entry.replacement}`"
            fix = _rewrite(literal, entry.replacement)
            yield _at("SW302", message, literal, "", fix)
        elif self._type is not None and self._type not in entry.types:
            message = f"`{entry.name}` is not produced for {self._type.value}"
            if entry.name not in self._added:
                yield _at("SW304", message, literal, "The condition can never hold.")
        elif entry.min_policy_version and VERSIONS.index(entry.min_policy_version) > self._version:
            message = f"`{entry.name}` needs version {entry.min_policy_version}"
            yield _at("SW314", message, literal, "")
        if entry.name not in self._added or wanted.issuer == SERVICE_ISSUER:
            for test in wanted.values:
                yield from _value(entry, test)

    def _unknown(self, wanted: Wanted, literal: Literal) -> Iterator[Diagnostic]:
        name = wanted.claim_type
        outgoing = self._catalogue.find(name)
        if outgoing is not None and not outgoing.by_policy:
            message = f"`{name}` is part of the token, but no condition sees it"
            replacement = outgoing.replacement
            fix = _rewrite(literal, replacement) if self._is_incoming(replacement) else None
            yield _at("SW305", message, literal, "", fix)
            return
        certain = (
            wanted.issuer == SERVICE_ISSUER
            or name.startswith(_SERVICE_PREFIXES)
            or self._type not in {None, AttestationType.TPM}
        )
        # Where clients may send claims of any name, only a slip of the finger is doubtful.
        meant = "" if outgoing else nearest(name, self._candidates(), 3 if certain else 4)
        if meant or certain:
            advice = f"Did you mean `{meant}`?" if meant else ""
            fix = _rewrite(literal, meant) if meant else None
            yield _at("SW301", f"No claim is known as `{name}`", literal, advice, fix)

    def _is_incoming(self, name: str) -> bool:
        return bool(name) and self._catalogue.find(name, Direction.INCOMING) is not None

    def _candidates(self) -> Iterator[str]:
        for entry in self._catalogue.entries:
            fits = self._type is None or self._type in entry.types
            if Direction.INCOMING in entry.directions and not entry.deprecated and fits:
                yield entry.name
        if len(self._added) <= MOST_LOOKED_UP:
            # In one order, or the nearest of two would be a matter of chance.
            yield from sorted(self._added)

    def _texts(self, wanted: Wanted) -> Iterator[Diagnostic]:
        for test in wanted.condition.tests:
            text = literal_string(test.expression)
            if text is None or not isinstance(test.expression, Literal):
                continue
            yield from _placeholder(text, test.expression)
            known = {"issuer": _ISSUERS, "valueType": tuple(VALUE_TYPES.values())}
            names = known.get(test.property, (text,))
            if text not in names:
                meant = nearest(text, names)
                fix = _rewrite(test.expression, meant) if meant else None
                advice = f"There are {', '.join(f'`{each}`' for each in names)}."
                message = f"No claim has the {test.property} `{text}`"
                yield _at("SW312", message, test.expression, advice, fix)

    def _issued(self, facts: RuleFacts, section: str) -> Iterator[Diagnostic]:
        added, action = facts.added, facts.rule.action
        for assignment in action.assignments:
            text = literal_string(assignment.expression)
            if text is not None and isinstance(assignment.expression, Literal):
                yield from _placeholder(text, assignment.expression)
        if added is None or added.literal is None:
            return
        name, literal = added.claim_type, added.literal
        if action.verb == "issueproperty":
            yield from self._property(name, literal, added.value, section)
        elif action.verb == "issue" and section == ISSUANCE:
            entry = self._catalogue.find(name, Direction.OUTGOING) or self._catalogue.find(name)
            if name in REGISTERED or name in self._catalogue.service_names:
                message = f"`{name}` belongs to the service and is not replaced"
                yield _at("SW311", message, literal, "Issue the claim under a name of your own.")
            elif entry is not None and entry.deprecated:
                message = f"`{name}` is a former name of `{entry.replacement}`"
                advice = "The service issues the newer claim by itself."
                yield _at("SW303", message, literal, advice)

    def _kept_back(self, facts: RuleFacts) -> Iterator[Diagnostic]:
        """A read-only value, or what functions make of one, on its way into the token."""
        kept = {
            wanted.condition.name: wanted.claim_type
            for wanted in facts.wanted
            if wanted.condition.name and self._is_read_only(wanted)
        }
        if not kept:
            return
        for name, start, end in _sent(facts.rule.action):
            if name in kept:
                message = (
                    f"`{kept[name]}` cannot be issued: when this rule fires, the request fails"
                )
                advice = "Test it, or issue what `IsSubsetOf` or `ContainsOnlyValue` finds."
                span = Span(start, end)
                yield Diagnostic("SW319", SEVERITIES["SW319"], message, span, advice)
                return

    def _is_read_only(self, wanted: Wanted) -> bool:
        if wanted.condition.negated or wanted.issuer not in {"", SERVICE_ISSUER}:
            return False
        entry = self._catalogue.find(wanted.claim_type, Direction.INCOMING)
        return entry is not None and entry.read_only

    def _property(
        self, name: str, literal: Literal, value: object, section: str
    ) -> Iterator[Diagnostic]:
        direction = Direction.CONFIGURATION if section == CONFIGURATION else Direction.PROPERTY
        entry = self._catalogue.find(name, direction)
        if entry is None:
            names = [each.name for each in self._catalogue.entries if direction in each.directions]
            meant = nearest(name, names)
            fix = _rewrite(literal, meant) if meant else None
            advice = f"There are {', '.join(f'`{each}`' for each in names)}."
            yield _at("SW317", f"`{brief(name)}` is no property of {section}", literal, advice, fix)
            return
        if self._type is not None and self._type not in entry.types:
            message = f"`{name}` has no effect on {self._type.value}"
            yield _at("SW317", message, literal, "")
        if isinstance(value, Literal) and type(value.value) is entry.value_class:
            yield from _property_value(entry, value)


def _sent(action: Action) -> Iterator[tuple[str, int, int]]:
    """Names of conditions whose values an action sends out, and where it says so."""
    if action.copy:
        yield action.copy, action.copy_start, action.copy_start + len(action.copy)
    open_values = [action.assigned("value")]
    while open_values:
        value = open_values.pop()
        if isinstance(value, Reference) and value.property == "value":
            yield value.name, value.start, value.end
        elif isinstance(value, Call) and value.function not in _TELLING:
            open_values += value.arguments


def _placeholder(text: str, literal: Literal) -> Iterator[Diagnostic]:
    if text.startswith("<") and text.endswith(">") and text[1:-1].strip():
        message = f"The placeholder `{text}` has not been replaced"
        yield _at("SW316", message, literal, "Put the value you mean in its place.")


def _property_value(entry: ClaimEntry, value: Literal) -> Iterator[Diagnostic]:
    number = value.value
    if entry.values and number not in entry.values:
        advice = f"Known are {', '.join(entry.values)}; with any other, attestation fails."
        yield _at("SW318", f"`{number}` is no known value of `{entry.name}`", value, advice)
    if entry.range and isinstance(number, int) and entry.json_type == "integer":
        low, high = entry.range
        if not low <= number <= high and entry.name != "required_pcr_mask":
            fix = _rewrite(value, min(max(number, low), high))
            message = f"`{entry.name}` lies between {low} and {high}"
            yield _at("SW318", message, value, "The service takes the nearest of them.", fix)


def _value(entry: ClaimEntry, test: Test) -> Iterator[Diagnostic]:
    """A literal that can never equal what the claim holds."""
    literal, kind = test.expression, entry.value_class
    value = literal_value(literal)
    if not isinstance(literal, Literal) or value is None or kind is None:
        return
    if type(value) is not kind:
        message = (
            f"`{entry.name}` is of type {VALUE_TYPES[kind]}, this is {VALUE_TYPES[type(value)]}"
        )
        advice = "Values of different types are never equal."
        yield _at("SW306", message, literal, advice, _converted(literal, kind))
    elif isinstance(value, str) and not value.startswith("<"):
        yield from _string_value(entry, value, literal)
    elif entry.range and isinstance(value, int) and not entry.range[0] <= value <= entry.range[1]:
        message = f"`{entry.name}` lies between {entry.range[0]} and {entry.range[1]}"
        yield _at("SW309", message, literal, "")


def _string_value(entry: ClaimEntry, value: str, literal: Literal) -> Iterator[Diagnostic]:
    if entry.values and value not in entry.values:
        meant = nearest(value, entry.values)
        fix = _rewrite(literal, meant) if meant else None
        message = f"`{value}` is no known value of `{entry.name}`"
        yield _at("SW309", message, literal, f"Known are {', '.join(entry.values)}.", fix)
    if not entry.hex_digits or not value:
        return
    if len(value) != entry.hex_digits or not _HEX.issuperset(value):
        message = f"`{entry.name}` has {entry.hex_digits} hex digits"
        found = f"This has {len(value)} characters."
        yield _at("SW308", message, literal, found)
    elif value != value.lower():
        message = "The service writes digests in lower case"
        fix = _rewrite(literal, value.lower())
        yield _at("SW307", message, literal, "Strings are compared with their case.", fix)


def _converted(literal: Literal, kind: type[ClaimValue]) -> Fix | None:
    text = str(literal.value).strip()
    if kind is int and text.removeprefix("-").isdecimal() and len(text) < 19:  # noqa: PLR2004 - fits
        return _rewrite(literal, int(text))
    if kind is bool and text.lower() in {"true", "false"}:
        return _rewrite(literal, text.lower() == "true")
    if kind is bool and text in {"0", "1"}:
        return _rewrite(literal, text == "1")
    if kind is str and type(literal.value) is int:
        return _rewrite(literal, text)
    return None


def _rewrite(literal: Literal, value: ClaimValue) -> Fix:
    text = literal_text(value)
    return Fix(f"Write `{text}`", (Edit(Span(literal.start, literal.end), text),))


def _at(
    code: str, message: str, literal: Literal, advice: str, fix: Fix | None = None
) -> Diagnostic:
    return Diagnostic(
        code, SEVERITIES[code], message, Span(literal.start, literal.end), advice, fix
    )
