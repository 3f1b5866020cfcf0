"""The accounts that are signed in, and what can be done with each."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QMenu, QScrollArea, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.accounts.add_sheet import AddAccountSheet
from sealwright.desktop.accounts.cloud_sheet import CloudSheet
from sealwright.desktop.accounts.sign_in_sheet import RenewSheet
from sealwright.desktop.accounts.token_fields import PinSheet
from sealwright.desktop.accounts.words import ICONS, method_words
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.buttons import Button, Kind, ToolButton
from sealwright.desktop.widgets.chip import Chip
from sealwright.desktop.widgets.labels import ElidingLabel, Hairline
from sealwright.desktop.widgets.sheet import Sheet
from sealwright.desktop.widgets.surfaces import EmptyState, Picture

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealwright.desktop.host import Host
    from sealwright.services.accounts.account_list import Account
    from sealwright.services.bundle import Services
    from sealwright.services.ports import Prompt, Tenant

    _SignIn = Callable[[Callable[[Prompt], None]], Awaitable[object]]


class AccountRow(QWidget):
    """One account: who, where, how, and its menu."""

    use_wanted = Signal(object)
    renew_wanted = Signal(object)
    tenants_wanted = Signal(object)
    remove_wanted = Signal(object)

    def __init__(self, account: Account, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.account = account
        profile = account.profile
        self.setAccessibleName(self.tr("Account {0}").format(profile.name))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(22), theme.px(10), theme.px(14), theme.px(10))
        row.setSpacing(theme.px(12))
        row.addWidget(Picture(ICONS[profile.method], "text2", size=18))
        texts = QVBoxLayout()
        texts.setSpacing(theme.px(2))
        texts.addWidget(ElidingLabel(profile.name, role=theme.Role.NAME))
        method = method_words()[profile.method][0]
        where = self.tr("{0} · tenant {1} · {2}")
        words = where.format(profile.cloud, profile.where or self.tr("its own"), method)
        texts.addWidget(ElidingLabel(words, role=theme.Role.SMALL, color="text3"))
        row.addLayout(texts, 1)
        if account.chosen:
            chip = Chip(self.tr("Default"), Tone.OK, "check")
            words = self.tr(
                "Every account is used for the subscriptions that it reaches. This one"
                " calls {0} where none is known to."
            )
            chip.setToolTip(words.format(profile.cloud))
            row.addWidget(chip)
        else:
            name = self.tr("Make {0} the default").format(profile.name)
            use = Button(self.tr("Make default"), small=True, name=name)
            use.clicked.connect(partial(self.use_wanted.emit, account))
            row.addWidget(use)
        self.more = ToolButton(
            "more", self.tr("More for {0}").format(profile.name), icon_size=18, size=28
        )
        self.more.setMenu(self._menu())
        row.addWidget(self.more)

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAccessibleName(self.tr("More for {0}").format(self.account.profile.name))
        again = menu.addAction(theme.icon("refresh"), self.tr("Sign in again…"))
        again.triggered.connect(partial(self.renew_wanted.emit, self.account))
        again.setEnabled(self.account.can_sign_in_again)
        if not self.account.can_sign_in_again:
            again.setToolTip(self.tr("It signs in by itself."))
        switch = menu.addAction(theme.icon("building"), self.tr("Switch tenant…"))
        switch.triggered.connect(partial(self.tenants_wanted.emit, self.account))
        out = menu.addAction(theme.icon("trash"), self.tr("Sign out"))
        out.triggered.connect(partial(self.remove_wanted.emit, self.account))
        out.setEnabled(self.account.kept)
        if not self.account.kept:
            out.setToolTip(self.tr("The environment of this program gives it."))
        menu.setToolTipsVisible(True)
        return menu


class AccountsSheet(Sheet):
    """Every account, by cloud; adding one is the primary button."""

    changed = Signal()

    def __init__(self, host: Host, window: QWidget, services: Services) -> None:
        size = QSize(theme.px(640), theme.px(480))
        super().__init__(window, host.tr("Accounts"), icon="user", size=size)
        self._host, self._services = host, services
        self._window = window
        self._rows: list[AccountRow] = []
        self._empty = EmptyState(
            "user",
            self.tr("Nobody is signed in"),
            self.tr("The sandbox needs no account. For Azure, sign in with yours."),
        )
        self._list = QWidget()
        self._list.setProperty("k", "clear")
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(0, theme.px(6), 0, theme.px(6))
        self._column.setSpacing(0)
        self._area = QScrollArea()
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidgetResizable(True)
        self._area.setProperty("k", "clear")
        self._area.setAccessibleName(self.tr("Accounts"))
        self._area.setWidget(self._list)
        self.body.addWidget(self._area)
        self.body.addWidget(self._empty)
        self.add = Button(self.tr("Add account…"), icon="plus", kind=Kind.PRIMARY)
        self.add.clicked.connect(self._on_add)
        self._cloud = Button(self.tr("Add cloud…"), icon="cloud")
        self._cloud.setToolTip(self.tr("Beside Microsoft's: a sandbox that is served elsewhere"))
        self._cloud.clicked.connect(self._on_cloud)
        self.buttons.addWidget(self._cloud)
        self.buttons.addWidget(self.add)
        self.refill()

    def refill(self) -> None:
        """Show who is signed in now."""
        while self._column.count():
            item = self._column.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._rows = []
        accounts = self._services.accounts.list()
        for account in accounts:
            row = AccountRow(account)
            row.use_wanted.connect(self._on_use)
            row.renew_wanted.connect(self._on_renew)
            row.tenants_wanted.connect(self._on_tenants)
            row.remove_wanted.connect(self._on_remove)
            self._rows.append(row)
            self._column.addWidget(row)
            self._column.addWidget(Hairline())
        self._column.addStretch(1)
        self._area.setVisible(bool(accounts))
        self._empty.setVisible(not accounts)

    def _after(self, _result: object = None) -> None:
        self.refill()
        self.changed.emit()

    @Slot()
    def _on_add(self) -> None:
        sheet = AddAccountSheet(self._host, self._window, self._services)
        sheet.done.connect(self._on_changed)
        sheet.open_sheet()

    @Slot()
    def _on_cloud(self) -> None:
        CloudSheet(self._host, self._window, self._services).open_sheet()

    @Slot(object)
    def _on_changed(self, _account: object) -> None:
        self._after()

    @Slot(object)
    def _on_use(self, account: Account) -> None:
        self._start(partial(self._services.accounts.choose, account.profile.id), "")

    @Slot(object)
    def _on_remove(self, account: Account) -> None:
        title = self.tr("Signing {0} out").format(account.profile.name)
        self._start(partial(self._services.accounts.remove, account.profile.id), title)

    @Slot(object)
    def _on_renew(self, account: Account) -> None:
        if account.wants_pin:
            sheet = PinSheet(self._host, self._window, self._services, account)
            sheet.done.connect(self._on_changed)
            sheet.open_sheet()
            return
        sentence = self.tr("The browser opens, or a code is shown, as when you added {0}.")
        self._sign_in(
            self.tr("Sign in again"),
            sentence.format(account.profile.name),
            partial(self._services.accounts.sign_in_again, account.profile.id),
        )

    @Slot(object)
    def _on_tenants(self, account: Account) -> None:
        call = partial(self._services.accounts.tenants, account.profile.id)
        task = self._host.runner.start(call, title=self.tr("Reading tenants"))
        task.then(self._on_tenants_read, account.profile.id)
        task.failed.connect(self._host.fail)

    def _on_tenants_read(self, profile_id: str, tenants: tuple[Tenant, ...]) -> None:
        row = next((one for one in self._rows if one.account.profile.id == profile_id), None)
        if row is None:
            return
        menu = QMenu(row)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName(self.tr("Tenants"))
        for tenant in tenants:
            action = menu.addAction(theme.icon("building"), f"{tenant.name} ({tenant.domain})")
            action.triggered.connect(partial(self._switch, row.account, tenant))
            action.setEnabled(tenant.id != row.account.profile.tenant)
        if not tenants:
            menu.addAction(self.tr("This account can use no other tenant")).setEnabled(False)
        menu.popup(row.more.mapToGlobal(row.more.rect().bottomLeft()))

    def _switch(self, account: Account, tenant: Tenant, _checked: bool = False) -> None:  # noqa: FBT001, FBT002 - a slot
        sentence = self.tr("{0} is used in the tenant {1} from now on. A sign-in may be needed.")
        self._sign_in(
            self.tr("Switch tenant"),
            sentence.format(account.profile.name, tenant.name),
            partial(self._services.accounts.switch_tenant, account.profile.id, tenant.id),
        )

    def _sign_in(self, title: str, sentence: str, run: _SignIn) -> None:
        sheet = RenewSheet(self._host, self._window, title, sentence, run)
        sheet.done.connect(self._on_changed)
        sheet.open_sheet()
        sheet.submit()

    def _start(self, call: Callable[[], Awaitable[object]], title: str) -> None:
        task = self._host.runner.start(call, title=title)
        task.succeeded.connect(self._after_slot)
        task.failed.connect(self._host.fail)

    @Slot(object)
    def _after_slot(self, _result: object) -> None:
        self._after()
