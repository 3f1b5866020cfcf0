"""What was brought is no token: nothing of what was open is left where its result would stand."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from sealwright.desktop.messages import message
from sealwright.desktop.tokens.view.refused_view import Refused, refused

if TYPE_CHECKING:
    from sealwright.desktop.host import Host, TokenText
    from sealwright.desktop.tokens.desk import TokenDesk
    from sealwright.desktop.tokens.many import ManyTokens
    from sealwright.desktop.tokens.shown import Shown
    from sealwright.desktop.tokens.stage import TokenStage
    from sealwright.services.bundle import Services


class Refusing(QObject):
    """Shows why, and knows the way back."""

    def __init__(self, host: Host, stage: TokenStage, desk: TokenDesk, many: ManyTokens) -> None:
        super().__init__(stage.pages)
        self._host = host
        self._stage, self._desk, self._many = stage, desk, many
        self._number = 0
        self._token: TokenText | None = None
        self._before: tuple[TokenText, Shown] | None = None
        self._from_batch = False
        page = stage.pages.refused
        page.back_wanted.connect(self.go_back)
        page.key_wanted.connect(self._on_key)

    def forget(self) -> None:
        """A token is open: there is nothing to go back from."""
        self._number += 1
        self._before = None

    def refuse(self, services: Services, token: TokenText, error: BaseException) -> None:
        """Say what a text is that is no token."""
        self._token = token
        self._begin()
        call = partial(refused, services, token.token, token.title, message(error).text)
        task = self._host.runner.start(call)
        task.then(self._on_found, self._number)
        task.failed.connect(self._host.fail)

    def refuse_file(self, path: str, error: BaseException) -> None:
        """Say why a file was not read."""
        self._token = None
        self._begin()
        self._show(Refused(path, "unread", message(error).text))

    def _begin(self) -> None:
        """Take away what was open, and remember it."""
        stage = self._stage
        self._number += 1
        if stage.current is not None and stage.shown_token is not None:
            self._before = (stage.current, stage.shown_token)
        elif stage.pages.currentWidget() is not stage.pages.refused:
            self._before = None
        if stage.pages.currentWidget() is not stage.pages.refused:
            self._from_batch = stage.pages.currentWidget() is stage.pages.batch
        stage.clear_token()

    def _on_found(self, number: int, found: Refused) -> None:
        if number == self._number:
            self._show(found)

    def _show(self, found: Refused) -> None:
        stage = self._stage
        stage.head.set_subtitle(found.title)
        stage.pages.refused.show_refused(found, self._way_back())
        stage.pages.show_refused()

    def _way_back(self) -> str:
        if self._from_batch:
            return self.tr("Back to the batch")
        if self._before is not None:
            return self.tr("Back to {0}").format(self._before[0].title)
        return self.tr("Back to the start")

    @Slot()
    def go_back(self) -> None:
        """To where it was brought from; a token is shown as it was checked."""
        before, self._before = self._before, None
        if self._from_batch:
            self._many.show_again()
        elif before is not None:
            self._stage.show_again(*before)
        else:
            self._stage.close_token()

    @Slot()
    def _on_key(self) -> None:
        if self._token is not None:
            self._desk.choose_key(self._token)
