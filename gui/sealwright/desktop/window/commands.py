"""What the command palette and the menu can do anywhere."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QCoreApplication

from sealwright.desktop.theme import Choice
from sealwright.desktop.widgets.finds import Find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.desktop.accounts.desk import AccountsDesk
    from sealwright.desktop.window.rail import RailEntry
    from sealwright.desktop.window.settings import SettingsPage


class Commanded(Protocol):
    """The window as its commands know it."""

    @property
    def accounts(self) -> AccountsDesk:
        """Who is signed in, and the ways out to the network."""
        ...

    @property
    def settings(self) -> SettingsPage:
        """What concerns the program."""
        ...

    @property
    def entries(self) -> Sequence[RailEntry]:
        """The panels, in the order of the rail."""
        ...

    def refresh(self) -> None:
        """Ask every cloud for its providers."""
        ...

    def show_panel(self, key: str) -> None:
        """Bring a panel, or the settings, to the front."""
        ...

    def choose_theme(self, choice: Choice) -> None:
        """Follow the system, or hold light or dark."""
        ...

    def show_shortcuts(self) -> None:
        """List the keys."""
        ...

    def close_window(self) -> None:
        """As the window's own close button."""
        ...


def tr(text: str) -> str:
    """`text` in the user's language."""
    return QCoreApplication.translate("commands", text)


def window_finds(window: Commanded) -> list[Find]:
    """Commands of the window itself."""
    group = tr("Commands")

    def command(text: str, icon: str, keys: str, run: object) -> Find:
        if not callable(run):
            raise TypeError(text)
        return Find(group, text, run, icon, keys=keys, prefix=">")

    finds = [
        command(tr("Refresh providers"), "refresh", "", window.refresh),
        command(tr("Accounts"), "user", "", window.accounts.open_accounts),
        command(tr("Connect to Azure"), "cloud", "", window.accounts.connect_to_azure),
        command(tr("Proxy and certificates"), "globe", "", window.accounts.open_network),
        command(tr("Trust anchors"), "shield", "", window.settings.open_anchors),
        command(tr("Settings"), "settings", "Ctrl+,", partial(window.show_panel, "settings")),
        command(tr("Follow the system's theme"), "sun", "", _theme(window, Choice.SYSTEM)),
        command(tr("Light theme"), "sun", "", _theme(window, Choice.LIGHT)),
        command(tr("Dark theme"), "sun", "", _theme(window, Choice.DARK)),
        command(tr("Keyboard shortcuts"), "keyboard", "F1", window.show_shortcuts),
        command(tr("Quit"), "close", "Ctrl+Q", window.close_window),
    ]
    for entry in window.entries:
        text = tr("Go to {0}").format(entry.title)
        finds.append(command(text, entry.icon, entry.keys, partial(window.show_panel, entry.key)))
    return finds


def _theme(window: Commanded, choice: Choice) -> partial[None]:
    return partial(window.choose_theme, choice)
