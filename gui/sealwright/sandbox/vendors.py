"""What hardware vendors publish and the sandbox is given, since it fetches nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sealwright.evidence.intel.baselines import NO_BASELINES, TcbBaselines

if TYPE_CHECKING:
    from sealwright.evidence.basis.trust import TrustAnchor


class TcbRule(StrEnum):
    """What becomes of real hardware whose state cannot be judged without its vendor's word."""

    STRICT = "strict"
    NOT_JUDGED = "not-judged"


@dataclass(frozen=True, slots=True)
class Vendors:
    """Root keys that vouch for real evidence, and the baselines that it is held against."""

    anchors: tuple[TrustAnchor, ...] = ()
    baselines: TcbBaselines = NO_BASELINES
    rule: TcbRule = TcbRule.STRICT
    """What becomes of platforms that cannot be judged without their vendor's word."""


NO_VENDORS: Final = Vendors()
"""Only the sandbox's own evidence is believed."""
