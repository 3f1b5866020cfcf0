"""The main window: builds the panels, opens the services after the first paint, remembers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QPaintEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.accounts.desk import AccountsDesk
from sealwright.desktop.host import Action, Host, Notice
from sealwright.desktop.theme import Tone
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.details import foot_of
from sealwright.desktop.widgets.finder import Finder
from sealwright.desktop.widgets.notices import NoticeStack
from sealwright.desktop.widgets.surfaces import Banner
from sealwright.desktop.window.bell import Bell
from sealwright.desktop.window.commands import window_finds
from sealwright.desktop.window.context_bar import ContextBar
from sealwright.desktop.window.leaving import LeaveSheet
from sealwright.desktop.window.opening import Opening
from sealwright.desktop.window.panes import go_on, unless_covered
from sealwright.desktop.window.rail import Rail, RailEntry
from sealwright.desktop.window.roster import make_panels
from sealwright.desktop.window.settings import SettingsPage
from sealwright.desktop.window.shortcuts import ShortcutSheet
from sealwright.desktop.window.standing import Standing
from sealwright.desktop.window.status_bar import StatusBar
from sealwright.desktop.window.vault_choice import VaultChoiceSheet

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealwright.desktop.panel import Panel
    from sealwright.desktop.policies.document.facts import StatusFact
    from sealwright.desktop.theme import Choice, Theme
    from sealwright.desktop.widgets.finds import Find
    from sealwright.desktop.window.options import RunOptions
    from sealwright.desktop.window.state import WindowState
    from sealwright.services.bundle import Services
    from sealwright.services.model import Provider

_SIZE = QSize(1440, 900)
_FRAME = QSize(8, 40)
_SMALLEST = QSize(900, 600)
_SETTINGS = "settings"


class MainWindow(QWidget):
    """Rail, context bar, one panel at a time, status bar; over them notices, palette, sheets."""

    painted = Signal()
    """The first paint is done."""
    filled = Signal()
    """The services are open and the panels have them."""
    finished = Signal()
    """Everything is saved and closed; the loop may end."""

    def __init__(
        self,
        options: RunOptions,
        host: Host,
        look: Theme,
        state: WindowState,
        open_services: Callable[[], Awaitable[Services]],
    ) -> None:
        super().__init__()
        self.options, self.host, self.look = options, host, look
        self._state = state
        self._was_painted = False
        self._leaving = False
        self.panels: dict[str, Panel] = {}
        self._facts: dict[str, tuple[StatusFact, ...]] = {}
        self._opening = Opening(host, open_services, self)
        self.accounts = AccountsDesk(host, self)
        self._build()
        self._connect()
        self._shortcuts()
        self._restore()

    # --- building -----------------------------------------------------------------------------

    def _build(self) -> None:
        self.setWindowTitle("Sealwright")
        self.setWindowIcon(theme.icon("mark", "accent"))
        self.setMinimumSize(theme.px(_SMALLEST.width()), theme.px(_SMALLEST.height()))
        made = make_panels(self.host, self)
        self.panels = {entry.key: panel for entry, panel in made}
        self.entries = [entry for entry, _ in made]
        bottom = RailEntry(_SETTINGS, self.tr("Settings"), "settings", "Ctrl+,")
        self.rail = Rail(self.entries, bottom, self)
        self._menu = QMenu(self)
        self.context = ContextBar(self._menu, self)
        self.status = StatusBar(self)
        self.settings = SettingsPage(self.host, self.options.home, self)
        self.settings.show_choice(self._state.theme)
        self.stack = QStackedWidget(self)
        for panel in self.panels.values():
            self.stack.addWidget(panel)
        self.stack.addWidget(self.settings)
        self.vault_banner = Banner(self, closable=False)
        self._arrange()
        self.notices = NoticeStack(
            self, lambda: self.status.height() + foot_of(self.stack.currentWidget())
        )
        self.finder = Finder(self)
        self._standing = Standing(self.status, self.vault_banner, self)
        self._bell = Bell(self.context, self.notices, self)
        self._fill_menu()

    def _arrange(self) -> None:
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self.context)
        holder = QVBoxLayout()
        holder.setContentsMargins(theme.px(12), 0, theme.px(12), 0)
        holder.addWidget(self.vault_banner)
        column.addLayout(holder)
        column.addWidget(self.stack, 1)
        column.addWidget(self.status)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addLayout(column, 1)

    def _fill_menu(self) -> None:
        for find in window_finds(self):
            action = self._menu.addAction(theme.icon(find.icon), find.text)
            action.triggered.connect(partial(_call, find))

    def _connect(self) -> None:
        host = self.host
        host.noticed.connect(self.notices.add)
        host.panel_wanted.connect(self.show_panel)
        host.policy_wanted.connect(self._on_policy_wanted)
        host.roll_back_wanted.connect(self._on_policy_wanted)
        host.token_wanted.connect(self._on_token_wanted)
        host.connect_wanted.connect(self.accounts.connect_to_azure)
        host.accounts_wanted.connect(self.accounts.open_accounts)
        host.providers_changed.connect(self.context.set_providers)
        host.providers_changed.connect(self._standing.show_providers)
        host.providers_changed.connect(self.finder.renew)
        host.provider_changed.connect(self._on_provider)
        host.runner.started.connect(self.status.add_task)
        self.accounts.changed.connect(self._show_place)
        self.context.accounts_wanted.connect(self.accounts.open_accounts)
        self.settings.accounts_wanted.connect(self.accounts.open_accounts)
        self.settings.network_wanted.connect(self.accounts.open_network)
        self.rail.chosen.connect(self.show_panel)
        self.context.provider_chosen.connect(host.choose_provider)
        self.context.search_wanted.connect(self.open_finder)
        self.settings.theme_chosen.connect(self.choose_theme)
        self.settings.vault_wanted.connect(self.choose_vault)
        self.vault_banner.acted.connect(self.choose_vault)
        self._opening.opened.connect(self._on_opened)
        self._opening.vault_known.connect(self.settings.show_vault)
        self._opening.vault_known.connect(self._standing.show_vault)
        self._opening.chain_known.connect(self._standing.show_chain)
        self._opening.failed.connect(self._on_open_failed)
        for key, panel in self.panels.items():
            panel.badge.connect(self.rail.button(key).set_badge_from)
            panel.facts.connect(partial(self._on_facts, key))

    def _shortcuts(self) -> None:
        keys: list[tuple[str, Callable[[], None]]] = [
            ("F1", self.show_shortcuts),
            ("F6", partial(self.next_pane, 1)),
            ("Shift+F6", partial(self.next_pane, -1)),
            ("Ctrl+Q", self.close_window),
        ]
        below: list[tuple[str, Callable[[], None]]] = [
            ("Ctrl+K", self.open_finder),
            ("Ctrl+,", partial(self.show_panel, _SETTINGS)),
            *((entry.keys, partial(self.show_panel, entry.key)) for entry in self.entries),
        ]
        keys += [(text, partial(unless_covered, self, run)) for text, run in below]
        for text, run in keys:
            shortcut = QShortcut(QKeySequence(text), self)
            shortcut.activated.connect(run)

    # --- moving around ------------------------------------------------------------------------

    @Slot(str)
    def show_panel(self, key: str) -> None:
        """Show a panel, or the settings."""
        page = self.panels.get(key)
        if page is None and key != _SETTINGS:
            return
        self.stack.setCurrentWidget(self.settings if page is None else page)
        self.rail.show_chosen(key)
        self.status.set_facts(self._facts.get(key, ()))
        self.notices.place()
        if page is not None:
            page.shown()

    @property
    def current_panel(self) -> str:
        """Key of what is shown."""
        widget = self.stack.currentWidget()
        return next((key for key, panel in self.panels.items() if panel is widget), _SETTINGS)

    @Slot(object)
    def _on_policy_wanted(self, _request: object) -> None:
        self.show_panel("policies")

    @Slot(object)
    def _on_token_wanted(self, _request: object) -> None:
        self.show_panel("tokens")

    @Slot()
    def open_finder(self) -> None:
        """Search over everything."""
        self.finder.open_with(self._finds)

    def _finds(self) -> list[Find]:
        found = [find for panel in self.panels.values() for find in panel.finds()]
        return [*found, *window_finds(self)]

    @Slot()
    def refresh(self) -> None:
        """Ask every cloud for its providers."""
        self.show_panel("providers")
        self.host.refresh_wanted.emit()

    @Slot()
    def show_shortcuts(self) -> None:
        """List the keys."""
        ShortcutSheet(self, self.entries).open_sheet()

    def next_pane(self, step: int) -> None:
        """F6: rail, context bar, panes of the panel, and round again; or those of a sheet."""
        panel = self.panels.get(self.current_panel)
        stops = (self.rail.current, self.context.first_stop, *(panel.panes() if panel else ()))
        go_on(self, [stop for stop in stops if stop is not None], step)

    @Slot(object)
    def come_forward(self, _value: object = None) -> None:
        """The program was started again: show this window."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    @Slot(object)
    def choose_theme(self, choice: Choice) -> None:
        """Follow the system, or hold light or dark."""
        self._state.theme = choice
        self.look.choose(choice)
        self.settings.show_choice(choice)

    def _on_facts(self, key: str, facts: object) -> None:
        self._facts[key] = facts if isinstance(facts, tuple) else ()
        if key == self.current_panel:
            self.status.set_facts(self._facts[key])

    # --- services -----------------------------------------------------------------------------

    @Slot(object)
    def _on_opened(self, services: Services) -> None:
        self.host.overviews.set_services(services)
        for panel in self.panels.values():
            panel.set_services(services)
        self.settings.set_services(services)
        self.accounts.set_services(services)
        self.filled.emit()

    @Slot(object)
    def _on_open_failed(self, error: BaseException) -> None:
        self._standing.show_not_open(error)
        again = Action(self.tr("Try again"), self._opening.start, "refresh")
        self.host.fail(error, key="open", action=again)

    @Slot(object)
    def _on_provider(self, provider: Provider | None) -> None:
        self._show_place()
        self.context.set_provider(provider)
        if provider is not None:
            self._state.provider = provider.id

    @Slot()
    def _show_place(self) -> None:
        """Cloud, tenant and account of the provider in the box."""
        provider = self.host.provider
        sandbox = provider is None or provider.cloud.lower() == "sandbox"
        cloud = self.tr("Sandbox") if sandbox or provider is None else provider.cloud
        account = self.accounts.account_of(provider)
        tenant = account.profile.where if account is not None else ""
        nobody = self.tr("Sandbox owner") if sandbox else self.tr("Not signed in")
        name = account.profile.name if account is not None else nobody
        self.context.set_place(cloud, tenant, name, sandbox=sandbox)
        first = self.accounts.account_of(None)
        self.context.set_account(first.profile.name if first is not None else "")

    @Slot()
    def choose_vault(self) -> None:
        """Ask where keys are kept: vault file or memory only."""
        sheet = VaultChoiceSheet(self, self.host, self._opening.services)
        sheet.chosen.connect(self._opening.read_vault)
        sheet.open_sheet()

    # --- notices and crashes ------------------------------------------------------------------

    @Slot(str)
    def show_crash(self, report: str) -> None:
        """Say that the program itself was wrong, with the report to copy."""
        self.notices.add(
            Notice(
                self.tr("Something in Sealwright went wrong"),
                self.tr("This is a mistake in the program; nothing was confirmed as done."),
                Tone.ERR,
                details=report,
                key="crash",
            )
        )

    # --- state and leaving --------------------------------------------------------------------

    def _restore(self) -> None:
        geometry = QByteArray.fromHex(self._state.geometry.encode())
        if not (self._state.geometry and self.restoreGeometry(geometry)):
            self.resize(self._first_size())
        for key, panel in self.panels.items():
            panel.restore_state(self._state.panels.get(key, {}))
        self.host.prefer_provider(self._state.provider)
        wanted = self._state.panel
        self.show_panel(wanted if wanted in self.panels else next(iter(self.panels)))

    def _first_size(self) -> QSize:
        """As designed, or what the screen has room for beside the frame that it will get."""
        wanted = QSize(theme.px(_SIZE.width()), theme.px(_SIZE.height()))
        if QGuiApplication.platformName() == "offscreen":
            return wanted  # Its screen is an invention of 800 by 800; pictures want the design.
        return wanted.boundedTo(self.screen().availableSize() - _FRAME)

    def state(self) -> WindowState:
        """Everything that the next start shall find."""
        self._state.geometry = bytes(self.saveGeometry().toHex().data()).decode()
        self._state.panel = self.current_panel
        self._state.panels = {key: panel.save_state() for key, panel in self.panels.items()}
        return self._state

    @Slot()
    def close_window(self) -> None:
        """Quit, or ask first when work is running."""
        self.close()

    @virtual
    def closeEvent(self, event: QCloseEvent) -> None:
        """Never at once: ask while work runs, then save and close in the background."""
        event.ignore()
        if self._leaving:
            return
        running = [task.title for task in self.status.tasks]
        unsaved = [words for panel in self.panels.values() for words in panel.unsaved()]
        if running or unsaved:
            sheet = LeaveSheet(self, running, unsaved)
            sheet.agreed.connect(self.leave)
            sheet.open_sheet()
        else:
            self.leave()

    @Slot()
    def leave(self) -> None:
        """Save, close the services, and report `finished`."""
        if self._leaving:
            return
        self._leaving = True
        for task in self.status.tasks:
            task.cancel()
        text = self.state().to_json()
        self.hide()
        self._opening.close(text, self.options.save_state, self.finished.emit)

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """Notice the first paint; the widgets paint themselves."""
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self, self._on_painted)

    @Slot()
    def _on_painted(self) -> None:
        self.painted.emit()
        self._opening.start()


def _call(find: Find) -> None:
    find.run()
