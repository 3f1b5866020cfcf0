"""The Tokens panel."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from sealwright.desktop import theme
from sealwright.desktop.host import Notice, TokenText
from sealwright.desktop.messages import message
from sealwright.desktop.panel import Panel
from sealwright.desktop.theme import Tone
from sealwright.desktop.tokens.checks_pane import ChecksPane
from sealwright.desktop.tokens.token_view import TokenView
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.drop_zone import DropZone
from sealwright.desktop.widgets.finds import Find
from sealwright.desktop.widgets.heads import PanelHead
from sealwright.desktop.widgets.surfaces import EmptyState
from sealwright.errors import AppError
from sealwright.services.key_source import KeyOrigin, KeySource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sealwright.desktop.host import Host
    from sealwright.services.bundle import Services
    from sealwright.services.model import Provider
    from sealwright.services.shelf import SampleToken
    from sealwright.tokens.inspect import Inspection
    from sealwright.tokens.report import Report

_LARGEST = 4 << 20
_REMEMBERED = 20


class TokensPanel(Panel):
    """One token at a time: taken apart at the left, checked at the right."""

    def __init__(self, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(host, parent)
        self._opened: list[TokenText] = []
        self._inspection: Inspection | None = None
        self._wanted = 0
        self._head = PanelHead(self.tr("Tokens"))
        self._paste = Button(self.tr("From clipboard"), icon="import", kind=Kind.GHOST)
        self._copy = Button(self.tr("Copy claims"), icon="copy")
        self.open_button = Button(self.tr("Open token"), icon="folder", kind=Kind.PRIMARY)
        self._copy.set_available(self.tr("Open a token first."))
        self.view = TokenView()
        self.checks = ChecksPane()
        self.drop = DropZone(
            self.tr("Drop a token here"),
            self.tr("Compact JWS, a file with one, or paste with Ctrl+V"),
        )
        self._pages = QStackedWidget()
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self.setAcceptDrops(True)
        self._build()
        self._connect()

    def _build(self) -> None:
        for button in (self._paste, self._copy, self.open_button):
            self._head.tools.addWidget(button)
        empty = EmptyState(
            "tokens",
            self.tr("No token is open"),
            self.tr("Look at an answer of a provider, or bring a token of your own."),
            action=self.tr("Show an answer of a provider"),
            action_icon="tokens",
        )
        empty.acted.connect(self._on_sample)
        start = QWidget()
        column = QVBoxLayout(start)
        pad = theme.px(16)
        column.setContentsMargins(pad, pad, pad, pad)
        column.addWidget(empty, 1)
        column.addWidget(self.drop)
        self._pages.addWidget(start)
        self._pages.addWidget(self.view)
        left = QWidget()
        inner = QVBoxLayout(left)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(self._head)
        inner.addWidget(self._pages, 1)
        self._splitter.addWidget(left)
        self._splitter.addWidget(self.checks)
        self._splitter.setHandleWidth(1)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setSizes([theme.px(940), theme.px(424)])
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._splitter)

    def _connect(self) -> None:
        self.host.token_wanted.connect(self._on_wanted)
        self.host.providers_changed.connect(self.checks.set_providers)
        self.open_button.clicked.connect(self._on_open)
        self._paste.clicked.connect(self.paste)
        self._copy.clicked.connect(self._on_copy)
        self.drop.clicked.connect(self._on_open)
        self.drop.file_dropped.connect(self.open_file)
        self.drop.text_dropped.connect(self._on_text)
        self.checks.check_wanted.connect(self._check)
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Paste), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.paste)
        opening = QShortcut(QKeySequence(QKeySequence.StandardKey.Open), self)
        opening.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        opening.activated.connect(self._on_open)

    # --- bringing a token ---------------------------------------------------------------------

    @Slot()
    def paste(self) -> None:
        """Take the token from the clipboard."""
        text = QGuiApplication.clipboard().text()
        if text.strip():
            self.open_token(TokenText(text, self.tr("from the clipboard")))
        else:
            words = self.tr("There is no text on the clipboard")
            self.host.notify(Notice(words, tone=Tone.WARN, key="clipboard"))

    @Slot(str)
    def _on_text(self, text: str) -> None:
        self.open_token(TokenText(text, self.tr("dropped text")))

    @Slot()
    def _on_open(self) -> None:
        dialog = QFileDialog(self, self.tr("Open a token"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.open_file)
        dialog.open()

    @Slot(str)
    def open_file(self, path: str) -> None:
        """Read a token from a file."""
        if self.services is not None:
            call = partial(self.services.files.read, path, limit=_LARGEST)
            task = self.host.runner.start(call, title=self.tr("Reading {0}").format(path))
            task.succeeded.connect(partial(self._on_file, path))
            task.failed.connect(self.host.fail)

    def _on_file(self, path: str, data: bytes) -> None:
        title = path.replace("\\", "/").rsplit("/", 1)[-1]
        self.open_token(TokenText(data.decode("utf-8", "replace"), title))

    @Slot()
    def _on_sample(self) -> None:
        if self.services is not None:
            task = self.host.runner.start(
                self.services.tokens.recent, title=self.tr("Asking a provider")
            )
            task.succeeded.connect(self._on_samples)
            task.failed.connect(self.host.fail)

    @Slot(object)
    def _on_samples(self, samples: tuple[SampleToken, ...]) -> None:
        if samples:
            uris = {provider.id: provider.attest_uri for provider in self.host.providers}
            sample = samples[0]
            uri = uris.get(sample.provider_id, "")
            self.open_token(TokenText(sample.token, sample.title, uri))

    @Slot(object)
    def _on_wanted(self, token: TokenText) -> None:
        self.open_token(token)

    def open_token(self, token: TokenText) -> None:
        """Take a token apart and check it; a newer one wins over an older answer."""
        if self.services is None:
            return
        self._wanted += 1
        call = partial(self.services.tokens.inspect, token.token)
        task = self.host.runner.start(call)
        task.succeeded.connect(partial(self._on_inspected, self._wanted, token))
        task.failed.connect(partial(self._on_unreadable, self._wanted))

    def _on_unreadable(self, number: int, error: BaseException) -> None:
        if number == self._wanted:
            self.host.fail(error, key="token")

    def _on_inspected(self, number: int, token: TokenText, inspection: Inspection) -> None:
        if number != self._wanted:
            return
        self._inspection = inspection
        self._opened = [held for held in self._opened if held.token != token.token]
        self._opened.insert(0, token)
        del self._opened[_REMEMBERED:]
        self._head.set_subtitle(token.title)
        self._copy.set_available()
        self.view.show_inspection(inspection)
        self._pages.setCurrentWidget(self.view)
        self.checks.show_report(None)
        issuer = str(inspection.claims.get("iss", "")) or token.attest_uri
        provider = self._provider_of(issuer) or self._provider_of(token.attest_uri)
        if provider is not None:
            self.checks.choose(provider.id)
            self._check(provider.id)
        else:
            self.view.show_unchecked()

    def _provider_of(self, uri: str) -> Provider | None:
        wanted = uri.rstrip("/").lower()
        providers = self.host.providers
        return next((p for p in providers if p.attest_uri.rstrip("/").lower() == wanted), None)

    # --- checking -----------------------------------------------------------------------------

    @Slot(str)
    def _check(self, provider_id: str) -> None:
        if self.services is None or self._inspection is None:
            return
        self.checks.show_running()
        text = self._inspection.jws.compact
        call = partial(
            self.services.tokens.verify, text, KeySource(KeyOrigin.PROVIDER, provider_id)
        )
        task = self.host.runner.start(call, title=self.tr("Checking the token"))
        task.succeeded.connect(partial(self._on_report, self._wanted))
        task.failed.connect(partial(self._on_check_failed, self._wanted))

    def _on_report(self, number: int, report: Report) -> None:
        if number != self._wanted or self._inspection is None:
            return
        self.checks.show_report(report)
        self.view.show_report(report, self.checks.provider.currentText())
        if self._inspection.kind.startswith("maa"):
            self.host.step_done.emit("token")

    def _on_check_failed(self, number: int, error: BaseException) -> None:
        if number != self._wanted:
            return
        shown = message(error)
        self.checks.show_problem(shown.title, shown.text)
        self.view.show_unchecked(shown.sentence)
        if not isinstance(error, AppError):
            self.host.fail(error)

    @Slot()
    def _on_copy(self) -> None:
        if self._inspection is not None:
            text = json.dumps(dict(self._inspection.claims), indent=2, ensure_ascii=False)
            QGuiApplication.clipboard().setText(text)
            self.host.notify(Notice(self.tr("The claims are on the clipboard"), key="clipboard"))

    # --- drops anywhere -----------------------------------------------------------------------

    @virtual
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A token may be dropped anywhere in the panel."""
        if event.mimeData().hasUrls() or event.mimeData().hasText():
            event.acceptProposedAction()

    @virtual
    def dropEvent(self, event: QDropEvent) -> None:
        """As in the drop zone."""
        if self.drop.take(event.mimeData()):
            event.acceptProposedAction()

    # --- the window's questions ---------------------------------------------------------------

    def set_services(self, services: Services) -> None:
        """Nothing is read before a token comes."""
        super().set_services(services)

    def panes(self) -> Sequence[QWidget]:
        """Claims, checks."""
        return (self.view.table, self.checks.table)

    def finds(self) -> Sequence[Find]:
        """Tokens of this session, and pasting."""
        found = [
            Find(self.tr("Tokens"), held.title, partial(self._reopen, held), "tokens")
            for held in self._opened
        ]
        words = self.tr("Commands"), self.tr("Open the token on the clipboard")
        return [*found, Find(*words, self._paste_here, "tokens", prefix=">")]

    def _reopen(self, held: TokenText) -> None:
        self.host.panel_wanted.emit("tokens")
        self.open_token(held)

    def _paste_here(self) -> None:
        self.host.panel_wanted.emit("tokens")
        self.paste()

    def save_state(self) -> Mapping[str, object]:
        """The splitter; tokens are never kept."""
        return {"splitter": self._splitter.sizes()}

    def restore_state(self, state: Mapping[str, object]) -> None:
        """The same again."""
        sizes = state.get("splitter")
        if isinstance(sizes, list) and all(isinstance(size, int) for size in sizes):
            self._splitter.setSizes(sizes)
