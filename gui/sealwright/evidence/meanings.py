"""What the bytes of a field say, in words (spec evidence, the tables of fields)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.evidence.intel.sgx import CERTIFICATION_NAMES
from sealwright.evidence.tpm.tpm import ATTRIBUTES, HASHES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SGX_FLAGS: Final = {
    0: "INIT",
    1: "DEBUG",
    2: "MODE64BIT",
    4: "PROVISIONKEY",
    5: "EINITTOKENKEY",
    7: "KSS",
}
_TD_FLAGS: Final = {
    0: "DEBUG",
    28: "SEPT_VE_DISABLE",
    29: "MIGRATABLE",
    30: "PKS",
    31: "KL",
    63: "PERFMON",
}
_SNP_POLICY: Final = {
    16: "SMT allowed",
    18: "migration agent allowed",
    19: "debug allowed",
    20: "single socket",
    21: "CXL allowed",
    22: "AES-256-XTS required",
    23: "RAPL disabled",
    24: "ciphertext hiding",
}
_VBS_POLICY: Final = 4
"""Bytes of the policy in a virtual machine's VBS report; that of SEV-SNP has twice as many."""
_REQUESTS: Final = {1: "key release", 2: "attestation key certificate", 3: "wrapped key"}
_HARDWARE: Final = {1: "VBS", 2: "SEV-SNP", 3: "Trusted Launch", 4: "TDX"}
_HCL_HASHES: Final = {1: "SHA-256", 2: "SHA-384", 3: "SHA-512"}
_TPM: Final = {0x8017: "certified key", 0x8018: "quote of registers"}
_TPM_ALGORITHMS: Final = {
    0x0001: "RSA",
    0x0010: "none",
    0x0014: "RSASSA",
    0x0015: "RSAES",
    0x0016: "RSAPSS",
    0x0018: "ECDSA",
    0x0023: "ECC",
    **{number: name.upper() for number, name in HASHES.items()},
}
_TPM_SELECTORS: Final = (
    "selection_hash",
    "hash",
    "algorithm",
    "name_algorithm",
    "symmetric",
    "scheme",
    "scheme_hash",
)
_BIG: Final = frozenset({"TPM attestation", "TPM public key", "TPM signature"})
_NUMBER_SIZES: Final = frozenset({1, 2, 4, 8})


def meaning(part: str, name: str, raw: bytes) -> str:
    """What a field says; empty when its bytes are all there is to say."""
    last = name.rpartition(".")[2]
    if last.startswith("reserved"):
        return "zeros" if not any(raw) else "not zero"
    if part in _BIG:
        return _tpm(last, raw)
    special = _SPECIAL.get(last)
    if special is not None:
        return special(raw)
    if last.endswith("_tcb"):
        return _tcb(raw)
    if len(raw) in _NUMBER_SIZES and last not in _OCTETS:
        return str(int.from_bytes(raw, "little"))
    return "zeros" if raw and not any(raw) else ""


_OCTETS: Final = frozenset({"fmspc", "pce_id", "signature"})


def _flags(names: Mapping[int, str]) -> Callable[[bytes], str]:
    def words(raw: bytes) -> str:
        value = int.from_bytes(raw, "little")
        found = [word for bit, word in names.items() if value >> bit & 1]
        return ", ".join(found) or "none set"

    return words


def _one_of(names: Mapping[int, str]) -> Callable[[bytes], str]:
    def words(raw: bytes) -> str:
        value = int.from_bytes(raw, "little")
        return f"{value}: {names.get(value, 'not known')}"

    return words


def _text(raw: bytes) -> str:
    return raw.rstrip(b"\0").decode("ascii", "replace")


def _pem(raw: bytes) -> str:
    count = raw.count(b"-----BEGIN CERTIFICATE-----")
    return f"{count} certificates, PEM" if count else ""


def _policy(raw: bytes) -> str:
    value = int.from_bytes(raw, "little")
    if len(raw) == _VBS_POLICY:
        return "debug allowed" if value & 1 else "debug not allowed"
    abi = f"ABI {value >> 8 & 0xFF}.{value & 0xFF}"
    return f"{abi}, {_flags(_SNP_POLICY)(raw)}"


def _key_info(raw: bytes) -> str:
    value = int.from_bytes(raw, "little")
    signer = {0: "VCEK", 1: "VLEK", 7: "no key"}.get(value >> 2 & 7, "an unknown key")
    masked = ", chip id masked" if value >> 1 & 1 else ""
    author = ", author key" if value & 1 else ""
    return f"signed by {signer}{masked}{author}"


def _version(raw: bytes) -> str:
    return ".".join(str(byte) for byte in reversed(raw))


def _tcb(raw: bytes) -> str:
    return " ".join(str(byte) for byte in raw)


def _vendor(raw: bytes) -> str:
    known = raw == bytes.fromhex("939a7233f79c4ca9940a0db3957f0607")
    return "Intel" if known else "not Intel"


def _tpm(name: str, raw: bytes) -> str:
    value = int.from_bytes(raw, "big")
    if name == "type":
        return _TPM.get(value, _TPM_ALGORITHMS.get(value, "not known"))
    if name == "magic":
        return "made by a TPM" if value == 0xFF544347 else "not made by a TPM"  # noqa: PLR2004 - TPM_GENERATED
    if name in _TPM_SELECTORS:
        return _TPM_ALGORITHMS.get(value, "not known")
    if name == "attributes":
        return ", ".join(word for word, bit in ATTRIBUTES.items() if value & bit)
    if name == "selection_bitmap":
        bits = (at for at in range(8 * len(raw)) if raw[at // 8] >> at % 8 & 1)
        return "PCR " + " ".join(str(at) for at in bits)
    return str(value) if len(raw) in _NUMBER_SIZES else ""


_SPECIAL: Final[Mapping[str, Callable[[bytes], str]]] = {
    "flags": _flags(_SGX_FLAGS),
    "td_attributes": _flags(_TD_FLAGS),
    "key_type": _one_of({2: "ECDSA P-256", 3: "ECDSA P-384"}),
    "tee_type": _one_of({0: "SGX", 0x81: "TDX"}),
    "body_type": _one_of({1: "SGX report", 2: "TD report 1.0", 3: "TD report 1.5"}),
    "qe_vendor_id": _vendor,
    "certification_type": _one_of(CERTIFICATION_NAMES),
    "outer_certification_type": _one_of(CERTIFICATION_NAMES),
    "certification_data": _pem,
    "request_type": _one_of(_REQUESTS),
    "report_type": _one_of(_HARDWARE),
    "hash_type": _one_of(_HCL_HASHES),
    "policy": _policy,
    "key_info": _key_info,
    "current_version": _version,
    "committed_version": _version,
    "signature_algorithm": _one_of({1: "ECDSA P-384 with SHA-384"}),
    "oe_type": _one_of({1: "local", 2: "remote"}),
    "name": _text,
}
