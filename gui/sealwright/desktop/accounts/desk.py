"""The window's hand on accounts and network: opens the sheets, and says where we are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from sealwright.desktop.accounts.accounts_sheet import AccountsSheet
from sealwright.desktop.accounts.add_sheet import AddAccountSheet
from sealwright.desktop.accounts.network_sheet import NetworkSheet
from sealwright.desktop.host import Notice
from sealwright.desktop.theme import Tone

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.host import Host
    from sealwright.services.accounts.account_list import Account
    from sealwright.services.bundle import Services
    from sealwright.services.model import Provider


class AccountsDesk(QObject):
    """Nothing works before the services are open; then everything does."""

    changed = Signal()
    """Somebody signed in or out, or moved to another tenant."""

    def __init__(self, host: Host, window: QWidget) -> None:
        super().__init__(window)
        self._host, self._window = host, window
        self._services: Services | None = None
        host.network_wanted.connect(self.open_network)

    def set_services(self, services: Services) -> None:
        """The services are open."""
        self._services = services
        self.changed.emit()

    def account_of(self, provider: Provider | None) -> Account | None:
        """The account that calls a provider; for none, the first that is signed in."""
        if self._services is None:
            return None
        accounts = self._services.accounts
        if provider is not None:
            return accounts.calling(provider.cloud, provider.subscription)
        return next(iter(accounts.list()), None)

    @Slot()
    def open_accounts(self) -> None:
        """Who is signed in."""
        if self._services is not None:
            sheet = AccountsSheet(self._host, self._window, self._services)
            sheet.changed.connect(self._on_changed)
            sheet.open_sheet()

    @Slot()
    def connect_to_azure(self) -> None:
        """Sign in, at once."""
        if self._services is not None:
            sheet = AddAccountSheet(self._host, self._window, self._services)
            sheet.done.connect(self._on_signed_in)
            sheet.open_sheet()

    @Slot()
    def open_network(self) -> None:
        """Proxy and trust."""
        if self._services is not None:
            NetworkSheet(self._host, self._window, self._services).open_sheet()

    @Slot(object)
    def _on_signed_in(self, account: Account) -> None:
        title = self.tr("Signed in as {0}").format(account.profile.name)
        text = self.tr("The providers of its subscriptions are being read.")
        self._host.notify(Notice(title, text, Tone.OK, key="signed-in"))
        self._on_changed()

    @Slot()
    def _on_changed(self) -> None:
        self.changed.emit()
        self._host.changed.emit("activity")
        # What is signed in decides what can be seen.
        self._host.refresh_wanted.emit()
