"""Many tokens: choosing them, checking them, and looking at one of them alone."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu

from sealwright.desktop.host import Notice, TokenText
from sealwright.desktop.theme import Tone
from sealwright.desktop.wording import file_name
from sealwright.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealwright.desktop.host import Host
    from sealwright.desktop.tokens.desk import TokenDesk
    from sealwright.desktop.tokens.shown import Shown
    from sealwright.desktop.tokens.stage import TokenStage
    from sealwright.services.bundle import Services
    from sealwright.services.tokens.batch import BatchToken
    from sealwright.services.tokens.tokens import Terms

_LARGEST = 64 << 20
_MOST = 100_000


class ManyTokens(QObject):
    """The batch of the panel."""

    def __init__(self, host: Host, stage: TokenStage, desk: TokenDesk) -> None:
        super().__init__(stage.pages)
        self._host = host
        self._stage, self._desk = stage, desk
        self._services: Services | None = None
        self._title = ""
        self._before: tuple[TokenText, Shown, Terms] | None = None
        self._alone = ""
        self.menu = QMenu(stage.pages)
        for text, slot in (
            (self.tr("A folder of tokens…"), self.choose_folder),
            (self.tr("A list, one token a line…"), self.choose_list),
        ):
            action = QAction(text, self.menu)
            action.triggered.connect(slot)
            self.menu.addAction(action)
        stage.head.batch.setMenu(self.menu)
        stage.head.close_token.triggered.connect(self._on_token_closed)
        stage.pages.batch_wanted.connect(self._on_wanted)
        view = stage.pages.batch
        view.token_wanted.connect(self._on_token)
        view.closed.connect(self._on_closed)

    def set_services(self, services: Services) -> None:
        """The services are open."""
        self._services = services

    @Slot()
    def _on_wanted(self) -> None:
        place = self._stage.pages.rect().center()
        self.menu.popup(self._stage.pages.mapToGlobal(place))

    @Slot()
    def choose_folder(self) -> None:
        """Ask for a folder."""
        dialog = QFileDialog(self._stage.pages, self.tr("Check the tokens of a folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.open_folder)
        dialog.open()

    @Slot()
    def choose_list(self) -> None:
        """Ask for a file with a token on each line."""
        dialog = QFileDialog(self._stage.pages, self.tr("Check a list of tokens"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.open_list)
        dialog.open()

    @Slot(str)
    def open_folder(self, path: str) -> None:
        """Check every file of a folder, those below it too."""
        self._begin(path, _of_folder)

    @Slot(str)
    def open_list(self, path: str) -> None:
        """Check every token of a list."""
        self._begin(path, _of_list)

    def _begin(self, path: str, read: Callable[[str, Services], Awaitable[object]]) -> None:
        if self._services is None:
            return
        call = partial(read, path, self._services)
        task = self._host.runner.start(call, title=self.tr("Reading tokens"))
        task.then(self._on_read, path)
        task.failed.connect(self._host.fail)

    def _on_read(self, path: str, tokens: tuple[BatchToken, ...]) -> None:
        from sealwright.services.tokens.batch import BatchTerms  # noqa: PLC0415 - brings anyio

        services, desk = self._services, self._desk
        if services is None:
            return
        if not tokens:
            words = self.tr("There are no tokens in it")
            self._host.notify(Notice(words, tone=Tone.WARN, key="batch"))
            return
        rules = desk.rules.text if desk.rules is not None else ""
        terms = BatchTerms(desk.at or services.tokens.now(), rules)
        self._title = file_name(path)
        self._remember()
        self.show_again()
        source = self._stage.chain.keys.source
        self._stage.pages.batch.start(services, tokens, source, terms)

    @Slot(object)
    def _on_token(self, token: BatchToken) -> None:
        if token.problem:
            self._host.notify(Notice(token.name, token.problem, Tone.WARN, key="batch"))
            return
        source = self._stage.chain.keys.source
        self._alone = token.text
        self._stage.open_with(TokenText(token.text, token.name), source)

    def _remember(self) -> None:
        """What closing the batch goes back to."""
        stage = self._stage
        if stage.current is not None and stage.shown_token is not None:
            self._before = (stage.current, stage.shown_token, self._desk.terms())
        elif stage.pages.currentWidget() is not stage.pages.batch:
            self._before = None

    def show_again(self) -> None:
        """The batch as it is, none of its tokens open."""
        self._alone = ""
        self._stage.show_batch(self._title)

    @Slot()
    def _on_token_closed(self) -> None:
        """Back to the batch, if the open token was opened from it."""
        current = self._stage.current
        if self._alone and current is not None and current.token == self._alone:
            self.show_again()
        else:
            self._stage.close_token()

    @Slot()
    def _on_closed(self) -> None:
        before, self._before = self._before, None
        if before is None:
            self._stage.close_token()
            return
        token, shown, terms = before
        if terms == self._desk.terms():
            self._stage.show_again(token, shown)
        else:
            # Other rules were chosen meanwhile: what was found says nothing about them.
            self._stage.open_with(token, self._stage.chain.keys.source)


async def _of_folder(path: str, services: Services) -> tuple[BatchToken, ...]:
    from anyio import to_thread  # noqa: PLC0415 - runs on the worker's loop

    from sealwright.services.tokens.batch import BatchToken  # noqa: PLC0415 - as above

    found: list[BatchToken] = []
    for name in (await services.files.find(path, ""))[:_MOST]:
        try:
            data = await services.files.read(f"{path}/{name}", limit=_LARGEST)
        except StorageError as error:
            found.append(BatchToken(name, "", error.summary))
        else:
            found += await to_thread.run_sync(_tokens, name, data)
    return tuple(found)


async def _of_list(path: str, services: Services) -> tuple[BatchToken, ...]:
    from anyio import to_thread  # noqa: PLC0415 - runs on the worker's loop

    data = await services.files.read(path, limit=_LARGEST)
    return tuple(await to_thread.run_sync(_tokens, file_name(path), data))


def _tokens(name: str, data: bytes) -> list[BatchToken]:
    from sealwright.services.tokens.batch import BatchToken  # noqa: PLC0415 - on the worker
    from sealwright.tokens.listing import tokens_in_file  # noqa: PLC0415 - as above

    listed = tokens_in_file(data)
    if len(listed) == 1:
        return [BatchToken(name, listed[0])]
    return [BatchToken(f"{name}:{number}", text) for number, text in enumerate(listed, 1)]
