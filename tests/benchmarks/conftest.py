"""Benchmarks run on request only: `packaging/dev.py bench`, or pytest with `-m bench -s`."""

from __future__ import annotations

from pathlib import Path

import pytest

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what lies here."""
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.bench)
