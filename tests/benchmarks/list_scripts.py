"""What a person does to a long list, as named steps: the same ones in every round."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from sealwright.desktop.widgets.fields import ComboBox, SearchBox

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.desktop.providers.panel import ProvidersPanel

Script = Sequence[tuple[str, Callable[[], object]]]
"""Steps by name, in order."""

_JUMPS: Final = 40
_TURNS: Final = 20
_WORD: Final = "fleet-012"
_CHOSEN: Final = 500
"""Rows from one that is chosen to the next."""
_KEYS: Final = (
    ("End", Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier),
    ("Home", Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier),
    ("Ctrl+End", Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier),
    ("Ctrl+Home", Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier),
    ("Page Down", Qt.Key.Key_PageDown, Qt.KeyboardModifier.NoModifier),
    ("Ctrl+A", Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier),
    ("Ctrl+C", Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier),
    ("Down", Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier),
    ("Home again", Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier),
)


def list_scripts(panel: ProvidersPanel) -> Mapping[str, Script]:
    """All of them; each leaves the list as it found it."""
    return {
        "scroll": _scrolling(panel),
        "filter": typing(panel),
        "choose": _choosing(panel),
        "keys": _keys(panel),
        "widths": _widths(panel),
        "groups": _groups(panel),
    }


def typing(panel: ProvidersPanel) -> Script:
    """A word goes into the filter, letter by letter, and out again."""
    box = panel.findChild(SearchBox)
    assert box is not None
    into = [_WORD[:end] for end in range(1, len(_WORD) + 1)]
    out = [_WORD[:end] for end in range(len(_WORD) - 1, -1, -1)]
    return [
        *[(f"to {text!r}", partial(box.setText, text)) for text in into],
        *[(f"back to {text!r}", partial(box.setText, text)) for text in out],
    ]


def _scrolling(panel: ProvidersPanel) -> Script:
    """Pages far apart, then the wheel."""
    bar, step = panel.table.verticalScrollBar(), panel.table.viewport().height() // 6
    jumps = [bar.maximum() * part // _JUMPS for part in range(_JUMPS)]
    turns = [step * turn for turn in range(_TURNS, -1, -1)]
    return [
        *[(f"to {place}", partial(bar.setValue, place)) for place in jumps],
        *[(f"wheel to {place}", partial(bar.setValue, place)) for place in turns],
    ]


def _choosing(panel: ProvidersPanel) -> Script:
    table = panel.table
    keys = [row.key for row in table.rows.leaves()][::_CHOSEN]
    return [(key.rpartition("/")[2], partial(table.select_key, key)) for key in keys]


def _keys(panel: ProvidersPanel) -> Script:
    return [(name, partial(QTest.keyClick, panel.table, key, held)) for name, key, held in _KEYS]


def _widths(panel: ProvidersPanel) -> Script:
    """A column is dragged, then the window."""
    header, window = panel.table.header(), panel.window()
    width, height = window.width(), window.height()
    dragged = [header.sectionSize(1) + more for more in (20, 40, 60, 0)]
    return [
        *[(f"column {wide}", partial(header.resizeSection, 1, wide)) for wide in dragged],
        *[
            (f"window by {less}", partial(window.resize, width - less, height))
            for less in (80, 160, 240, 320, 0)
        ],
    ]


def _groups(panel: ProvidersPanel) -> Script:
    box = panel.findChild(ComboBox)
    assert box is not None
    places = [*range(1, box.count()), 0]
    return [(box.itemText(at), partial(box.setCurrentIndex, at)) for at in places]
