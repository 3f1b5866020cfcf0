"""Below the token's card: the token as text, and what its checks came to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.attest.words import tr
from sealwright.desktop.evidence.tables import check_columns, check_rows
from sealwright.desktop.theme import Tone
from sealwright.desktop.tokens.view.text_picture import TokenLegend, TokenPicture
from sealwright.desktop.widgets.details import CopyButton
from sealwright.desktop.widgets.surfaces import Banner, EmptyState
from sealwright.desktop.widgets.tables.tree import TreeTable

if TYPE_CHECKING:
    from sealwright.services.attestation.flow import Attestation


class TokenPage(QWidget):
    """One token; everything else about it is in the Tokens panel."""

    tokens_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.verdict = Banner(closable=False)
        self.verdict.acted.connect(self.tokens_wanted)
        self._picture = TokenPicture()
        self._legend = TokenLegend()
        self._copy = CopyButton(tr("the token"), "", self)
        self.checks = TreeTable(tr("Checks of the token"), check_columns())
        self.checks.set_placeholder(EmptyState("tokens", tr("There is no token to check")))
        pad = theme.px(16)
        upper = QVBoxLayout()
        upper.setContentsMargins(pad, theme.px(12), pad, theme.px(10))
        upper.setSpacing(theme.px(10))
        upper.addWidget(self.verdict)
        upper.addWidget(self._picture)
        row = QHBoxLayout()
        row.addWidget(self._legend, 1)
        row.addWidget(self._copy)
        upper.addLayout(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(upper)
        column.addWidget(self.checks, 1)

    def show_found(self, found: Attestation) -> None:
        """Show the token of another attestation."""
        readable = bool(found.token) and not found.sealed
        for widget in (self._picture, self._legend):
            widget.setVisible(readable)
        self._copy.setVisible(bool(found.token))
        self._copy.set_value(found.token)
        report = found.report
        self.checks.set_rows([] if report is None else check_rows(report.checks))
        if readable:
            self._picture.show_token(found.token)
            signature = len(found.token.rpartition(".")[2]) * 3 // 4
            algorithm = str(report.header.get("alg", "")) if report is not None else ""
            self._legend.show_token(algorithm, len(found.claims), signature, len(found.token))
        self._tell(found)

    def _tell(self, found: Attestation) -> None:
        action = tr("Open in Tokens") if found.token and not found.sealed else ""
        report = found.report
        if not found.token:
            words = tr("The request was refused, so nothing was issued.")
            self.verdict.tell(Tone.NEU, tr("There is no token"), words, icon="none")
        elif found.sealed:
            words = tr("Only the TPM's own key opens it. Nothing in it can be read here.")
            self.verdict.tell(Tone.WARN, tr("Sealed for the TPM"), words, icon="lock")
        elif not found.secured:
            words = tr("A draft policy gives a token without a signature. Never accept this one.")
            self.verdict.tell(Tone.WARN, tr("Unsecured"), words, action=action, icon="unlock")
        elif report is not None and report.valid:
            words = tr("Signed by {0}; checked with the keys that it publishes.")
            words = words.format(found.provider.name)
            self.verdict.tell(Tone.OK, tr("Valid"), words, action=action, icon="shield")
        else:
            failed = report.failures if report is not None else ()
            words = (failed[0].detail or failed[0].title) if failed else ""
            self.verdict.tell(Tone.ERR, tr("Does not hold"), words, action=action)
