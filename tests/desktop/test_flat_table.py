"""The table of many equal rows, narrowed while somebody types and while rows still come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.desktop.widgets.tables.cells import Column, Row, Text
from sealwright.desktop.widgets.tables.flat_table import FlatTable, row_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytestqt.qtbot import QtBot


def filled(qtbot: QtBot, names: Sequence[str]) -> FlatTable:
    table = FlatTable("Tokens", (Column("name", "Token", "token 1"),))
    qtbot.addWidget(table)
    add(table, names)
    return table


def add(table: FlatTable, names: Sequence[str]) -> None:
    rows = [Row(name, (Text(name),)) for name in names]
    table.rows.add_rows([(row, row_text(row)) for row in rows])


def chosen(table: FlatTable) -> list[str]:
    return [index.data() for index in table.selectionModel().selectedRows()]


def test_letters_that_leave_the_same_rows_leave_the_chosen_one(qtbot: QtBot) -> None:
    table = filled(qtbot, ["token 1", "token 2", "token 3"])
    table.selectRow(1)
    for text in ("t", "to", "token"):
        table.rows.set_filter(text)
        assert chosen(table) == ["token 2"]
    table.rows.set_filter("token 3")
    assert (table.rows.shown, chosen(table)) == (1, [])
    table.rows.set_filter("")
    assert table.rows.shown == 3


def test_rows_that_come_later_pass_what_was_typed_last(qtbot: QtBot) -> None:
    table = filled(qtbot, ["token 1", "token 2"])
    table.rows.set_filter("token")
    add(table, ["other", "token 3"])
    assert (table.rows.shown, table.rows.total) == (3, 4)
