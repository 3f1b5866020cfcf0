"""What hardware vendors publish and the sandbox is given, since it fetches nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sealwright.evidence.trust import TrustAnchor


@dataclass(frozen=True, slots=True)
class Vendors:
    """Root keys that vouch for real evidence."""

    anchors: tuple[TrustAnchor, ...] = ()


NO_VENDORS: Final = Vendors()
"""Only the sandbox's own evidence is believed."""
