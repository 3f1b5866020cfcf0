"""Claims that the service derives from evidence, by its names and types (spec tokens, 3).

Only what the evidence itself says: what comes from the request or the clock is not derived here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.claims import SERVICE_ISSUER, Claim
from sealwright.evidence.intel import tdx

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sealwright.claims.claim import ClaimValue
    from sealwright.evidence.amd.snp import SnpReport
    from sealwright.evidence.intel.collateral import TcbStatus
    from sealwright.evidence.intel.sgx import SgxQuote
    from sealwright.evidence.intel.tdx import TdxQuote

ATTESTATION_TYPE: Final = "x-ms-attestation-type"
_FORMER_NAMES: Final = {
    "x-ms-sgx-is-debuggable": "$is-debuggable",
    "x-ms-sgx-product-id": "$product-id",
    "x-ms-sgx-mrsigner": "$sgx-mrsigner",
    "x-ms-sgx-mrenclave": "$sgx-mrenclave",
    "x-ms-sgx-svn": "$svn",
    "vbsReportPresent": "vsmReportPresent",
}
"""What policies of 2020, or one published sample, call a claim (spec claims).

The policy language lists the last one as a name that the service does not produce; its entry in the
catalogue, the more specific place, says to treat it as the same fact. The lint warns of all.
"""
_FORMER_TYPE: Final = "$tee"
_FLAG_KSS: Final = 1 << 7
_TDX_HEX: Final = (
    "mrsignerseam",
    "mrseam",
    "mrtd",
    "rtmr0",
    "rtmr1",
    "rtmr2",
    "rtmr3",
    "mrconfigid",
    "mrowner",
    "mrownerconfig",
    "report_data",
    "seam_attributes",
    "td_attributes",
    "xfam",
    "tee_tcb_svn",
)
_TDX_FLAGS: Final = {
    "debug": tdx.ATTRIBUTE_DEBUG,
    "key_locker": tdx.ATTRIBUTE_KEY_LOCKER,
    "perfmon": tdx.ATTRIBUTE_PERFMON,
    "protection_keys": tdx.ATTRIBUTE_PROTECTION_KEYS,
    "septve_disable": tdx.ATTRIBUTE_SEPT_VE_DISABLE,
}


def sgx_claims(quote: SgxQuote) -> tuple[Claim, ...]:
    """What a quote says, alone or in an Open Enclave report."""
    body = quote.body
    values: dict[str, ClaimValue] = {
        "is-debuggable": body.debug,
        "product-id": body.isv_prod_id,
        "mrsigner": body.mrsigner.hex(),
        "mrenclave": body.mrenclave.hex(),
        "svn": body.isv_svn,
        "report-data": body.report_data.hex(),
    }
    if body.flags & _FLAG_KSS:
        values |= {
            "config-id": body.config_id.hex(),
            "config-svn": body.config_svn,
            "isv-extended-product-id": body.isv_ext_prod_id.hex(),
            "isv-family-id": body.isv_family_id.hex(),
        }
    return _claims("sgx", {f"x-ms-sgx-{name}": value for name, value in values.items()})


def snp_claims(report: SnpReport) -> tuple[Claim, ...]:
    """What a SEV-SNP report says; the SVNs are those of the reported TCB."""
    tcb = report.reported_tcb
    values: dict[str, ClaimValue] = {
        "authorkeydigest": report.author_key_digest.hex(),
        "bootloader-svn": tcb.boot_loader,
        "familyId": report.family_id.hex(),
        "guestsvn": report.guest_svn,
        "hostdata": report.host_data.hex(),
        "idkeydigest": report.id_key_digest.hex(),
        "imageId": report.image_id.hex(),
        "is-debuggable": report.debug,
        "launchmeasurement": report.measurement.hex(),
        "microcode-svn": tcb.microcode,
        "migration-allowed": report.migration_allowed,
        "reportdata": report.report_data.hex(),
        "reportid": report.report_id.hex(),
        "smt-allowed": report.smt_allowed,
        "snpfw-svn": tcb.snp,
        "tee-svn": tcb.tee,
        "vmpl": report.vmpl,
    }
    return _claims("sevsnpvm", {f"x-ms-sevsnpvm-{name}": item for name, item in values.items()})


def tdx_claims(quote: TdxQuote, status: TcbStatus | None = None) -> tuple[Claim, ...]:
    """What a TD quote says; `attester_tcb_status` only when the platform was judged."""
    body = quote.body
    values: dict[str, ClaimValue] = {f"tdx_{name}": getattr(body, name).hex() for name in _TDX_HEX}
    values["tdx_seamsvn"] = int.from_bytes(body.tee_tcb_svn[:2], "little")
    for name, attribute in _TDX_FLAGS.items():
        values[f"tdx_td_attributes_{name}"] = body.has(attribute)
    if status is not None:
        values["attester_tcb_status"] = status.value
    return _claims("tdxvm", values)


def former_names(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """The same facts by their former names: policies can test them, no token ever shows them."""
    found = []
    for claim in claims:
        name = _FORMER_NAMES.get(claim.type, "")
        if claim.type == ATTESTATION_TYPE and claim.value == "sgx":
            name = _FORMER_TYPE
        if name:
            found.append(Claim(name, claim.value, SERVICE_ISSUER))
    return tuple(found)


def _claims(kind: str, values: Mapping[str, ClaimValue]) -> tuple[Claim, ...]:
    found = {ATTESTATION_TYPE: kind, **values}
    return tuple(Claim(name, value, SERVICE_ISSUER) for name, value in found.items())
