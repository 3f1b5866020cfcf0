"""Finds the recorded vectors beside the repository; they are read in place, never copied."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3] / "shared" / "vectors"


def index(area: str, entries: str = "vectors") -> list[dict[str, Any]]:
    """The entries of an area; empty where the vectors are absent."""
    path = ROOT / area / "index.json"
    if not path.exists():
        return []
    found: list[dict[str, Any]] = json.loads(path.read_bytes())[entries]
    return found


def read(area: str, name: str) -> bytes:
    """A file of an area; skips the test where the vectors are absent."""
    path = ROOT / area / name
    if not path.exists():
        pytest.skip(f"no vectors at {ROOT}")
    return path.read_bytes()


def require(entries: list[dict[str, Any]]) -> None:
    """Skip the test where the vectors are absent."""
    if not entries:
        pytest.skip(f"no vectors at {ROOT}")
