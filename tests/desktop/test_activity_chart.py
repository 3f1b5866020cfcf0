"""The chart of changes a day: its last date is today, wherever the computer stands."""

from __future__ import annotations

import sys
import time
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QLocale

from sealwright.desktop.activity import histogram

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

NOW = datetime(2026, 11, 28, 12, 30, tzinfo=UTC)


@pytest.fixture(params=["UTC", "Pacific/Auckland", "Pacific/Pago_Pago"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Zones on both sides of the date line."""
    if sys.platform == "win32":
        pytest.skip("Windows has one time zone for all programs")
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("look")
def test_the_last_date_is_today_s(zone: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(histogram, "now", lambda: NOW)
    chart = histogram.Histogram()
    qtbot.addWidget(chart)
    chart.show_entries(())
    today = NOW.astimezone().date()
    assert today == date(2026, 11, 29 if zone == "Pacific/Auckland" else 28)
    weeks = [today - timedelta(days=back) for back in (28, 21, 14, 7, 0)]
    month = QLocale().monthName
    short = QLocale.FormatType.ShortFormat
    assert [text for _, text in chart.dates] == [
        f"{when.day} {month(when.month, short)}" for when in weeks
    ]
    assert chart.dates[-1][0] == 29
    chart.resize(900, 98)
    assert not chart.grab().isNull()
