"""The trust anchors as people look at them: what each is for, its state, and uses without any."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sealwright.evidence.basis.trust import AMD_ROOT, SGX_ROOT, TOKEN_CA, UVM_ROOT, VTPM_ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sealwright.evidence.basis.trust import TrustAnchor

_TITLES: Final = {
    SGX_ROOT: "SGX and TDX quotes",
    AMD_ROOT: "SEV-SNP reports",
    UVM_ROOT: "Images of utility VMs",
    VTPM_ROOT: "Attestation keys of TPMs",
    TOKEN_CA: "Keys that a CA issued to the service",
}


class AnchorState(StrEnum):
    """What an anchor is worth now."""

    TRUSTED = "trusted"
    SANDBOX = "sandbox"
    EXPIRED = "expired"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class AnchorRow:
    """A pinned root, or a use that has none."""

    use: str
    title: str
    """What it vouches for."""
    state: AnchorState
    anchor: TrustAnchor | None = None

    @property
    def meaning(self) -> str:
        """What follows from its state, in a sentence."""
        if self.state is AnchorState.EXPIRED and self.anchor is not None:
            return f"Trusted until {self.anchor.until} only: what it vouches for is refused."
        return {
            AnchorState.SANDBOX: "The sandbox's own: it vouches for no hardware.",
            AnchorState.MISSING: "No root is pinned: nothing can be verified up to it.",
        }.get(self.state, "")


def anchor_rows(anchors: Iterable[TrustAnchor], now: datetime) -> tuple[AnchorRow, ...]:
    """All of them by use, each key once, a sandbox's last; a use of these alone has none."""
    # Of one key that is pinned twice, the one that has not ended counts.
    ended_first = sorted(anchors, key=lambda item: item.has_ended(now), reverse=True)
    by_key = {(item.use, item.spki_sha256): item for item in ended_first}
    found = sorted(by_key.values(), key=_sandbox)
    rows: list[AnchorRow] = []
    for use, title in _TITLES.items():
        of_use = [item for item in found if item.use == use]
        rows += [AnchorRow(use, title, _state(item, now), item) for item in of_use]
        if all(item.sandbox for item in of_use):
            rows.append(AnchorRow(use, title, AnchorState.MISSING))
    return tuple(rows)


def _sandbox(anchor: TrustAnchor) -> bool:
    return anchor.sandbox


def _state(anchor: TrustAnchor, now: datetime) -> AnchorState:
    if anchor.has_ended(now):
        return AnchorState.EXPIRED
    return AnchorState.SANDBOX if anchor.sandbox else AnchorState.TRUSTED
