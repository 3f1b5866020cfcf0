"""Certificates of evidence as rows for people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.hashes import SHA256

from sealwright.errors import EvidenceError, KeyMaterialError
from sealwright.evidence.amd.chip import chip_facts
from sealwright.evidence.basis.certificates import (
    is_ca,
    is_issued_by,
    load,
    serial_hex,
    spki_sha256,
)
from sealwright.evidence.intel.pck import pck_facts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cryptography import x509


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """One certificate of a chain, leaf first."""

    subject: str
    issuer: str
    serial: str
    """Lower-case hex."""
    not_before: datetime
    not_after: datetime
    is_ca: bool
    sha256: str
    spki_sha256: str
    signed_by_next: bool | None
    """Whether the next one, or for a root its own key, signed it; None for a last one that is
    no root."""
    says: tuple[tuple[str, str], ...]
    """What the vendor's extensions say about the platform, by name."""
    der: bytes = field(repr=False)


def rows(chain: Sequence[bytes]) -> tuple[CertificateRow, ...]:
    """A row for each certificate that can be read, with its link to the next."""
    found = []
    for der in chain:
        try:
            found.append((load(der), der))
        except KeyMaterialError:
            continue
    return tuple(
        _row(item, der, found[at + 1][0] if at + 1 < len(found) else None)
        for at, (item, der) in enumerate(found)
    )


def _row(item: x509.Certificate, der: bytes, parent: x509.Certificate | None) -> CertificateRow:
    is_root = parent is None and item.subject == item.issuer
    signer = item if is_root else parent
    return CertificateRow(
        subject=item.subject.rfc4514_string(),
        issuer=item.issuer.rfc4514_string(),
        serial=serial_hex(item),
        not_before=item.not_valid_before_utc,
        not_after=item.not_valid_after_utc,
        is_ca=is_ca(item),
        sha256=item.fingerprint(SHA256()).hex(),
        spki_sha256=spki_sha256(item),
        signed_by_next=None if signer is None else is_issued_by(item, signer),
        says=_says(item),
        der=der,
    )


def _says(item: x509.Certificate) -> tuple[tuple[str, str], ...]:
    try:
        facts = pck_facts(item)
    except EvidenceError:
        return _chip_says(item)
    return (
        ("fmspc", facts.fmspc.hex()),
        ("pce_id", facts.pce_id.hex()),
        ("pce_svn", str(facts.pce_svn)),
        ("tcb_components", " ".join(str(part) for part in facts.components)),
        ("ppid", facts.ppid.hex()),
    )


def _chip_says(item: x509.Certificate) -> tuple[tuple[str, str], ...]:
    try:
        facts = chip_facts(item)
    except EvidenceError:
        return ()
    versions = (
        ("fmc", facts.fmc),
        ("boot_loader", facts.boot_loader),
        ("tee", facts.tee),
        ("snp", facts.snp),
        ("microcode", facts.microcode),
    )
    return (
        ("product", facts.product),
        ("hardware_id", facts.hardware_id.hex()),
        ("csp_id", facts.csp_id),
        *((name, str(value)) for name, value in versions if value is not None),
    )
