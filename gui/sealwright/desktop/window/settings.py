"""The settings page: theme, where keys are kept, where this home is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from sealwright import __version__
from sealwright.desktop import theme
from sealwright.desktop.theme import Choice, Role, Tone
from sealwright.desktop.widgets.buttons import Button
from sealwright.desktop.widgets.chip import Chip
from sealwright.desktop.widgets.heads import PanelHead
from sealwright.desktop.widgets.labels import ElidingLabel, Hairline, Label
from sealwright.desktop.widgets.tabs import SegmentedControl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.desktop.host import Host
    from sealwright.services.bundle import Services
    from sealwright.services.model import VaultStatus

_CHOICES = (Choice.SYSTEM, Choice.LIGHT, Choice.DARK)


class SettingsPage(QWidget):
    """What concerns the program and not a provider."""

    theme_chosen = Signal(object)
    vault_wanted = Signal()
    accounts_wanted = Signal()
    network_wanted = Signal()

    def __init__(self, host: Host, home: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._host = host
        self._services: Services | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("k", "surface")
        self.setAccessibleName(self.tr("Settings"))
        words = [self.tr("System"), self.tr("Light"), self.tr("Dark")]
        self._theme = SegmentedControl(self.tr("Theme"), words)
        self._theme.currentChanged.connect(self._on_theme)
        self._vault = ElidingLabel("", color="text2")
        self._vault_chip = Chip(self.tr("Not asked yet"))
        self._vault_button = Button(self.tr("Choose where keys are kept…"), icon="lock")
        self._vault_button.set_available(self.tr("The keyring has not answered yet."))
        self._vault_button.clicked.connect(self.vault_wanted)
        self._accounts_button = Button(self.tr("Accounts…"), icon="user")
        self._accounts_button.clicked.connect(self.accounts_wanted)
        self._network_button = Button(self.tr("Proxy and certificates…"), icon="globe")
        self._network_button.clicked.connect(self.network_wanted)
        self._home = home
        self._anchors_button = Button(self.tr("Trust anchors…"), icon="shield")
        self._anchors_button.set_available(self.tr("Sealwright is still opening."))
        self._anchors_button.clicked.connect(self.open_anchors)
        self._card_button = Button(self.tr("Show the three steps again"), icon="play")
        self._card_button.clicked.connect(self._on_card)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(PanelHead(self.tr("Settings")))
        column.addLayout(self._rows(home), 1)

    def _rows(self, home: str) -> QVBoxLayout:
        rows = QVBoxLayout()
        rows.setContentsMargins(theme.px(16), theme.px(8), theme.px(16), theme.px(16))
        rows.setSpacing(0)
        place = ElidingLabel(
            home, role=Role.CODE_SMALL, color="text2", elide=Qt.TextElideMode.ElideMiddle
        )
        for title, hint, widgets in (
            (self.tr("Theme"), self.tr("System follows the desktop, live."), [self._theme]),
            (
                self.tr("Keys and secrets"),
                self.tr("Private keys never leave the secret store unencrypted."),
                [self._vault_chip, self._vault, self._vault_button],
            ),
            (
                self.tr("Accounts"),
                self.tr("Who signs in to Azure, in which cloud and tenant."),
                [self._accounts_button],
            ),
            (
                self.tr("Network"),
                self.tr("The system's proxy and trust, or your own in addition."),
                [self._network_button],
            ),
            (
                self.tr("Roots of trust"),
                self.tr("Up to which vendors' keys evidence and tokens are checked."),
                [self._anchors_button],
            ),
            (self.tr("First steps"), self.tr("On the Providers panel."), [self._card_button]),
            (self.tr("Home"), self.tr("Database, drafts and the sandbox of this home."), [place]),
            (self.tr("Version"), "", [Label(__version__, color="text2")]),
        ):
            rows.addLayout(_row(title, hint, widgets))
            rows.addWidget(Hairline())
        rows.addStretch(1)
        return rows

    def set_services(self, services: Services) -> None:
        """The services are open."""
        self._services = services
        self._anchors_button.set_available()

    def show_choice(self, choice: Choice) -> None:
        """Mark the theme in force."""
        self._theme.setCurrentIndex(_CHOICES.index(choice))

    @Slot(object)
    def show_vault(self, status: VaultStatus) -> None:
        """Name the secret store in use."""
        text = status.backend if status.usable else f"{status.problem} {status.hint}".strip()
        self._vault.setText(text)
        if status.usable:
            tone = Tone.WARN if status.kind == "memory" else Tone.OK
            self._vault_chip.set_state(self.tr("In use"), tone, "lock")
        else:
            self._vault_chip.set_state(self.tr("None usable"), Tone.WARN, "warn")
        reason = self.tr("The keyring of this computer is in use; there is nothing to choose.")
        self._vault_button.set_available(reason if status.kind == "keyring" else "")

    @Slot()
    def open_anchors(self) -> None:
        """List the roots that evidence and tokens are checked up to."""
        from sealwright.desktop.evidence.anchors_sheet import (  # noqa: PLC0415 - first paint
            AnchorsSheet,
        )

        if self._services is not None:
            AnchorsSheet(self._host, self.window(), self._services, self._home).open_sheet()

    @Slot(int)
    def _on_theme(self, index: int) -> None:
        self.theme_chosen.emit(_CHOICES[index])

    @Slot()
    def _on_card(self) -> None:
        self._host.card_wanted.emit()
        self._host.panel_wanted.emit("providers")


def _row(title: str, hint: str, widgets: Sequence[QWidget]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(0, theme.px(14), 0, theme.px(14))
    row.setSpacing(theme.px(10))
    texts = QVBoxLayout()
    texts.setSpacing(theme.px(2))
    head = Label(title, role=Role.NAME)
    head.setFixedWidth(theme.px(300))
    texts.addWidget(head)
    if hint:
        words = Label(hint, role=Role.SMALL, color="text3", wrap=True)
        words.setFixedWidth(theme.px(300))
        texts.addWidget(words)
    row.addLayout(texts)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row
