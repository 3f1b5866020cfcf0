"""Every known attestation type of a provider, probed, beside another provider if one is chosen."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from sealwright.claims.attestation_type import AttestationType
from sealwright.desktop import theme
from sealwright.desktop.providers.rows import state_words
from sealwright.desktop.tasks import Relay
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.buttons import Button
from sealwright.desktop.widgets.diff import DiffView
from sealwright.desktop.widgets.fields import ComboBox
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.sheet import Sheet
from sealwright.desktop.widgets.tables.cells import EMPTY, Cell, Column, Row, State, Text
from sealwright.desktop.widgets.tables.tree import TreeTable
from sealwright.desktop.wording import common_name, short
from sealwright.errors import AppError

if TYPE_CHECKING:
    from sealwright.desktop.host import Host
    from sealwright.desktop.tasks import Task
    from sealwright.services.bundle import Services
    from sealwright.services.model import Provider
    from sealwright.services.policies.textdiff import TextDiff
    from sealwright.services.reaching.overview import DeployedPolicy, PolicyCell

    Probe = DeployedPolicy | AppError
    Place = tuple[str, AttestationType]


class MatrixSheet(Sheet):
    """Type by type: state, hash, signer, and whether another provider applies the same."""

    def __init__(self, host: Host, window: QWidget, services: Services, provider: Provider) -> None:
        super().__init__(
            window,
            host.tr("Every policy of {0}").format(provider.name),
            icon="columns",
            size=QSize(theme.px(1040), theme.px(700)),
        )
        self._host, self._services, self._provider = host, services, provider
        self._found: dict[Place, Probe] = {}
        self._task: Task | None = None
        self._relay = Relay(self)
        self._relay.received.connect(self._on_probe)
        self.other = ComboBox(self.tr("Compare with"))
        self.other.setMinimumWidth(theme.px(260))
        self.other.addItem(self.tr("Compare with no other provider"), None)
        for each in host.providers:
            if each.id != provider.id:
                self.other.addItem(self.tr("Compare with {0}").format(each.name), each)
        self.table = TreeTable(
            self.tr("Policies by attestation type"),
            (
                Column("type", self.tr("Type"), "OpenEnclave"),
                Column("state", self.tr("State"), "Cannot read", icon=True),
                Column("hash", self.tr("Policy hash"), "irYHAQ…lFSI", mono=True),
                Column("signer", self.tr("Signer"), "Contoso policy signer 2026", drop=1),
                Column("same", self.tr("The other one"), "Differs", icon=True, stretch=1),
            ),
        )
        self.diff = DiffView(self.tr("From the other provider's policy to this one"))
        self._build()
        self._read(provider)

    def _build(self) -> None:
        top = QWidget()
        column = QVBoxLayout(top)
        pad = theme.px(16)
        column.setContentsMargins(pad, theme.px(12), pad, theme.px(12))
        row = QHBoxLayout()
        words = self.tr("Every type that is known is asked for, also those not offered yet.")
        row.addWidget(Label(words, color="text2", wrap=True), 1)
        row.addWidget(self.other)
        column.addLayout(row)
        self.body.addWidget(top)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setHandleWidth(1)
        parts.addWidget(self.table)
        parts.addWidget(self.diff)
        parts.setStretchFactor(0, 3)
        parts.setStretchFactor(1, 2)
        self.body.addWidget(parts, 1)
        self.diff.hide()
        close = Button(self.tr("Close"))
        close.clicked.connect(self.request_close)
        self.buttons.addWidget(close)
        self.other.currentIndexChanged.connect(self._on_other)
        self.table.row_chosen.connect(self._on_row)
        self.closed.connect(self._on_closed)

    # --- reading ------------------------------------------------------------------------------

    def _read(self, provider: Provider) -> None:
        self.table.set_loading(on=not self._found)
        call = partial(_probe_all, self._services, provider.id, self._relay)
        title = self.tr("Probing every type of {0}").format(provider.name)
        self._task = self._host.runner.start(call, title=title)
        self._task.succeeded.connect(self._show)
        self._task.failed.connect(self._host.fail)

    @Slot()
    def _on_closed(self) -> None:
        if self._task is not None:
            self._task.cancel()

    @Slot(object)
    def _on_probe(self, probe: tuple[Place, Probe]) -> None:
        place, found = probe
        self._found[place] = found

    @Slot()
    def _on_other(self) -> None:
        other = self._other()
        self.diff.setVisible(other is not None)
        if other is not None and (other.id, AttestationType.SGX_ENCLAVE) not in self._found:
            self._read(other)
        else:
            self._show()

    def _other(self) -> Provider | None:
        other: Provider | None = self.other.currentData()
        return other

    # --- what is shown ------------------------------------------------------------------------

    @Slot()
    def _show(self) -> None:
        # The task is done with: Qt deletes it.
        self._task = None
        self.table.set_rows([self._row(kind) for kind in AttestationType])
        self._on_row(self.table.current_row)

    def _row(self, kind: AttestationType) -> Row:
        cell = _cell(kind, self._found.get((self._provider.id, kind)))
        word, icon, tone = state_words(cell)
        hint = cell.problem.summary if cell is not None and cell.problem is not None else ""
        policy_hash = cell.policy_hash if cell is not None else ""
        signer = common_name(cell.signer) if cell is not None and cell.signer else ""
        cells: tuple[Cell, ...] = (
            Text(kind.value, weight=500),
            State(word, icon, tone, hint=hint),
            Text(short(policy_hash, 6, 4), mono=True, color="text2", hint=policy_hash),
            Text(signer or "-", color="text2"),
            self._same(kind),
        )
        return Row(kind.value, cells, data=kind)

    def _same(self, kind: AttestationType) -> Cell:
        other = self._other()
        if other is None:
            return EMPTY
        mine, its = self._texts(kind)
        if mine is None or its is None:
            return State(self.tr("Cannot compare"), "lock", Tone.NEU, quiet=True)
        if mine == its:
            return State(self.tr("The same"), "ok", Tone.OK, quiet=True)
        return State(self.tr("Differs"), "drift", Tone.ERR)

    def _texts(self, kind: AttestationType) -> tuple[str | None, str | None]:
        other = self._other()
        places = ((self._provider.id, kind), (other.id if other is not None else "", kind))
        found = [self._found.get(place) for place in places]
        mine, its = (None if each is None or isinstance(each, AppError) else each for each in found)
        return mine.text if mine else None, its.text if its else None

    @Slot(object)
    def _on_row(self, row: Row | None) -> None:
        kind = row.data if row is not None else None
        mine, its = self._texts(kind) if isinstance(kind, AttestationType) else (None, None)
        if mine is None or its is None:
            self.diff.set_diff(None)
            return
        self._host.runner.start(partial(_diffed, its, mine)).succeeded.connect(self.diff.set_diff)


def _cell(kind: AttestationType, probe: Probe | None) -> PolicyCell | None:
    from sealwright.services.model import PolicyState  # noqa: PLC0415 - when it is opened
    from sealwright.services.reaching.overview import PolicyCell  # noqa: PLC0415 - as above

    if probe is None:
        return None
    if isinstance(probe, AppError):
        return PolicyCell(kind, PolicyState.UNREADABLE, problem=probe)
    signer = probe.signer
    return PolicyCell(
        kind,
        probe.state,
        probe.policy_hash,
        signed=signer is not None,
        signer=signer.subject if signer is not None else "",
        problem=probe.problem,
    )


async def _diffed(old: str, new: str) -> TextDiff:
    from anyio import to_thread  # noqa: PLC0415 - start-up stays light

    from sealwright.services.policies.textdiff import diff_texts  # noqa: PLC0415 - as above

    return await to_thread.run_sync(diff_texts, old, new)


async def _probe_all(services: Services, provider_id: str, relay: Relay) -> None:
    from anyio import create_task_group  # noqa: PLC0415 - start-up stays light

    async def one(kind: AttestationType) -> None:
        found: Probe
        try:
            found = await services.policies.deployed(provider_id, kind)
        except AppError as error:
            found = error
        relay.post(((provider_id, kind), found))

    async with create_task_group() as group:
        for kind in AttestationType:
            group.start_soon(one, kind)
