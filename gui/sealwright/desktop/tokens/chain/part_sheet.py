"""A card or link of the chain in full: why, what to do, every check, facts, and the bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Tone
from sealwright.desktop.tokens.chain.check_rows import (
    STATUS,
    check_columns,
    check_rows,
    status_word,
)
from sealwright.desktop.tokens.rows import KEYS
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.hex_view import HexView
from sealwright.desktop.widgets.sheet import Sheet
from sealwright.desktop.widgets.surfaces import Banner
from sealwright.desktop.widgets.tables.cells import Column
from sealwright.desktop.widgets.tables.tree import TreeTable
from sealwright.desktop.widgets.tabs import CountTabs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.desktop.widgets.tables.cells import Row
    from sealwright.tokens.chain import ChainLink, Stop

_WITH_FACTS = {
    "key": (0,),
    "named": (0,),
    "certificate": (0,),
    "bound": (0, 1),
    "evidence": (1, 2),
    "vouched": (2,),
    "root": (2,),
}
"""Which groups of facts belong to a place."""
_WITH_KEYS = frozenset({"signed", "key"})
_WITH_EVIDENCE = frozenset({"bound", "evidence", "vouched", "root"})


class PartSheet(Sheet):
    """Details of one part of the chain."""

    viewer_wanted = Signal()
    """The evidence shall be looked into, byte by byte."""

    def __init__(
        self, window: QWidget, part: Stop | ChainLink, facts: Sequence[Row], evidence: bytes
    ) -> None:
        title = getattr(part, "title", "") or getattr(part, "word", "")
        size = QSize(theme.px(820), theme.px(620))
        super().__init__(window, title, icon=STATUS[part.status.value][0], size=size)
        self.set_subtitle(" · ".join(getattr(part, "lines", ())))
        self._pages = QStackedWidget()
        self.tabs = CountTabs(self.tr("Details"))
        self.banner = Banner(closable=False)
        self.checks = TreeTable(self.tr("Checks of this part"), check_columns())
        self.facts = TreeTable(self.tr("Facts"), _columns(self.tr("Fact"), self.tr("Value")))
        self.bytes = HexView(self.tr("Bytes of the evidence"))
        self._fill(part, facts, evidence)
        if evidence and part.place in _WITH_EVIDENCE:
            look = Button(self.tr("Evidence viewer…"), icon="eye")
            look.clicked.connect(self.request_close)
            look.clicked.connect(self.viewer_wanted)
            self.buttons.addWidget(look)
        close = Button(self.tr("Close"), kind=Kind.PRIMARY)
        close.clicked.connect(self.request_close)
        self.buttons.addWidget(close)

    def _fill(self, part: Stop | ChainLink, facts: Sequence[Row], evidence: bytes) -> None:
        # What has no parent yet would open a window of its own when it is told something.
        self._build()
        _, _, tone = STATUS[part.status.value]
        word = status_word(part.status.value)
        reason = part.reason or (self.tr("Every check holds.") if tone is Tone.OK else "")
        self.banner.tell(tone, word.capitalize(), f"{reason} {part.advice}".strip())
        self.checks.setHeaderHidden(True)
        self.checks.set_rows(check_rows(part.checks))
        self._add(self.tr("Checks"), self.checks, len(part.checks))
        wanted = {f"facts:{number}" for number in _WITH_FACTS.get(part.place, ())}
        if part.place in _WITH_KEYS:
            wanted.add(KEYS)
        groups = [row for row in facts if row.key in wanted]
        if groups:
            self.facts.set_rows(groups)
            self._add(self.tr("Facts"), self.facts, sum(len(row.children) for row in groups))
        if evidence and part.place in ("evidence", "bound"):
            self.bytes.set_data(evidence)
            self._add(self.tr("Bytes"), self.bytes, 0)

    def _build(self) -> None:
        top = QWidget()
        column = QVBoxLayout(top)
        pad = theme.px(16)
        column.setContentsMargins(pad, theme.px(12), pad, theme.px(4))
        column.addWidget(self.banner)
        self.body.addWidget(top)
        self.body.addWidget(self.tabs)
        self.body.addWidget(self._pages, 1)
        self.tabs.currentChanged.connect(self._pages.setCurrentIndex)

    def _add(self, title: str, page: QWidget, count: int) -> None:
        at = self.tabs.add(title)
        self._pages.addWidget(page)
        if count and isinstance(at, int):
            self.tabs.set_count(at, count)


def _columns(first: str, second: str) -> tuple[Column, ...]:
    return (
        Column("fact", first, "Root certificate SHA-256"),
        Column("value", second, "5e5410aaf99a32e32df2a97d579e65f8", mono=True, stretch=3),
    )
