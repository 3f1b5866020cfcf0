"""How things stand: what is known of providers, keyring and log, in status bar and banner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from sealwright.desktop.theme import Tone

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.widgets.surfaces import Banner
    from sealwright.desktop.window.status_bar import StatusBar
    from sealwright.services.model import ChainState, Provider, VaultStatus


class Standing(QObject):
    """Puts what the services report into words beside every panel."""

    def __init__(self, status: StatusBar, vault_banner: Banner, parent: QWidget) -> None:
        super().__init__(parent)
        self._status, self._vault_banner = status, vault_banner

    @Slot(object)
    def show_not_open(self, _error: BaseException) -> None:
        """The services could not be opened."""
        self._status.state.set_state(self.tr("Not ready"), "err", Tone.ERR)

    @Slot(object)
    def show_vault(self, status: VaultStatus) -> None:
        """Which secret store answers, or that none does and what to do."""
        if not status.usable:
            hint = f"{status.problem} {status.hint}".strip()
            self._status.vault.set_state(self.tr("No keyring"), "unlock", Tone.WARN, hint)
            self._vault_banner.tell(
                Tone.WARN,
                self.tr("No keyring can be used, so keys cannot be kept yet"),
                hint,
                action=self.tr("Choose where keys are kept…"),
                icon="lock",
            )
            return
        words = {
            "keyring": self.tr("Keyring unlocked"),
            "file": self.tr("Vault file"),
            "memory": self.tr("Keys in memory only"),
        }
        tone = Tone.WARN if status.kind == "memory" else Tone.NEU
        text = words.get(status.kind, status.backend)
        self._status.vault.set_state(text, "lock", tone, status.backend)
        self._vault_banner.hide()

    @Slot(object)
    def show_chain(self, chain: ChainState) -> None:
        """Whether the activity log is whole."""
        holds = chain.holds
        text = self.tr("Activity chain verified") if holds else self.tr("Activity chain is broken")
        tone = Tone.NEU if holds else Tone.ERR
        self._status.chain.set_state(text, "link" if holds else "err", tone)

    @Slot(object)
    def show_providers(self, providers: tuple[Provider, ...]) -> None:
        """How many providers are known, and where."""
        sandbox = sum(1 for provider in providers if provider.cloud.lower() == "sandbox")
        if len(providers) > sandbox:
            text = self.tr("{0} providers read").format(len(providers))
            self._status.state.set_state(text, "ok", Tone.OK)
        else:
            text = self.tr("Sandbox running, {0} providers").format(sandbox)
            self._status.state.set_state(text, "cube", Tone.OK)
        self._status.network.set_state(self.tr("Online"), "wifi", Tone.NEU)
