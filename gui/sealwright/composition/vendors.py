"""What hardware vendors publish, as it is bundled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.evidence.baselines import parse_baselines
from sealwright.evidence.trust import parse_anchors
from sealwright.sandbox.attestation.vendors import Vendors
from sealwright.store.resources import resource

if TYPE_CHECKING:
    from sealwright.evidence.trust import TrustAnchor


def pinned_anchors() -> tuple[TrustAnchor, ...]:
    """The pinned roots of vendors and of the service."""
    return parse_anchors(resource("trust/anchors.json").read_bytes())


def vendors() -> Vendors:
    """What the sandbox judges real evidence by."""
    listed = resource("trust/tcb-baselines.json").read_bytes()
    return Vendors(pinned_anchors(), parse_baselines(listed))
