"""The menu behind "More" in a provider's details."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from sealwright.desktop.host import Notice
from sealwright.desktop.providers.details.commands_sheet import CommandsSheet
from sealwright.desktop.providers.details.endpoints_sheet import EndpointsSheet
from sealwright.desktop.providers.details.matrix_sheet import MatrixSheet
from sealwright.desktop.providers.details.more_sheets import CloneSheet, SettingsSheet
from sealwright.desktop.theme import Tone
from sealwright.services.model import TrustModel

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.panel import Panel
    from sealwright.desktop.providers.details.details import ProviderDetails
    from sealwright.desktop.providers.watching import ProviderWatch
    from sealwright.services.clone import Cloned
    from sealwright.services.model import Provider
    from sealwright.services.providers.rights import Rights
    from sealwright.services.signers import PolicySigners


class ProviderMore(QObject):
    """What is done with one provider now and then."""

    rights_known = Signal(str, str)
    """Provider id, and in a sentence what the account may do there."""
    signers_known = Signal(str, object)
    """Provider id, and its trusted certificates."""
    signers_unread = Signal(str, object)
    """Provider id, and why they cannot be read."""

    def __init__(self, panel: Panel, watch: ProviderWatch) -> None:
        super().__init__(panel)
        self._panel, self._host, self._watch = panel, panel.host, watch
        self._provider: Provider | None = None
        self._unread: Provider | None = None
        self._menu = QMenu(panel)
        self._menu.setAccessibleName(self.tr("More"))
        entries = (
            (self.tr("Settings…"), self.settings),
            (self.tr("Clone…"), self.clone),
            (self.tr("Private endpoints…"), self.endpoints),
            (self.tr("Every policy, compare…"), self.matrix),
            (self.tr("Equivalent commands…"), self.commands),
        )
        # Made here and not by the menu: what PySide did not make itself, it may take for the
        # deleted object that lay at its address before.
        actions = [QAction(text, self._menu) for text, _ in entries]
        self._menu.addActions(actions)
        for action, (_, slot) in zip(actions, entries, strict=True):
            action.triggered.connect(slot)
        self._own, self._clone = actions[:3], actions[1]
        watch.region_changed.connect(self._on_region)

    def tell(self, details: ProviderDetails) -> None:
        """Show there what is read."""
        self.rights_known.connect(details.show_rights)
        self.signers_known.connect(details.show_signers)
        self.signers_unread.connect(details.show_unread_signers)

    def read(self, provider: Provider) -> None:
        """Find out what the account may do at a provider, and whom that trusts."""
        services = self._panel.services
        if services is None:
            return
        task = self._host.runner.start(partial(services.rights.of, provider))
        task.then(self._on_rights, provider)
        task.failed.connect(self._host.fail)
        if provider.trust_model is TrustModel.ISOLATED:
            listed = self._host.runner.start(partial(services.signers.list, provider.id))
            listed.then(self._on_signers, provider.id)
            listed.otherwise(self._on_unread, provider.id)

    def _on_signers(self, provider_id: str, found: PolicySigners) -> None:
        self.signers_known.emit(provider_id, found.signers)

    def _on_unread(self, provider_id: str, error: BaseException) -> None:
        self.signers_unread.emit(provider_id, error)

    def _on_rights(self, provider: Provider, rights: Rights) -> None:
        self.rights_known.emit(provider.id, rights.words)
        self._unread = provider if rights.problem is not None else None
        if rights.problem is not None:
            self._watch.unanswered(provider, rights.problem)

    @Slot()
    def _on_region(self) -> None:
        """What a failed region did not answer, it is asked again once it is whole."""
        provider = self._unread
        if provider is not None and self._watch.failed_at(provider) is None:
            self.read(provider)

    def drop(self, provider: Provider, button: QWidget) -> None:
        """Open the menu under its button."""
        self._provider = provider
        state = self._watch.failed_at(provider)
        refusal = state.refusal if state is not None else ""
        if provider.trust_model is TrustModel.SHARED:
            refusal = self.tr("A shared provider belongs to the region and cannot be changed.")
        for action in self._own:
            action.setEnabled(not refusal)
            action.setToolTip(refusal)
        if (
            state is not None
            and state.failed_over
            and provider.trust_model is not TrustModel.SHARED
        ):
            # What it applies is still answered, and another region takes it.
            self._clone.setEnabled(True)
            self._clone.setToolTip(self.tr("To another region"))
        self._menu.popup(button.mapToGlobal(QPoint(0, button.height())))

    @Slot()
    def settings(self) -> None:
        """Change tags and access."""
        services, provider = self._panel.services, self._provider
        if services is None or provider is None:
            return
        sheet = SettingsSheet(self._host, self._panel.window(), services, provider)
        sheet.done.connect(self._on_settings)
        sheet.call_failed.connect(partial(self._watch.unanswered, provider))
        sheet.open_sheet()

    @Slot(object)
    def _on_settings(self, provider: Provider) -> None:
        title = self.tr("The settings of {0} were changed").format(provider.name)
        self._host.notify(Notice(title, tone=Tone.OK))
        self._tell_change()
        # Behind another door there may be more to see, or less.
        self._host.overviews.read((provider.id,))

    @Slot()
    def clone(self) -> None:
        """Make a provider like this one."""
        services, provider = self._panel.services, self._provider
        if services is None or provider is None:
            return
        sheet = CloneSheet(self._host, self._panel.window(), services, provider)
        sheet.done.connect(self._on_cloned)
        sheet.call_failed.connect(partial(self._watch.unanswered, provider))
        sheet.open_sheet()

    @Slot(object)
    def _on_cloned(self, cloned: Cloned) -> None:
        name = cloned.provider.name
        if cloned.proven:
            title = self.tr("{0} applies the same, proven").format(name)
            self._host.notify(Notice(title, cloned.provider.attest_uri, Tone.OK))
        else:
            failed = next((each for each in cloned.done if each.error is not None), None)
            title = self.tr("{0} was made, but not everything was brought over").format(name)
            text = failed.error.summary if failed and failed.error else ""
            self._host.notify(Notice(title, text, Tone.ERR))
        self._tell_change()

    @Slot()
    def endpoints(self) -> None:
        """Show the private endpoint connections."""
        services, provider = self._panel.services, self._provider
        if services is not None and provider is not None:
            EndpointsSheet(self._host, self._panel.window(), services, provider).open_sheet()

    @Slot()
    def matrix(self) -> None:
        """Probe every known type, and compare with another provider."""
        services, provider = self._panel.services, self._provider
        if services is not None and provider is not None:
            MatrixSheet(self._host, self._panel.window(), services, provider).open_sheet()

    @Slot()
    def commands(self) -> None:
        """Show the same in other tools."""
        services, provider = self._panel.services, self._provider
        if services is not None and provider is not None:
            places = services.providers.places(provider)
            CommandsSheet(self._panel.window(), provider, places).open_sheet()

    def _tell_change(self) -> None:
        self._host.changed.emit("providers")
        self._host.changed.emit("activity")
