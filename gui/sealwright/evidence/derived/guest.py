"""Claims that the service derives from an AzureGuest request (spec tokens, 3.3; evidence, 10.3)."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Final

from sealwright.claims import SERVICE_ISSUER, Claim
from sealwright.errors import EvidenceError
from sealwright.evidence.boot.boot_facts import BootFacts, boot_facts
from sealwright.evidence.derived.hardware import ATTESTATION_TYPE, snp_claims, tdx_claims

if TYPE_CHECKING:
    from sealwright.claims.claim import ClaimValue
    from sealwright.evidence.azure.azure_guest import AzureGuest, Isolation
    from sealwright.evidence.examination import Fact
    from sealwright.evidence.intel.collateral import TcbStatus
    from sealwright.evidence.tpm.tpm import TpmPublic

COMPLIANCE: Final = "x-ms-compliance-status"
CVM: Final = "azure-compliant-cvm"
RUNTIME: Final = "x-ms-runtime"
ISOLATION_TEE: Final = "x-ms-isolation-tee"
ENCRYPTION_KEY: Final = "TpmEphemeralEncryptionKey"
_PREFIX: Final = "x-ms-azurevm-"


def guest_claims(guest: AzureGuest) -> tuple[Claim, ...]:
    """What a request says; `attested-pcrs` comes once for each register."""
    boot = boot_facts(guest.log)
    values: dict[str, ClaimValue] = {
        "attestation-protocol-ver": guest.protocol,
        "osbuild": guest.os_build,
        "osdistro": guest.os_distro,
        "ostype": guest.os_type,
        "osversion-major": guest.os_version[0],
        "osversion-minor": guest.os_version[1],
        **_boot_values(boot),
    }
    name = vm_id(guest)
    if name:
        values["vmid"] = name
    registers = [
        Claim(f"{_PREFIX}attested-pcrs", index, SERVICE_ISSUER) for index in sorted(guest.tpm.pcrs)
    ]
    return (
        Claim(ATTESTATION_TYPE, "azurevm", SERVICE_ISSUER),
        Claim("secureboot", boot.secure_boot, SERVICE_ISSUER),
        *registers,
        *(Claim(f"{_PREFIX}{name}", value, SERVICE_ISSUER) for name, value in values.items()),
    )


def _boot_values(boot: BootFacts) -> dict[str, ClaimValue]:
    debuggers = (boot.boot_debugging, boot.kernel_debugging, boot.hypervisor_debugging)
    return {
        "bootdebug-enabled": boot.boot_debugging,
        "dbvalidated": boot.db,
        "dbxvalidated": boot.dbx,
        "debuggersdisabled": not any(debuggers),
        "default-securebootkeysvalidated": boot.secure_boot_keys,
        "elam-enabled": boot.elam,
        "flightsigning-enabled": boot.flight_signing,
        "hvci-policy": boot.hvci_policy,
        "hypervisordebug-enabled": boot.hypervisor_debugging,
        "is-windows": boot.is_windows,
        "kerneldebug-enabled": boot.kernel_debugging,
        "signingdisabled": not boot.test_signing and not boot.flight_signing,
        "testsigning-enabled": boot.test_signing,
    }


def vm_id(guest: AzureGuest) -> str:
    """The machine's id out of the runtime claims; empty when nothing names it."""
    if guest.isolation is None:
        return ""
    try:
        return guest.isolation.runtime.document("vm-configuration").text("vmUniqueId").upper()
    except EvidenceError:
        return ""


def guest_objects(guest: AzureGuest, status: TcbStatus | None = None) -> dict[str, Fact]:
    """The objects of the token: the encryption key with the client's payload, the hardware."""
    payload: dict[str, Fact] = {
        name: value.decode("utf-8", "replace") for name, value in guest.client_payload.items()
    }
    key = _jwk(guest.tpm.encryption_key)
    found: dict[str, Fact] = {RUNTIME: {"client-payload": payload, "keys": [key]}}
    if guest.isolation is not None:
        found[ISOLATION_TEE] = isolation_object(guest.isolation, status)
    return found


def _jwk(key: TpmPublic) -> dict[str, Fact]:
    exponent = key.exponent.to_bytes((key.exponent.bit_length() + 7) // 8, "big")
    return {
        "e": _b64url(exponent),
        "key_ops": ["encrypt"],
        "kid": ENCRYPTION_KEY,
        "kty": "RSA",
        "n": _b64url(key.unique[0]),
    }


def isolation_object(isolation: Isolation, status: TcbStatus | None = None) -> dict[str, Fact]:
    """What the hardware below a confidential VM says, as one object."""
    if isolation.snp is not None:
        claims = snp_claims(isolation.snp.report)
    elif isolation.td_quote is not None:
        claims = tdx_claims(isolation.td_quote, status)
    else:
        claims = ()
    runtime: Fact = json.loads(isolation.runtime_raw)
    found: dict[str, Fact] = {claim.type: claim.value for claim in claims}
    return {**found, COMPLIANCE: CVM, RUNTIME: runtime}


def _b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
