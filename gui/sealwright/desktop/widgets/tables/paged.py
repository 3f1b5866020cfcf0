"""A tree table that shows many rows a page at a time; the filter looks at all of them.

A tree asks its model about every open row whenever one is added, so that it stays small here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Slot

from sealwright.desktop.widgets.tables.cells import Row, RowKind, Text
from sealwright.desktop.widgets.tables.tree import TreeTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.widgets.tables.cells import Column

_PAGE = 100
_DEEP = 300
"""Rows up to which a filter opens what holds them."""
_BEFORE, _MORE = "before:", "more:"


def search_texts(rows: Sequence[Row]) -> Mapping[str, str]:
    """What the filter looks at, by key of each row below a heading; may run on any thread."""
    return {row.key: " ".join(_words(row)).lower() for heading in rows for row in heading.children}


def _words(row: Row) -> Iterator[str]:
    yield from (cell.words for cell in row.cells)
    yield row.search
    for child in row.children:
        yield from _words(child)


class PagedTable(TreeTable):
    """Headings with one page of rows each; a row above and below it brings the next ones."""

    many = 90

    def __init__(self, name: str, columns: Sequence[Column], parent: QWidget | None = None) -> None:
        super().__init__(name, columns, parent)
        self._all: Sequence[Row] = ()
        self._texts: Mapping[str, str] = {}
        self._at: dict[str, int] = {}
        """Which page is shown, by key of the heading."""
        self._filtered: tuple[str, ...] = ()
        self.row_opened.connect(self._on_turned)

    def set_all(
        self, rows: Sequence[Row], texts: Mapping[str, str], closed: Iterable[str] = ()
    ) -> None:
        """Replace everything; `texts` are those of `search_texts`, `closed` keys begin closed."""
        self._all, self._texts, self._at = rows, texts, {}
        self.close_keys(closed)
        self._show()

    def set_filter(self, text: str) -> None:
        """Show rows that hold every word of `text`, of all pages."""
        self._filtered = tuple(text.lower().split())
        self._at = {}
        self._show()

    def _show(self) -> None:
        shown = []
        for heading in self._all:
            rows = self._passing(heading)
            if rows:
                shown.append(replace(heading, children=self._page(heading.key, rows)))
        self.set_rows(shown, " ".join(self._filtered))
        # What is open hangs on the filter, also where no row came or went.
        self._open_groups()

    def _passing(self, heading: Row) -> list[Row]:
        rows, texts = heading.children, self._texts
        for word in self._filtered:
            rows = [row for row in rows if word in texts[row.key]]
        return rows

    def _page(self, key: str, rows: list[Row]) -> list[Row]:
        first = _PAGE * self._at.get(key, 0)
        last = min(first + _PAGE, len(rows))
        page = rows[first:last]
        if first:
            words = QCoreApplication.translate("PagedTable", "{0} before: press Enter for those")
            page.insert(0, self._turner(f"{_BEFORE}{key}", words.format(f"{first:,}"), "up"))
        if last < len(rows):
            words = QCoreApplication.translate("PagedTable", "{0} more: press Enter for the next")
            left = f"{len(rows) - last:,}"
            page.append(self._turner(f"{_MORE}{key}", words.format(left), "down"))
        return page

    def _turner(self, key: str, words: str, icon: str) -> Row:
        return Row(
            key,
            (Text(words, color="accent_text", icon=icon, hint=words),),
            kind=RowKind.CLAIM,
            # It stays whatever is looked for.
            search=" ".join(self._filtered),
        )

    @Slot(object)
    def _on_turned(self, row: Row) -> None:
        word, _, key = row.key.partition(":")
        step = {_BEFORE: -1, _MORE: 1}.get(f"{word}:", 0)
        heading = next((each for each in self._all if each.key == key), None)
        if not step or heading is None:
            return
        self._at[key] = self._at.get(key, 0) + step
        self._show()
        place = _PAGE * self._at[key]
        page = self._passing(heading)[place : place + _PAGE]
        super().select_key(page[0 if step > 0 else -1].key)

    def select_key(self, key: str) -> bool:
        """Choose the row with `key`, on whatever page it is; False when it is not shown."""
        for heading in self._all:
            rows = self._passing(heading)
            at = next((at for at, row in enumerate(rows) if row.key == key), -1)
            if at >= 0 and at // _PAGE != self._at.get(heading.key, 0):
                self._at[heading.key] = at // _PAGE
                self._show()
        return super().select_key(key)

    def stays_closed(self, key: str) -> bool:
        """What is looked for is shown, also where it lies deep; but not hundreds of it."""
        opened = bool(self._filtered) and self.rows.size <= _DEEP
        return not opened and super().stays_closed(key)
