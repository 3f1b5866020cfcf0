"""VBS enclave reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.evidence.azure.vbs import VbsReport, parse_vbs_report
from sealwright.evidence.azure.vbs_verify import identity_check, identity_keys, verify_vbs
from sealwright.evidence.basis.checks import skip
from sealwright.evidence.derived.hardware import ATTESTATION_TYPE
from sealwright.evidence.derived.tpm import vbs_claims
from sealwright.evidence.examination import Examination, Fact, Given, Kind
from sealwright.evidence.kinds.tpm import Vouched, log_among, vouched
from sealwright.evidence.structure import Part

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

    from sealwright.claims import Claim

_NO_LOG: Final = skip(
    "event-log",
    "Event log names the identity key",
    "nothing vouches for the identity key; give the boot log and the TPM quote that covers it",
)


def examine_vbs(data: bytes, given: Given) -> Examination:
    """An enclave report, with the quoted boot log that names the identity key beside it."""
    report = parse_vbs_report(data)
    log = log_among(given)
    keys: tuple[rsa.RSAPublicKey, ...] = ()
    found = vouched(log, given) if log is not None else Vouched((_NO_LOG,))
    checks = found.checks
    if log is not None:
        keys = identity_keys(log, found.registers)
        checks = (*checks, identity_check(log, found.registers))
    return Examination(
        kind=Kind.VBS_REPORT,
        form="VBS enclave report",
        facts=vbs_facts(report),
        checks=(*verify_vbs(report, keys, given.runtime_data), *checks),
        claims=_claims(report, found),
        root=found.root,
        certificates=found.certificates,
        parts=(Part("VBS enclave report", data, report.fields), *found.parts),
        log=log,
        quoted=found.quoted,
    )


def _claims(report: VbsReport, beside: Vouched) -> tuple[Claim, ...]:
    """The enclave's claims, and those of its machine when that came along."""
    enclave = vbs_claims(report)
    machine = [claim for claim in beside.claims if claim.type != ATTESTATION_TYPE]
    return (enclave[0], *machine, *enclave[1:])


def vbs_facts(report: VbsReport) -> dict[str, Fact]:
    """What an enclave report says."""
    modules: list[Fact] = [
        {
            "unique_id": module.unique_id.hex(),
            "author_id": module.author_id.hex(),
            "family_id": module.family_id.hex(),
            "image_id": module.image_id.hex(),
            "svn": module.svn,
            "name": module.name,
        }
        for module in report.modules
    ]
    return {
        "enclave_data": report.enclave_data.hex(),
        "owner_id": report.owner_id.hex(),
        "unique_id": report.unique_id.hex(),
        "author_id": report.author_id.hex(),
        "family_id": report.family_id.hex(),
        "image_id": report.image_id.hex(),
        "enclave_svn": report.enclave_svn,
        "secure_kernel_svn": report.secure_kernel_svn,
        "platform_svn": report.platform_svn,
        "flags": report.flags,
        "signing_level": report.signing_level,
        "enclave_type": report.enclave_type,
        "modules": modules,
    }
