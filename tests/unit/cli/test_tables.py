"""Tables on a terminal: the last column is wrapped to its width, and nothing is cut."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from sealwright.cli.output import table

if TYPE_CHECKING:
    import pytest

REASON = "The quote was changed: its signature does not fit, and nobody vouches for it."
DIGEST = "ab" * 40


def on_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((columns, 24)))


def test_a_piped_table_has_one_line_a_row() -> None:
    assert table(("STATUS", "WHY"), [("FAIL", REASON)]).splitlines()[1] == f"FAIL    {REASON}"


def test_on_a_terminal_long_reasons_go_on_below(monkeypatch: pytest.MonkeyPatch) -> None:
    on_terminal(monkeypatch, 40)
    _, *lines, last = table(("STATUS", "WHY"), [("FAIL", REASON), ("PASS", "")]).splitlines()
    assert last == "PASS"
    assert max(len(line) for line in lines) <= 40
    assert lines[0].startswith("FAIL    The quote")
    assert all(line.startswith(" " * 8) for line in lines[1:])
    assert " ".join(line[8:] for line in lines) == REASON


def test_what_cannot_be_broken_or_has_no_room_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    on_terminal(monkeypatch, 60)
    assert DIGEST in table(("STATUS", "WHY"), [("FAIL", f"found {DIGEST}")])
    on_terminal(monkeypatch, 20)
    assert f"FAIL    {REASON}\n" in table(("STATUS", "WHY"), [("FAIL", REASON)])
