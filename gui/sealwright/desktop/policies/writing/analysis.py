"""Everything that is known about a text: all of it, or what a key has changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from sealwright.desktop.policies.writing.findings import Findings
from sealwright.desktop.widgets.editor.marks import LineChange

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.claims.catalogue import Catalogue
    from sealwright.policy import Diagnostic
    from sealwright.policy.checking.linter import Analysis as Linted
    from sealwright.policy.syntax import Policy
    from sealwright.services.documents import Document
    from sealwright.services.policies.textdiff import TextDiff

MOST_FOLLOWED = 400_000
"""Characters of a text up to which a key is followed at once."""
_MOST_READ = 40
"""Rules that are read anew for it: some milliseconds at the most."""


@dataclass(frozen=True, slots=True)
class Lint:
    """What the engine knows about a text; it can be carried on from edit to edit."""

    attestation_type: AttestationType | None
    text: str
    found: Linted
    catalogue: Catalogue
    placed: Findings


@dataclass(frozen=True, slots=True)
class Question:
    """A text to be read, and what to compare it with."""

    number: int
    document: Document
    widget_text: str
    attestation_type: AttestationType | None
    deployed: str | None
    catalogue: Callable[[], Catalogue] | None = None
    """None until the services are open; then claims are checked too."""
    before: Lint | None = None
    """What was known about an earlier text, to take over from."""

    @property
    def text(self) -> str:
        """The text to read."""
        return self.document.widget_text if self.document.read_only else self.widget_text


@dataclass(frozen=True)
class Analysis:
    """What came of it.

    Args:
        number: of the question.
        text: that was read.
        placed: what was found in it.
        version: of the policy, as it is written.
        lint: what the engine knows; None while no claims are known.
        given: the document that was edited.
        changes: lines that differ from what is deployed; None when it was not compared.
        diff: the difference itself.
    """

    number: int
    text: str
    placed: Findings
    version: str
    lint: Lint | None
    given: Document
    changes: Mapping[int, LineChange] | None = None
    diff: TextDiff | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it says all there is to know, not only what a key has changed."""
        return self.changes is not None

    @property
    def findings(self) -> Sequence[Diagnostic]:
        """What was found, in the order of the text."""
        return self.placed.all

    def work_out(self) -> None:
        """Make known, away from the Qt thread, what views will ask for."""
        _known = self.document, self.policy_hash

    @cached_property
    def document(self) -> Document:
        """The bytes of the text; not worked out before somebody asks."""
        if self.given.read_only or self.text == self.given.widget_text:
            return self.given
        return self.given.edited(self.text)

    @cached_property
    def policy_hash(self) -> str:
        """Of these bytes."""
        from sealwright.policy import policy_hash  # noqa: PLC0415 - after the first paint

        return policy_hash(self.document.policy_text)


def analyse(question: Question) -> Analysis:
    """Read, check, hash and compare a text."""
    from sealwright.services.policies.textdiff import diff_texts  # noqa: PLC0415 - after the first paint

    found = _look(question)
    text, deployed = found.document.policy_text, question.deployed
    diff = None if deployed is None else diff_texts(deployed, text)
    changes = line_changes(diff) if diff is not None else {}
    whole = replace(found, changes=changes, diff=diff)
    whole.work_out()
    return whole


def parse_key(question: Question) -> Policy | None:
    """What a small change makes of the last text; None when it would take too long.

    Following a key goes on with `read_key` and `weigh_key`. Each is a few milliseconds at the most.
    """
    before, text = question.before, question.text
    if before is None or question.catalogue is None or len(text) > MOST_FOLLOWED:
        return None
    if before.attestation_type is not question.attestation_type:
        return None
    from sealwright.policy.reading.parser import TooMuchError  # noqa: PLC0415 - after the first paint

    try:
        return _parsed(before, text, _MOST_READ)
    except TooMuchError:
        return None


def read_key(question: Question, policy: Policy) -> Linted | None:
    """What the rules say that a key has changed; None when it would take too long."""
    from sealwright.policy.reading.parser import TooMuchError  # noqa: PLC0415 - after the first paint

    try:
        return _read(_known(question), policy, _MOST_READ)
    except TooMuchError:
        return None


def weigh_key(question: Question, found: Linted) -> Analysis:
    """What is found in the text after a key."""
    return _found(question, _carried_on(_known(question), question.text, found))


def _known(question: Question) -> Lint:
    if question.before is None:
        raise ValueError(question)
    return question.before


def _look(question: Question) -> Analysis:
    """Everything that the language engine finds, from the last reading on where there was one."""
    text, before = question.text, question.before
    if question.catalogue is None:
        from sealwright.policy import check, parse  # noqa: PLC0415 - after the first paint
        from sealwright.policy.checking.findings import Findings as Found  # noqa: PLC0415 - as above

        policy = parse(text)
        found = Found.of(policy, check(policy, question.attestation_type))
        placed = Findings(found, text)
        return Analysis(
            question.number, text, placed, policy.version or "", None, question.document
        )
    if before is not None and before.attestation_type is question.attestation_type:
        return _found(question, _carried_on(before, text, _read(before, _parsed(before, text))))
    from sealwright.policy.checking.linter import Analysis as Linted  # noqa: PLC0415 - as above

    catalogue = question.catalogue()
    linted = Linted.of(text, catalogue, question.attestation_type)
    placed = Findings(linted.findings, text)
    return _found(question, Lint(question.attestation_type, text, linted, catalogue, placed))


def _parsed(before: Lint, text: str, most: int | None = None) -> Policy:
    """The text after an edit; `TooMuchError` when more than `most` rules have to be read."""
    from sealwright.policy.reading.parser import reparse  # noqa: PLC0415 - as above
    from sealwright.policy.writing.edits import changed_range  # noqa: PLC0415 - after the first paint

    known = before.found.policy
    if before.text == text:
        return known
    edit = changed_range(before.text, text)
    return reparse(known, edit.span.start, edit.span.end, edit.new_text, most)


def _read(before: Lint, policy: Policy, most: int | None = None) -> Linted:
    """What the engine knows then; `TooMuchError` as above."""
    from sealwright.policy.checking.linter import Analysis as Linted  # noqa: PLC0415 - as above

    if policy is before.found.policy:
        return before.found
    return Linted(policy, before.catalogue, before.attestation_type, before.found, most)


def _carried_on(before: Lint, text: str, found: Linted) -> Lint:
    """All that is known about a text after an edit."""
    if found is before.found:
        return before
    return replace(before, text=text, found=found, placed=Findings(found.findings, text))


def _found(question: Question, lint: Lint) -> Analysis:
    version = lint.found.policy.version or ""
    return Analysis(question.number, lint.text, lint.placed, version, lint, question.document)


def line_changes(diff: TextDiff) -> dict[int, LineChange]:
    """Changed, added and removed lines of the newer text, counted from 0."""
    changes: dict[int, LineChange] = {}
    for hunk in diff.hunks:
        removed, last = 0, hunk.new_start - 1
        for line in hunk.lines:
            if line.kind.value == "removed":
                removed += 1
                continue
            number = (line.new_number or 1) - 1
            if line.kind.value == "added":
                changes[number] = LineChange.CHANGED if removed else LineChange.ADDED
                removed = max(removed - 1, 0)
            elif removed:
                changes.setdefault(max(last, 0), LineChange.REMOVED_BELOW)
                removed = 0
            last = number
        if removed:
            changes.setdefault(max(last, 0), LineChange.REMOVED_BELOW)
    return changes
