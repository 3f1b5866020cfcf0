"""Rows 6 and 7 of a verification: times and issuer (spec tokens, 8)."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeGuard

from sealwright.durations import duration_words
from sealwright.evidence.basis.checks import Check, judge, row, skip, warn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.tokens.verification.case import Case

_TIMES: Final = ("iat", "nbf", "exp")
_LAST: Final = 253_402_300_799
"""9999-12-31T23:59:59Z, the last second that has a date."""
_LONGEST_REPORT: Final = 525_600 * 60
"""Seconds of a year, the most that a policy can give a TPM's report (spec tokens, 1.1)."""


def times(case: Case) -> tuple[Check, ...]:
    """Row 6: integers, in order, and now between them with the allowed skew."""
    if case.claims is None:
        return row("times", "Times", (skip("times.form", "Times readable", "no claims"),))
    values = {name: case.claims.get(name) for name in _TIMES}
    whole = {name: value for name, value in values.items() if _is_time(value)}
    form = judge(
        "times.form",
        "Times readable",
        "`iat`, `nbf` and `exp` must be whole seconds.",
        passed=len(whole) == len(_TIMES),
        actual="" if len(whole) == len(_TIMES) else _unreadable(values, whole),
    )
    if len(whole) < len(_TIMES):
        return row("times", "Times", (form,))
    issued, not_before, expiry = whole.values()
    order = _order(case, issued, not_before, expiry)
    parts = (form, *order, *_lifetime(case, issued, expiry), *_clock(case))
    return row("times", "Times", parts)


def _lifetime(case: Case, issued: int, expiry: int) -> tuple[Check, ...]:
    """The policy says how long a TPM's report holds; the service gives others a fixed time."""
    if not case.chained:
        return ()
    id_, title, seconds = "times.lifetime", "Holds a year at most", expiry - issued
    expected, actual = duration_words(_LONGEST_REPORT), duration_words(max(seconds, 0))
    if seconds <= _LONGEST_REPORT:
        return (judge(id_, title, passed=True, expected=expected, actual=actual),)
    why = f"The token holds for {actual}; the service gives a TPM's report a year at most."
    return (warn(id_, title, why, expected=expected, actual=actual),)


def _clock(case: Case) -> tuple[Check, ...]:
    """Is this computer's clock to be believed? The provider's is the one that the times are of."""
    id_, title = "times.clock", "This computer's clock"
    if case.server_time is None:
        return ()
    expected, actual = _show(case.server_time), _show(case.now)
    gap = (case.now - case.server_time).total_seconds()
    if abs(gap) <= case.skew.total_seconds():
        return (judge(id_, title, passed=True, expected=expected, actual=actual),)
    length, side = duration_words(abs(gap)), "ahead of" if gap > 0 else "behind"
    why = f"It is {length} {side} the provider's, so doubt what is said about times."
    return (warn(id_, title, why, expected=expected, actual=actual),)


def _unreadable(values: Mapping[str, object], whole: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {values[name]!r:.40}" for name in values if name not in whole)


def _is_time(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LAST


def _order(case: Case, issued: int, not_before: int, expiry: int) -> tuple[Check, ...]:
    now, skew = case.now.timestamp(), case.skew.total_seconds()
    clock = f"{_show(case.now)} (± {int(skew)} s)"
    first, last = _moment(issued), _moment(expiry)
    start = first if not_before == issued else _moment(not_before)
    return (
        judge(
            "times.order",
            "Expires after it was issued",
            "The token expires before it was issued, or before it is valid.",
            passed=expiry > issued and expiry >= not_before,
            actual=f"{first} to {last}",
        ),
        judge(
            "times.issued",
            "Not issued in the future",
            "The token was issued in the future.",
            passed=issued <= now + skew,
            expected=clock,
            actual=first,
        ),
        judge(
            "times.not-before",
            "Already valid",
            f"The token is valid only from {start} on.",
            passed=not_before <= now + skew,
            expected=clock,
            actual=start,
        ),
        judge(
            "times.expiry",
            "Not expired",
            f"The token expired at {last}.",
            passed=now - skew <= expiry,
            expected=clock,
            actual=last,
        ),
    )


@lru_cache(maxsize=4096)
def _moment(seconds: int) -> str:
    return _show(datetime.fromtimestamp(seconds, UTC))


@lru_cache(maxsize=4096)
def _show(when: datetime) -> str:
    # isoformat is ten times as fast as strftime, which matters for batches.
    return f"{when.astimezone(UTC).replace(tzinfo=None).isoformat(' ', 'seconds')} UTC"


def issuer(case: Case) -> tuple[Check, ...]:
    """Row 7: the issuer is the provider that was expected, with the same scheme and host."""
    title = "Issuer"
    if case.claims is None:
        return row("issuer", title, (skip("issuer.name", title, "no claims"),))
    actual = case.text_claim("iss")
    if not actual:
        why = "The token names no issuer (`iss`)."
        return row("issuer", title, (judge("issuer.name", title, why, passed=False),))
    if not case.issuer:
        why = "no expected issuer was given"
        return row("issuer", title, (skip("issuer.name", title, why),))
    part = judge(
        "issuer.name",
        title,
        f"The token was issued by {_named(actual)}, not by {_named(case.issuer)}.",
        passed=_origin(actual) == _origin(case.issuer),
        expected=case.issuer[:200],
        actual=actual[:200],
    )
    return row("issuer", title, (part, *_also_expected(case, actual)))


def _also_expected(case: Case, actual: str) -> tuple[Check, ...]:
    """What the relying party's rules name as issuer, where the keys are another's."""
    expected = case.expect.issuer.rstrip("/")
    if not expected or _origin(expected) == _origin(case.issuer):
        return ()
    part = judge(
        "issuer.expected",
        "Issuer that the rules ask for",
        "The token was issued by another provider than the rules ask for.",
        passed=_origin(actual) == _origin(expected),
        expected=expected[:200],
        actual=actual[:200],
    )
    return (part,)


def _named(url: str) -> str:
    """A provider as people call it: without the scheme that all of them have."""
    return url.removeprefix("https://")[:120]


def _origin(url: str) -> tuple[str, str]:
    """Scheme and host with their case evened out, and the rest as it is."""
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host}".lower(), f"{slash}{path}"
