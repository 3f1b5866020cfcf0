"""Synthetic evidence with what belongs beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sealwright.evidence.examination import Given
from sealwright.evidence.intel.collateral import parse_collateral
from sealwright.evidence.synthetic.authority import pem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.evidence.basis.trust import Trust
    from sealwright.evidence.examination import Kind


@dataclass(frozen=True, slots=True)
class Synthetic:
    """One piece of evidence of a pretended machine."""

    kind: Kind
    evidence: bytes = field(repr=False)
    certificates: tuple[bytes, ...] = field(repr=False, default=())
    """DER of what vouches, where the evidence does not bring it."""
    collateral: bytes = field(repr=False, default=b"")
    """The vendor's collateral as JSON; empty when the kind has none."""
    runtime_data: bytes | None = field(repr=False, default=None)
    nonce: bytes | None = None
    companions: Mapping[str, bytes] = field(repr=False, default_factory=dict)
    """Other files of the same evidence, by the endings of their names."""

    def given(self, trust: Trust) -> Given:
        """What an examination needs; the roots must be those of the sandbox."""
        return Given(
            trust,
            certificates=self.certificates,
            collateral=parse_collateral(self.collateral) if self.collateral else None,
            runtime_data=self.runtime_data,
            nonce=self.nonce,
            companions=tuple(self.companions.values()),
        )

    def files(self) -> dict[str, bytes]:
        """The files that belong beside the evidence, by the endings of their names."""
        found = dict(self.companions)
        if self.certificates:
            found["certs.pem"] = pem(*self.certificates)
        if self.collateral:
            found["collateral.json"] = self.collateral
        if self.runtime_data is not None:
            found["runtime.bin"] = self.runtime_data
        return found
