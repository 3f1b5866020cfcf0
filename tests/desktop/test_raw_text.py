"""Long texts are laid out in pieces, and copied as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sealwright.desktop.widgets.raw_text import RawText

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


@pytest.mark.parametrize(
    "text",
    [
        "one line",
        "\n\nempty lines\n\nat both ends\n",
        "\n".join(f"line {number}" for number in range(5000)),
        f'{{"short": 1,\n"long": "{"x" * 12_345}",\n"end": {{}}}}',
        "\n".join("y" * length for length in (999, 1000, 1001, 0, 2000, 2001)),
    ],
)
@pytest.mark.usefixtures("look")
def test_what_is_copied_is_the_text(text: str, qtbot: QtBot) -> None:
    raw = RawText("Raw JSON")
    qtbot.addWidget(raw)
    raw.set_text(text)
    assert raw.toPlainText() == ""
    raw.look(on=True)
    qtbot.waitUntil(lambda: not raw.pending)
    assert max(len(line) for line in raw.toPlainText().split("\n")) <= 1000
    raw.selectAll()
    assert raw.createMimeDataFromSelection().text() == text
    middle = len(raw.toPlainText()) // 2
    assert raw.between(0, middle) == text[: len(raw.between(0, middle))]
    raw.set_text("another")
    raw.look(on=True)
    qtbot.waitUntil(lambda: raw.toPlainText() == "another")
