"""SEV-SNP reports, alone or with their certificates, and AMD's chains."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.serialization import Encoding

from sealwright.errors import EvidenceError
from sealwright.evidence.amd.chip import chip_facts
from sealwright.evidence.amd.snp import SnpReport, parse_snp_report
from sealwright.evidence.amd.snp_body import parse_snp_body
from sealwright.evidence.amd.snp_verify import verify_snp, without_issuer
from sealwright.evidence.amd.uvm import UvmEndorsement, parse_uvm, verify_uvm
from sealwright.evidence.basis.certificates import (
    common_name,
    is_ca,
    load,
    load_pem_chain,
    path_checks,
)
from sealwright.evidence.basis.chains import ordered, readable, root_id
from sealwright.evidence.basis.checks import Check, judge, row, skip
from sealwright.evidence.basis.document import member_fields
from sealwright.evidence.basis.trust import AMD_ROOT
from sealwright.evidence.bindings import init_data_checks, runtime_data_checks
from sealwright.evidence.derived.hardware import snp_claims
from sealwright.evidence.examination import Examination, Given, Kind
from sealwright.evidence.kinds.amd_facts import chain_facts, snp_facts, uvm_facts
from sealwright.evidence.kinds.intel_facts import passes
from sealwright.evidence.structure import Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography import x509

_COSE_SIGN1: Final = b"\xd2\x84"
_MISSING: Final = "no certificates; give the chip's certificate and AMD's"


def examine_snp(data: bytes, given: Given) -> Examination:
    """A bare report, with the certificates that were given."""
    report = parse_snp_report(data)
    part = Part("SNP report", data, report.fields)
    return _report(Kind.SNP_REPORT, part, report, snp_chain(given), given)


def examine_aci(data: bytes, given: Given) -> Examination:
    """The JSON with report, certificates and the image's endorsement; or a report beside them."""
    if not data.lstrip().startswith(b"{"):
        report = parse_snp_report(data)
        part = Part("SNP report", data, report.fields)
        found = _report(Kind.SNP_ACI, part, report, snp_chain(given), given)
        return _with_image(found, report, _uvm_companion(given), given)
    body = parse_snp_body(data)
    outer = Part("SNP evidence", data, member_fields(data, "SNP evidence"))
    inner = Part("SNP report", body.report_raw, body.report.fields)
    found = _report(Kind.SNP_ACI, inner, body.report, body.chain, given)
    found = replace(found, parts=(outer, *found.parts))
    endorsement = body.endorsements[0] if body.endorsements else _uvm_companion(given)
    return _with_image(found, body.report, endorsement, given)


def is_endorsement(data: bytes) -> bool:
    """Whether it begins as a tagged COSE_Sign1 message does."""
    return data.startswith(_COSE_SIGN1)


def _uvm_companion(given: Given) -> UvmEndorsement | None:
    found = next((item for item in given.companions if is_endorsement(item)), None)
    return None if found is None else parse_uvm(found)


def snp_chain(given: Given) -> tuple[x509.Certificate, ...]:
    """The chain of a chip's, or a cloud's, key among the given certificates."""
    return _chip_chain(given.certificates)


# The same for all reports of a chip, and for all but the leaf of a fleet.
@lru_cache(maxsize=256)
def _chip_chain(certificates: tuple[bytes, ...]) -> tuple[x509.Certificate, ...]:
    pool = readable(certificates)
    chain = ordered(pool, _is_chip)
    if not chain or chain[-1].subject == chain[-1].issuer:
        return chain
    # An issuer that was given and is another's: the chain shows that it breaks there.
    rest = [item for item in pool if item not in chain and is_ca(item)]
    stranger = next((item for item in rest if item.subject != item.issuer), None)
    if stranger is None:
        return chain
    return (*chain, stranger, *(item for item in rest if item.subject == stranger.issuer))


def _is_chip(certificate: x509.Certificate) -> bool:
    try:
        chip_facts(certificate)
    except EvidenceError:
        return False
    return True


