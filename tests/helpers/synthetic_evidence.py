"""Synthetic evidence under one sandbox's roots, examined with them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from sealwright.evidence.basis.trust import Trust
from sealwright.evidence.examine import examine
from sealwright.evidence.synthetic.making import synthesize
from sealwright.evidence.synthetic.roots import SandboxRoots, new_roots

if TYPE_CHECKING:
    from sealwright.evidence.basis.checks import Check
    from sealwright.evidence.examination import Examination, Given, Kind

WHEN = datetime(2026, 11, 28, tzinfo=UTC)


@cache
def roots() -> SandboxRoots:
    """The pretended vendors; making their keys takes a second."""
    return new_roots()


def trust(when: datetime = WHEN) -> Trust:
    """The sandbox's roots, at that time."""
    return Trust(roots().anchors(), when)


def synthetic(kind: Kind, **values: str) -> tuple[bytes, Given]:
    """The evidence, and what comes beside it."""
    found = synthesize(kind, roots(), values, WHEN)
    return found.evidence, found.given(trust())


def made(kind: Kind, **values: str) -> Examination:
    """Synthesized, and examined with the sandbox's roots."""
    return seen_at(WHEN, kind, values)


def seen_at(when: datetime, kind: Kind, values: dict[str, str]) -> Examination:
    """Synthesized at WHEN, and examined at another time."""
    found = synthesize(kind, roots(), values, WHEN)
    return examine(found.evidence, found.given(trust(when)), kind)


def failed(found: Examination) -> set[str]:
    """The checks that do not hold."""
    return {check.id for check in found.failed()}


def check_of(found: Examination, id_: str) -> Check:
    """The check of that id."""
    return next(check for check in found.checks if check.id == id_)
