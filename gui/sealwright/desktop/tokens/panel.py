"""The Tokens panel."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.host import Notice, TokenText
from sealwright.desktop.messages import message
from sealwright.desktop.panel import Panel, sizes_in
from sealwright.desktop.theme import Tone
from sealwright.desktop.tokens.chain.pane import ChainPane
from sealwright.desktop.tokens.desk import TokenDesk
from sealwright.desktop.tokens.head import TokenHead
from sealwright.desktop.tokens.many import ManyTokens
from sealwright.desktop.tokens.pages import TokenPages
from sealwright.desktop.tokens.refusing import Refusing
from sealwright.desktop.turns import Turns
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.finds import Find
from sealwright.desktop.wording import file_name, local_time, now
from sealwright.errors import AppError
from sealwright.services.tokens.key_source import KeyOrigin, KeySource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sealwright.desktop.host import Host
    from sealwright.desktop.tokens.shown import Shown
    from sealwright.desktop.tokens.view.token_view import TokenView
    from sealwright.services.bundle import Services
    from sealwright.services.shelf import SampleToken

LARGEST = 16 << 20
_REMEMBERED = 20
_LARGE = 128 * 1024
"""Characters from which a token's text is shown before it is taken apart."""


class TokensPanel(Panel):
    """One token at a time: taken apart at the left, its chain at the right."""

    def __init__(self, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(host, parent)
        self.opened: list[TokenText] = []
        self.current: TokenText | None = None
        self.shown_token: Shown | None = None
        self._wanted = 0
        self.head = TokenHead()
        self.pages = TokenPages(host)
        self.chain = ChainPane()
        self.desk = TokenDesk(host, self)
        self.many = ManyTokens(host, self, self.desk)
        self.refusing = Refusing(host, self, self.desk, self.many)
        self._turns = Turns(self)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self.setAcceptDrops(True)
        self._build()
        self._connect()

    @property
    def view(self) -> TokenView:
        """The token taken apart."""
        return self.pages.view

    def _build(self) -> None:
        left = QWidget()
        inner = QVBoxLayout(left)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(self.head)
        inner.addWidget(self.pages, 1)
        self._splitter.addWidget(left)
        self._splitter.addWidget(self.chain)
        self._splitter.setHandleWidth(1)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setSizes([theme.px(940), theme.px(424)])
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._splitter)

    def _connect(self) -> None:
        self.host.token_wanted.connect(self.open_token)
        self.host.providers_changed.connect(self.chain.keys.set_providers)
        self.head.open.clicked.connect(self._on_open)
        self.head.paste.triggered.connect(self.paste)
        self.pages.sample_wanted.connect(self._on_sample)
        self.pages.paste_wanted.connect(self.paste)
        self.pages.refused.paste_wanted.connect(self.paste)
        self.pages.refused.open_wanted.connect(self._on_open)
        self.pages.drop.clicked.connect(self._on_open)
        self.pages.drop.file_dropped.connect(self.open_file)
        self.pages.drop.text_dropped.connect(self._on_text)
        self.chain.keys.check_wanted.connect(self._on_check)
        self.chain.keys.file_wanted.connect(self._on_key_file)
        self.chain.help_wanted.connect(self._on_help)
        self.chain.picture.chosen.connect(self.desk.show_part)
        self.view.signature_chosen.connect(self._on_signature)
        for keys, slot in (
            (QKeySequence.StandardKey.Paste, self.paste),
            (QKeySequence.StandardKey.Open, self._on_open),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(slot)

    # --- bringing a token ---------------------------------------------------------------------

    @Slot()
    def paste(self) -> None:
        """Take the token from the clipboard."""
        text = QGuiApplication.clipboard().text()
        if text.strip():
            # Of several, the time tells them apart in the list of recent ones.
            title = self.tr("from the clipboard at {0}").format(local_time(now()))
            self.open_token(TokenText(text, title))
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
            call = partial(self.services.files.read, path, limit=LARGEST)
            task = self.host.runner.start(call, title=self.tr("Reading {0}").format(path))
            task.then(self._on_file, path)
            task.otherwise(self._on_no_file, path)

    def _on_no_file(self, path: str, error: BaseException) -> None:
        if isinstance(error, AppError):
            self.refusing.refuse_file(path, error)
        else:
            self.host.fail(error)

    def _on_file(self, path: str, data: bytes) -> None:
        title = file_name(path)
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
    def open_token(self, token: TokenText) -> None:
        """Take a token apart and check it offline; a newer one wins over an older answer."""
        self.chain.keys.use_saved()
        self.desk.forget_time()
        self._examine(token, KeySource())

    def open_with(self, token: TokenText, source: KeySource) -> None:
        """Take a token apart and check it with the keys of a source."""
        self._examine(token, source)

    def show_batch(self, title: str) -> None:
        """Many tokens are looked at; nothing of one that was open, or is still due, stays."""
        self.clear_token()
        self.head.set_subtitle(title)
        self.chain.show_choice()
        self.pages.show_batch()

    def check_again(self) -> None:
        """Check the open token once more, with what is chosen now."""
        if self.current is not None:
            self._examine(self.current, self.chain.keys.source)

    @Slot(object)
    def _on_check(self, source: KeySource) -> None:
        if self.current is not None:
            self._examine(self.current, source)

    def _examine(self, token: TokenText, source: KeySource) -> None:
        if self.services is None:
            return
        from sealwright.desktop.tokens.shown import prepare  # noqa: PLC0415 - start-up stays light

        self._wanted += 1
        self._turns.stop()
        self.chain.show_running()
        if len(token.token) > _LARGE:
            self.host.runner.show_first()
            if token.token.count(".") in (1, 2):
                # Its text is there at once; the rest takes a moment.
                self.view.show_text(token.token)
                self.pages.show_token()
        call = partial(prepare, self.services, token.token, source, self.desk.terms())
        title = self.tr("Checking the token") if source.origin is KeyOrigin.PROVIDER else ""
        task = self.host.runner.start(call, title=title)
        task.then(self._on_shown, self._wanted, token)
        task.otherwise(self._on_failed, self._wanted, token)

    def _on_failed(self, number: int, token: TokenText, error: BaseException) -> None:
        if number != self._wanted:
            return
        self.chain.keys.set_available("" if self.current else self.tr("Open a token first."))
        if self.current is not None and token.token == self.current.token:
            # The token is fine; whoever was asked for keys is not.
            shown = message(error)
            self.view.verdict.tell(Tone.NEU, self.tr("Not checked"), shown.sentence, "none")
            if not isinstance(error, AppError):
                self.host.fail(error)
        elif not isinstance(error, AppError):
            self.host.fail(error)
        elif self.services is not None:
            self.refusing.refuse(self.services, token, error)

    def _on_shown(self, number: int, token: TokenText, shown: Shown) -> None:
        if number != self._wanted:
            return
        self._turns.begin(
            (
                partial(self._show_head, token, shown),
                *self.view.steps(shown),
                *self.chain.steps(shown),
                partial(self._on_whole, token, shown),
            )
        )

    def _show_head(self, token: TokenText, shown: Shown) -> None:
        self.head.set_subtitle(token.title)
        self.head.set_open(opened=True)
        self.view.show_times(shown, live=self.desk.live)
        if self.current is None or self.current.token != token.token:
            self.view.show_running()
        self.pages.show_token()

    def _on_whole(self, token: TokenText, shown: Shown) -> None:
        """All of it is on the screen, so that the verdict is about what is seen."""
        self.current, self.shown_token = token, shown
        self.refusing.forget()
        self.view.verdict.show_found(shown.found, self._who(shown))
        self.remember(token)
        self.desk.show_token(shown)
        self.desk.keep(token)
        inspection = shown.found.inspection
        known = shown.found.report.signed_by is not None
        if known and inspection is not None and inspection.kind.startswith("maa"):
            self.host.step_done.emit("token")

    def show_again(self, token: TokenText, shown: Shown) -> None:
        """Show what was open, as it was checked."""
        self._wanted += 1
        self._on_shown(self._wanted, token, shown)

    def close_token(self) -> None:
        """Back to the start page."""
        self.clear_token()
        self.pages.show_start()

    def clear_token(self) -> None:
        """Nothing of a token is shown any more."""
        self._wanted += 1
        self._turns.stop()
        self.current = self.shown_token = None
        self.head.set_subtitle("")
        self.head.set_open(opened=False)
        self.chain.show_nothing()

    def _who(self, shown: Shown) -> str:
        if shown.provider is not None:
            return shown.provider.name
        issuer = shown.found.keys.issuer.removeprefix("https://")
        return issuer or self.tr("an unknown issuer")

    def remember(self, token: TokenText) -> None:
        """Put a token at the head of this session's list."""
        self.opened = [held for held in self.opened if held.token != token.token]
        self.opened.insert(0, token)
        del self.opened[_REMEMBERED:]

    # --- what the chain asks for --------------------------------------------------------------

    @Slot()
    def _on_signature(self) -> None:
        if self.chain.picture.parts:
            self.chain.views.setCurrentIndex(0)
            self.chain.picture.parts[1].setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _on_key_file(self) -> None:
        dialog = QFileDialog(self, self.tr("Open a key document"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.open_keys)
        dialog.open()

    @Slot(str)
    def open_keys(self, path: str) -> None:
        """Check with the keys of a file."""
        if self.services is not None:
            call = partial(self.services.files.read, path, limit=LARGEST)
            task = self.host.runner.start(call)
            task.then(self._on_keys, path)
            task.failed.connect(self.host.fail)

    def _on_keys(self, path: str, data: bytes) -> None:
        name = file_name(path)
        issuer = ""
        if self.shown_token is not None:
            claimed = self.shown_token.found.report.claims.get("iss")
            issuer = claimed if isinstance(claimed, str) else ""
        self.chain.keys.use_file(KeySource(KeyOrigin.DOCUMENT, issuer, data, name))
        self.check_again()

    @Slot(str)
    def _on_help(self, what: str) -> None:
        if what == "fetch" and self.shown_token is not None and self.current is not None:
            provider = self.shown_token.provider
            issuer = str(self.shown_token.found.report.claims.get("iss", ""))
            if provider is not None:
                self.chain.keys.use_provider(provider.id)
            name = provider.id if provider is not None else issuer
            self._examine(self.current, KeySource(KeyOrigin.PROVIDER, name))
        else:
            self.desk.help(what)

    # --- drops anywhere -----------------------------------------------------------------------

    @virtual
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A token may be dropped anywhere in the panel."""
        if event.mimeData().hasUrls() or event.mimeData().hasText():
            event.acceptProposedAction()

    @virtual
    def dropEvent(self, event: QDropEvent) -> None:
        """As in the drop zone."""
        if self.pages.drop.take(event.mimeData()):
            event.acceptProposedAction()

    # --- the window's questions ---------------------------------------------------------------

    def set_services(self, services: Services) -> None:
        """Nothing is read but the user's own list, if it is kept."""
        super().set_services(services)
        self.desk.set_services(services)
        self.many.set_services(services)

    def panes(self) -> Sequence[QWidget]:
        """Claims, then the chain as it is shown."""
        picture = self.chain.picture.parts
        shown = self.chain.views.currentIndex() == 0 and picture
        return (self.view.table, picture[0] if shown else self.chain.table)

    def finds(self) -> Sequence[Find]:
        """Tokens of this session, and pasting."""
        found = [
            Find(self.tr("Tokens"), held.title, partial(self._reopen, held), "tokens")
            for held in self.opened
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
        """The splitter; tokens are never part of it."""
        return {"splitter": self._splitter.sizes()}

    def restore_state(self, state: Mapping[str, object]) -> None:
        """The same again."""
        sizes = sizes_in(state, "splitter")
        if sizes:
            self._splitter.setSizes(sizes)
