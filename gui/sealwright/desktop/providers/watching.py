"""What the Providers panel watches unasked: regions, drift, cut-off applies, and rehearsals.

Each is said once, in a notice with what to do; nothing is changed.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from sealwright.desktop.host import Action, Notice
from sealwright.desktop.theme import Tone
from sealwright.errors import ProxyError, UnreachableError, UntrustedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealwright.desktop.panel import Panel
    from sealwright.desktop.providers.keeping import ProviderKeeping
    from sealwright.services.bundle import Services
    from sealwright.services.model import Provider
    from sealwright.services.ports.fleet import FleetRecord
    from sealwright.services.providers.regions import RegionState

_EVERY = 15 * 60_000
"""Milliseconds between two looks at the workspace."""
_SOON = 60_000
"""Milliseconds between two looks at a region that had failed, until it is whole."""


class ProviderWatch(QObject):
    """Looks now and then, and when something did not answer."""

    region_changed = Signal()
    """A region fails, or is whole again."""

    def __init__(self, panel: Panel, keeping: ProviderKeeping) -> None:
        super().__init__(panel)
        self._panel, self._host, self._keeping = panel, panel.host, keeping
        self._drift = ""
        self._asked: set[tuple[str, str]] = set()
        self._failed: dict[tuple[str, str], Provider] = {}
        self._timer = self._every(_EVERY, self.look)
        self._soon = self._every(_SOON, self.look_at_regions)

    def _every(self, milliseconds: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setTimerType(Qt.TimerType.VeryCoarseTimer)
        timer.setInterval(milliseconds)
        timer.timeout.connect(slot)
        return timer

    def begin(self, services: Services) -> None:
        """The services are open."""
        self._timer.start()
        task = self._host.runner.start(services.backup.rehearsal_due)
        task.succeeded.connect(self._on_rehearsal)
        task.failed.connect(self._host.fail)
        task = self._host.runner.start(services.fleet.cut_off)
        task.succeeded.connect(self._on_cut_off)
        task.failed.connect(self._host.fail)

    @Slot(object)
    def _on_cut_off(self, record: FleetRecord | None) -> None:
        if record is None:
            return
        # Whoever was killed could not keep it.
        self._keeping.workspace = record.workspace
        words = self.tr(
            "{0} of {1} changes of {2} were not ended. Compare it again: Apply goes on with the"
            " rest."
        ).format(record.open, len(record.entries), record.workspace)
        action = Action(self.tr("Open fleet"), self._keeping.fleet)
        title = self.tr("An apply was cut off")
        self._host.notify(Notice(title, words, Tone.WARN, action=action, key="cut-off"))

    @Slot(object)
    def _on_rehearsal(self, due: bool) -> None:  # noqa: FBT001 - a slot
        if not due:
            return
        text = self.tr(
            "No backup was restored for three months. Restore one to a test provider, so that it"
            " is known to work when it is needed."
        )
        action = Action(self.tr("Restore…"), self._keeping.restore)
        title = self.tr("Rehearse a restore")
        self._host.notify(Notice(title, text, Tone.WARN, action=action, key="rehearsal"))

    # --- regions ------------------------------------------------------------------------------

    def unanswered(self, provider: Provider, error: object) -> None:
        """Something was not answered for a provider: is it its region?"""
        services, place = self._panel.services, _place(provider)
        if services is None or not isinstance(error, UnreachableError):
            return
        if isinstance(error, (UntrustedError, ProxyError)):
            return  # Something in between stops the call; it says nothing of the region.
        if place in self._asked or place in self._failed:
            return
        self._asked.add(place)
        call = partial(services.regions.after, provider, error)
        task = self._host.runner.start(call)
        task.then(self._on_looked, provider)
        task.failed.connect(self._host.fail)

    def failed_at(self, provider: Provider | None) -> RegionState | None:
        """How the region of a provider fails; None while nothing speaks against it."""
        services = self._panel.services
        if services is None or provider is None:
            return None
        return services.regions.state_of(*_place(provider))

    def _on_looked(self, provider: Provider, state: RegionState | None) -> None:
        self._asked.discard(_place(provider))
        if state is not None:
            self._failed[_place(provider)] = provider
            self._soon.start()
            self._tell(state)

    @Slot()
    def look_at_regions(self) -> None:
        """Are those that had failed whole again?"""
        services = self._panel.services
        if services is None:
            return
        for provider in self._failed.values():
            call = partial(services.regions.recovered, provider)
            task = self._host.runner.start(call)
            task.then(self._on_recovered, provider)
            task.failed.connect(self._host.fail)

    def _on_recovered(self, provider: Provider, state: RegionState | None) -> None:
        if state is None or self._failed.pop(_place(provider), None) is None:
            return
        if not self._failed:
            self._soon.stop()
        self._tell(state)

    def _tell(self, state: RegionState) -> None:
        tone = Tone.OK if state.whole else Tone.WARN
        title = self.tr("Region {0}").format(state.region)
        self._host.notify(Notice(title, state.words, tone, key=f"region:{state.region}"))
        self.region_changed.emit()

    # --- now and then -------------------------------------------------------------------------

    @Slot()
    def look(self) -> None:
        """Look at the workspace of the last time."""
        services = self._panel.services
        if services is None:
            return
        if self._keeping.workspace:
            check = self._host.runner.start(partial(_drift, services, self._keeping.workspace))
            check.succeeded.connect(self._on_drift)
            # A workspace that cannot be read says so when it is opened.

    @Slot(object)
    def _on_drift(self, words: str) -> None:
        if words and words != self._drift:
            action = Action(self.tr("Open fleet"), self._keeping.fleet)
            title = self.tr("The fleet has drifted")
            self._host.notify(Notice(title, words, Tone.WARN, action=action, key="drift"))
        self._drift = words


def _place(provider: Provider) -> tuple[str, str]:
    return provider.cloud, provider.location


async def _drift(services: Services, folder: str) -> str:
    from sealwright.services.fleet.compare import drift_words  # noqa: PLC0415 - brings anyio

    found = await services.fleet.compare(await services.fleet.open(folder))
    return drift_words(found.rows)
