"""How far this computer's clock is from a server's, which says its time in every answer."""

from __future__ import annotations

from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from sealwright.durations import duration_words

if TYPE_CHECKING:
    from datetime import datetime

    from sealwright.services.ports import HttpResponse

TOLERANCE: Final = timedelta(minutes=5)
"""What Entra ID and those who take its tokens let pass."""
HINT: Final = (
    "Set this computer's clock and time zone, best from a time server, and try again. Tokens and "
    "proofs are valid for a short time: with a wrong clock, sign-in and roles cannot be judged."
)


def server_time(answer: HttpResponse) -> datetime | None:
    """The `Date` header in UTC, when it can be read."""
    try:
        when = parsedate_to_datetime(answer.headers.get("date", ""))
        # A zone of "-0000" is UTC, too (RFC 5322 section 3.3).
        return when.astimezone(UTC) if when.tzinfo is not None else when.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        # Numbers of any length are read, and a zone may carry a date past the last year.
        return None


def clock_gap(answer: HttpResponse) -> timedelta | None:
    """How far this computer's clock is ahead, or behind when negative.

    None where it is near enough, or where nobody can tell.
    """
    theirs = server_time(answer)
    if theirs is None or answer.came is None:
        return None
    gap = answer.came - theirs
    return gap if abs(gap) > TOLERANCE else None


def gap_words(gap: timedelta, host: str) -> str:
    """What is wrong with the clock, to end a sentence."""
    side = "ahead of" if gap > timedelta() else "behind"
    length = duration_words(abs(gap.total_seconds()))
    return f"this computer's clock is {length} {side} that of `{host}`"


def both_clocks(answer: HttpResponse) -> dict[str, str]:
    """What the clocks show, as far as it is known, for the details of an error."""
    shown = {"this computer's clock": answer.came, "the server's clock": server_time(answer)}
    return {name: clock_text(when) for name, when in shown.items() if when is not None}


def clock_text(when: datetime) -> str:
    """A time as an error's details show it."""
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
