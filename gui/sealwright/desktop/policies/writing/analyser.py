"""Has a text read whenever it has changed: what a key changes at once, all of it when keys rest."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from sealwright.desktop.policies.writing.analysis import (
    Analysis,
    Lint,
    Question,
    analyse,
    parse_key,
    read_key,
    weigh_key,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealwright.desktop.tasks import Task, TaskRunner
    from sealwright.policy.checking.linter import Analysis as Linted
    from sealwright.policy.syntax import Policy


async def _in_thread(question: Question) -> Analysis:
    from anyio import to_thread  # noqa: PLC0415 - runs on the worker's loop

    return await to_thread.run_sync(partial(analyse, question))


class Analyser(QObject):
    """Asks again whenever the text has changed. `done(Analysis)` is always about the newest text.

    What a key changes takes a few milliseconds to follow, less than handing it to another thread
    and back. It is done on the Qt thread, each step in a turn of its own, after the key's: the text
    is parsed, the changed rules are read, what all rules come to is weighed, and told.
    Whatever would take longer is read by a worker, one reading at a time: what is typed meanwhile
    is read when it has ended.
    """

    done = Signal(object)
    failed = Signal(object)

    def __init__(
        self, runner: TaskRunner, question: Callable[[int], Question], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._runner = runner
        self._question = question
        self._number = self._asked = self._read = self._finished = 0
        self._task: Task | None = None
        self._again = self._waits = False
        self._known: Lint | None = None
        self._step: Callable[[], None] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._on_soon)

    @property
    def current(self) -> bool:
        """Whether what is found in the newest text is known."""
        return self._read == self._number

    @property
    def settled(self) -> bool:
        """Whether all there is to know about the newest text is known."""
        return self._task is None and not self._timer.isActive() and self._is_finished

    @property
    def _is_finished(self) -> bool:
        return self._finished == self._number

    def ask(self) -> None:
        """The text changed: read it soon."""
        self._number += 1
        self._waits, self._step = True, None
        self._timer.start()

    @Slot()
    def ask_now(self) -> None:
        """Read all there is to know about the text as it is now."""
        self._timer.stop()
        self._number += 1
        self.finish()

    def finish(self) -> None:
        """Find out what is not known yet about the newest text."""
        if self._task is not None:
            self._again = True
        elif not self._is_finished:
            self._start()

    @Slot()
    def _on_soon(self) -> None:
        if self._waits:
            # The turn of the key paints it and completes the word; this one is over already.
            self._waits = False
            self._timer.start()
            return
        step, self._step = self._step, None
        if self.current:
            # A worker that began after the key has read all of it.
            return
        if step is not None:
            step()
        else:
            self._parse_key()

    def _parse_key(self) -> None:
        if self._known is not None:
            question = replace(self._question(self._number), before=self._known)
            policy = parse_key(question)
            if policy is not None:
                self._go_on(partial(self._read_key, question, policy))
                return
        self.finish()

    def _read_key(self, question: Question, policy: Policy) -> None:
        found = read_key(question, policy)
        if found is not None:
            self._go_on(partial(self._weigh_key, question, found))
        else:
            self.finish()

    def _weigh_key(self, question: Question, found: Linted) -> None:
        analysis = weigh_key(question, found)
        self._known = analysis.lint
        self._go_on(partial(self._tell, analysis))

    def _go_on(self, step: Callable[[], None]) -> None:
        """The next step has a turn of its own, unless a key comes before."""
        self._step = step
        self._timer.start()

    def _start(self) -> None:
        self._again = False
        self._asked = self._number
        question = replace(self._question(self._number), before=self._known)
        self._task = self._runner.start(partial(_in_thread, question))
        self._task.succeeded.connect(self._on_done)
        self._task.failed.connect(self._on_failed)

    @Slot(object)
    def _on_done(self, analysis: Analysis) -> None:
        self._task = None
        if analysis.number > self._read:
            self._known = analysis.lint
        if analysis.number == self._number:
            self._finished = self._number
            self._tell(analysis)
        elif self._again:
            self._start()

    def _tell(self, analysis: Analysis) -> None:
        self._read = analysis.number
        self._known = analysis.lint
        self.done.emit(analysis)

    @Slot(object)
    def _on_failed(self, error: BaseException) -> None:
        self._task = None
        self._finished = self._asked
        self._read = max(self._read, self._asked)
        self.failed.emit(error)
        if self._again:
            self._start()
