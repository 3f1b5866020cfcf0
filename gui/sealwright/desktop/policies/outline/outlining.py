"""Keeps the outline about the page in front."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from sealwright.desktop.policies.newest import Newest
from sealwright.desktop.policies.outline.parts import Outline, outline_of
from sealwright.desktop.policies.words import tr

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.host import Host
    from sealwright.desktop.policies.document.page import DocumentPage
    from sealwright.desktop.policies.layout.surroundings import Surroundings
    from sealwright.desktop.policies.outline.dock import OutlineDock
    from sealwright.policy import Policy


class Outlining(QObject):
    """Reads the outline when the typing rests, and follows the cursor."""

    def __init__(self, host: Host, parts: Surroundings, dock: OutlineDock, panel: QWidget) -> None:
        super().__init__(panel)
        self._parts = parts
        self._dock = dock
        self._page: DocumentPage | None = None
        self._newest = Newest(host, self)
        self._dock.went_to.connect(self._on_went_to)
        parts.desk.front_changed.connect(self._on_front)
        parts.docks.placed.connect(self._read)
        self._dock.show_outline(Outline(), tr("No document is open."))

    @Slot()
    def _on_front(self) -> None:
        if self._page is not None:
            self._page.rested.disconnect(self._read)
            self._page.stirred.disconnect(self._newest.call_off)
            self._page.moved.disconnect(self._follow)
        self._page = self._parts.desk.front
        if self._page is not None:
            self._page.rested.connect(self._read)
            self._page.stirred.connect(self._newest.call_off)
            self._page.moved.connect(self._follow)
        self._read()

    @Slot()
    @Slot(object)
    def _read(self, _analysis: object = None) -> None:
        self._newest.call_off()
        page = self._page
        lint = page.analysis.lint if page is not None and page.analysis is not None else None
        if lint is None:
            nothing = tr("No document is open.") if page is None else ""
            self._dock.show_outline(Outline(), nothing)
        elif self._dock.isVisible():
            self._newest.ask(partial(_outlined, lint.found.policy), self._on_read)

    def _on_read(self, outline: Outline) -> None:
        if self._page is not None:
            self._dock.show_outline(outline)
            self._dock.follow(self._page.editor.place()[0])

    @Slot()
    def _follow(self) -> None:
        # While the tree is being walked by keys it leads, and does not follow.
        if self._page is not None and self._dock.isVisible() and not self._dock.tree.hasFocus():
            self._dock.follow(self._page.editor.place()[0])

    @Slot(int, int)
    def _on_went_to(self, start: int, end: int) -> None:
        if self._page is not None:
            self._page.go_to(start, end)


async def _outlined(policy: Policy) -> Outline:
    from anyio import to_thread  # noqa: PLC0415 - runs on the worker's loop

    return await to_thread.run_sync(outline_of, policy)
