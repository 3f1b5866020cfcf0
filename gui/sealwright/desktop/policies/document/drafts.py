"""Keeps what is being edited, without being asked, and says when it could not."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealwright.desktop.tasks import Task, TaskRunner
    from sealwright.services.bundle import Services
    from sealwright.services.model import Draft

PAUSE_MS = 700
RETRY_MS = 10_000


class DraftKeeper(QObject):
    """Saves one document as a draft after each pause in typing, one save at a time.

    `kept(Draft)` follows each save. After `failed(error)` it tries again by itself.
    """

    kept = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        runner: TaskRunner,
        save: Callable[[Services], Task | None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._runner = runner
        self._save = save
        self._services: Services | None = None
        self._task: Task | None = None
        self._pending = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.save_now)

    @property
    def pending(self) -> bool:
        """Whether something typed has not been kept yet."""
        return self._pending or self._task is not None

    def set_services(self, services: Services) -> None:
        """From now on drafts can be kept."""
        self._services = services
        if self._pending:
            self.save_now()

    def touch(self) -> None:
        """The text changed."""
        self._pending = True
        self._timer.start(PAUSE_MS)

    def drop(self, draft_id: str) -> None:
        """Forget the draft: the text is where it belongs."""
        self._timer.stop()
        self._pending = False
        if self._services is not None and draft_id:
            discard = self._services.documents.discard_draft
            self._runner.start(partial(discard, draft_id))

    @Slot()
    def save_now(self) -> None:
        """Keep the text as it is now."""
        if self._services is None or not self._pending:
            return
        if self._task is not None:
            # One save at a time: the next one follows this one's end.
            return
        self._pending = False
        self._task = self._save(self._services)
        if self._task is None:
            return
        self._task.succeeded.connect(self._on_kept)
        self._task.failed.connect(self._on_failed)
        self._task.cancelled.connect(self._on_cancelled)

    @Slot(object)
    def _on_kept(self, draft: Draft) -> None:
        self._task = None
        self.kept.emit(draft)
        if self._pending:
            self._timer.start(PAUSE_MS)

    @Slot(object)
    def _on_failed(self, error: BaseException) -> None:
        self._task = None
        self._pending = True
        self._timer.start(RETRY_MS)
        self.failed.emit(error)

    @Slot()
    def _on_cancelled(self) -> None:
        self._task = None
        self._pending = True
