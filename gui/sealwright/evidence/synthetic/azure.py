"""HCL reports and AzureGuest requests of the sandbox's pretended machines."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sealwright.evidence.azure.hcl import MAGIC, TYPE_SNP, TYPE_TDX
from sealwright.evidence.synthetic.authority import load_rsa
from sealwright.evidence.synthetic.tpm import (
    certify_key,
    encryption_public,
    make_quote,
    registers_after,
)
from sealwright.evidence.tpm import tpm_encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.evidence.synthetic.tpm import SandboxTpm

_AREA: Final = 1184
_NV_SIZE: Final = 2600
_AK_REQUEST: Final = 2
_SHA256: Final = 1
_TRUSTED_LAUNCH: Final = (0, 1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 14)


@dataclass(frozen=True, slots=True)
class Machine:
    """What the runtime claims say about the virtual machine."""

    vm_id: str = "5EA15EA1-0000-4000-8000-000000000001"
    secure_boot: bool = True
    console: bool = True
    user_data: bytes = bytes(64)


def runtime_claims(tpm: SandboxTpm, machine: Machine) -> bytes:
    """The runtime claims JSON, which names the TPM's keys."""
    document = {
        "keys": [
            _jwk("HCLAkPub", "sign", tpm.aik_key),
            _jwk("HCLEkPub", "encrypt", tpm.encryption_key),
        ],
        "vm-configuration": {
            "console-enabled": machine.console,
            "secure-boot": machine.secure_boot,
            "tpm-enabled": True,
            "vmUniqueId": machine.vm_id,
        },
        "user-data": machine.user_data.hex().upper(),
    }
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def _jwk(kid: str, operation: str, raw: bytes) -> dict[str, object]:
    numbers = load_rsa(raw).public_key().public_numbers()
    modulus = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")
    return {
        "kid": kid,
        "key_ops": [operation],
        "kty": "RSA",
        "e": "AQAB",
        "n": base64.urlsafe_b64encode(modulus).rstrip(b"=").decode("ascii"),
    }


def make_hcl(claims: bytes, hardware: bytes, *, td: bool = False) -> bytes:
    """An HCL report around the hardware's, whose report data must be the claims' hash."""
    area = hardware.ljust(_AREA, b"\0")
    size = len(claims) + 20
    head = MAGIC + _u32(2, 32 + _AREA + size, _AK_REQUEST, 0) + bytes(12)
    data = _u32(size, 1, TYPE_TDX if td else TYPE_SNP, _SHA256, len(claims)) + claims
    return (head + area + data).ljust(_NV_SIZE, b"\0")


def _u32(*values: int) -> bytes:
    return b"".join(value.to_bytes(4, "little") for value in values)


@dataclass(frozen=True, slots=True)
class GuestSystem:
    """What the guest says about itself."""

    os_type: str = "Linux"
    os_distro: str = "Ubuntu"
    os_build: str = "NotApplicable"
    os_version: tuple[int, int] = (22, 4)
    protocol: str = "2.0"
    client_payload: Mapping[str, bytes] = field(default_factory=dict)
    registers: tuple[int, ...] = _TRUSTED_LAUNCH


def make_guest(
    tpm: SandboxTpm, log: bytes, system: GuestSystem, isolation: Mapping[str, object]
) -> bytes:
    """The attestation information that a guest sends."""
    registers = registers_after(log)
    quoted = make_quote(tpm, registers, system.registers)
    key = encryption_public(tpm, quoted)
    certified = certify_key(tpm, key)
    document = {
        "AttestationProtocolVersion": system.protocol,
        "OSType": _b64(system.os_type.encode()),
        "OSDistro": _b64(system.os_distro.encode()),
        "OSBuild": _b64(system.os_build.encode()),
        "OSVersionMajor": system.os_version[0],
        "OSVersionMinor": system.os_version[1],
        "TcgLogs": _b64(log),
        "ClientPayload": {name: _b64(value) for name, value in system.client_payload.items()},
        "TpmInfo": {
            "AikCert": _b64(tpm.aik_certificate),
            "AikPub": _b64(tpm_encode.sized(tpm.aik_public)),
            "PcrQuote": _b64(quoted.attestation),
            "PcrSignature": _b64(quoted.signature),
            "PcrSet": sorted(system.registers),
            "PCRs": [
                {"Index": index, "Digest": _b64(registers[index])}
                for index in sorted(system.registers)
            ],
            "EncKeyPub": _b64(tpm_encode.sized(key)),
            "EncKeyCertifyInfo": _b64(certified.attestation),
            "EncKeyCertifyInfoSignature": _b64(certified.signature),
        },
        "IsolationInfo": isolation,
    }
    return json.dumps(document).encode("ascii")


def isolation_info(kind: str, proof: bytes = b"", claims: bytes = b"") -> dict[str, object]:
    """`IsolationInfo` of a request; Trusted Launch has no evidence."""
    if not proof:
        return {"Type": kind}
    return {"Type": kind, "Evidence": {"Proof": _b64(proof), "RunTimeData": _b64(claims)}}


def snp_proof(report: bytes, chain: bytes) -> bytes:
    """The proof of an SNP machine."""
    url = base64.urlsafe_b64encode(report).rstrip(b"=").decode("ascii")
    return json.dumps({"SnpReport": url, "VcekCertChain": _b64(chain)}).encode("ascii")


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
