"""Every root of a sandbox together, as evidence of all kinds needs them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sealwright.evidence.synthetic.quotes import SandboxPlatform, new_platform
from sealwright.evidence.synthetic.snp_reports import SandboxSnpPlatform, new_snp_platform
from sealwright.evidence.synthetic.tpm import SandboxTpm, new_tpm

if TYPE_CHECKING:
    from sealwright.evidence.basis.trust import TrustAnchor


@dataclass(frozen=True, slots=True)
class SandboxRoots:
    """The pretended vendors and machines of one sandbox."""

    intel: SandboxPlatform
    amd: SandboxSnpPlatform
    tpm: SandboxTpm

    def anchors(self) -> tuple[TrustAnchor, ...]:
        """What a verifier must be given to accept their evidence."""
        return (self.intel.anchor(), *self.amd.anchors(), *self.tpm.anchors())

    def certificates(self) -> tuple[bytes, ...]:
        """Certificates that evidence does not bring along: that of the vTPM's authority."""
        return (self.tpm.root,)


def new_roots() -> SandboxRoots:
    """Make all of them anew; takes about a second."""
    return SandboxRoots(new_platform(), new_snp_platform(), new_tpm())
