"""A token taken apart: verdict, text, time, claims, header, raw JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QStackedWidget, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.tokens.picture import TimeLine, TokenLegend, TokenPicture
from sealwright.desktop.tokens.rows import claim_columns, claim_rows, header_rows, moment
from sealwright.desktop.widgets.fields import SearchBox
from sealwright.desktop.widgets.surfaces import Banner, EmptyState
from sealwright.desktop.widgets.tabs import CountTabs
from sealwright.desktop.widgets.tree import TreeTable

if TYPE_CHECKING:
    from sealwright.tokens.inspect import Inspection
    from sealwright.tokens.report import Report

_TONES = {
    "valid": (Tone.OK, "shield"),
    "valid but expired": (Tone.WARN, "clock"),
    "untrusted": (Tone.WARN, "warn"),
    "unsecured": (Tone.WARN, "unlock"),
    "invalid": (Tone.ERR, "err"),
}


class TokenView(QWidget):
    """The left half while a token is open."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inspection: Inspection | None = None
        self.verdict = Banner(closable=False)
        self._picture = TokenPicture()
        self._legend = TokenLegend()
        self._time = TimeLine()
        self.tabs = CountTabs(self.tr("Parts of the token"))
        for text in (self.tr("Claims"), self.tr("Header"), self.tr("Raw JSON")):
            self.tabs.add(text)
        self._filter = SearchBox(self.tr("Filter claims"), placeholder=self.tr("Filter claims"))
        self.table = TreeTable(self.tr("Claims"), claim_columns())
        self.header = TreeTable(self.tr("Header"), claim_columns())
        self._raw = QPlainTextEdit()
        self._raw.setReadOnly(True)
        self._raw.setAccessibleName(self.tr("Raw JSON"))
        self._raw.setFont(theme.font(Role.CODE_SMALL))
        self._pages = QStackedWidget()
        for page in (self.table, self.header, self._raw):
            self._pages.addWidget(page)
        self._nothing = EmptyState("rows", self.tr("No claim has these words"))
        self.table.set_placeholder(self._nothing)
        self._build()
        self.tabs.currentChanged.connect(self._pages.setCurrentIndex)
        self._filter.textChanged.connect(self._on_filter)

    def _build(self) -> None:
        pad = theme.px(16)
        upper = QVBoxLayout()
        upper.setContentsMargins(pad, theme.px(12), pad, 0)
        upper.setSpacing(theme.px(10))
        upper.addWidget(self.verdict)
        upper.addWidget(self._picture)
        upper.addWidget(self._legend)
        upper.addWidget(self._time)
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

    def show_inspection(self, inspection: Inspection) -> None:
        """Show another token; nothing of it is proven yet."""
        self._inspection = inspection
        claims = inspection.claims
        compact = inspection.jws.compact
        self._picture.show_token(compact)
        self._legend.show_token(
            inspection.algorithm, len(claims), inspection.signature_bytes, len(compact)
        )
        start = moment(claims.get("nbf")) or moment(claims.get("iat"))
        self._time.show_times(start, moment(claims.get("exp")))
        self.tabs.set_count(0, len(claims))
        self.table.set_rows(claim_rows(inspection))
        self.header.set_rows(header_rows(inspection.header))
        both = {"header": dict(inspection.header), "claims": dict(claims)}
        self._raw.setPlainText(json.dumps(both, indent=2, ensure_ascii=False))
        self.verdict.tell(Tone.NEU, self.tr("Being checked…"), self._remarks())

    def _remarks(self) -> str:
        warnings = self._inspection.warnings if self._inspection else ()
        return " ".join(remark.message for remark in warnings)

    def show_unchecked(self, reason: str = "") -> None:
        """Nobody's keys have checked it."""
        words = reason or self.tr(
            "The issuer is no provider known here. Choose whose keys shall check it."
        )
        text = f"{words} {self._remarks()}".strip()
        self.verdict.tell(Tone.NEU, self.tr("Not checked"), text, icon="none")

    def show_report(self, report: Report, provider: str) -> None:
        """What the checks came to."""
        tone, icon = _TONES[report.verdict.value]
        title = {
            "valid": self.tr("Valid"),
            "valid but expired": self.tr("Valid but expired"),
            "untrusted": self.tr("Untrusted"),
            "unsecured": self.tr("Unsecured"),
            "invalid": self.tr("Invalid"),
        }[report.verdict.value]
        failed = report.failures
        if failed:
            words = failed[0].detail or failed[0].title
        elif report.valid and "warn" in {check.status for check in report.checks}:
            words = self.tr("Signed by {0}; no check failed, see the warnings.").format(provider)
        elif report.valid:
            words = self.tr("Signed by {0}; every check holds.").format(provider)
        else:
            words = self.tr("Checked with the keys of {0}.").format(provider)
        self.verdict.tell(tone, title, f"{words} {self._remarks()}".strip(), icon=icon)

    @Slot(str)
    def _on_filter(self, text: str) -> None:
        self.table.set_filter(text)
        self.header.set_filter(text)
