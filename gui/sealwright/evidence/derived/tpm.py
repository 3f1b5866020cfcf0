"""Claims that the service derives from a TPM and from a VBS enclave (spec tokens, 3.5; claims)."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sealwright.claims import SERVICE_ISSUER, Claim
from sealwright.evidence.boot.boot_facts import boot_facts
from sealwright.evidence.boot.boot_log import events_json, pcrs_json
from sealwright.evidence.derived.hardware import ATTESTATION_TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

    from sealwright.claims.claim import ClaimValue
    from sealwright.evidence.azure.vbs import VbsReport
    from sealwright.evidence.boot.event_log import EventLog

PCRS: Final = "pcrs"
_VERSION: Final = 2


def tpm_claims(
    log: EventLog | None,
    banks: Mapping[int, Mapping[int, bytes]],
    key: PublicKeyTypes | None,
    *,
    aik_validated: bool,
    boot_log: EventLog | None = None,
) -> tuple[Claim, ...]:
    """What a TPM and its logs say; `boot_log` is that of the start before a resume.

    Of what did not come along there is no claim, neither true nor false.
    """
    values: dict[str, ClaimValue] = {ATTESTATION_TYPE: "tpm"}
    if key is not None:
        spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        values["aikValidated"] = aik_validated
        values["aikPubHash"] = base64.b64encode(hashlib.sha256(spki).digest()).decode("ascii")
    values["tpmVersion"] = _VERSION
    if log is not None:
        values |= _of_log(log)
    if boot_log is not None:
        values["bootEvents"] = events_json(boot_log)
    registers = (Claim(PCRS, pcrs_json(banks), SERVICE_ISSUER, read_only=True),) if banks else ()
    return (*_claims(values), *registers)


def log_claims(log: EventLog) -> tuple[Claim, ...]:
    """What a log says that no TPM vouches for."""
    return _claims({ATTESTATION_TYPE: "tpm", **_of_log(log)})


def _of_log(log: EventLog) -> dict[str, ClaimValue]:
    boot = boot_facts(log)
    return {
        "secureBootEnabled": boot.secure_boot,
        "iommuEnabled": boot.iommu,
        "bootDebuggingDisabled": not boot.boot_debugging,
        "notSafeMode": not boot.safe_mode,
        "notWinPE": not boot.win_pe,
        "vbsEnabled": boot.vbs,
        "events": events_json(log),
    }


def vbs_claims(report: VbsReport | None) -> tuple[Claim, ...]:
    """What a VBS enclave reports about itself; only its absence when there is none."""
    if report is None:
        return (Claim("vbsReportPresent", value=False, issuer=SERVICE_ISSUER),)
    values: dict[str, ClaimValue] = {
        ATTESTATION_TYPE: "vbs",
        "vbsReportPresent": True,
        "enclaveAuthorId": _b64url(report.author_id),
        "enclaveImageId": _b64url(report.image_id),
        "enclaveOwnerId": _b64url(report.owner_id),
        "enclaveFamilyId": _b64url(report.family_id),
        "enclaveSvn": report.enclave_svn,
        "enclavePlatformSvn": report.platform_svn,
        "enclaveFlags": report.flags,
    }
    return _claims(values)


def _claims(values: Mapping[str, ClaimValue]) -> tuple[Claim, ...]:
    return tuple(Claim(name, value, SERVICE_ISSUER) for name, value in values.items())


def _b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
