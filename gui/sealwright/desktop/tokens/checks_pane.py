"""The checks of a token against the keys of a provider: the right half of the Tokens panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role
from sealwright.desktop.tokens.rows import check_columns, check_rows
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.buttons import Button
from sealwright.desktop.widgets.fields import ComboBox
from sealwright.desktop.widgets.labels import ElidingLabel, Label
from sealwright.desktop.widgets.surfaces import EmptyState
from sealwright.desktop.widgets.tree import TreeTable

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from sealwright.services.model import Provider
    from sealwright.tokens.report import Report


class ChecksPane(QWidget):
    """Whose keys check the token, and what each check came to."""

    check_wanted = Signal(str)
    """Provider id."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Checks"))
        self._providers: tuple[Provider, ...] = ()
        self.provider = ComboBox(self.tr("Keys of"))
        self.run = Button(self.tr("Check"), icon="shield")
        self.run.clicked.connect(self._on_run)
        self._count = ElidingLabel(role=Role.SMALL, color="text3")
        self.table = TreeTable(self.tr("Checks"), check_columns())
        self.table.setHeaderHidden(True)
        self._nothing(self.tr("No token is checked yet"))
        self.set_available(self.tr("Open a token first."))
        self._build()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(theme.px(16), 0, theme.px(16), 0)
        head.addWidget(Label(self.tr("Checks"), role=Role.SHEET))
        head.addStretch(1)
        head.addWidget(self._count)
        top = QWidget()
        top.setFixedHeight(theme.px(56))
        top.setLayout(head)
        row = QHBoxLayout()
        row.setContentsMargins(theme.px(16), theme.px(10), theme.px(16), theme.px(10))
        row.setSpacing(theme.px(8))
        row.addWidget(Label(self.tr("Keys of"), color="text2"))
        row.addWidget(self.provider, 1)
        row.addWidget(self.run)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(top)
        column.addLayout(row)
        column.addWidget(self.table, 1)

    def _nothing(self, title: str, sentence: str = "") -> None:
        words = sentence or self.tr(
            "The signature is checked with the keys that the provider publishes, never with a key "
            "inside the token."
        )
        self.table.set_placeholder(EmptyState("shield", title, words))

    def set_providers(self, providers: tuple[Provider, ...]) -> None:
        """Whose keys can be asked for."""
        chosen = self.provider.currentData()
        self._providers = providers
        self.provider.clear()
        for provider in providers:
            self.provider.addItem(provider.name, provider.id)
        at = self.provider.findData(chosen)
        self.provider.setCurrentIndex(max(at, 0) if providers else -1)

    def choose(self, provider_id: str) -> None:
        """Whose keys are asked for next."""
        at = self.provider.findData(provider_id)
        if at >= 0:
            self.provider.setCurrentIndex(at)

    def set_available(self, reason: str = "") -> None:
        """Whether a check can be run."""
        self.run.set_available(reason)

    def show_running(self) -> None:
        """The check is on its way."""
        self._count.setText(self.tr("Being checked…"))
        self.table.set_rows([])
        self.table.set_loading(on=True)
        self.set_available(self.tr("Being checked"))

    def show_report(self, report: Report | None) -> None:
        """What came of it; None when nothing is known any more."""
        self.set_available()
        if report is None:
            self._count.setText("")
            self.table.set_rows([])
            return
        self.table.set_rows(check_rows(report.checks))
        for index in self.table.rows.groups():
            row = self.table.rows.row_at(index)
            data = getattr(row, "data", None)
            status = getattr(getattr(data, "status", None), "value", "")
            self.table.setExpanded(index, status in ("fail", "warn"))
        count = self.tr("{0} checks").format(len(report.checks))
        self._count.setText(count)

    def show_problem(self, title: str, sentence: str) -> None:
        """The check could not be made."""
        self.set_available()
        self._count.setText("")
        self._nothing(title, sentence)
        self.table.set_rows([])

    @Slot()
    def _on_run(self) -> None:
        chosen = self.provider.currentData()
        if isinstance(chosen, str):
            self.check_wanted.emit(chosen)

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """The line below the head."""
        painter = QPainter(self)
        colors = theme.palette()
        painter.fillRect(0, theme.px(56) - 1, self.width(), 1, colors.border)
