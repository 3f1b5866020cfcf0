"""A tree table that shows many rows a page at a time; the filter looks at all of them.

A tree asks its model about every open row whenever one is added, so that it stays small here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Slot

from sealwright.desktop.widgets.cells import Row, RowKind, Text
from sealwright.desktop.widgets.tree import TreeTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.widgets.cells import Column

_PAGE = 200
_MORE = "more:"


def search_texts(rows: Sequence[Row]) -> Mapping[str, str]:
    """What the filter looks at, by key of each row below a heading; may run on any thread."""
    return {row.key: " ".join(_words(row)).lower() for heading in rows for row in heading.children}


def _words(row: Row) -> Iterator[str]:
    yield from (cell.words for cell in row.cells)
    yield row.search
    for child in row.children:
        yield from _words(child)


class PagedTable(TreeTable):
    """Headings with rows; below each stands a page, and a row that brings the next one."""

    def __init__(self, name: str, columns: Sequence[Column], parent: QWidget | None = None) -> None:
        super().__init__(name, columns, parent)
        self._all: Sequence[Row] = ()
        self._texts: Mapping[str, str] = {}
        self._pages: dict[str, int] = {}
        self._filtered: tuple[str, ...] = ()
        self.row_opened.connect(self._on_more)

    def set_all(self, rows: Sequence[Row], texts: Mapping[str, str]) -> None:
        """Replace everything; `texts` are those of `search_texts`."""
        self._all, self._texts, self._pages = rows, texts, {}
        self._show()

    def set_filter(self, text: str) -> None:
        """Show rows that hold every word of `text`, of all pages."""
        self._filtered = tuple(text.lower().split())
        self._pages = {}
        self._show()
        super().set_filter(text)

    def _show(self) -> None:
        shown = []
        for heading in self._all:
            rows = [row for row in heading.children if self._passes(row)]
            if rows:
                shown.append(replace(heading, children=self._page(heading.key, rows)))
        self.set_rows(shown)

    def _passes(self, row: Row) -> bool:
        text = self._texts.get(row.key, "")
        return all(word in text for word in self._filtered)

    def _page(self, key: str, rows: list[Row]) -> list[Row]:
        count = _PAGE * (1 + self._pages.get(key, 0))
        if len(rows) <= count:
            return rows
        words = QCoreApplication.translate("PagedTable", "{0} more: press Enter for the next")
        text = words.format(f"{len(rows) - count:,}")
        more = Row(
            f"{_MORE}{key}",
            (Text(text, color="accent_text", icon="down", hint=text),),
            kind=RowKind.CLAIM,
            # It stays whatever is looked for.
            search=" ".join(self._filtered),
        )
        return [*rows[:count], more]

    @Slot(object)
    def _on_more(self, row: Row) -> None:
        if row.key.startswith(_MORE):
            key = row.key.removeprefix(_MORE)
            self._pages[key] = self._pages.get(key, 0) + 1
            self._show()

    def select_key(self, key: str) -> bool:
        """Choose the row with `key`, on whatever page it is; False when it is not shown."""
        for heading in self._all:
            rows = [row for row in heading.children if self._passes(row)]
            at = next((at for at, row in enumerate(rows) if row.key == key), -1)
            if at >= _PAGE * (1 + self._pages.get(heading.key, 0)):
                self._pages[heading.key] = at // _PAGE
                self._show()
        return super().select_key(key)
