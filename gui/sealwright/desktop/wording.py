"""Times, lengths of time, hashes and names as they are shown everywhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLocale

from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.progress import validity_tone

if TYPE_CHECKING:
    from datetime import timedelta

    from sealwright.services.model import Certificate

_MINUTE, _HOUR, _DAY, _YEAR = 60, 3600, 86400, 365.25


def tr(text: str) -> str:
    """`text` in the user's language."""
    return QCoreApplication.translate("wording", text)


def counted(count: int, one: str, many: str) -> str:
    """`one` or `many` with the number in it; both are in the user's language already."""
    return (one if count == 1 else many).format(f"{count:,}")


def breakable(text: str) -> str:
    """`text` with places to break in long addresses, for a label that wraps."""
    return text.replace(".", ".\u200b").replace("/", "/\u200b")


def now() -> datetime:
    """For showing ages only; what is decided by time is decided in the services."""
    return datetime.now(UTC)


def ago(moment: datetime | None) -> str:
    """How long ago, in one word or two."""
    if moment is None:
        return tr("never")
    seconds = (now() - moment).total_seconds()
    if seconds < _MINUTE:
        return tr("now")
    if seconds < _HOUR:
        return tr("{0} min").format(int(seconds // _MINUTE))
    if seconds < _DAY:
        return tr("{0} h").format(int(seconds // _HOUR))
    return counted(int(seconds // _DAY), tr("1 day"), tr("{0} days"))


def span(length: timedelta) -> str:
    """A length of time: in days from two on, else in hours and minutes."""
    seconds = int(length.total_seconds())
    if seconds >= 2 * _DAY:
        return tr("{0} d").format(seconds // _DAY)
    hours, minutes = divmod(seconds // _MINUTE, 60)
    if hours and not minutes:
        return tr("{0} h").format(hours)
    return tr("{0} h {1} min").format(hours, minutes) if hours else tr("{0} min").format(minutes)


def days_left(moment: datetime) -> float:
    """Days until `moment`; negative when it is over."""
    return (moment - now()).total_seconds() / _DAY


def time_left(moment: datetime) -> str:
    """Days, or years from two on."""
    days = days_left(moment)
    if days < 0:
        return tr("expired")
    if days >= 2 * _YEAR:
        return tr("{0} years").format(int(days / _YEAR))
    return counted(int(days), tr("1 day"), tr("{0} days"))


def expiry_color(moment: datetime) -> str:
    """The token in which a time left is written."""
    tone = validity_tone(days_left(moment))
    return "text2" if tone == Tone.OK else f"{tone}.text"


def validity(certificate: Certificate) -> tuple[float, float]:
    """The share of the validity that is left, and the days."""
    whole = (certificate.not_after - certificate.not_before).total_seconds()
    left = days_left(certificate.not_after)
    return (max(0.0, left * _DAY / whole) if whole > 0 else 0.0), left


def local_time(moment: datetime) -> str:
    """Hours, minutes, seconds here."""
    return moment.astimezone().strftime("%H:%M:%S")


def utc_time(moment: datetime) -> str:
    """For tooltips: the same moment in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def day(moment: datetime) -> str:
    """A date as `14 Apr 2026`, in the user's month names."""
    here = moment.astimezone()
    month = QLocale().monthName(here.month, QLocale.FormatType.ShortFormat)
    return f"{here.day} {month} {here.year}"


def day_heading(moment: datetime) -> str:
    """A date as a heading: `Today, 23 November`."""
    here = moment.astimezone()
    locale = QLocale()
    month = locale.monthName(here.month, QLocale.FormatType.LongFormat)
    date = f"{here.day} {month}"
    today = now().astimezone().date()
    if here.date() == today:
        return tr("Today, {0}").format(date)
    if here.year != today.year:
        date = f"{date} {here.year}"
    weekday = locale.dayName(here.isoweekday(), QLocale.FormatType.LongFormat)
    return f"{weekday}, {date}"


def short(value: str, head: int = 8, tail: int = 4) -> str:
    """A long hash shortened in the middle."""
    return value if len(value) <= head + tail + 2 else f"{value[:head]}…{value[-tail:]}"


def fingerprint(sha256: str) -> str:
    """A hex hash as it is compared by eye: `3f9a c1d0 … 77be`."""
    return f"{sha256[:4]} {sha256[4:8]} … {sha256[-4:]}"


def file_name(path: str) -> str:
    """The last part of a path, whichever system's way of writing it."""
    return path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


def common_name(subject: str) -> str:
    """The CN of an RFC 4514 name, or all of it."""
    for part in subject.split(","):
        name, _, value = part.strip().partition("=")
        if name.upper() == "CN" and value:
            return value
    return subject


def took(span: timedelta | float) -> str:
    """A short time as milliseconds or seconds."""
    seconds = span if isinstance(span, int | float) else span.total_seconds()
    if seconds < 1:
        return tr("{0} ms").format(round(seconds * 1000))
    return tr("{0} s").format(f"{seconds:.1f}")
