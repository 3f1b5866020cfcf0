"""A length of time in the unit that a person would take."""

from __future__ import annotations

import pytest

from sealwright.durations import duration_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (58, "58 seconds"),
        (59.4, "1 minute"),
        (90, "90 seconds"),
        (119, "2 minutes"),
        (3_600, "1 hour"),
        (90 * 60, "90 minutes"),
        (86_390, "1 day"),
        (36 * 3_600, "36 hours"),
        (365 * 86_400, "365 days"),
    ],
)
def test_lengths_are_told_as_people_say_them(seconds: float, words: str) -> None:
    assert duration_words(seconds) == words
