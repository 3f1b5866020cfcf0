"""Writes a changed model into a text that has rules, comments and a layout of its own.

Only what differs is touched. A text in the canonical layout stays in it.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from sealwright.policy.diagnostics import Edit, Fix
from sealwright.policy.facts import facts_of
from sealwright.policy.source import Span
from sealwright.policy.syntax import (
    AUTHORIZATION,
    CONFIGURATION,
    ISSUANCE,
    PlacedRule,
    SectionOpen,
    VersionLine,
)
from sealwright.policy.writing.builder import (
    Requirement,
    condition_text,
    issuance_text,
    issued_of,
    model_text,
    requirement_of,
    setting_of,
    setting_text,
)
from sealwright.policy.writing.formatter import format_policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sealwright.policy.syntax import Policy
    from sealwright.policy.writing.builder import PolicyModel

_INDENT: Final = "    "
_AND: Final = " &&\n        "

_Item = TypeVar("_Item")


class _Known(NamedTuple):
    """The rules of a text that the model speaks of."""

    denials: list[tuple[Requirement, PlacedRule]]
    permit: tuple[tuple[Requirement, ...], PlacedRule] | None


def text_with(policy: Policy, model: PolicyModel) -> str:
    """The text after everything in it that the model speaks of was made to say the same.

    The policy parses, or is empty. Rules outside of the model stay as they are.
    """
    text = policy.text
    if not policy.sections:
        return model_text(model)
    tidy = format_policy(text) == text
    edits = tuple(_edits(policy, text, model))
    changed = Fix("", edits).apply(text)
    return format_policy(changed) if tidy else changed


def _edits(policy: Policy, text: str, model: PolicyModel) -> Iterator[Edit]:
    known = _known(policy)
    lines = [f"{condition_text(each)} => deny();" for each in model.denials]
    writer = _Writer(policy, text)
    # Of two edits at one place the later one comes to stand first, as a denial should.
    yield from _permit_edits(writer, known.permit, model)
    yield from writer.rules(AUTHORIZATION, known.denials, model.denials, lines, first=True)
    issued = [(issued_of(each), each) for each in policy.section(ISSUANCE)]
    lines = [issuance_text(each) for each in model.issued]
    yield from writer.rules(ISSUANCE, issued, model.issued, lines)
    settings = [(setting_of(each), each) for each in policy.section(CONFIGURATION)]
    lines = [setting_text(*each) for each in model.settings]
    yield from writer.rules(CONFIGURATION, settings, model.settings, lines)
    if model.settings:
        yield from _raised_version(policy)


def _known(policy: Policy) -> _Known:
    denials: list[tuple[Requirement, PlacedRule]] = []
    permit = None
    for placed in policy.section(AUTHORIZATION):
        wanted = [requirement_of(each) for each in facts_of(placed.rule).wanted]
        found = [each for each in wanted if each is not None]
        if len(found) < len(wanted):
            continue
        verb = placed.rule.action.verb
        if verb == "deny" and len(found) == 1:
            denials.append((found[0], placed))
        elif verb == "permit" and permit is None:
            permit = tuple(found), placed
    return _Known(denials, permit)


def _permit_edits(
    writer: _Writer, known: tuple[tuple[Requirement, ...], PlacedRule] | None, model: PolicyModel
) -> Iterator[Edit]:
    if known is None:
        if model.permits:
            head = " && ".join(condition_text(each) for each in model.requirements)
            line = f"{head} => permit();".lstrip()
            yield from writer.rules(AUTHORIZATION, [], (model,), [line])
        return
    requirements, placed = known
    if not model.permits:
        yield writer.removed(placed)
    elif requirements != model.requirements:
        yield _new_head(writer.text, placed, requirements, model.requirements)


def _new_head(
    text: str, placed: PlacedRule, old: Sequence[Requirement], new: Sequence[Requirement]
) -> Edit:
    """Other conditions in front of `=>`; those that stay keep their words and what joins them."""
    base, conditions = placed.base, placed.rule.conditions
    spans = [Span(base + each.start, base + each.end) for each in conditions]
    kept: dict[int, int] = {}
    for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        kept.update((block.b + step, block.a + step) for step in range(block.size))
    parts: list[str] = []
    for place, requirement in enumerate(new):
        was = kept.get(place)
        parts.append(condition_text(requirement) if was is None else text[slice(*spans[was])])
        left = place if was is None and len(old) == len(new) else was
        if left is None or left + 1 >= len(spans):
            parts.append(_AND)
        else:
            parts.append(text[spans[left].end : spans[left + 1].start])
    head = "".join(parts[:-1])
    if not spans:
        return Edit(Span(placed.span.start, placed.span.start), f"{head} ")
    if not new:
        return Edit(Span(spans[0].start, base + placed.rule.action.start), "=> ")
    return Edit(Span(spans[0].start, spans[-1].end), head)


def _raised_version(policy: Policy) -> Iterator[Edit]:
    """Settings need version 1.1 (spec policy-language, 10)."""
    for start, chunk in zip(policy.starts, policy.chunks, strict=False):
        for node in chunk.nodes:
            if isinstance(node, VersionLine) and node.version == "1.0":
                yield Edit(Span(start + node.number_start, start + node.number_end), "1.1")
            return


class _Writer:
    """Makes the edits of whole rules."""

    def __init__(self, policy: Policy, text: str) -> None:
        self.text = text
        self._policy = policy

    def rules(
        self,
        section: str,
        old: Sequence[tuple[_Item | None, PlacedRule]],
        new: Sequence[_Item],
        lines: Sequence[str],
        *,
        first: bool = False,
    ) -> Iterator[Edit]:
        """Edits that make the rules of a section say `new`, written as `lines`.

        What has no neighbour of its kind goes behind the other rules, or before them if `first`.
        """
        known = [(item, placed) for item, placed in old if item is not None]
        items = [item for item, _ in known]
        matcher = SequenceMatcher(None, items, list(new), autojunk=False)
        for tag, a, b, c, d in matcher.get_opcodes():
            if tag == "equal":
                continue
            paired = min(b - a, d - c)
            for step in range(paired):
                yield Edit(known[a + step][1].span, lines[c + step])
            for _, placed in known[a + paired : b]:
                yield self.removed(placed)
            if c + paired < d:
                there = self._policy.section(section)
                after = there[-1] if there and not (first or known) else None
                after = known[a + paired - 1][1] if a + paired else after
                yield self._inserted(section, after, lines[c + paired : d])

    def removed(self, placed: PlacedRule) -> Edit:
        """Take a rule away, with its line where it stands alone."""
        start, end = placed.span
        begin = self.text.rfind("\n", 0, start) + 1
        stop = self.text.find("\n", end)
        stop = len(self.text) if stop < 0 else stop + 1
        alone = not self.text[begin:start].strip() and not self.text[end:stop].strip()
        return Edit(Span(begin, stop) if alone else Span(start, end), "")

    def _inserted(self, section: str, after: PlacedRule | None, lines: Sequence[str]) -> Edit:
        words = "".join(f"\n{_INDENT}{line}" for line in lines)
        place = after.span.end if after is not None else self._opened(section)
        if place is not None:
            place = self._past_comment(place)
            return Edit(Span(place, place), words)
        block = f"{section} {{{words}\n}};\n"
        if section == CONFIGURATION:
            start = self._policy.sections[0].span.start
            return Edit(Span(start, start), f"{block}\n")
        end = len(self.text)
        gap = "\n" if self.text.endswith("\n") else "\n\n"
        return Edit(Span(end, end), gap + block)

    def _past_comment(self, place: int) -> int:
        """Behind a comment that ends the line."""
        stop = self.text.find("\n", place)
        stop = len(self.text) if stop < 0 else stop
        return stop if self.text[place:stop].lstrip().startswith("//") else place

    def _opened(self, section: str) -> int | None:
        policy = self._policy
        for start, chunk in zip(policy.starts, policy.chunks, strict=False):
            for node in chunk.nodes:
                if isinstance(node, SectionOpen) and node.name == section:
                    return start + node.end
        return None
