"""Private endpoint connections of a provider: approve, reject, remove."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot

from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.forms import FormSheet
from sealwright.desktop.widgets.padded import Padded
from sealwright.desktop.widgets.running_sheet import RunningSheet
from sealwright.desktop.widgets.surfaces import EmptyState
from sealwright.desktop.widgets.tables.cells import Column, Row, State, Text
from sealwright.desktop.widgets.tables.tree import TreeTable
from sealwright.services.ports import PrivateEndpointConnection

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.host import Host
    from sealwright.desktop.tasks import Task
    from sealwright.services.bundle import Services
    from sealwright.services.model import Provider

_STATES = {
    "Approved": ("ok", Tone.OK),
    "Rejected": ("denied", Tone.ERR),
    "Pending": ("clock", Tone.WARN),
}


class EndpointsSheet(RunningSheet):
    """The connections, and what can be done with the selected one."""

    def __init__(self, host: Host, window: QWidget, services: Services, provider: Provider) -> None:
        title = host.tr("Private endpoints of {0}").format(provider.name)
        super().__init__(host, window, title, icon="link", size=(780, 480))
        self._services, self._provider = services, provider
        self.table = TreeTable(
            self.tr("Private endpoint connections"),
            (
                Column("name", self.tr("Name"), "contoso-private-endpoint"),
                Column("status", self.tr("Status"), "Approved", icon=True),
                Column("description", self.tr("Description"), "please approve", stretch=1),
            ),
        )
        self.table.set_placeholder(
            EmptyState(
                "link",
                self.tr("No private endpoint connections"),
                self.tr(
                    "When somebody makes a private endpoint to this provider, it waits here"
                    " for approval."
                ),
            )
        )
        self.approve = Button(self.tr("Approve"), icon="check")
        self.reject = Button(self.tr("Reject"), icon="denied")
        self.remove = Button(self.tr("Remove"), icon="trash", kind=Kind.DANGER_OUTLINE)
        self.body.addWidget(Padded(self.banner))
        self.body.addWidget(self.table, 1)
        for button in (self.approve, self.reject, self.remove, self.leave):
            self.buttons.addWidget(button)
        self.approve.clicked.connect(self._on_approve)
        self.reject.clicked.connect(self._on_reject)
        self.remove.clicked.connect(self._on_remove)
        self.table.row_chosen.connect(self.show_state)
        self.table.set_loading(on=True)
        self._read()

    def _read(self) -> None:
        call = partial(self._services.endpoints.list, self._provider)
        task = self.run(call, self.tr("Private endpoints"), reads=True)
        task.succeeded.connect(self._on_list)
        task.failed.connect(self._on_unread)

    @Slot()
    def _on_unread(self) -> None:
        self.table.set_loading(on=False)

    @Slot(object)
    def _on_list(self, found: tuple[PrivateEndpointConnection, ...]) -> None:
        rows = []
        for each in found:
            icon, tone = _STATES.get(each.status, ("info", Tone.NEU))
            cells = (
                Text(each.name, weight=500, hint=each.endpoint_id),
                State(each.status, icon, tone),
                Text(each.description, color="text2"),
            )
            rows.append(Row(each.name, cells, data=each))
        self.table.set_rows(rows)
        if rows and not self.table.current_key:
            self.table.select_key(rows[0].key)
        self.show_state()

    @Slot()
    def show_state(self) -> None:
        """What can be done with the selected connection."""
        busy = self.busy
        row = self.table.current_row
        nothing = "" if row is not None else self.tr("Select a connection first.")
        data = row.data if row is not None else None
        status = data.status if isinstance(data, PrivateEndpointConnection) else ""
        already = {
            "Approved": (self.tr("It is approved already."), ""),
            "Rejected": ("", self.tr("It is rejected already.")),
            "Disconnected": (self.tr("Its endpoint is gone: it can only be removed."),) * 2,
        }
        approve, reject = already.get(status, ("", ""))
        self.approve.set_available(busy or nothing or approve)
        self.reject.set_available(busy or nothing or reject)
        self.remove.set_available(busy or nothing)

    @Slot()
    def _on_approve(self) -> None:
        self._decide(approve=True)

    @Slot()
    def _on_reject(self) -> None:
        self._decide(approve=False)

    def _decide(self, *, approve: bool) -> None:
        service = self._services.endpoints
        name = self.table.current_key
        call = partial(service.decide, self._provider, name, approve=approve)
        self._do(call).succeeded.connect(self._on_changed)

    @Slot()
    def _on_remove(self) -> None:
        sheet = RemovalSheet(
            self.host, self.window(), self._services, self._provider, self.table.current_key
        )
        sheet.done.connect(self._on_changed)
        sheet.open_sheet()

    @Slot()
    def _on_changed(self, _result: object = None) -> None:
        self.host.changed.emit("activity")
        self._read()

    def _do(self, call: Callable[[], Awaitable[object]]) -> Task:
        return self.run(call, self.tr("Private endpoints"))


class RemovalSheet(FormSheet):
    """Says what the removal of a connection cuts off, and does it."""

    def __init__(
        self, host: Host, window: QWidget, services: Services, provider: Provider, name: str
    ) -> None:
        super().__init__(
            host,
            window,
            host.tr("Remove {0}?").format(name),
            host.tr("Remove connection"),
            icon="warn",
            kind=Kind.DANGER,
            size=(480, 260),
        )
        self._call = partial(services.endpoints.remove, provider, name)
        self.add_words(
            self.tr(
                "Whoever reaches {0} through this private endpoint no longer will. To go back,"
                " the endpoint has to be made again on its side, and approved here."
            ).format(provider.name)
        )
        self.column.addStretch(1)

    def first_focus(self) -> QWidget | None:
        """The way out, not the removal."""
        return self.leave

    def call(self) -> Callable[[], Awaitable[object]] | None:
        """Remove it."""
        return self._call
