"""Texts of others cannot rule a terminal, or read as another text than they are."""

from __future__ import annotations

import json

import pytest

from sealwright.legible import legible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jgone", "\\u001b[2Jgone"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("a\u2028b\u200fc\x85", "a\\u2028b\\u200fc\\u0085"),
        ("שלום, 世界 \U0001f600\n\t", "שלום, 世界 \U0001f600\n\t"),
    ],
)
def test_what_turns_or_rules_is_seen_and_every_writing_stays(text: str, shown: str) -> None:
    assert legible(text) == shown


def test_json_stays_the_same_json() -> None:
    value = {"a\u202eb": "\u2066x\u2069"}
    assert json.loads(legible(json.dumps(value, ensure_ascii=False))) == value
