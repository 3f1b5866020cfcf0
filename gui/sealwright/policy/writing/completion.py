"""What can be written at a place of a policy, each with its meaning (spec policy-language, 3-9)."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.claims.attestation_type import AttestationType
from sealwright.claims.catalogue import Direction
from sealwright.claims.claim import CUSTOM_CLAIM, POLICY_ISSUER, REGISTERED, SERVICE_ISSUER
from sealwright.policy.checking.rule_checks import ALLOWED
from sealwright.policy.literals import literal_text
from sealwright.policy.syntax import (
    COMPARISONS,
    CONFIGURATION,
    FUNCTIONS,
    PROPERTIES,
    SECTIONS,
    VERBS,
    VERSIONS,
)
from sealwright.policy.writing.caret import Caret, caret_at
from sealwright.policy.writing.signatures import (
    ACTIONS,
    CALLS,
    ISSUERS,
    PROPERTY_MEANINGS,
    SECTION_MEANINGS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sealwright.claims.catalogue import Catalogue, ClaimEntry
    from sealwright.policy.source import Span

# A word that is looked for as such is found in a tenth of the time.
_ADDED: Final = re.compile(r'add(?<=\badd)\s*\(\s*type\s*=\s*"([^"\n]+)"')
_VERSION: Final = re.compile(r"\ufeff?(?:\s|//[^\n]*)*version\s*=\s*(\d\.\d)\s*;", re.IGNORECASE)
_SECTION: Final = re.compile(rf"\b({'|'.join(SECTIONS)})\s*\{{", re.IGNORECASE)
_AFTER_TYPE: Final = 2
_FUNCTIONS_SINCE: Final = VERSIONS.index("1.2")
_ECHOES: Final = ("();", ";", "()", "==", "=")
_VALUE_TYPES: Final = ("String", "Integer", "Boolean")


class ItemKind(StrEnum):
    """What a completion is; an editor shows it by colour and icon."""

    KEYWORD = "keyword"
    CLAIM = "claim name"
    PROPERTY = "property"
    IDENTIFIER = "identifier"
    FUNCTION = "function"
    VALUE = "value"


class Item(NamedTuple):
    """One thing that can be written.

    Args:
        label: what a list shows and what is matched with the word.
        insert: what is put in place of the word.
        kind: what it is.
        detail: a few words: type and direction of a claim.
        meaning: a sentence; may be empty.
        caret: offset in `insert` where the cursor goes on; -1 for its end.
        deprecated: there is a newer name.
    """

    label: str
    insert: str
    kind: ItemKind
    detail: str = ""
    meaning: str = ""
    caret: int = -1
    deprecated: bool = False


class Completion(NamedTuple):
    """What fits, best first, and what it replaces."""

    span: Span
    items: tuple[Item, ...]


def complete(
    text: str,
    offset: int,
    catalogue: Catalogue,
    attestation_type: AttestationType | None = None,
) -> Completion:
    """Everything that makes sense at an offset; the text need not parse."""
    caret = caret_at(text, offset)
    if caret.comment:
        return Completion(caret.span, ())
    items = _Offer(text, caret, catalogue, attestation_type).items()
    fitting = [each for each in items if not caret.quoted or each.insert.startswith('"')]
    found = _ranked(fitting, caret.word)
    rest = text[caret.span.end : caret.span.end + 4]
    if rest.startswith(_ECHOES):
        found = tuple([_without_echo(each, rest) for each in found])
    return Completion(caret.span, found)


def detail_of(entry: ClaimEntry) -> str:
    """`boolean, incoming`."""
    return ", ".join((entry.json_type, *sorted(each.value for each in entry.directions)))


def _without_echo(item: Item, rest: str) -> Item:
    """The item without an end that stands behind the word already."""
    for end in _ECHOES:
        if item.insert.endswith(end) and rest.startswith(end):
            insert = item.insert.removesuffix(end)
            return item._replace(
                insert=insert, caret=-1 if item.caret > len(insert) else item.caret
            )
    return item


def _ranked(items: Iterable[Item], word: str) -> tuple[Item, ...]:
    """Those that hold the word; those that begin with it first, deprecated ones last."""
    wanted = word.lower()
    first: list[Item] = []
    others: list[Item] = []
    last: list[Item] = []
    for each in items:
        label = each.label.lower()
        if wanted in label:
            begins = label.startswith(wanted)
            (last if each.deprecated else first if begins else others).append(each)
    last.sort(key=lambda each: not each.label.lower().startswith(wanted))
    return (*first, *others, *last)


class _Offer:
    """Makes the items of one place."""

    def __init__(
        self, text: str, caret: Caret, catalogue: Catalogue, kind: AttestationType | None
    ) -> None:
        self._text = text
        self._caret = caret
        self._catalogue = catalogue
        self._type = kind
        self._version = _declared_version(text)

    def items(self) -> Iterator[Item]:
        """What fits where the caret stands."""
        caret = self._caret
        bracket = caret.bracket
        if caret.last == ".":
            return self._properties("")
        if bracket < 0:
            return self._outside_brackets()
        if caret.before[bracket].text == "[":
            return self._in_selector(bracket)
        verb = caret.before[bracket - 1].text if bracket else ""
        if verb in VERBS:
            return self._in_action(verb)
        return self._operands() if caret.last in {"(", ","} else iter(())

    # --- between brackets and sections ----------------------------------------------------------

    def _outside_brackets(self) -> Iterator[Item]:
        caret = self._caret
        if not caret.section:
            return self._outside_sections()
        if not caret.before:
            return self._rule_starts()
        if caret.last == "=>":
            return self._actions()
        if caret.last in {"&&", "!"}:
            return self._conditions()
        return self._joints() if caret.last == "]" else iter(())

    def _outside_sections(self) -> Iterator[Item]:
        words = [token.text for token in self._caret.before]
        if words == ["version", "="]:
            for version in VERSIONS:
                yield Item(f"{version};", f"{version};", ItemKind.VALUE, "version")
            return
        if words:
            return
        if "version" not in self._text[: self._caret.span.start]:
            meaning = "The version of the language; it is the first thing in a policy."
            # Version 1.2 is documented for TPM alone (spec policy-language, 3).
            version = "1.2" if self._type is AttestationType.TPM else "1.1"
            yield Item("version", f"version={version};", ItemKind.KEYWORD, version, meaning)
            return
        start = self._caret.span.start
        line = self._text[self._text.rfind("\n", 0, start) + 1 : start]
        for name in self._missing_sections(start):
            insert = f"{name} {{\n    \n}};"
            if line.strip():
                insert = f"\n{insert}"
            meaning = SECTION_MEANINGS[name]
            caret = insert.index("\n}")
            yield Item(name, insert, ItemKind.KEYWORD, "section", meaning, caret)

    def _missing_sections(self, place: int) -> Iterator[str]:
        """Sections that the text lacks and that may stand here: their order is fixed."""
        lowest, highest = 0, len(SECTIONS)
        for found in _SECTION.finditer(self._text):
            at = SECTIONS.index(found[1].lower())
            if found.start() < place:
                lowest = max(lowest, at + 1)
            else:
                highest = min(highest, at)
        for name in SECTIONS[lowest:highest]:
            if name != CONFIGURATION or self._version > 0:
                yield name

    def _rule_starts(self) -> Iterator[Item]:
        meaning = "A rule without a condition: it always fires."
        always = Item("=>", "=> ", ItemKind.KEYWORD, "always", meaning)
        if self._caret.section == CONFIGURATION:
            # There are no claims yet that a condition could find.
            yield always
            return
        yield from self._conditions()
        yield always

    def _conditions(self) -> Iterator[Item]:
        meaning = "Holds when a claim of this type with this value is there."
        yield Item(
            '[type=="", value==]', '[type=="", value==]', ItemKind.KEYWORD, "condition", meaning, 8
        )
        meaning = "Holds when a claim of this type is there, and gives it a name for the action."
        yield Item('c:[type==""]', 'c:[type==""]', ItemKind.KEYWORD, "named condition", meaning, 10)
        if not self._version >= _FUNCTIONS_SINCE:
            return
        meaning = "Holds when no such claim is there."
        yield Item('![type==""]', '![type==""]', ItemKind.KEYWORD, "absence", meaning, 9)

    def _joints(self) -> Iterator[Item]:
        yield Item("=>", "=> ", ItemKind.KEYWORD, "then", "What the rule does.")
        yield Item("&&", "&& ", ItemKind.KEYWORD, "and", "A further condition.")

    def _actions(self) -> Iterator[Item]:
        for verb in ALLOWED.get(self._caret.section, ()):
            known = ACTIONS[verb]
            caret = known.insert.find("|")
            insert = known.insert.replace("|", "")
            yield Item(verb, insert, ItemKind.KEYWORD, known.signature, known.meaning, caret)

    # --- in a condition -----------------------------------------------------------------------

    def _in_selector(self, bracket: int) -> Iterator[Item]:
        last = self._caret.last
        if last in {"[", ","}:
            return self._properties("==")
        if last in PROPERTIES:
            return self._comparisons(last, self._claim_after(bracket))
        if last not in COMPARISONS:
            return iter(())
        tested = self._caret.before[-2].text
        return self._values_of(tested, self._claim_after(bracket), Direction.INCOMING)

    def _comparisons(self, tested: str, claim: str) -> Iterator[Item]:
        """Only integers have an order (spec policy-language, 5)."""
        entry = self._catalogue.find(claim)
        ordered = tested == "value" and (entry is None or entry.value_class is int)
        for each in COMPARISONS if ordered else COMPARISONS[:2]:
            yield Item(each, each, ItemKind.KEYWORD, "comparison")

    def _claim_after(self, bracket: int) -> str:
        """The claim type that is named in the bracket."""
        words = [token.text for token in self._caret.before[bracket:]]
        for index, word in enumerate(words[:-_AFTER_TYPE]):
            if word == "type" and words[index + 1] in {"==", "="}:
                return words[index + _AFTER_TYPE].strip('"')
        return ""

    # --- in an action -------------------------------------------------------------------------

    def _in_action(self, verb: str) -> Iterator[Item]:
        last = self._caret.last
        if last in {"(", ","}:
            return self._assignable(verb)
        if last != "=":
            return iter(())
        assigned = self._caret.before[-2].text
        if assigned == "claim":
            return self._names("")
        return self._values_of(assigned, self._claim_after(self._caret.bracket), self._made(verb))

    def _made(self, verb: str) -> Direction:
        """What kind of claim an action makes here."""
        if verb != "issueproperty":
            return Direction.OUTGOING
        in_settings = self._caret.section == CONFIGURATION
        return Direction.CONFIGURATION if in_settings else Direction.PROPERTY

    def _assignable(self, verb: str) -> Iterator[Item]:
        if verb in {"permit", "deny"}:
            return
        words = [token.text for token in self._caret.before[self._caret.bracket :]]
        if "claim" in words:
            return
        given = {word for word, after in pairwise(words) if after == "="}
        for name in ("type", "value"):
            if name not in given:
                yield Item(name, f"{name}=", ItemKind.PROPERTY, "", PROPERTY_MEANINGS[name])
        if self._caret.identifiers and verb != "issueproperty" and not given:
            yield Item("claim", "claim=", ItemKind.PROPERTY, "", "The whole claim, as it is.")

    # --- values -------------------------------------------------------------------------------

    def _properties(self, operator: str) -> Iterator[Item]:
        for name in PROPERTIES:
            meaning = PROPERTY_MEANINGS[name]
            yield Item(name, name + operator, ItemKind.PROPERTY, "", meaning)

    def _values_of(self, name: str, claim: str, direction: Direction) -> Iterator[Item]:
        if name == "type":
            yield from self._claims(direction)
        elif name == "issuer":
            for issuer in (SERVICE_ISSUER, POLICY_ISSUER, CUSTOM_CLAIM):
                yield _text(issuer, "issuer", ISSUERS[issuer])
        elif name == "valueType":
            for each in _VALUE_TYPES:
                yield _text(each, "value type")
        else:
            yield from self._known_values(claim)
            yield from self._operands()

    def _claims(self, direction: Direction) -> Iterator[Item]:
        word = self._caret.word.lower()
        seen: set[str] = set()
        # Most are left out by the word, which costs less than to describe them.
        if direction is Direction.INCOMING:
            for name in dict.fromkeys(_ADDED.findall(self._text)):
                seen.add(name)
                if word in name.lower():
                    yield _claim(name, "added by a rule", "")
        for entry in self._catalogue.entries:
            fits = word in entry.name.lower() and (self._type is None or self._type in entry.types)
            if fits and direction in entry.directions and self._is_of_use(entry, direction, seen):
                seen.add(entry.name)
                yield _claim(
                    entry.name, detail_of(entry), entry.description, deprecated=entry.deprecated
                )

    def _is_of_use(self, entry: ClaimEntry, direction: Direction, seen: set[str]) -> bool:
        """Whether a policy of the declared version can have or make it, and the list has it not."""
        needed = entry.min_policy_version
        if entry.name in seen or (needed and VERSIONS.index(needed) > self._version):
            return False
        # What the service puts into the token is not replaced (spec policy-language, 12).
        kept = REGISTERED | self._catalogue.service_names
        return direction is not Direction.OUTGOING or entry.name not in kept

    def _known_values(self, claim: str) -> Iterator[Item]:
        entry = self._catalogue.find(claim)
        if entry is None:
            return
        if entry.value_class is bool:
            for word in ("true", "false"):
                yield Item(word, word, ItemKind.VALUE, "boolean")
        elif entry.value_class is str:
            for value in entry.values:
                yield _text(value, "known value")
        elif entry.default is not None:
            number = literal_text(entry.default)
            yield Item(number, number, ItemKind.VALUE, "default")

    def _operands(self) -> Iterator[Item]:
        yield from self._names(".value")
        for name in FUNCTIONS if self._version >= _FUNCTIONS_SINCE else ():
            known = CALLS[name]
            insert = f"{name}()"
            yield Item(
                name, insert, ItemKind.FUNCTION, known.signature, known.meaning, len(insert) - 1
            )

    def _names(self, after: str) -> Iterator[Item]:
        for name in self._caret.identifiers:
            meaning = "The claim that the condition of this name found."
            yield Item(name + after, name + after, ItemKind.IDENTIFIER, "", meaning)


def _declared_version(text: str) -> int:
    """0, 1 or 2 for 1.0, 1.1 and 1.2; where none is declared everything is offered."""
    found = _VERSION.match(text)
    return VERSIONS.index(found[1]) if found and found[1] in VERSIONS else len(VERSIONS) - 1


def _text(value: str, detail: str, meaning: str = "") -> Item:
    return Item(value, literal_text(value), ItemKind.VALUE, detail, meaning)


@lru_cache(maxsize=4096)
def _claim(name: str, detail: str, meaning: str, *, deprecated: bool = False) -> Item:
    """Made once: at each letter of a word the same ones are offered, hundreds at its beginning."""
    return Item(name, literal_text(name), ItemKind.CLAIM, detail, meaning, deprecated=deprecated)
