"""Many tokens at once: a table of verdicts that fills while the work goes on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.host import Notice
from sealwright.desktop.tasks import Relay
from sealwright.desktop.theme import Role
from sealwright.desktop.tokens.batch.rows import batch_columns, batch_rows, verdict_filters
from sealwright.desktop.widgets.buttons import Button, ToolButton
from sealwright.desktop.widgets.fields import SearchBox
from sealwright.desktop.widgets.heads import FilterBar
from sealwright.desktop.widgets.labels import ElidingLabel
from sealwright.desktop.widgets.surfaces import EmptyState
from sealwright.desktop.widgets.tables.flat_table import FlatTable, row_text
from sealwright.desktop.widgets.tabs import SegmentedControl
from sealwright.desktop.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sealwright.desktop.host import Host
    from sealwright.desktop.tasks import Task
    from sealwright.desktop.widgets.tables.cells import Row
    from sealwright.services.bundle import Services
    from sealwright.services.tokens.batch import BatchRow, BatchTerms, BatchToken
    from sealwright.services.tokens.key_source import KeySource

_TURN = 40
"""Milliseconds between two turns in which rows are put into the table while it fills the screen."""
_LATER = 400
"""The same once it does: each turn paints all that is in sight."""
_SCREEN = 200
"""Rows that fill the screen."""
_AT_ONCE = 1500


class BatchView(QWidget):
    """The batch that runs or has run."""

    token_wanted = Signal(object)
    """BatchToken: somebody wants to see it alone."""
    closed = Signal()

    def __init__(self, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._host = host
        self._task: Task | None = None
        self._services: Services | None = None
        self._tokens: Sequence[BatchToken] = ()
        self._coming: list[tuple[Row, str]] = []
        self.found: list[BatchRow] = []
        self._held = 0
        self._relay = Relay(self)
        self._relay.received.connect(self._on_rows)
        self._timer = QTimer(self)
        self._timer.setInterval(_TURN)
        self._timer.timeout.connect(self._on_turn)
        self._count = ElidingLabel(role=Role.SMALL, color="text2")
        self._search = SearchBox(self.tr("Filter tokens"), placeholder=self.tr("Filter tokens"))
        self._filters = verdict_filters()
        self.verdicts = SegmentedControl(
            self.tr("Which tokens to show"), [title for title, _ in self._filters]
        )
        self.table = FlatTable(self.tr("Tokens of the batch"), batch_columns())
        self.stop = Button(self.tr("Stop"), icon="stop", small=True)
        self.export = Button(self.tr("Export…"), icon="export", small=True)
        self._back = ToolButton("close", self.tr("Close batch"))
        self._build()
        self._connect()

    def _build(self) -> None:
        self.table.set_placeholder(EmptyState("rows", self.tr("No token has these words")))
        actions, filters = FilterBar(), FilterBar()
        self._search.setMaximumWidth(theme.px(260))
        actions.row.addWidget(self._search, 1)
        actions.row.addStretch(1)
        for button in (self.stop, self.export, self._back):
            actions.row.addWidget(button)
        filters.row.addWidget(self.verdicts)
        filters.row.addWidget(self._count, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(actions)
        column.addWidget(filters)
        column.addWidget(self.table, 1)

    def _connect(self) -> None:
        self._search.textChanged.connect(self._on_filter)
        self.verdicts.currentChanged.connect(self._on_filter)
        self.table.row_opened.connect(self._on_opened)
        self.stop.clicked.connect(self.cancel)
        self.export.clicked.connect(self._on_export)
        self._back.clicked.connect(self._on_back)

    @property
    def running(self) -> bool:
        """Whether tokens are still being judged or rows still come."""
        return self._task is not None or bool(self._coming)

    def start(
        self,
        services: Services,
        tokens: Sequence[BatchToken],
        source: KeySource,
        terms: BatchTerms,
    ) -> None:
        """Judge tokens; what was shown goes."""
        self.cancel()
        self._services = services
        self._tokens, self.found, self._held, self._coming = tokens, [], 0, []
        self.table.rows.clear()
        self.stop.set_available()
        self.export.set_available(self.tr("Wait until the batch is done, or stop it"))
        tell = partial(_tell_rows, self._relay.post)
        call = partial(services.tokens.batch, tokens, source, terms, tell)
        title = counted(len(tokens), self.tr("Checking a token"), self.tr("Checking {0} tokens"))
        self._task = self._host.runner.start(call, title=title)
        self._task.failed.connect(self._host.fail)
        self._task.finished.connect(self._on_finished)
        self._task.cancelled.connect(self._on_finished)
        self._timer.start(_TURN)
        self._tell()

    @Slot()
    def cancel(self) -> None:
        """Judge no further tokens; what was judged stays."""
        if self._task is not None:
            self._task.cancel()

    @Slot(object)
    def _on_rows(self, news: tuple[tuple[BatchRow, ...], list[tuple[Row, str]]]) -> None:
        rows, made = news
        self.found += rows
        self._held += sum(row.verdict == "valid" for row in rows)
        self._coming += made

    @Slot()
    def _on_turn(self) -> None:
        """A few rows a turn, so that the window stays live however fast they come."""
        piece, self._coming = self._coming[:_AT_ONCE], self._coming[_AT_ONCE:]
        if piece:
            self.table.rows.add_rows(piece)
            self._timer.setInterval(_TURN if self.table.rows.shown < _SCREEN else _LATER)
        if self._task is None and not self._coming:
            self._timer.stop()
        self._tell()

    @Slot()
    def _on_finished(self) -> None:
        self._task = None
        if self.stop.hasFocus():
            # What comes next by itself would close the batch.
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self.stop.set_available(self.tr("Nothing runs"))
        self.export.set_available("" if self.found else self.tr("No token was judged"))

    def _tell(self) -> None:
        done, whole = len(self.found), len(self._tokens)
        words = self.tr("{0} of {1} checked, {2} valid")
        self._count.setText(words.format(f"{done:,}", f"{whole:,}", f"{self._held:,}"))

    @Slot()
    def _on_filter(self) -> None:
        _, word = self._filters[self.verdicts.currentIndex()]
        self.table.rows.set_filter(f"{word} {self._search.text()}".strip())

    @Slot(object)
    def _on_opened(self, row: Row) -> None:
        if isinstance(row.data, int):
            self.token_wanted.emit(self._tokens[row.data])

    @Slot()
    def _on_back(self) -> None:
        self.cancel()
        self.closed.emit()

    # --- export -------------------------------------------------------------------------------

    @Slot()
    def _on_export(self) -> None:
        dialog = QFileDialog(self, self.tr("Export the verdicts"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([self.tr("CSV (*.csv)"), self.tr("JSON (*.json)")])
        dialog.setDefaultSuffix("csv")
        dialog.fileSelected.connect(self.export_to)
        dialog.open()

    @Slot(str)
    def export_to(self, path: str) -> None:
        """Write the verdicts as CSV, or as JSON when the name ends so; tokens are not in it."""
        services, rows = self._services, tuple(self.found)
        if services is None:
            return

        async def export() -> None:
            from sealwright.services.tokens.report import batch_csv, batch_json  # noqa: PLC0415 - on the worker

            make = batch_json if path.lower().endswith(".json") else batch_csv
            await services.files.write(path, make(rows))

        task = self._host.runner.start(export)
        task.succeeded.connect(self._on_exported)
        task.failed.connect(self._host.fail)

    @Slot()
    def _on_exported(self) -> None:
        self._host.notify(Notice(self.tr("The verdicts were exported"), key="batch"))


def _tell_rows(
    post: Callable[[tuple[tuple[BatchRow, ...], list[tuple[Row, str]]]], None],
    rows: tuple[BatchRow, ...],
) -> None:
    """Dress rows where they come from: for thousands, the window would feel it."""
    post((rows, [(row, row_text(row)) for row in batch_rows(rows)]))
