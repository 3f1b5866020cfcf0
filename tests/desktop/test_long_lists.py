"""Lists of hundreds of providers: what was read comes in heaps, and nothing moves for it."""

from __future__ import annotations

from threading import Event
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from anyio import to_thread
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from sealwright.claims.attestation_type import MAIN_TYPES
from sealwright.desktop.widgets.tables.cells import Column, LateRow, Row, RowKind, Text
from sealwright.desktop.widgets.tables.tree import TreeTable
from sealwright.services.model import PolicyState
from sealwright.services.reaching.overview import PolicyCell

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from sealwright.desktop.host import Host
    from sealwright.services.bundle import Services
    from sealwright.services.reaching.overview import OverviewListener

MANY = 500


def late(number: int, made: list[int]) -> Row:
    def cells() -> tuple[Text, ...]:
        made.append(number)
        return (Text(f"row {number}"),)

    return LateRow(f"key {number}", cells, data=number, search=f"row {number} of many")


def table(qtbot: QtBot, rows: list[Row]) -> TreeTable:
    shown = TreeTable("Rows", [Column("name", "Name", "row 499")])
    qtbot.addWidget(shown)
    shown.resize(400, 300)
    shown.set_rows([Row("group", (Text("All"),), RowKind.GROUP, children=rows)])
    with qtbot.waitExposed(shown):
        shown.show()
    return shown


def test_only_rows_that_are_seen_are_made(qtbot: QtBot) -> None:
    made: list[int] = []
    shown = table(qtbot, [late(number, made) for number in range(MANY)])
    qtbot.waitUntil(lambda: 0 in made)
    shown.set_filter("row 499")
    assert [row.key for row in shown.rows.leaves()] == ["key 499"]
    qtbot.waitUntil(lambda: 499 in made)
    assert len(set(made)) < 50


def test_the_filter_finds_what_was_read_since(qtbot: QtBot) -> None:
    shown = table(qtbot, [late(number, []) for number in range(MANY)])
    shown.select_key("key 250")
    place = shown.verticalScrollBar().value()
    shown.set_filter("row")
    shown.update_rows([LateRow("key 7", lambda: (Text("seven"),), data=7, search="drifted")])
    assert shown.current_key == "key 250"
    assert shown.verticalScrollBar().value() == place
    shown.set_filter("drifted")
    assert [row.cells[0].words for row in shown.rows.leaves()] == ["seven"]
    shown.set_filter("")
    assert shown.rows.shown == MANY


def test_every_word_has_to_be_there_and_a_heading_brings_all_below_it(qtbot: QtBot) -> None:
    inner = [Row("a", (Text("red apple"),)), Row("b", (Text("red rose"),))]
    below = [
        Row("inner", (Text("Inner"),), RowKind.SUBGROUP, children=inner),
        Row("c", (Text("apple tree"),)),
    ]
    shown = table(qtbot, [])
    shown.set_rows([Row("outer", (Text("Outer"),), RowKind.GROUP, children=below)])
    for text, keys in (("apple RED", "a"), ("apple", "ac"), ("inner", "ab"), ("outer", "abc")):
        shown.set_filter(text)
        assert "".join(row.key for row in shown.rows.leaves()) == keys
    shown.set_filter("pear")
    assert shown.rows.size == 0


def test_groups_that_were_closed_stay_closed(qtbot: QtBot) -> None:
    shown = table(qtbot, [late(number, []) for number in range(MANY)])
    group = shown.rows.index_of("group")
    assert shown.isExpanded(group)
    shown.collapse(group)
    shown.set_filter("row 1")
    assert not shown.isExpanded(shown.rows.index_of("group"))


def test_all_rows_are_copied_in_the_order_of_the_table(qtbot: QtBot) -> None:
    shown = table(qtbot, [])
    groups = [
        Row(f"group {at}", (Text(f"group {at}"),), RowKind.GROUP, children=[late(at, [])])
        for at in (3, 1, 2)
    ]
    shown.set_rows(groups)
    shown.setFocus()
    ctrl = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(shown, Qt.Key.Key_A, ctrl)
    QTest.keyClick(shown, Qt.Key.Key_C, ctrl)
    assert QGuiApplication.clipboard().text() == "row 3\nrow 1\nrow 2"
    # One after the other, from below.
    mode = QItemSelectionModel.SelectionFlag
    shown.clearSelection()
    for key in ("key 2", "key 3"):
        shown.selectionModel().select(shown.rows.index_of(key), mode.Select | mode.Rows)
    assert [row.key for row in shown.selected_rows()] == ["key 3", "key 2"]


class Slow:
    """Providers that answer when they are let."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.open = Event()

    async def overview(self, provider_id: str, tell: OverviewListener) -> None:
        self.asked.append(provider_id)
        await to_thread.run_sync(self.open.wait)
        tell(provider_id, PolicyCell(MAIN_TYPES[0], PolicyState.DEFAULT))


def test_a_new_reading_takes_over_what_the_older_left(qtbot: QtBot, host: Host) -> None:
    slow = Slow()
    overviews = host.overviews
    overviews.set_services(cast("Services", SimpleNamespace(providers=slow)))
    told: list[str] = []
    overviews.told.connect(lambda heap: told.extend(each for each, _ in heap))
    everybody = [f"provider {number}" for number in range(40)]
    overviews.read(everybody)
    qtbot.waitUntil(lambda: len(slow.asked) > 3)
    # A policy of one of them was changed meanwhile.
    overviews.read(["provider 0"])
    slow.open.set()
    with qtbot.waitSignal(overviews.ended):
        pass
    assert sorted(told) == sorted(everybody)
    again = slow.asked[slow.asked.index("provider 0", 1) :]
    assert again[0] == "provider 0", "what was asked for last comes first"
