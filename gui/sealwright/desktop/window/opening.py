"""Opens the services after the first paint, fills the host, and closes them in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealwright.desktop.host import Host
    from sealwright.services.bundle import Services
    from sealwright.services.model import Provider

_PATIENCE_MS = 3000
"""How long closing may take before the window stops waiting for it."""


class Opening(QObject):
    """The way from an empty window to a filled one, and back."""

    opened = Signal(object)
    """Services"""
    ready = Signal()
    """The example is there and the providers are known."""
    vault_known = Signal(object)
    """VaultStatus"""
    chain_known = Signal(object)
    """ChainState"""
    failed = Signal(object)
    """The services could not be opened."""
    _closed = Signal()

    def __init__(
        self,
        host: Host,
        open_services: Callable[[], Awaitable[Services]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._host = host
        self._open = open_services
        self.services: Services | None = None
        self._kept_stays = False
        host.changed.connect(self._on_changed)

    def start(self) -> None:
        """Bring up the loop and open the services on it."""
        self._host.runner.open()
        task = self._host.runner.start(self._open, title=self.tr("Opening this home"))
        task.succeeded.connect(self._on_opened)
        task.failed.connect(self.failed)

    @Slot(object)
    def _on_opened(self, services: Services) -> None:
        self.services = services
        self.opened.emit(services)
        known = self._host.runner.start(services.providers.known)
        known.succeeded.connect(self._on_kept)
        known.failed.connect(self._on_failed)
        task = self._host.runner.start(
            services.first_start.ensure, title=self.tr("Preparing the sandbox")
        )
        task.failed.connect(self._on_failed)
        task.finished.connect(self._on_ensured)
        self.read_vault()

    @Slot()
    def _on_ensured(self) -> None:
        self._kept_stays = True
        self.read_providers()
        # The example brought a key and log rows; who has read them already reads them again.
        self._host.changed.emit("keys")
        self._host.changed.emit("activity")

    @Slot()
    def read_providers(self) -> None:
        """Ask the local directory; no network."""
        if self.services is None:
            return
        task = self._host.runner.start(self.services.providers.known)
        task.succeeded.connect(self._on_known)
        task.failed.connect(self._on_failed)

    @Slot(object)
    def _on_kept(self, providers: tuple[Provider, ...]) -> None:
        """What an earlier session left is shown before anything is prepared."""
        if providers and not self._host.providers:
            self._host.set_providers(providers)

    @Slot(object)
    def _on_known(self, providers: tuple[Provider, ...]) -> None:
        # What an earlier session left is being read already.
        known = self._kept_stays and providers == self._host.providers
        self._kept_stays = False
        if not known:
            self._host.set_providers(providers)
        self.ready.emit()

    @Slot()
    def read_vault(self) -> None:
        """Which secret store answers."""
        if self.services is None:
            return
        task = self._host.runner.start(self.services.keys.status)
        task.succeeded.connect(self.vault_known)
        task.failed.connect(self._on_failed)

    def read_chain(self) -> None:
        """Whether the activity log is whole."""
        if self.services is None:
            return
        task = self._host.runner.start(self.services.activity.verify)
        task.succeeded.connect(self.chain_known)
        task.failed.connect(self._on_failed)

    @Slot(str)
    def _on_changed(self, what: str) -> None:
        if what == "providers":
            self.read_providers()
        if what == "activity":
            self.read_chain()

    @Slot(object)
    def _on_failed(self, error: BaseException) -> None:
        self._host.fail(error)

    def close(
        self, state: str, save: Callable[[str], None] | None, done: Callable[[], None]
    ) -> None:
        """Keep the window state and close the services, then call `done`, late at the latest."""
        services = self.services

        async def finish() -> None:
            from anyio import to_thread  # noqa: PLC0415 - start-up stays light

            try:
                if save is not None:
                    await to_thread.run_sync(save, state)
            finally:
                if services is not None:
                    await services.close()

        self._closed.connect(done)
        task = self._host.runner.start(finish)
        task.failed.connect(self._on_failed)
        task.finished.connect(self._closed)
        QTimer.singleShot(_PATIENCE_MS, self, self._closed.emit)
