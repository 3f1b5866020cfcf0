"""Whether a provider's name can be used: its form at once, who has it when the typing rests."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Slot

from sealwright.desktop.messages import message

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealwright.desktop.host import Host
    from sealwright.desktop.widgets.fields import FormField, LineEdit
    from sealwright.services.bundle import Services
    from sealwright.services.model import Provider

NAME: Final = re.compile(r"[a-zA-Z0-9-]{3,24}")
_REST_MS: Final = 350
Place = tuple[str, str, str]
"""Cloud, subscription, resource group."""


class NameCheck(QObject):
    """Watches a name field, and says below it what it found."""

    def __init__(
        self,
        host: Host,
        services: Services,
        name: LineEdit,
        field: FormField,
        place: Callable[[], Place],
    ) -> None:
        super().__init__(field)
        self._host, self._services = host, services
        self._name, self._field, self._place = name, field, place
        self._number = 0
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._ask)
        name.textChanged.connect(self.look)

    @property
    def bad(self) -> str:
        """What is wrong with the form of the name; empty when it can be one."""
        if NAME.fullmatch(self._name.text()):
            return ""
        return self.tr("3 to 24 letters, digits and hyphens, nothing else")

    @Slot()
    def look(self) -> None:
        """The name, or where it shall be, is another one now."""
        self._number += 1
        self._rest.stop()
        self._field.set_note("")
        name = self._name.text()
        if not name or self.bad:
            self._field.set_hint(self.tr("3 to 24 letters, digits and hyphens"))
            self._field.set_problem(self.bad if name else "")
            return
        cloud = self._place()[0]
        known = (each for each in self._host.providers if each.cloud == cloud)
        holder = next((each for each in known if each.name.lower() == name.lower()), None)
        if holder is not None:
            self._taken(holder)
            return
        self._field.set_hint(self.tr("3 to 24 letters, digits and hyphens"))
        if self._place()[1]:
            self._field.set_note(self.tr("Checking…"))
            self._rest.start()

    @Slot()
    def _ask(self) -> None:
        cloud, subscription, group = self._place()
        providers = self._services.providers
        call = partial(providers.holder_of, cloud, subscription, group, self._name.text())
        task = self._host.runner.start(call)
        task.then(self._on_answer, self._number)
        task.otherwise(self._on_unknown, self._number)

    def _on_answer(self, number: int, holder: Provider | None) -> None:
        if number != self._number:
            return
        if holder is not None:
            self._taken(holder)
            return
        self._field.set_note(self.tr("Free"))
        self._field.set_hint(
            self.tr(
                "Nobody in this subscription has it. Whether somebody elsewhere has, the service"
                " says when the provider is made."
            )
        )

    def _on_unknown(self, number: int, error: BaseException) -> None:
        if number != self._number:
            return
        self._field.set_note(self.tr("Could not be asked"))
        self._field.set_hint(message(error).text)

    def _taken(self, holder: Provider) -> None:
        self._field.set_note(self.tr("Taken"))
        where = holder.resource_group
        words = self.tr("A provider of this name is known here already")
        if where:
            words = self.tr("A provider of this name is in resource group {0} already").format(
                where
            )
        self._field.set_problem(words)
