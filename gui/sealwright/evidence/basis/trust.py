"""Pinned root keys, as our own data with their sources."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from sealwright.errors import EvidenceError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

SGX_ROOT: Final = "sgx-root"
AMD_ROOT: Final = "amd-root"
UVM_ROOT: Final = "uvm-root"
VTPM_ROOT: Final = "vtpm-root"
TOKEN_CA: Final = "token-ca"  # noqa: S105 - a kind of root
SANDBOX_NAMES: Final = "Sealwright Sandbox "
"""How the names of all certificates of pretended machines begin."""
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class TrustAnchor:
    """A root key that is trusted for one use."""

    use: str
    """`sgx-root` for quotes, `amd-root` for SNP reports, `uvm-root` for endorsed images,
    `vtpm-root` for attestation keys of TPMs, or `token-ca` for keys that a CA issued to the
    service."""
    id: str
    """Short name in reports: `intel-sgx-root`, `sandbox`."""
    name: str
    spki_sha256: str
    """Lower-case hex SHA-256 of the SubjectPublicKeyInfo."""
    source: str
    version: str
    date: str
    """When it was taken from its source, ISO 8601."""
    until: str = ""
    """Last day on which it may vouch, ISO 8601; empty when its certificate alone says so."""
    sandbox: bool = False
    """Whether it is a sandbox's own root, which vouches for no hardware."""

    def has_ended(self, when: datetime) -> bool:
        """Whether it may vouch no longer."""
        return bool(self.until) and when.date().isoformat() > self.until


@dataclass(frozen=True, slots=True)
class Trust:
    """Which roots, and which time, a verification goes by."""

    anchors: tuple[TrustAnchor, ...]
    when: datetime
    """Aware time at which certificates must be valid."""
    root_required: bool = True
    """Without it an unknown root is a warning: then somebody else must vouch."""

    def roots(self, use: str) -> tuple[TrustAnchor, ...]:
        """The anchors for one use."""
        return tuple(item for item in self.anchors if item.use == use)


def any_has_ended(anchors: Iterable[TrustAnchor], when: datetime) -> bool:
    """Whether what was judged at an earlier time has to be judged again."""
    return any(item.has_ended(when) for item in anchors)


def parse_anchors(raw: bytes) -> tuple[TrustAnchor, ...]:
    """Read trust anchors: those that are bundled, or a file that renews them.

    Raises:
        EvidenceError: the data is damaged.
    """
    try:
        entries = json.loads(raw)["anchors"]
        anchors = tuple(TrustAnchor(**entry) for entry in entries)
        damaged = [item for item in anchors if not _SHA256.fullmatch(item.spki_sha256)]
        _ = [date.fromisoformat(item.until) for item in anchors if item.until]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise EvidenceError("The trust anchors cannot be read.") from None
    if damaged or not anchors:
        raise EvidenceError("The trust anchors cannot be read.")
    return anchors


def renewed(
    bundled: tuple[TrustAnchor, ...], newer: tuple[TrustAnchor, ...]
) -> tuple[TrustAnchor, ...]:
    """The bundled anchors with those of a file: of one use and id, the file's holds.

    Raises:
        EvidenceError: the file calls a sandbox's root a pinned one.
    """
    if any(item.sandbox for item in newer):
        raise EvidenceError("A file of trust anchors cannot name a sandbox's root.")
    names = {(item.use, item.id) for item in newer}
    return (*(item for item in bundled if (item.use, item.id) not in names), *newer)
