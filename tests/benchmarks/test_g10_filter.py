"""G10: filtering 10,000 rows, beside one lower-case string a row searched in a comprehension."""

from __future__ import annotations

import itertools
import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from benchmarks.rounds import measure, report
from helpers.screens import icon_sources
from sealwright.desktop.app import application
from sealwright.desktop.theme import Choice, Theme
from sealwright.desktop.widgets.tables.cells import Column, Row, Text
from sealwright.desktop.widgets.tables.tree import TreeTable

ROWS = 10_000


def test_g10_filter() -> None:
    app = application()
    theme = Theme(app, icon_sources())
    theme.choose(Choice.LIGHT)
    names = [
        f"provider-{number:05d} westeurope rg-{number % 50} AAD Ready" for number in range(ROWS)
    ]
    table = TreeTable(
        "Rows", [Column(str(place), f"C{place}", "wide enough") for place in range(6)]
    )
    table.set_rows(
        [
            Row(str(number), tuple(Text(f"{name} {place}") for place in range(6)), search=name)
            for number, name in enumerate(names)
        ]
    )
    table.resize(1200, 800)
    table.show()
    app.processEvents()
    joined = [" ".join(f"{name} {place}" for place in range(6)).lower() for name in names]
    words = itertools.cycle(("provider-09", "rg-17", "provider-0123", "rg-4"))

    def filtered() -> None:
        table.set_filter(next(words))

    def limit() -> list[str]:
        word = next(words)
        return [text for text in joined if word in text]

    found = measure({"filter of 10,000 rows": filtered, "joined strings": limit}, rounds=11)
    report(found, "filter of 10,000 rows", "joined strings", 10)
    table.close()
