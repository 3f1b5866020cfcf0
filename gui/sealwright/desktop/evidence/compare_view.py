"""Two pieces of evidence side by side, field by field and claim by claim."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.evidence.words import size_words, span_words, tr
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.buttons import Button
from sealwright.desktop.widgets.drop_zone import DropZone
from sealwright.desktop.widgets.fields import CheckBox
from sealwright.desktop.widgets.labels import ElidingLabel, Hairline
from sealwright.desktop.widgets.surfaces import EmptyState
from sealwright.desktop.widgets.tables.cells import Column, Row, RowKind, State, Text
from sealwright.desktop.widgets.tables.delegate import plain_group
from sealwright.desktop.widgets.tables.tree import TreeTable

if TYPE_CHECKING:
    from sealwright.evidence.structure import Node
    from sealwright.services.evidence.difference import ClaimPair, EvidenceDifference, FieldPair

_LONG = 64
_EQUAL = "equal"


def columns() -> tuple[Column, ...]:
    """Name, how it stands, and both sides."""
    return (
        Column("name", tr("Field"), "signature_data.qe_report.signature", mono=True),
        Column("state", tr("Comparison"), tr("only in the other"), icon=True),
        Column("first", tr("This one"), "110ea35d\u2026aa14f00d", mono=True, stretch=3),
        Column("second", tr("The other"), "110ea35d\u2026aa14f00d", mono=True, stretch=3),
        Column("place", tr("Bytes"), "0000\u20130000", mono=True, drop=1),
    )


def rows_of(difference: EvidenceDifference) -> list[Row]:
    """Claims first, then the fields of each part; built on the worker."""
    claims = plain_group("claims", tr("Claims"), "rows")
    claims.children = [_claim(pair) for pair in difference.claims]
    groups = [claims] if claims.children else []
    parts: dict[str, Row] = {}
    for number, pair in enumerate(difference.fields):
        group = parts.get(pair.part)
        if group is None:
            group = plain_group(f"part:{pair.part}", pair.part, "file")
            parts[pair.part] = group
            groups.append(group)
        group.children.append(_field(number, pair))
    return groups


def only_different(groups: list[Row]) -> list[Row]:
    """The same rows without what is equal."""
    kept = []
    for group in groups:
        children = [row for row in group.children if row.search != _EQUAL]
        if children:
            kept.append(Row(group.key, group.cells, group.kind, children, group.data))
    return kept


def _state(kind: str) -> State:
    icon, tone, words = {
        "equal": ("check", Tone.NEU, tr("equal")),
        "changed": ("pencil", Tone.WARN, tr("differs")),
        "only-first": ("minus", Tone.WARN, tr("only in this one")),
        "only-second": ("plus", Tone.WARN, tr("only in the other")),
    }[kind]
    return State(words, icon, tone, quiet=kind == _EQUAL)


def _claim(pair: ClaimPair) -> Row:
    cells = (
        Text(pair.name, mono=True),
        _state(pair.difference.value),
        _values(pair.first),
        _values(pair.second),
    )
    key = f"claim:{pair.name}"
    return Row(key, cells, kind=RowKind.CLAIM, data=pair, search=pair.difference.value)


def _values(values: tuple[object, ...]) -> Text:
    text = ", ".join(json.dumps(value, ensure_ascii=False) for value in values)
    return Text(text, mono=True, hint=text)


def _field(number: int, pair: FieldPair) -> Row:
    node = pair.first or pair.second
    place = span_words(node.offset, node.size) if node is not None else ""
    cells = (
        Text(pair.path, mono=True, hint=pair.path),
        _state(pair.difference.value),
        _side(pair.first),
        _side(pair.second),
        Text(place, mono=True, color="text3"),
    )
    key = f"field:{number}"
    return Row(key, cells, kind=RowKind.CLAIM, data=pair, search=pair.difference.value)


def _side(node: Node | None) -> Text:
    if node is None:
        return Text("")
    if node.size > _LONG:
        return Text(size_words(node.size), color="text2", hint=node.raw[:_LONG].hex())
    return Text(node.raw.hex(), mono=True, hint=node.meaning or node.raw.hex())


class CompareView(QWidget):
    """Asks for the other piece, then shows what differs."""

    open_wanted = Signal()
    file_dropped = Signal(str)
    text_dropped = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._all: list[Row] = []
        self._words = ElidingLabel(color="text2")
        self.different = CheckBox(tr("Only what differs"))
        self.different.setChecked(True)
        self.table = TreeTable(tr("Differences"), columns(), first_min=170)
        self.drop = DropZone(
            tr("Drop the other evidence here"), tr("A file, hex or Base64; or paste with Ctrl+V")
        )
        self._other = Button(tr("Choose the other\u2026"), icon="folder", small=True)
        self._lay_out()
        self._other.clicked.connect(self.open_wanted)
        self.drop.clicked.connect(self.open_wanted)
        self.drop.file_dropped.connect(self.file_dropped)
        self.drop.text_dropped.connect(self.text_dropped)
        self.different.toggled.connect(self._on_toggled)
        self.forget()

    def _lay_out(self) -> None:
        pad = theme.px(12)
        bar = QHBoxLayout()
        bar.setContentsMargins(pad, theme.px(4), pad, theme.px(4))
        bar.setSpacing(theme.px(12))
        bar.addWidget(self._words, 1)
        bar.addWidget(self.different)
        bar.addWidget(self._other)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(Hairline())
        column.addWidget(self.table, 1)
        holder = QVBoxLayout()
        holder.setContentsMargins(pad, pad, pad, pad)
        holder.addWidget(self.drop)
        column.addLayout(holder)

    def forget(self) -> None:
        """Nothing to compare with yet."""
        self._all = []
        self.drop.show()
        self._words.setText(tr("Choose a second piece of evidence to compare with"))
        self.table.set_placeholder(
            EmptyState(
                "compare",
                tr("Nothing to compare with yet"),
                tr("Two quotes of the same enclave differ in what their builds differ."),
            )
        )
        self.table.set_rows([])

    def show_rows(self, rows: list[Row], other: str) -> None:
        """Show what differs from the other piece."""
        self._all = rows
        self.drop.hide()
        whole = [row for group in rows for row in group.children]
        changed = sum(1 for row in whole if row.search != _EQUAL)
        words = tr("{0} of {1} fields and claims differ from {2}")
        self._words.setText(words.format(changed, len(whole), other))
        self.table.set_placeholder(
            EmptyState("ok", tr("They are equal"), tr("Every field and every claim is the same."))
        )
        self._on_toggled(self.different.isChecked())

    @Slot(bool)
    def _on_toggled(self, only: bool) -> None:  # noqa: FBT001 - Qt's signature
        self.table.set_rows(only_different(self._all) if only else self._all)