def snp_checks(
    report: SnpReport, chain: Sequence[x509.Certificate], given: Given, prefix: str = ""
) -> tuple[Check, ...]:
    """Every check of a report; signature and chain are skipped when there is no chain."""
    if chain:
        return without_issuer(verify_snp(report, chain, given.trust, prefix), chain)
    checks = verify_snp(report, chain, given.trust, prefix)
    return (
        skip(f"{prefix}chain", "AMD certificate chain", _MISSING),
        skip(f"{prefix}signature", "Report signed by the chip", _MISSING),
        *(item for item in checks if not item.id.startswith(f"{prefix}chain")),
    )


def _report(
    kind: Kind,
    part: Part,
    report: SnpReport,
    chain: Sequence[x509.Certificate],
    given: Given,
) -> Examination:
    checks = (
        *snp_checks(report, chain, given),
        *runtime_data_checks(given, report.report_data),
        *init_data_checks(given, report.host_data, "HOST_DATA"),
    )
    facts = snp_facts(report, chain, checks)
    if given.runtime_data is not None:
        facts["runtime_data_sha256_is_report_data_first32"] = passes(checks, "report-data")
    return Examination(
        kind=kind,
        form=f"SEV-SNP report v{report.version}",
        facts=facts,
        checks=checks,
        claims=snp_claims(report),
        root=root_id(chain, given.trust, AMD_ROOT),
        parts=(part,),
        certificates=tuple(item.public_bytes(Encoding.DER) for item in chain),
        levels=report,
    )


def _with_image(
    found: Examination, report: SnpReport, endorsement: UvmEndorsement | None, given: Given
) -> Examination:
    """The examination with the endorsement of the image and the policy in HOST_DATA."""
    facts, checks = dict(found.facts), list(found.checks)
    if endorsement is not None:
        made = verify_uvm(endorsement, report.measurement, given.trust)
        checks += made
        facts["uvm_endorsement"] = uvm_facts(endorsement, made)
        facts["launch_measurement_matches_endorsement"] = passes(made, "endorsement.measurement")
    policy = policy_text(given)
    if policy is not None:
        held = _policy_check(policy, report)
        checks.append(held)
        facts["host_data_equals_sha256_policy"] = passes((held,), held.id)
    return replace(found, facts=facts, checks=tuple(checks))


def policy_text(given: Given) -> bytes | None:
    """The text of a container group's policy among the companions, base64 taken off."""
    for item in given.companions:
        plain = _plain_policy(item)
        if plain is not None:
            return plain
    return None


def _plain_policy(item: bytes) -> bytes | None:
    text = item.strip()
    if text.startswith(b"package "):
        return item
    try:
        plain = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return plain if plain.lstrip().startswith(b"package ") else None


def _policy_check(policy: bytes, report: SnpReport) -> Check:
    digest = hashlib.sha256(policy).digest()
    return judge(
        "init-data.policy",
        "HOST_DATA is the hash of the container policy",
        "The containers run under another policy than the given one.",
        passed=report.host_data == digest,
        expected=digest.hex(),
        actual=report.host_data.hex(),
    )


def examine_chain(data: bytes, given: Given) -> Examination:
    """AMD's intermediate and root, as its key service answers."""
    chain = tuple(load(der) for der in load_pem_chain(data))
    length = judge(
        "chain.length",
        "Intermediate and root",
        "The chain is not an intermediate and its root.",
        passed=len(chain) == 2,  # noqa: PLR2004 - a pair
        actual=str(len(chain)),
    )
    path = path_checks("chain", chain, given.trust, AMD_ROOT)
    checks = row("chain", "AMD certificate chain", (length, *path))
    return Examination(
        kind=Kind.AMD_CHAIN,
        form=f"Certificates of {common_name(chain[-1])}",
        facts=chain_facts(chain),
        checks=checks,
        root=root_id(chain, given.trust, AMD_ROOT),
        parts=(Part("AMD chain", data, ()),),
        certificates=tuple(item.public_bytes(Encoding.DER) for item in chain),
    )
