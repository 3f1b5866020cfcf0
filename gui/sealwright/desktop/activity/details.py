"""One row of the log in full."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Signal, Slot
from PySide6.QtGui import QGuiApplication, QPainter
from PySide6.QtWidgets import QWidget

from sealwright.desktop import theme
from sealwright.desktop.activity.rows import icon_of, result_state, type_in
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.details import DetailsPane, KeyValue, Section
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.painting import rounded, words
from sealwright.desktop.widgets.surfaces import EmptyState
from sealwright.desktop.wording import day, local_time, short, utc_time

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from sealwright.services.activity import ChainState
    from sealwright.services.model import ActivityEntry


class BeforeAfter(QWidget):
    """Two hashes and the way between them."""

    def __init__(self, before: str, after: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._before, self._after = before, after
        self.setFixedHeight(theme.px(52))
        self.setAccessibleName(
            self.tr("Policy hash before {0}, after {1}").format(before or "-", after or "-")
        )
        self.setToolTip(f"{before}\n{after}")

    @virtual_value(QSize(280, 52))
    def sizeHint(self) -> QSize:
        """Takes the width there is."""
        return QSize(theme.px(280), theme.px(52))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """Two boxes and an arrow."""
        painter = QPainter(self)
        colors = theme.palette()
        gap = theme.px(34)
        width = (self.width() - gap) // 2
        ok = colors.tone(Tone.OK)
        for left, title, value, ground, border in (
            (0, self.tr("Before"), self._before, colors.raised, colors.border2),
            (width + gap, self.tr("After"), self._after, ok.ground, ok.border),
        ):
            box = QRect(left, 0, width, self.height())
            rounded(painter, box, theme.px(6), ground, border)
            pad = theme.px(10)
            head = QRect(left + pad, theme.px(6), width - 2 * pad, theme.px(18))
            words(painter, head, title, theme.font(Role.SMALL), colors.text2)
            code = theme.font(Role.CODE_SMALL)
            below = head.translated(0, theme.px(20))
            words(painter, below, short(value, 6, 4) or "-", code, colors.text)
        size = theme.px(14)
        left, top = width + (gap - size) // 2, (self.height() - size) // 2
        theme.paint(painter, left, top, "right", size=size, color="text2")


class ActivityDetails(DetailsPane):
    """The pane at the right of the Activity panel."""

    roll_back_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        empty = EmptyState(
            "activity",
            self.tr("No entry selected"),
            self.tr("Select one to see what was compared, the request, and its place in the log."),
        )
        super().__init__(self.tr("Entry"), empty, parent)
        self._entry: ActivityEntry | None = None
        self.roll_back = Button(self.tr("Roll back…"), icon="undo")
        self.roll_back.clicked.connect(self.roll_back_wanted)
        self._raw = Button(self.tr("Copy as JSON"), icon="braces", kind=Kind.GHOST)
        self._raw.clicked.connect(self._on_raw)
        self.footer.addWidget(self.roll_back)
        self.footer.addStretch(1)
        self.footer.addWidget(self._raw)

    def show_entry(self, entry: ActivityEntry | None, chain: ChainState | None) -> None:
        """Show another row."""
        self._entry = entry
        if entry is None:
            self.show_empty()
            return
        when = f"{day(entry.time)} {local_time(entry.time)} · {utc_time(entry.time)}"
        self.show_thing(icon_of(entry.what), entry.what, when)
        word, icon, tone = result_state(entry.result)
        self.set_chips(
            [(word, tone, icon), (self.tr("Entry {0}").format(entry.seq), Tone.NEU, "link")]
        )
        if entry.before or entry.after:
            compared = Section(self.tr("What was compared"))
            compared.add(BeforeAfter(entry.before, entry.after))
            if entry.before:
                compared.add(KeyValue(self.tr("Before"), entry.before, mono=True, copy=True))
            if entry.after:
                compared.add(KeyValue(self.tr("After"), entry.after, mono=True, copy=True))
            self.add_section(compared)
        if entry.detail:
            said = Section(self.tr("Detail"))
            said.add(Label(entry.detail, color="text2", wrap=True))
            self.add_section(said)
        self._add_request(entry)
        self._add_chain(entry, chain)
        self._show_roll_back(entry)

    def _add_request(self, entry: ActivityEntry) -> None:
        section = Section(self.tr("Request"))
        section.add(KeyValue(self.tr("Where"), entry.where))
        section.add(KeyValue(self.tr("Account"), entry.who))
        if entry.request_id:
            section.add(KeyValue(self.tr("Request ID"), entry.request_id, mono=True, copy=True))
        self.add_section(section)

    def _add_chain(self, entry: ActivityEntry, chain: ChainState | None) -> None:
        section = Section(self.tr("Chain"))
        section.add(KeyValue(self.tr("Previous"), entry.previous or "-", mono=True))
        icon = ("none", "text3")
        if chain is not None:
            good = chain.holds or entry.seq < (chain.first_broken or 0)
            icon = ("ok", "ok.mark") if good else ("err", "err.mark")
        section.add(KeyValue(self.tr("This entry"), entry.hash, mono=True, icon=icon))
        self.add_section(section)

    def _show_roll_back(self, entry: ActivityEntry) -> None:
        reason = ""
        if type_in(entry.what) is None:
            reason = self.tr("Only a change of a policy can be rolled back.")
        elif not entry.before:
            reason = self.tr("The text before this change is not known here.")
        self.roll_back.set_available(reason)

    @Slot()
    def _on_raw(self) -> None:
        if self._entry is not None:
            text = json.dumps(asdict(self._entry), default=str, indent=2, ensure_ascii=False)
            QGuiApplication.clipboard().setText(text)
