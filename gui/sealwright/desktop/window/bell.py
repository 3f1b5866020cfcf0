"""The bell of the context bar: how many notices there were, and all of them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QMenu

from sealwright.desktop import theme
from sealwright.desktop.host import Notice
from sealwright.desktop.widgets.surfaces import TONE_ICONS

if TYPE_CHECKING:
    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.widgets.notices import NoticeStack
    from sealwright.desktop.window.context_bar import ContextBar


class Bell(QObject):
    """Counts the notices, and lists the past ones on request."""

    def __init__(self, context: ContextBar, notices: NoticeStack, parent: QWidget) -> None:
        super().__init__(parent)
        self._window, self._context, self._notices = parent, context, notices
        context.notices_wanted.connect(self._on_wanted)
        notices.changed.connect(self._on_changed)

    @Slot()
    def _on_changed(self) -> None:
        self._context.set_notice_count(len(self._notices.past))

    @Slot()
    def _on_wanted(self) -> None:
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for notice in reversed(self._notices.past):
            icon = theme.icon(TONE_ICONS[notice.tone], f"{notice.tone}.mark")
            menu.addAction(icon, notice.title).setData(notice)
        if not self._notices.past:
            menu.addAction(self.tr("No notices yet")).setEnabled(False)
        menu.triggered.connect(self._on_chosen)
        bell = self._context.bell
        menu.popup(bell.mapToGlobal(bell.rect().bottomLeft()))

    @Slot(object)
    def _on_chosen(self, action: QAction) -> None:
        notice = action.data()
        if isinstance(notice, Notice):
            self._notices.add(notice)
