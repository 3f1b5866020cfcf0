"""Patterns that every supported Python matches alike: Debian 12 has 3.11.2."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[3] / "gui" / "sealwright"
# Matched wrongly before 3.11.5; runs of one character set are not affected.
POSSESSIVE_GROUPS = (")*+", ")++", ")?+", "(?>")


@pytest.mark.parametrize("folder", sorted(path.name for path in PACKAGE.iterdir() if path.is_dir()))
def test_no_pattern_has_a_possessive_group(folder: str) -> None:
    found = []
    for source in (PACKAGE / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and any(mark in text for mark in POSSESSIVE_GROUPS):
                found.append(f"{source.name}:{getattr(node, 'lineno', 0)}")
    assert found == []
