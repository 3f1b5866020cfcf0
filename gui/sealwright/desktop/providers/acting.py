"""What is done to providers from their panel: read again, test, make, delete."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from sealwright.desktop.host import Notice
from sealwright.desktop.providers.making.sheet import NewProviderSheet
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.forms import TypedNameSheet
from sealwright.services.removal import Removed

if TYPE_CHECKING:
    from sealwright.desktop.panel import Panel
    from sealwright.desktop.providers.watching import ProviderWatch
    from sealwright.services.bundle import Services
    from sealwright.services.model import Provider
    from sealwright.services.providers.providers import Refreshed


class ProviderActs(QObject):
    """Starts each act, asks what has to be asked, and tells what became of it."""

    reading = Signal(bool)
    """The list of providers is being read again, or no more."""
    tested = Signal(object, object)
    """Provider id, and the checks of its connection; none while they run."""
    made = Signal(object)
    """Provider"""

    def __init__(self, panel: Panel, watch: ProviderWatch) -> None:
        super().__init__(panel)
        self._panel, self._host, self._watch = panel, panel.host, watch

    @Slot()
    def refresh(self) -> None:
        """Ask every cloud for its providers."""
        services = self._panel.services
        if services is None:
            return
        self.reading.emit(True)  # noqa: FBT003 - a signal
        title = self.tr("Reading providers")
        task = self._host.runner.start(services.providers.refresh, title=title)
        task.succeeded.connect(self._on_refreshed)
        task.failed.connect(self._host.fail)
        task.finished.connect(self._on_refresh_ended)

    @Slot(object)
    def _on_refreshed(self, found: Refreshed) -> None:
        for cloud, problem in found.problems:
            self._host.fail(problem, key=f"refresh:{cloud}")
        self._host.set_providers(found.providers)

    @Slot()
    def _on_refresh_ended(self) -> None:
        self.reading.emit(False)  # noqa: FBT003 - a signal
        self._watch.look_at_regions()

    def test(self, provider: Provider) -> None:
        """Go the way to a provider, stop by stop."""
        services = self._panel.services
        if services is None:
            return
        self.tested.emit(provider.id, ())
        title = self.tr("Testing the connection to {0}").format(provider.name)
        call = partial(services.connection.check, provider.id)
        task = self._host.runner.start(call, title=title)
        task.then(self._on_tested, provider.id)
        task.failed.connect(self._host.fail)

    def _on_tested(self, provider_id: str, checks: object) -> None:
        self.tested.emit(provider_id, checks)

    @Slot()
    def create(self) -> None:
        """Ask for a new provider's name and place, and make it."""
        services = self._panel.services
        if services is None:
            return
        sheet = NewProviderSheet(self._host, self._panel.window(), services)
        sheet.made.connect(self._on_created)
        sheet.open_sheet()

    @Slot(object)
    def _on_created(self, provider: Provider) -> None:
        title = self.tr("{0} was created and read back").format(provider.name)
        self._host.notify(Notice(title, provider.attest_uri, Tone.OK))
        self._host.choose_provider(provider)
        self.made.emit(provider)
        self._tell_change()

    def delete(self, provider: Provider) -> None:
        """Delete a provider once its name was typed."""
        services = self._panel.services
        if services is None:
            return
        sheet = TypedNameSheet(
            self._host,
            self._panel.window(),
            title=self.tr("Delete {0}?").format(provider.name),
            verb=self.tr("Delete provider"),
            sentences=[
                self.tr(
                    "The provider, its policies and its signers are deleted for good. Whoever "
                    "asks it for tokens gets none any more."
                ),
                self.tr("A backup of it is written first, to {0}.").format(services.removal.folder),
            ],
            name=provider.name,
            run=partial(_deleted, services, provider),
        )
        sheet.done.connect(self._on_deleted)
        sheet.call_failed.connect(partial(self._watch.unanswered, provider))
        sheet.open_sheet()

    @Slot(object)
    def _on_deleted(self, removed: object) -> None:
        if not isinstance(removed, Removed):
            return
        title = self.tr("{0} is deleted").format(removed.provider.name)
        text = self.tr("Its backup is {0}").format(removed.archive)
        if removed.missing:
            text += "\n" + self.tr("Not in it: {0}").format("; ".join(removed.missing))
        tone = Tone.WARN if removed.missing else Tone.OK
        self._host.notify(Notice(title, text, tone))
        self._tell_change()

    def _tell_change(self) -> None:
        self._host.changed.emit("providers")
        self._host.changed.emit("activity")


async def _deleted(services: Services, provider: Provider, typed: str) -> Removed:
    return await services.removal.delete(provider, typed_name=typed)
