"""Facts of SNP reports, AMD's certificates and image endorsements (spec evidence, 6)."""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from sealwright.errors import EvidenceError
from sealwright.evidence.amd.chip import certificate_fields
from sealwright.evidence.basis.certificates import (
    broken_link,
    common_name,
    is_issued_by,
    spki_sha256,
)
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.evidence.kinds.intel_facts import passes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sealwright.evidence.amd.snp import SnpReport
    from sealwright.evidence.amd.uvm import UvmEndorsement
    from sealwright.evidence.basis.checks import Check
    from sealwright.evidence.examination import Fact

_OCTETS: Final = (
    "family_id",
    "image_id",
    "report_data",
    "measurement",
    "host_data",
    "id_key_digest",
    "author_key_digest",
    "report_id",
    "report_id_ma",
    "chip_id",
)
_PSS: Final = x509.ObjectIdentifier("1.2.840.113549.1.1.10")


def snp_facts(
    report: SnpReport, chain: Sequence[x509.Certificate], checks: Sequence[Check], prefix: str = ""
) -> dict[str, Fact]:
    """A report and, when there is a chain, how it verifies with it."""
    found: dict[str, Fact] = {
        "version": report.version,
        "guest_svn": report.guest_svn,
        "policy": f"{report.policy:#x}",
        "abi": [report.policy >> 8 & 0xFF, report.policy & 0xFF],
        "smt_allowed": report.smt_allowed,
        "migrate_ma": report.migration_allowed,
        "debug": report.debug,
        "single_socket": bool(report.policy >> 20 & 1),
        "vmpl": report.vmpl,
        "signature_algo": report.signature_algorithm,
        "platform_info": f"{report.platform_info:#x}",
        "key_info": f"{report.key_info:#x}",
        "author_key_en": bool(report.key_info & 1),
        "mask_chip_key": report.chip_masked,
        "signing_key": report.signing_key,
        "cpuid_fam_mod_step": list(report.cpuid),
        "current_ver": ".".join(str(part) for part in report.current_version),
        "committed_ver": ".".join(str(part) for part in report.committed_version),
        "current_tcb": report.current_tcb.raw.hex(),
        "reported_tcb": report.reported_tcb.raw.hex(),
        "committed_tcb": report.committed_tcb.raw.hex(),
        "launch_tcb": report.launch_tcb.raw.hex(),
        "reported_tcb_fields": _tcb_fields(report),
    }
    if report.mitigations is not None:
        launch, current = report.mitigations
        found |= {"launch_mitigations": f"{launch:#x}", "current_mitigations": f"{current:#x}"}
    found |= {name: getattr(report, name).hex() for name in _OCTETS}
    return found | (_vouched(chain, checks, prefix) if chain else {})


def _tcb_fields(report: SnpReport) -> dict[str, Fact]:
    tcb = report.reported_tcb
    found: dict[str, Fact] = {
        "blSPL": tcb.boot_loader,
        "teeSPL": tcb.tee,
        "snpSPL": tcb.snp,
        "ucodeSPL": tcb.microcode,
    }
    return found if tcb.fmc is None else {**found, "fmcSPL": tcb.fmc}


def _vouched(
    chain: Sequence[x509.Certificate], checks: Sequence[Check], prefix: str
) -> dict[str, Fact]:
    found: dict[str, Fact] = {
        "signature_valid": passes(checks, f"{prefix}signature"),
        **_chain_facts(tuple(chain)),
        "reported_tcb_matches_certificate": passes(checks, f"{prefix}chip.tcb"),
    }
    chip = next((check for check in checks if check.id == f"{prefix}chip.id"), None)
    # A cloud's key (VLEK) names no chip, and a chip may mask its id: neither is a mismatch.
    if chip is None or chip.status is not CheckStatus.SKIP:
        found["chip_id_matches_certificate"] = passes(checks, f"{prefix}chip.id")
    return found


@lru_cache(maxsize=1024)
def _chain_facts(chain: tuple[x509.Certificate, ...]) -> Mapping[str, Fact]:
    leaf, root = chain[0], chain[-1]
    issuers = leaf.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    return {
        "leaf_subject": leaf.subject.rfc4514_string(),
        "leaf_issuer_cn": str(issuers[0].value) if issuers else "",
        "leaf_not_after": leaf.not_valid_after_utc.isoformat(),
        "leaf_extensions": _extensions(leaf),
        "chain_valid": broken_link(chain) is None and is_issued_by(root, root),
        "root_sha256": [root.fingerprint(SHA256()).hex()],
        "root_spki_sha256": [spki_sha256(root)],
    }


def _extensions(leaf: x509.Certificate) -> dict[str, Fact]:
    try:
        return dict(certificate_fields(leaf))
    except EvidenceError:
        return {}


def chain_facts(chain: Sequence[x509.Certificate]) -> dict[str, Fact]:
    """An intermediate and its root."""
    root = chain[-1]
    pss = all(item.signature_algorithm_oid == _PSS for item in chain)
    return {
        "subjects": [common_name(item) for item in chain],
        "links": [is_issued_by(child, parent) for child, parent in itertools.pairwise(chain)],
        "root_sha256": root.fingerprint(SHA256()).hex(),
        "root_spki_sha256": spki_sha256(root),
        "sig_alg": "RSASSA-PSS SHA-384" if pss else "another",
    }


def uvm_facts(found: UvmEndorsement, checks: Sequence[Check]) -> dict[str, Fact]:
    """An endorsement of a utility VM's image."""
    leaf, root = found.chain[0], found.chain[-1]
    signed = found.signing_time
    return {
        "tag": 18,
        "alg": found.algorithm,
        "protected": {
            "1": str(found.algorithm),
            "3": found.content_type,
            "33": f"{len(found.chain)} certs",
            "iss": found.issuer,
            "feed": found.feed,
            "signingtime": "" if signed is None else str(signed),
        },
        "sig": passes(checks, "endorsement.signature"),
        "chain": [
            is_issued_by(child, parent)
            for child, parent in zip(found.chain, found.chain[1:], strict=False)
        ],
        "root_self": is_issued_by(root, root),
        "root_spki_sha256": spki_sha256(root),
        "root_sha256": root.fingerprint(SHA256()).hex(),
        "leaf": leaf.subject.rfc4514_string(),
        "leaf_not_after": leaf.not_valid_after_utc.isoformat(),
        "root": root.subject.rfc4514_string(),
        "payload": found.payload.decode("utf-8", "replace"),
        "eku": list(found.usages),
    }
