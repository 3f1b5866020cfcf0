"""Every published policy of the corpus: parse result, static result and hash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sealwright.policy import check, parse, policy_hash
from sealwright.policy.checking.checks import accepted

CORPUS = Path(__file__).parents[2].parent / "shared" / "vectors" / "policies"
INDEX = CORPUS / "index.json"
ENTRIES: list[dict[str, Any]] = (
    json.loads(INDEX.read_text("utf-8"))["policies"] if INDEX.exists() else []
)


def test_the_corpus_is_here() -> None:
    if not ENTRIES:
        pytest.skip(f"no corpus at {CORPUS}")
    assert len({entry["file"] for entry in ENTRIES}) == len(ENTRIES)


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry["name"] for entry in ENTRIES])
def test_a_published_policy(entry: dict[str, Any]) -> None:
    text = (CORPUS / entry["file"]).read_bytes().decode("utf-8")
    policy = parse(text)
    assert str(policy) == text
    assert policy.parses is entry["expect_parse"]
    assert accepted(check(policy)) is entry["expect_semantic_ok"]
    assert policy_hash(text) == entry["policy_hash"]
    if entry["expect_parse"]:
        assert policy.version == entry["policy_version"]
