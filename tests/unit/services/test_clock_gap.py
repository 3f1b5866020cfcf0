"""How far two clocks are apart, and how it is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sealwright.services.ports import HttpResponse
from sealwright.services.reaching.clock_gap import clock_gap, gap_words, server_time

NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def answer(date: str, came: datetime | None = NOON) -> HttpResponse:
    return HttpResponse(401, {"date": date} if date else {}, b"", came)


@pytest.mark.parametrize(
    ("date", "ahead"),
    [
        ("Thu, 26 Nov 2026 12:00:00 GMT", timedelta(days=2)),
        ("Thu, 26 Nov 2026 12:00:00 -0000", timedelta(days=2)),
        ("Sat, 28 Nov 2026 13:00:00 +0100", None),
        ("Sat, 28 Nov 2026 12:06:00 GMT", timedelta(minutes=-6)),
        ("Sat, 28 Nov 2026 12:04:00 GMT", None),
        ("yesterday", None),
        ("Thu, 26 Nov 2026 12:00:00 +99999999999999999999", None),
        ("Thu, 26 Nov 99999999999999999999 12:00:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -0100", None),
        ("", None),
    ],
)
def test_clocks_differ_by_what_the_answer_says(date: str, ahead: timedelta | None) -> None:
    assert clock_gap(answer(date)) == ahead


def test_nothing_is_said_of_an_answer_that_came_nobody_knows_when() -> None:
    assert clock_gap(answer("Thu, 26 Nov 2026 12:00:00 GMT", None)) is None


def test_a_time_without_a_zone_is_of_utc() -> None:
    assert server_time(answer("Sat, 28 Nov 2026 12:00:00 -0000")) == NOON


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (timedelta(days=2, seconds=30), "2 days ahead of"),
        (timedelta(hours=-1), "1 hour behind"),
        (timedelta(seconds=-86_390), "1 day behind"),
        (timedelta(minutes=6), "6 minutes ahead of"),
    ],
)
def test_a_gap_is_told_in_the_unit_of_people(gap: timedelta, words: str) -> None:
    assert gap_words(gap, "a.test") == f"this computer's clock is {words} that of `a.test`"
