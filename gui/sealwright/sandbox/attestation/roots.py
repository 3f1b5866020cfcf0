"""The pretended machines of a sandbox: made when they are first needed, kept in its file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.evidence.synthesize_snp import SandboxSnpPlatform, new_snp_platform
from sealwright.sandbox.issuing import anchor_of

if TYPE_CHECKING:
    from sealwright.evidence.trust import TrustAnchor
    from sealwright.sandbox.state import State

_SNP: Final = "platform-snp"


def snp_platform_of(state: State) -> SandboxSnpPlatform:
    """The AMD machine, and the publisher of its images."""
    kept = state.fact(_SNP)
    if kept is None:
        made = new_snp_platform().dump()
        with state.writing():
            kept = state.fact(_SNP)
            if kept is None:
                state.put_fact(_SNP, made)
                kept = made
    return SandboxSnpPlatform.restore(kept)


def own_anchors(state: State) -> tuple[TrustAnchor, ...]:
    """The roots of all of them, each for its own use."""
    return (anchor_of(state), *snp_platform_of(state).anchors())
