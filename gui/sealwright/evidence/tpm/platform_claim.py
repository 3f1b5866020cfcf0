"""Windows platform claims: a TPM quote with its registers and log in one blob (spec evidence, 9).

The layout is that of the platform crypto provider: magic `PADS`, sizes, register values, quote,
signature, log. Its second form names the bank; the first is always about SHA-1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sealwright.errors import EvidenceError
from sealwright.evidence.basis.reader import Reader
from sealwright.evidence.tpm.tpm import Attestation, TpmSignature, digest_size, parse_attestation
from sealwright.evidence.tpm.tpm_quote import read_signature

REGISTERS: Final = 24
_MAGIC: Final = b"PADS"
_TPM_20: Final = 2
_SHA1: Final = 0x0004
_OLD_HEADER: Final = 28
_HEADER: Final = 32


@dataclass(frozen=True, slots=True)
class PlatformClaim:
    """What a Windows machine says about its registers."""

    algorithm: int
    """TPM_ALG_ID of the bank."""
    registers: tuple[bytes, ...] = field(repr=False)
    attestation: Attestation
    signature: TpmSignature
    log: bytes = field(repr=False)


def parse_platform_claim(data: bytes) -> PlatformClaim:
    """Read a claim of a TPM 2.0.

    Raises:
        EvidenceError: not one, or its sizes contradict each other.
    """
    reader = Reader(data)
    if reader.take("magic", 4) != _MAGIC:
        raise EvidenceError("This is no platform claim: it does not begin with PADS.", offset=0)
    platform, header = reader.number("platform", 4), reader.number("header_size", 4)
    if platform != _TPM_20 or header not in (_OLD_HEADER, _HEADER):
        raise EvidenceError("The platform claim is not one of a TPM 2.0.", offset=4)
    names = ("registers", "quote", "signature", "log")
    sizes = [reader.number(f"{name}_size", 4) for name in names]
    algorithm = reader.number("algorithm", 4) if header == _HEADER else _SHA1
    values, quote, signature, log = (
        reader.take(name, size) for name, size in zip(names, sizes, strict=True)
    )
    reader.finish()
    width = digest_size(algorithm)
    if len(values) != REGISTERS * width:
        raise EvidenceError(
            f"The platform claim has {len(values)} bytes of registers, {REGISTERS * width} were "
            "expected.",
            offset=header,
        )
    return PlatformClaim(
        algorithm,
        tuple(values[at : at + width] for at in range(0, len(values), width)),
        parse_attestation(quote),
        read_signature(signature),
        log,
    )
