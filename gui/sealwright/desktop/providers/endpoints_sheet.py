"""Private endpoint connections of a provider: approve, reject, remove."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Slot

from sealwright.desktop import theme
from sealwright.desktop.messages import message
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.cells import Column, Row, State, Text
from sealwright.desktop.widgets.padded import Padded
from sealwright.desktop.widgets.sheet import Sheet
from sealwright.desktop.widgets.surfaces import Banner, EmptyState
from sealwright.desktop.widgets.tree import TreeTable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.host import Host
    from sealwright.desktop.tasks import Task
    from sealwright.services.bundle import Services
    from sealwright.services.model import Provider
    from sealwright.services.ports import PrivateEndpointConnection

_STATES = {
    "Approved": ("ok", Tone.OK),
    "Rejected": ("denied", Tone.ERR),
    "Pending": ("clock", Tone.WARN),
}


class EndpointsSheet(Sheet):
    """The connections, and what can be done with the selected one."""

    def __init__(self, host: Host, window: QWidget, services: Services, provider: Provider) -> None:
        super().__init__(
            window,
            host.tr("Private endpoints of {0}").format(provider.name),
            icon="link",
            size=QSize(theme.px(780), theme.px(480)),
        )
        self._host, self._services, self._provider = host, services, provider
        self._task: Task | None = None
        self._banner = Banner(closable=False)
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
                self.tr("Who makes a private endpoint to this provider asks for one here."),
            )
        )
        self.approve = Button(self.tr("Approve"), icon="check")
        self.reject = Button(self.tr("Reject"), icon="denied")
        self.remove = Button(self.tr("Remove"), icon="trash", kind=Kind.DANGER_OUTLINE)
        self._leave = Button(self.tr("Close"))
        self.body.addWidget(Padded(self._banner))
        self.body.addWidget(self.table, 1)
        for button in (self.approve, self.reject, self.remove, self._leave):
            self.buttons.addWidget(button)
        self.approve.clicked.connect(self._on_approve)
        self.reject.clicked.connect(self._on_reject)
        self.remove.clicked.connect(self._on_remove)
        self._leave.clicked.connect(self.request_close)
        self.table.row_chosen.connect(self._show_buttons)
        self.table.set_loading(on=True)
        self._read()

    def _read(self) -> None:
        self._run(partial(self._services.endpoints.list, self._provider)).succeeded.connect(
            self._on_list
        )

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
        self._show_buttons()

    @Slot()
    def _show_buttons(self) -> None:
        busy = self.tr("Running") if self._task is not None else ""
        row = self.table.current_row
        nothing = "" if row is not None else self.tr("Select a connection first.")
        for button in (self.approve, self.reject, self.remove):
            button.set_available(busy or nothing)

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
        self._run(call).succeeded.connect(self._on_changed)

    @Slot()
    def _on_remove(self) -> None:
        call = partial(self._services.endpoints.remove, self._provider, self.table.current_key)
        self._run(call).succeeded.connect(self._on_changed)

    @Slot()
    def _on_changed(self) -> None:
        self._host.changed.emit("activity")
        self._read()

    def _run(self, call: Callable[[], Awaitable[object]]) -> Task:
        task = self._task = self._host.runner.start(call, title=self.tr("Private endpoints"))
        task.failed.connect(self._on_failed)
        task.finished.connect(self._on_ended)
        self._banner.hide()
        self._show_buttons()
        return task

    @Slot(object)
    def _on_failed(self, error: BaseException) -> None:
        shown = message(error)
        self._banner.tell(Tone.ERR, shown.title, shown.text)
        self.table.set_loading(on=False)

    @Slot()
    def _on_ended(self) -> None:
        if self.sender() is self._task:
            self._task = None
        self._show_buttons()
