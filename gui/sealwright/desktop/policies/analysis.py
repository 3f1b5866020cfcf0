"""Everything that is known about a text, computed away from the Qt thread.

A newer request makes the older one stale: its answer is dropped by its number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from sealwright.desktop.policies.findings import Findings
from sealwright.desktop.widgets.editor.marks import LineChange

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.claims.catalogue import Catalogue
    from sealwright.desktop.tasks import Task, TaskRunner
    from sealwright.policy import Diagnostic, Policy
    from sealwright.policy.linter import Analysis as Linted
    from sealwright.services.documents import Document
    from sealwright.services.textdiff import TextDiff

DELAY_MS = 10
"""A pause in typing before the text is read: what one key brings comes in one go."""


@dataclass(frozen=True, slots=True)
class Lint:
    """What the engine knows about a text; it can be carried on from edit to edit."""

    attestation_type: AttestationType | None
    text: str
    found: Linted
    catalogue: Catalogue


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


@dataclass(frozen=True, slots=True)
class Analysis:
    """What came of it. `document` holds the bytes of the edited text."""

    number: int
    document: Document
    policy_hash: str
    placed: Findings
    version: str
    changes: Mapping[int, LineChange]
    diff: TextDiff | None
    lint: Lint | None = None

    @property
    def findings(self) -> Sequence[Diagnostic]:
        """What was found, in the order of the text."""
        return self.placed.all


def analyse(question: Question) -> Analysis:
    """Read, check, hash and compare a text."""
    from sealwright.policy import policy_hash  # noqa: PLC0415 - after the first paint
    from sealwright.services.textdiff import diff_texts  # noqa: PLC0415 - as above

    edited = question.document
    if question.widget_text != edited.widget_text and not edited.read_only:
        edited = edited.edited(question.widget_text)
    widget_text = edited.widget_text if edited.read_only else question.widget_text
    lint, findings, policy = _look(question, widget_text)
    text = edited.policy_text
    diff = None if question.deployed is None else diff_texts(question.deployed, text)
    return Analysis(
        number=question.number,
        document=edited,
        policy_hash=policy_hash(text),
        placed=Findings(findings, widget_text),
        version=policy.version or "",
        changes=line_changes(diff) if diff is not None else {},
        diff=diff,
        lint=lint,
    )


def _look(question: Question, text: str) -> tuple[Lint | None, tuple[Diagnostic, ...], Policy]:
    """Everything that the language engine finds, from the last reading on where there was one."""
    if question.catalogue is None:
        from sealwright.policy import check, parse  # noqa: PLC0415 - after the first paint

        policy = parse(text)
        return None, check(policy, question.attestation_type), policy
    from sealwright.policy.edits import changed_range  # noqa: PLC0415 - as above
    from sealwright.policy.linter import Analysis as Linted  # noqa: PLC0415 - as above

    before = question.before
    if before is None or before.attestation_type is not question.attestation_type:
        found = Linted.of(text, question.catalogue(), question.attestation_type)
    else:
        edit = changed_range(before.text, text)
        found = before.found.edited(edit.span.start, edit.span.end, edit.new_text)
    lint = Lint(question.attestation_type, text, found, question.catalogue())
    return lint, found.diagnostics, found.policy


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


async def _in_thread(question: Question) -> Analysis:
    from anyio import to_thread  # noqa: PLC0415 - runs on the worker's loop

    return await to_thread.run_sync(partial(analyse, question))


class Analyser(QObject):
    """Asks again whenever the text has changed. `done(Analysis)` is always about the newest text.

    One reading at a time: what is typed meanwhile is read when it has ended, from its answer on.
    """

    done = Signal(object)
    failed = Signal(object)

    def __init__(
        self, runner: TaskRunner, question: Callable[[int], Question], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._runner = runner
        self._question = question
        self._number = self._asked = 0
        self._task: Task | None = None
        self._known: Lint | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY_MS)
        self._timer.timeout.connect(self.ask_now)

    @property
    def settled(self) -> bool:
        """Whether the newest text has been read."""
        return self._task is None and not self._timer.isActive()

    def ask(self) -> None:
        """The text changed: read it soon."""
        self._number += 1
        if self._task is None:
            self._timer.start()

    @Slot()
    def ask_now(self) -> None:
        """Read the text as it is now."""
        self._timer.stop()
        self._number += 1
        if self._task is None:
            self._start()

    def _start(self) -> None:
        self._asked = self._number
        question = replace(self._question(self._number), before=self._known)
        self._task = self._runner.start(partial(_in_thread, question))
        self._task.succeeded.connect(self._on_done)
        self._task.failed.connect(self._on_failed)

    @Slot(object)
    def _on_done(self, analysis: Analysis) -> None:
        self._task = None
        self._known = analysis.lint
        if analysis.number == self._number:
            self.done.emit(analysis)
        else:
            self._start()

    @Slot(object)
    def _on_failed(self, error: BaseException) -> None:
        self._task = None
        self.failed.emit(error)
        if self._asked != self._number:
            self._start()
