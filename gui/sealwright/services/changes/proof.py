"""Verification checks as proof: what was compared, both values, and where they came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.services.changes.steps import ProofRow
from sealwright.services.model import CheckStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sealwright.services.model import Check

_TELLING: Final[Mapping[str, str]] = {
    "header": "header.algorithm",
    "issuer-choice": "issuer-choice.host",
    "key-set": "key-set.kid",
    "times": "times.expiry",
    "issuer": "issuer.name",
    "certificate": "certificate.subject",
    "result": "result.word",
}
"""The sub-check that says most about a check that held."""
_HOLDS: Final = {CheckStatus.PASS: True, CheckStatus.FAIL: False}


def rows_of(checks: Iterable[Check], source: str) -> tuple[ProofRow, ...]:
    """A row for each check; those that were not made are left out."""
    return tuple(_row(check, check, source) for check in checks if _made(check))


def summary_of(checks: Sequence[Check], source: str) -> tuple[ProofRow, ...]:
    """A row for each main check, with the values of the sub-check that decided it."""
    return tuple(
        _row(check, _decisive(check, checks), source)
        for check in checks
        if "." not in check.id and _made(check)
    )


def _made(check: Check) -> bool:
    return check.status is not CheckStatus.SKIP


def _decisive(check: Check, checks: Sequence[Check]) -> Check:
    parts = [each for each in checks if each.id.startswith(f"{check.id}.")]
    if check.status is CheckStatus.FAIL:
        return next((each for each in parts if each.status is CheckStatus.FAIL), check)
    if check.expected or check.actual:
        return check
    wanted = _TELLING.get(check.id)
    return next((each for each in parts if each.id == wanted), check)


def _row(check: Check, decisive: Check, source: str) -> ProofRow:
    word = {CheckStatus.PASS: "holds", CheckStatus.FAIL: "does not hold"}
    return ProofRow(
        label=check.title,
        expected=decisive.expected or ("" if decisive.actual else "holds"),
        actual=decisive.actual or decisive.detail or word.get(check.status, ""),
        holds=_HOLDS.get(check.status),
        source=source,
    )
