"""Recent tokens: those of this session, and those that the user wants to be kept, encrypted."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction

from sealwright.desktop.host import Notice, TokenText
from sealwright.desktop.theme import Tone

if TYPE_CHECKING:
    from sealwright.desktop.host import Host
    from sealwright.desktop.tokens.stage import TokenStage
    from sealwright.services.bundle import Services
    from sealwright.services.tokens.recent import RecentToken


class TokenKeeping(QObject):
    """The menu *Recent tokens*."""

    def __init__(self, host: Host, stage: TokenStage) -> None:
        super().__init__(stage.pages)
        self._host = host
        self._stage = stage
        self._services: Services | None = None
        self._kept: tuple[RecentToken, ...] = ()
        self.menu = stage.head.recent
        self.keep = QAction(self.tr("Keep recent tokens, encrypted"), self)
        self.keep.setCheckable(True)
        self.keep.setToolTip(
            self.tr("Off: nothing is written. Taking this back forgets all of them.")
        )
        self.keep.toggled.connect(self._on_keep)
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self._fill)

    def set_services(self, services: Services) -> None:
        """Read what is kept, if anything is."""
        self._services = services
        task = self._host.runner.start(partial(_state_of, services))
        task.succeeded.connect(self._on_state)
        task.failed.connect(self._on_failed)

    @Slot(object)
    def _on_state(self, state: tuple[bool, tuple[RecentToken, ...]]) -> None:
        kept, self._kept = state
        self.keep.blockSignals(True)  # noqa: FBT003 - Qt's signature
        self.keep.setChecked(kept)
        self.keep.blockSignals(False)  # noqa: FBT003 - Qt's signature

    @Slot(object)
    def _on_failed(self, error: BaseException) -> None:
        self._host.fail(error, key="recent")

    def add(self, token: TokenText) -> None:
        """Keep a token, if the user wants that."""
        if self._services is not None and self.keep.isChecked():
            task = self._host.runner.start(partial(_add, self._services, token))
            task.failed.connect(self._on_failed)

    @Slot()
    def _fill(self) -> None:
        self.menu.clear()
        known = {held.token for held in self._stage.opened}
        older = [
            TokenText(held.token, held.title) for held in self._kept if held.token not in known
        ]
        for held in (*self._stage.opened, *older):
            action = QAction(held.title, self.menu)
            action.triggered.connect(partial(self._stage.open_token, held))
            self.menu.addAction(action)
        if not self.menu.actions():
            nothing = QAction(self.tr("None yet"), self.menu)
            nothing.setEnabled(False)
            self.menu.addAction(nothing)
        self.menu.addSeparator()
        self.menu.addAction(self.keep)

    @Slot(bool)
    def _on_keep(self, on: bool) -> None:  # noqa: FBT001 - Qt's signal
        if self._services is None:
            return
        held = tuple(self._stage.opened) if on else ()
        task = self._host.runner.start(partial(_keep, self._services, on, held))
        task.then(self._on_kept)
        task.failed.connect(self._on_failed)

    def _on_kept(self, state: tuple[bool, tuple[RecentToken, ...]]) -> None:
        self._on_state(state)
        words = (
            self.tr("Recent tokens are kept, encrypted with a key of the secret store")
            if state[0]
            else self.tr("Recent tokens were forgotten, and erased from the disk")
        )
        self._host.notify(Notice(words, tone=Tone.INFO, key="recent"))


async def _state_of(services: Services) -> tuple[bool, tuple[RecentToken, ...]]:
    recent = services.tokens.recent_tokens
    return await recent.kept(), await recent.all()


async def _add(services: Services, token: TokenText) -> None:
    from sealwright.services.tokens.recent import RecentToken  # noqa: PLC0415 - on the worker

    await services.tokens.recent_tokens.add(RecentToken(token.title, token.token))


async def _keep(
    services: Services,
    on: bool,  # noqa: FBT001 - what the user chose
    held: tuple[TokenText, ...],
) -> tuple[bool, tuple[RecentToken, ...]]:
    await services.tokens.recent_tokens.keep(on=on)
    for token in reversed(held):
        await _add(services, token)
    return await _state_of(services)
