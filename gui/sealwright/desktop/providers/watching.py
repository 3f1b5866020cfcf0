"""What the Providers panel watches unasked: failed regions, drift, and backups never rehearsed.

Each is said once, in a notice with what to do; nothing is changed.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Slot

from sealwright.desktop.host import Action, Notice
from sealwright.desktop.theme import Tone

if TYPE_CHECKING:
    from sealwright.desktop.panel import Panel
    from sealwright.desktop.providers.keeping import ProviderKeeping
    from sealwright.errors import UnreachableError
    from sealwright.services.bundle import Services
    from sealwright.services.model import Provider
    from sealwright.services.regions import RegionState

_EVERY = 15 * 60_000
"""Milliseconds between two looks at the workspace and at regions that had failed."""


class ProviderWatch(QObject):
    """Looks now and then, and when something did not answer."""

    def __init__(self, panel: Panel, keeping: ProviderKeeping) -> None:
        super().__init__(panel)
        self._panel, self._host, self._keeping = panel, panel.host, keeping
        self._drift = ""
        self._failed: dict[str, Provider] = {}
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.VeryCoarseTimer)
        self._timer.setInterval(_EVERY)
        self._timer.timeout.connect(self.look)

    def begin(self, services: Services) -> None:
        """The services are open."""
        self._timer.start()
        task = self._host.runner.start(services.backup.rehearsal_due)
        task.succeeded.connect(self._on_rehearsal)
        task.failed.connect(self._host.fail)

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

    def unanswered(self, provider: Provider, error: UnreachableError) -> None:
        """A provider did not answer: is it its region?"""
        services = self._panel.services
        if services is None or provider.id in self._failed:
            return
        self._failed[provider.id] = provider
        call = partial(services.regions.after, provider, error)
        task = self._host.runner.start(call)
        task.succeeded.connect(self._on_region)
        task.failed.connect(self._host.fail)

    @Slot(object)
    def _on_region(self, state: RegionState | None) -> None:
        if state is None:
            return
        tone = Tone.OK if state.whole else Tone.WARN
        title = self.tr("Region {0}").format(state.region)
        self._host.notify(Notice(title, state.words, tone, key=f"region:{state.region}"))

    # --- now and then -------------------------------------------------------------------------

    @Slot()
    def look(self) -> None:
        """Look at the workspace of the last time, and at regions that had failed."""
        services = self._panel.services
        if services is None:
            return
        failed, self._failed = self._failed, {}
        for provider in failed.values():
            task = self._host.runner.start(partial(services.regions.recovered, provider))
            task.succeeded.connect(self._on_region)
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


async def _drift(services: Services, folder: str) -> str:
    from sealwright.services.fleet.compare import drift_words  # noqa: PLC0415 - brings anyio

    found = await services.fleet.compare(await services.fleet.open(folder))
    return drift_words(found.rows)
