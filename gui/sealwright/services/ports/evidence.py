"""The port of synthetic evidence: the pretended machines of a sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.evidence.synthetic.roots import SandboxRoots


class PretendedMachines(Protocol):
    """Machines that no hardware is behind. Every call blocks: call them off the event loop."""

    def roots(self) -> SandboxRoots:
        """All of them, made where they are not there yet: takes up to some seconds.

        Raises:
            StorageError: they cannot be kept.
        """
        ...

    def anchors(self) -> tuple[TrustAnchor, ...]:
        """The roots of those that were made."""
        ...

    def certificates(self) -> tuple[bytes, ...]:
        """Certificates (DER) that their evidence does not bring along."""
        ...
