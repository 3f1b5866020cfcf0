"""Is a virtual TPM the one that the hardware vouches for (spec evidence, 7)?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric import rsa

from sealwright.errors import EvidenceError
from sealwright.evidence.amd.snp_verify import paravisor_check, verify_snp, without_issuer
from sealwright.evidence.azure.hcl import (
    DATA_VERSION,
    HARDWARE_AT,
    TYPE_TDX,
    TYPE_TRUSTED_LAUNCH,
    TYPE_VBS,
    HclReport,
)
from sealwright.evidence.azure.vbs_vm import parse_vbs_vm, vbs_vm_checks
from sealwright.evidence.basis.checks import Check, CheckStatus, judge, skip, warn
from sealwright.evidence.intel.quote_verify import judge_quote
from sealwright.evidence.intel.td_report import td_report_checks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography import x509

    from sealwright.evidence.basis.trust import Trust
    from sealwright.evidence.intel.collateral import Collateral, TcbStatus
    from sealwright.evidence.intel.tdx import TdxQuote

_MAX_BITS: Final = 8192
"""A hostile key must not cost time."""


def attestation_key(report: HclReport) -> rsa.RSAPublicKey | None:
    """The virtual TPM's key that the runtime claims name; None when they name none."""
    try:
        numbers = report.key()
        if numbers is None or max(numbers).bit_length() > _MAX_BITS:
            return None
        return rsa.RSAPublicNumbers(numbers[1], numbers[0]).public_key()
    except (EvidenceError, ValueError):
        return None


def binding_checks(report: HclReport, prefix: str = "") -> tuple[Check, ...]:
    """Check that the hardware vouches for the runtime claims and that they name a key."""
    claims = _claims(report, f"{prefix}report-data")
    checks = (
        claims,
        judge(
            f"{prefix}structure.status",
            "The report was made without an error",
            f"The report says that its making failed ({report.status}).",
            passed=report.status == 0,
        ),
        judge(
            f"{prefix}structure.data-version",
            "Runtime data are of a known version",
            "They were read as version 1, which is all that is known of them.",
            passed=report.data_version == DATA_VERSION,
            expected=str(DATA_VERSION),
            actual=str(report.data_version),
        ),
        _key(report, f"{prefix}structure.key", known=claims.status is not CheckStatus.FAIL),
    )
    if not any(report.padding):
        return checks
    words = f"{len(report.padding)} bytes follow the report; they are ignored."
    return (*checks, warn(f"{prefix}structure.padding", "Nothing but zeros after it", words))


def _key(report: HclReport, id_: str, *, known: bool) -> Check:
    title = "Runtime claims name the TPM's key"
    if not known:
        return skip(id_, title, "claims that the hardware does not know name no key that counts")
    return judge(
        id_,
        title,
        "The runtime claims name no usable attestation key.",
        passed=attestation_key(report) is not None,
    )


def _claims(report: HclReport, id_: str) -> Check:
    title = "Runtime claims are those in the hardware's report"
    if report.report_type == TYPE_TRUSTED_LAUNCH:
        return skip(id_, title, "no hardware vouches for them in a Trusted Launch machine")
    digest = report.claims_digest
    return judge(
        id_,
        title,
        "The runtime claims were changed: the hardware vouches for others.",
        passed=report.report_data[: len(digest)] == digest,
        expected=digest.hex(),
        actual=report.report_data[: len(digest)].hex(),
    )


def verify_hcl(
    report: HclReport,
    chain: Sequence[x509.Certificate],
    trust: Trust,
    td_quote: TdxQuote | None = None,
    collateral: Collateral | None = None,
) -> tuple[tuple[Check, ...], TcbStatus | None]:
    """Check the hardware below a report: `chain` for SNP, `td_quote` for TDX."""
    checks = binding_checks(report)
    if report.snp is not None:
        checks = (*checks, paravisor_check(report.snp))
        if not chain:
            why = "no certificates; give the chip's certificate and AMD's"
            return (*checks, skip("signature", "Hardware report signed", why)), None
        hardware = without_issuer(verify_snp(report.snp, chain, trust), chain)
        return (*checks, *hardware), None
    if report.report_type == TYPE_VBS:
        return (*checks, *vbs_vm_checks(parse_vbs_vm(report.hardware, base=HARDWARE_AT))), None
    if report.report_type != TYPE_TDX:
        why = "a Trusted Launch machine has no hardware that reports; its TPM quote vouches for it"
        return (*checks, skip("signature", "Hardware report signed", why)), None
    if td_quote is None:
        why = "a TD report proves nothing outside its machine; give the TD quote"
        return (*checks, skip("signature", "Hardware report signed", why)), None
    verdict = judge_quote(td_quote, trust, collateral)
    whole = td_report_checks(report.hardware, td_quote.body)
    same = judge(
        "isolation.report-data",
        "TD quote is of this machine",
        "The TD quote was made for another report.",
        passed=td_quote.body.report_data == report.report_data,
        expected=report.report_data.hex(),
        actual=td_quote.body.report_data.hex(),
    )
    return (*checks, same, *whole, *verdict.checks), verdict.status
