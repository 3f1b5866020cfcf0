"""What a verification reports: one result per check, in the order of the specification.

Invariant: a check that was not made is `skip` with its reason, never `pass`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CheckStatus(StrEnum):
    """Outcome of one check (spec cli, token verify)."""

    PASS = "pass"  # noqa: S105 - a status word
    FAIL = "fail"
    WARN = "warn"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Check:
    """One check by its id; `expected` and `actual` are words for people, empty when not apt."""

    id: str
    title: str
    status: CheckStatus
    detail: str = ""
    expected: str = ""
    actual: str = ""


NOT_EVALUATED = "not evaluated"
