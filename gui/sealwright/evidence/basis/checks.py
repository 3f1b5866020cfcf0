"""What a verification reports: one result per check, in the order of the specification.

Invariants
- A check that was not made is `skip` with its reason, never `pass`.
- A row is followed by its sub-checks, whose ids continue the row's id after a dot.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class CheckStatus(StrEnum):
    """Outcome of one check (spec cli, token verify)."""

    PASS = "pass"  # noqa: S105 - a status word
    FAIL = "fail"
    WARN = "warn"
    SKIP = "skip"


class Check(NamedTuple):
    """One check by its id; `expected` and `actual` are words for people, empty when not apt.

    A tuple, since a batch of tokens makes hundreds of thousands of them.
    """

    id: str
    title: str
    status: CheckStatus
    detail: str = ""
    expected: str = ""
    actual: str = ""


NOT_EVALUATED: Final = "not evaluated"


def judge(  # noqa: PLR0913 - the slots of one check
    id_: str,
    title: str,
    detail: str = "",
    *,
    passed: bool,
    expected: str = "",
    actual: str = "",
) -> Check:
    """Pass, or fail with `detail` as the reason."""
    if passed:
        return Check(id_, title, CheckStatus.PASS, "", expected, actual)
    return Check(id_, title, CheckStatus.FAIL, detail, expected, actual)


def warn(id_: str, title: str, detail: str, *, expected: str = "", actual: str = "") -> Check:
    """Something to look at that decides nothing by itself."""
    return Check(id_, title, CheckStatus.WARN, detail, expected, actual)


def skip(id_: str, title: str, why: str = "") -> Check:
    """A check that could not be made; `why` follows the words `not evaluated`."""
    detail = f"{NOT_EVALUATED}: {why}" if why else NOT_EVALUATED
    return Check(id_, title, CheckStatus.SKIP, detail)


def reason_of(check: Check) -> str:
    """Why a check does not hold, or was not made, without the words `not evaluated`."""
    return check.detail.removeprefix(NOT_EVALUATED).removeprefix(": ")


def row(id_: str, title: str, parts: Sequence[Check]) -> tuple[Check, ...]:
    """The row that sums up its sub-checks, and then the sub-checks."""
    statuses = [part.status for part in parts]
    for status in (CheckStatus.FAIL, CheckStatus.WARN):
        if status in statuses:
            worst = parts[statuses.index(status)]
            summed = Check(id_, title, status, worst.detail, worst.expected, worst.actual)
            break
    else:
        if CheckStatus.PASS in statuses:
            summed = Check(id_, title, CheckStatus.PASS)
        else:
            summed = skip(id_, title, reason_of(parts[0]) if parts else "")
    return (summed, *parts)
