"""Formats a document when it is asked for; the text is only replaced if it is still the same."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

if TYPE_CHECKING:
    from sealwright.desktop.tasks import Task, TaskRunner
    from sealwright.desktop.widgets.editor.code_editor import CodeEditor


class Formatter(QObject):
    """Formats away from the Qt thread. `refused(error)` when the text does not parse."""

    refused = Signal(object)

    def __init__(self, runner: TaskRunner, editor: CodeEditor, parent: QObject) -> None:
        super().__init__(parent)
        self._runner = runner
        self._editor = editor
        self._task: Task | None = None

    @Slot()
    def format(self) -> None:
        """Put the text into the canonical layout; one undo brings the old one back."""
        if self._editor.isReadOnly() or self._task is not None:
            return
        text = self._editor.text()
        self._task = self._runner.start(partial(_formatted, text))
        self._task.then(self._on_done, text)
        self._task.failed.connect(self._on_failed)

    def _on_done(self, before: str, after: str) -> None:
        self._task = None
        if self._editor.text() == before != after:
            line, _ = self._editor.place()
            self._editor.replace_text(after)
            self._editor.go_to_line(line)

    @Slot(object)
    def _on_failed(self, error: BaseException) -> None:
        self._task = None
        self.refused.emit(error)


async def _formatted(text: str) -> str:
    from anyio import to_thread  # noqa: PLC0415 - runs on the worker's loop

    from sealwright.policy import format_policy  # noqa: PLC0415 - after the first paint

    return await to_thread.run_sync(format_policy, text)
