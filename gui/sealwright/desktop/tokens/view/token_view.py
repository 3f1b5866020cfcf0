"""A token taken apart: verdict, text, time, claims, header, raw JSON, evidence, trust vector."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Tone
from sealwright.desktop.tokens.rows import claim_columns, moment, tr
from sealwright.desktop.tokens.view.text_picture import TokenLegend, TokenPicture
from sealwright.desktop.tokens.view.time_line import TimeLine
from sealwright.desktop.tokens.view.verdict_box import VerdictBox
from sealwright.desktop.widgets.fields import SearchBox
from sealwright.desktop.widgets.raw_text import RawText
from sealwright.desktop.widgets.surfaces import EmptyState
from sealwright.desktop.widgets.tables.cells import Column, Row
from sealwright.desktop.widgets.tables.paged import PagedTable
from sealwright.desktop.widgets.tables.tree import TreeTable
from sealwright.desktop.widgets.tabs import CountTabs
from sealwright.legible import legible

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealwright.desktop.tokens.shown import Shown

CLAIMS, HEADER, RAW, EVIDENCE, VECTOR, POLICY = range(6)


class TokenView(QWidget):
    """The left half while a token is open."""

    signature_chosen = Signal()
    """The signature was pressed in the token's text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.verdict = VerdictBox()
        self.picture = TokenPicture()
        self._legend = TokenLegend()
        self.time = TimeLine()
        self.tabs = CountTabs(self.tr("Parts of the token"))
        self._filter = SearchBox(self.tr("Filter claims"), placeholder=self.tr("Filter claims"))
        self.table = PagedTable(self.tr("Claims"), claim_columns())
        self.header = TreeTable(self.tr("Header"), claim_columns())
        self.evidence = TreeTable(self.tr("Evidence"), _fact_columns())
        self.vector = TreeTable(self.tr("Trust vector"), _vector_columns())
        self.raw = RawText(self.tr("Raw JSON"))
        self.policy = RawText(self.tr("Policy in the token"))
        self._pages = QStackedWidget()
        self._build()
        self._connect()

    def _build(self) -> None:
        for text in (
            self.tr("Claims"),
            self.tr("Header"),
            self.tr("Raw JSON"),
            self.tr("Evidence"),
            self.tr("AR4SI"),
            self.tr("Policy"),
        ):
            self.tabs.add(text)
        self.tabs.show_tab(POLICY, shown=False)
        for page in (self.table, self.header, self.raw, self.evidence, self.vector, self.policy):
            self._pages.addWidget(page)
        self._nothing = EmptyState("rows", self.tr("No claim has these words"))
        self.table.set_placeholder(self._nothing)
        self.evidence.set_placeholder(
            EmptyState(
                "chip",
                self.tr("No certificate of the signing key is known"),
                self.tr("Choose whose keys shall check the token."),
            )
        )
        pad = theme.px(16)
        upper = QVBoxLayout()
        upper.setContentsMargins(pad, theme.px(12), pad, 0)
        upper.setSpacing(theme.px(10))
        for widget in (self.verdict, self.picture, self._legend, self.time):
            upper.addWidget(widget)
        row = QHBoxLayout()
        row.setContentsMargins(theme.px(4), theme.px(4), pad, theme.px(6))
        row.addWidget(self.tabs)
        row.addStretch(1)
        self._filter.setMaximumWidth(theme.px(220))
        row.addWidget(self._filter, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(upper)
        column.addLayout(row)
        column.addWidget(self._pages, 1)

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self._on_tab)
        self._filter.textChanged.connect(self._on_filter)
        self.picture.part_chosen.connect(self._on_part)
        self.picture.claim_chosen.connect(self._on_claim)
        self.table.row_chosen.connect(self._on_row)
        self.header.row_chosen.connect(self._on_header_row)

    # --- content ------------------------------------------------------------------------------

    def show_text(self, text: str) -> None:
        """Show the text of a token that is being taken apart."""
        self.picture.show_token(text.strip())
        self.show_running()

    def show_running(self) -> None:
        """Nothing is known yet of what is seen."""
        self.verdict.tell(Tone.NEU, self.tr("Being checked…"), "", "none")

    def steps(self, shown: Shown) -> tuple[Callable[[], None], ...]:
        """What shows another token, examined: the first step is what is seen first."""
        return (
            partial(self._show_head, shown),
            partial(self.table.set_all, shown.claims, shown.texts, shown.inner),
            partial(self.header.set_rows, shown.header),
            partial(self.evidence.set_rows, shown.evidence),
            partial(self.vector.set_rows, shown.vector),
            partial(self._show_raw, shown),
        )

    def _show_head(self, shown: Shown) -> None:
        found = shown.found
        inspection = found.inspection
        self.picture.show_token(found.text, shown.spans)
        claims = found.report.claims
        if inspection is None:
            self._legend.show_unread(len(found.text))
        else:
            self._legend.show_token(
                inspection.algorithm, len(claims), inspection.signature_bytes, len(found.text)
            )
        self.tabs.set_count(CLAIMS, len(claims))
        self._nothing.tell(
            self.tr("No claim has these words") if claims else self.tr("No claims can be read")
        )

    def _show_raw(self, shown: Shown) -> None:
        self.raw.set_text(shown.raw)
        policy = shown.found.policy
        self.policy.set_text(legible(policy.text) if policy is not None else "")
        self.tabs.show_tab(POLICY, shown=policy is not None)
        self._on_tab(self.tabs.currentIndex())

    def show_times(self, shown: Shown, *, live: bool) -> None:
        """The bar of times; `live` when the token is checked as of now."""
        claims = shown.found.report.claims
        named = {name: moment(claims.get(name)) for name in ("nbf", "iat")}
        start = named["nbf"] or named["iat"]
        first = ", ".join(name for name, when in named.items() if when == start)
        at = None if live else shown.found.at
        self.time.show_times(start, moment(claims.get("exp")), at, first)

    # --- linked selection ---------------------------------------------------------------------

    @Slot(str)
    def _on_part(self, part: str) -> None:
        if part == "signature":
            self.signature_chosen.emit()
            return
        self.tabs.setCurrentIndex(HEADER if part == "header" else CLAIMS)

    @Slot(str)
    def _on_claim(self, name: str) -> None:
        self.tabs.setCurrentIndex(CLAIMS)
        self.table.select_key(f"/{name.replace('~', '~0').replace('/', '~1')}")

    @Slot(object)
    def _on_row(self, row: Row | None) -> None:
        if row is not None and row.key.startswith("/"):
            name = row.key[1:].partition("/")[0]
            self.picture.mark_claim(name.replace("~1", "/").replace("~0", "~"))

    @Slot(object)
    def _on_header_row(self, row: Row | None) -> None:
        if row is not None:
            self.picture.mark_part("header")

    @Slot(int)
    def _on_tab(self, index: int) -> None:
        self._pages.setCurrentIndex(index)
        self._filter.setVisible(index in (CLAIMS, HEADER))
        self.raw.look(on=index == RAW)
        self.policy.look(on=index == POLICY)

    @Slot(str)
    def _on_filter(self, text: str) -> None:
        self.table.set_filter(text)
        self.header.set_filter(text)


def _fact_columns() -> tuple[Column, ...]:
    return (
        Column("fact", tr("Fact"), "Root certificate SHA-256"),
        Column("value", tr("Value"), "5e5410aaf99a32e32df2a97d579e65f8", mono=True, stretch=3),
    )


def _vector_columns() -> tuple[Column, ...]:
    return (
        Column("claim", tr("AR4SI claim"), "instance-identity ", mono=True),
        Column("tier", tr("Tier"), "contraindicated", icon=True),
        Column("reason", tr("Why"), "Key, certificate and hardware evidence", stretch=3),
    )
