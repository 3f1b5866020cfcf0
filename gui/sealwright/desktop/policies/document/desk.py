"""The open documents: their tabs, their pages, and which one is in front."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.policies.document.page import DocumentPage
from sealwright.desktop.policies.words import StateMark, state_mark
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.buttons import ToolButton
from sealwright.desktop.widgets.surfaces import EmptyState
from sealwright.desktop.widgets.tabs import DocumentTab, DocumentTabs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtGui import QPaintEvent


class Desk(QWidget):
    """Documents in tabs. Pages are known by the key of what they show."""

    front_changed = Signal()
    page_changed = Signal(object)
    """DocumentPage"""
    action = Signal(object, str)
    """(DocumentPage, name)"""
    close_wanted = Signal(object)
    """DocumentPage"""
    new_wanted = Signal()
    open_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pages: dict[str, DocumentPage] = {}
        self.tabs = DocumentTabs(self.tr("Open documents"))
        self.new_button = ToolButton(
            "plus", self.tr("New policy text"), tip=self.tr("New policy text (Ctrl+N)"), size=30
        )
        self.new_button.clicked.connect(self.new_wanted)
        self._bar = _Bar()
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(0, 0, theme.px(8), 0)
        row.setSpacing(theme.px(4))
        row.addWidget(self.tabs)
        row.addWidget(self.new_button)
        row.addStretch(1)
        self.dry_run_button = ToolButton(
            "split",
            self.tr("Dry run"),
            tip=self.tr("Try the policy on claims beside the text (Ctrl+Shift+D)"),
        )
        self.outline_button = ToolButton(
            "rows",
            self.tr("Outline"),
            tip=self.tr("Sections and rules beside the text (Ctrl+Shift+O)"),
        )
        row.addWidget(self.outline_button)
        self.builder_button = ToolButton(
            "template",
            self.tr("Builder"),
            tip=self.tr("Build the policy from requirements beside the text (Ctrl+Shift+B)"),
        )
        row.addWidget(self.builder_button)
        row.addWidget(self.dry_run_button)
        self.empty = EmptyState(
            "policies",
            self.tr("No document is open"),
            self.tr("Choose a policy or a template, open a file, or press Ctrl+N for a new text."),
            action=self.tr("Open file…"),
            action_icon="folder",
        )
        self.empty.acted.connect(self.open_wanted)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(self.stack, 1)
        self.tabs.currentChanged.connect(self._on_tab)
        self.tabs.close_wanted.connect(self._on_close_wanted)
        self._bar.hide()

    @property
    def front(self) -> DocumentPage | None:
        """The page in front."""
        page = self.stack.currentWidget()
        return page if isinstance(page, DocumentPage) else None

    @property
    def front_key(self) -> str:
        """Key of the page in front."""
        front = self.front
        return next((key for key, page in self._pages.items() if page is front), "")

    def items(self) -> Iterator[tuple[str, DocumentPage]]:
        """Keys and pages in the order of the tabs."""
        yield from list(self._pages.items())

    @property
    def pages(self) -> list[DocumentPage]:
        """Pages in the order of the tabs."""
        return list(self._pages.values())

    def page(self, key: str) -> DocumentPage | None:
        """The page with a key."""
        return self._pages.get(key)

    def key_of(self, page: DocumentPage) -> str:
        """The key of a page."""
        return next((key for key, held in self._pages.items() if held is page), "")

    def add(self, key: str, page: DocumentPage, *, front: bool = True) -> None:
        """Another document at the end of the tabs."""
        self._pages[key] = page
        self.stack.addWidget(page)
        page.state_changed.connect(partial(self._on_page, page))
        page.action.connect(partial(self.action.emit, page))
        self._bar.show()
        self.tabs.add(tab_of(page))
        if front:
            self.bring(key)
        elif len(self._pages) == 1:
            self._on_tab(0)

    def bring(self, key: str) -> bool:
        """Bring a page to the front; False when it is not open."""
        if key not in self._pages:
            return False
        index = list(self._pages).index(key)
        self.tabs.setCurrentIndex(index)
        self._on_tab(index)
        return True

    @Slot()
    def go_on_writing(self) -> None:
        """Put the cursor into the front text, once the panel itself is in front."""
        QTimer.singleShot(0, self, self._focus_front)

    @Slot()
    def _focus_front(self) -> None:
        if self.front is not None:
            self.front.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def rename(self, page: DocumentPage, key: str) -> None:
        """A page shows something else from now on, such as a file after Save as."""
        self._pages = {(key if held is page else old): held for old, held in self._pages.items()}
        self._on_page(page)

    def remove(self, page: DocumentPage) -> None:
        """Close a page."""
        index = list(self._pages.values()).index(page)
        del self._pages[self.key_of(page)]
        self.tabs.take(index)
        self.stack.removeWidget(page)
        page.deleteLater()
        self._bar.setVisible(bool(self._pages))
        self._on_tab(self.tabs.currentIndex())

    def step(self, by: int) -> None:
        """Go to the next or the previous tab, around the ends."""
        if self._pages:
            self.tabs.setCurrentIndex((self.tabs.currentIndex() + by) % len(self._pages))

    @Slot(int)
    def _on_tab(self, index: int) -> None:
        pages = list(self._pages.values())
        # The first tab is chosen before its page is known here.
        page = pages[index] if 0 <= index < len(pages) else None
        if self.stack.currentWidget() is not (page or self.empty) or page is None:
            self.stack.setCurrentWidget(page or self.empty)
            self.front_changed.emit()

    def _on_page(self, page: DocumentPage) -> None:
        pages = list(self._pages.values())
        if page in pages:
            index = pages.index(page)
            if index < self.tabs.count():
                self.tabs.show_tab(index, tab_of(page))
            self.page_changed.emit(page)

    @Slot(int)
    def _on_close_wanted(self, index: int) -> None:
        self.close_wanted.emit(list(self._pages.values())[index])


def tab_of(page: DocumentPage) -> DocumentTab:
    """What the tab of a page shows."""
    held = page.held
    icon, color = "file", "text2"
    if held.place is not None and not held.document.path:
        deployed = held.deployed
        drawn = (
            state_mark(deployed.state)
            if deployed is not None
            else StateMark("policies", "text2", "")
        )
        icon, color = drawn.icon, drawn.color
        if page.strip.standing.verdict == "untrusted":
            icon, color = "err", "err.mark"
        elif held.problem is not None:
            icon, color = "lock", "text3"
    return DocumentTab(
        title=held.title,
        context=held.provider_name,
        icon=icon,
        icon_color=color,
        unsaved=page.edited,
        tip=held.document.path
        or " · ".join(part for part in (held.title, held.provider_name) if part),
    )


class _Bar(QWidget):
    """The ground of the tabs over the whole width."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(theme.px(40))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.palette().canvas)
        line = QRect(0, self.height() - 1, self.width(), 1)
        painter.fillRect(line, theme.palette().border)
