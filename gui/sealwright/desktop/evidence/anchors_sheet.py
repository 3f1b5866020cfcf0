"""The trust anchors: which roots count, until when, where they come from, and how to renew them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Slot
from PySide6.QtWidgets import QVBoxLayout

from sealwright.desktop import theme
from sealwright.desktop.evidence.words import tr
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.details import KeyValue
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.sheet import Sheet
from sealwright.desktop.widgets.surfaces import EmptyState
from sealwright.desktop.widgets.tables.cells import Column, Row, RowKind, State, Text
from sealwright.desktop.widgets.tables.tree import TreeTable
from sealwright.services.evidence.anchors import AnchorState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.host import Host
    from sealwright.services.bundle import Services
    from sealwright.services.evidence.anchors import AnchorRow

_SIZE: Final = QSize(1180, 620)
_FILE: Final = "trust-anchors.json"
_MARKS: Final = {
    AnchorState.TRUSTED: ("check", Tone.OK),
    AnchorState.SANDBOX: ("cube", Tone.NEU),
    AnchorState.EXPIRED: ("err", Tone.ERR),
    AnchorState.MISSING: ("warn", Tone.WARN),
}


class AnchorsSheet(Sheet):
    """To look at only: a file in the home renews them, which Sealwright reads when it starts."""

    def __init__(self, host: Host, window: QWidget, services: Services, home: str) -> None:
        size = QSize(theme.px(_SIZE.width()), theme.px(_SIZE.height()))
        super().__init__(window, tr("Trust anchors"), icon="shield", size=size)
        self.table = TreeTable(tr("Trust anchors"), _columns())
        self.table.setUniformRowHeights(True)
        self.table.set_placeholder(EmptyState("shield", tr("The trust anchors are being read")))
        self.body.addWidget(self.table, 1)
        self.body.addLayout(_renewing(os.path.join(home, _FILE)))  # noqa: PTH118 - a text
        done = Button(tr("Close"), kind=Kind.PRIMARY, name=tr("Close the trust anchors"))
        done.clicked.connect(self.request_close)
        self.buttons.addWidget(done)
        task = host.runner.start(services.evidence.anchors)
        task.succeeded.connect(self._on_read)
        task.failed.connect(host.fail)

    @Slot(object)
    def _on_read(self, found: tuple[AnchorRow, ...]) -> None:
        self.table.set_rows(anchor_table(found))
        bad = [row for row in found if row.state is AnchorState.EXPIRED]
        if bad:
            words = tr("Renew what has expired: {0}.")
            names = ", ".join(row.anchor.name for row in bad if row.anchor is not None)
            self.set_footer(words.format(names), "err", "err.mark")
            return
        missing = ", ".join(row.title for row in found if row.state is AnchorState.MISSING)
        if missing:
            words = tr(
                "No root is pinned for: {0}. Nothing of these can be verified to its vendor."
            )
            self.set_footer(words.format(missing))
        else:
            self.set_footer(tr("Nothing else vouches for evidence or for keys of the service."))


def anchor_table(rows: Iterable[AnchorRow]) -> list[Row]:
    """A row for each root, and for each use that has none."""
    return [_row(number, row) for number, row in enumerate(rows)]


def _columns() -> tuple[Column, ...]:
    return (
        Column("use", tr("Vouches for"), "Keys that a CA issued to the service"),
        Column("name", tr("Root"), "Microsoft Root Certificate Authority 2011"),
        Column("state", tr("State"), tr("sandbox only"), icon=True),
        Column("date", tr("Taken on"), "2026-11-24", drop=2),
        Column("version", tr("Version"), "RSA 4096 key of ARK-Milan", drop=3, stretch=2),
        Column("source", tr("From"), "https://example.com/root.cer", drop=4, stretch=1),
        Column("key", tr("Key (SHA-256)"), "110ea35d\u2026aa14", mono=True, drop=1, stretch=1),
    )


def _row(number: int, row: AnchorRow) -> Row:
    icon, tone = _MARKS[row.state]
    words = {
        AnchorState.TRUSTED: tr("trusted"),
        AnchorState.SANDBOX: tr("sandbox only"),
        AnchorState.EXPIRED: tr("expired"),
        AnchorState.MISSING: tr("none"),
    }[row.state]
    anchor = row.anchor
    name = anchor.name if anchor is not None else tr("No root is pinned")
    version = anchor.version if anchor is not None and not row.meaning else row.meaning
    source = anchor.source if anchor is not None else ""
    key = anchor.spki_sha256 if anchor is not None else ""
    return Row(
        f"{number}:{row.use}",
        (
            Text(row.title, hint=row.use),
            Text(name, hint=name),
            State(words, icon, tone, quiet=tone is Tone.OK, hint=row.meaning),
            Text(anchor.date if anchor is not None else "", color="text2"),
            Text(version, color="text2", hint=version),
            Text(source, color="text3", hint=source),
            Text(key, mono=True, hint=key),
        ),
        kind=RowKind.CLAIM,
        data=row,
    )


def _renewing(path: str) -> QVBoxLayout:
    column = QVBoxLayout()
    pad = theme.px(22)
    column.setContentsMargins(pad, theme.px(12), pad, theme.px(12))
    column.setSpacing(theme.px(6))
    words = tr(
        "This file renews a root of the same name, or adds one: a vendor's new key, or the"
        " authority of your TPMs. Sealwright reads it when it starts."
    )
    column.addWidget(Label(words, color="text2", wrap=True))
    column.addWidget(KeyValue(tr("File"), path, mono=True, copy=True))
    return column
