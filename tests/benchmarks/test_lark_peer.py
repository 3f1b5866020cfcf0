"""The Lark peer takes the same texts as the parser: it is complete."""

from __future__ import annotations

import pytest

from benchmarks.peers.lark_policy import Peer, lark_parser
from helpers.vectors import index, read, require
from sealwright.policy import parse


def taken(parser: Peer, text: str) -> bool:
    lark = pytest.importorskip("lark")
    try:
        parser.parse(text)
    except lark.exceptions.LarkError:
        return False
    return True


def test_both_say_the_same_of_every_published_policy() -> None:
    pytest.importorskip("lark")
    entries = index("policies", "policies")
    require(entries)
    parser = lark_parser()
    texts = {entry["file"]: read("policies", entry["file"]).decode() for entry in entries}
    ours = {name: parse(text).parses for name, text in texts.items()}
    assert {name: taken(parser, text) for name, text in texts.items()} == ours
    assert set(ours.values()) == {True, False}
