"""What the library lists, as values: providers and types with their states, files and drafts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sealwright.claims.attestation_type import MAIN_TYPES, AttestationType
from sealwright.desktop.host import PolicyPlace
from sealwright.desktop.policies.library.library import Entry
from sealwright.desktop.policies.words import state_mark, tr
from sealwright.desktop.providers.rows import location_words
from sealwright.desktop.theme import Tone
from sealwright.services.model import PolicyState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sealwright.services.model import Draft, Provider
    from sealwright.services.reaching.overview import PolicyCell
    from sealwright.services.reference import Template

_OTHER_TYPES = tuple(kind for kind in AttestationType if kind not in MAIN_TYPES)


def place_key(place: PolicyPlace) -> str:
    """The library's key of a policy."""
    return f"policy:{place.attestation_type.value}:{place.provider_id}"


def place_of(key: str) -> PolicyPlace | None:
    """The policy that a key of the library stands for."""
    kind, _, rest = key.partition(":")
    name, _, provider_id = rest.partition(":")
    found = AttestationType.parse(name)
    if kind != "policy" or found is None or not provider_id:
        return None
    return PolicyPlace(provider_id, found)


def file_key(path: str) -> str:
    """The library's key of a file."""
    return f"file:{path}"


def draft_key(draft_id: str) -> str:
    """The library's key of a text without a file."""
    return f"draft:{draft_id}"


@dataclass(frozen=True, slots=True)
class Text:
    """An open or drafted text that belongs to no provider."""

    key: str
    title: str
    edited: bool
    problems: int = 0
    tip: str = ""


@dataclass
class Shelf:
    """Everything the library shows."""

    providers: tuple[Provider, ...] = ()
    cells: dict[tuple[str, AttestationType], PolicyCell] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    """By the key of what they are drafts of."""
    loose: dict[str, Draft] = field(default_factory=dict)
    """Drafts of texts that belong to no provider and are not open; by the library's key."""
    templates: tuple[Template, ...] = ()
    all_types: set[str] = field(default_factory=set)
    """Providers whose rarer types are shown."""
    _made: dict[str, tuple[object, Entry]] = field(default_factory=dict)
    """Groups of providers as made before, each with what it was made of."""
    _unsaved: frozenset[str] = frozenset()

    def put_cell(self, provider_id: str, cell: PolicyCell) -> None:
        """A policy was read."""
        self.cells[(provider_id, cell.attestation_type)] = cell
        self._made.pop(provider_id, None)

    def entries(self, edited: Iterable[str], texts: Iterable[Text]) -> tuple[Entry, ...]:
        """The rows of the library; `edited` are the keys of documents with unsaved text."""
        unsaved = frozenset({*edited, *self.drafts})
        for place in map(place_of, unsaved ^ self._unsaved):
            if place is not None:
                self._made.pop(place.provider_id, None)
        self._unsaved = unsaved
        groups = [self._group(provider, unsaved) for provider in self.providers]
        files = tuple(_text_entry(text) for text in texts)
        if files:
            groups.append(Entry("group:files", tr("Files"), "folder", children=files))
        rows = tuple(_template_entry(template) for template in self.templates)
        if rows:
            groups.append(Entry("group:templates", tr("Templates"), "template", children=rows))
        return tuple(groups)

    def _group(self, provider: Provider, unsaved: frozenset[str]) -> Entry:
        """The rows of a provider; of hundreds, a few are new at a time."""
        stand = (provider, provider.id in self.all_types)
        kept = self._made.get(provider.id)
        if kept is not None and kept[0] == stand:
            return kept[1]
        made = self._provider(provider, unsaved)
        self._made[provider.id] = (stand, made)
        return made

    def _provider(self, provider: Provider, unsaved: frozenset[str]) -> Entry:
        shown = [kind for kind in AttestationType if self._is_shown(provider, kind, unsaved)]
        rows = [self._policy(provider, kind, unsaved) for kind in shown]
        rest = len(AttestationType) - len(shown)
        if rest and provider.id not in self.all_types:
            rows.append(
                Entry(
                    f"more:{provider.id}",
                    tr("{0} more types").format(rest),
                    "more",
                    color="text3",
                    faint=True,
                    tip=tr("Types that few providers use"),
                )
            )
        return Entry(
            f"group:{provider.id}",
            provider.name,
            "providers",
            tip=f"{provider.trust_model.value}, {location_words(provider)}",
            children=tuple(rows),
        )

    def _is_shown(self, provider: Provider, kind: AttestationType, unsaved: frozenset[str]) -> bool:
        if kind in MAIN_TYPES or provider.id in self.all_types:
            return True
        cell = self.cells.get((provider.id, kind))
        place = place_key(PolicyPlace(provider.id, kind))
        return place in unsaved or (cell is not None and cell.state is PolicyState.CUSTOM)

    def _policy(self, provider: Provider, kind: AttestationType, unsaved: frozenset[str]) -> Entry:
        key = place_key(PolicyPlace(provider.id, kind))
        cell = self.cells.get((provider.id, kind))
        drifted = cell is not None and cell.drifted
        mark = state_mark(cell.state if cell is not None else None, drifted=drifted)
        chip, tone = "", Tone.WARN
        if key in unsaved:
            chip = tr("Edited")
        elif drifted:
            chip, tone = tr("Drifted"), Tone.ERR
        return Entry(key, kind.value, mark.icon, mark.color, chip, tone, tip=mark.words)


def _template_entry(template: Template) -> Entry:
    types = ", ".join(kind.label for kind in template.types)
    tip = f"{template.purpose} ({types})"
    return Entry(f"template:{template.id}", template.title, "file", tip=tip)


def _text_entry(text: Text) -> Entry:
    chip = tr("Edited") if text.edited else (str(text.problems) if text.problems else "")
    tip = text.tip or text.title
    return Entry(text.key, text.title, "file", chip=chip, tip=tip)
