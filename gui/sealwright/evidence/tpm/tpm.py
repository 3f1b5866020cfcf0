"""TPM 2.0 structures: attestations, signatures, public areas (spec evidence, 10.1; big-endian)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from sealwright.errors import EvidenceError
from sealwright.evidence.basis.reader import Field, Reader

if TYPE_CHECKING:
    from collections.abc import Mapping

MAGIC: Final = 0xFF544347
TYPE_CERTIFY: Final = 0x8017
TYPE_QUOTE: Final = 0x8018
ALG_RSA: Final = 0x0001
ALG_ECC: Final = 0x0023
ALG_NULL: Final = 0x0010
ALG_RSASSA: Final = 0x0014
ALG_RSAES: Final = 0x0015
ALG_RSAPSS: Final = 0x0016
ALG_ECDSA: Final = 0x0018
HASHES: Final = {0x0004: "sha1", 0x000B: "sha256", 0x000C: "sha384", 0x000D: "sha512"}
ATTRIBUTES: Final = {
    "fixedTPM": 1 << 1,
    "fixedParent": 1 << 4,
    "sensitiveDataOrigin": 1 << 5,
    "userWithAuth": 1 << 6,
    "noDA": 1 << 10,
    "restricted": 1 << 16,
    "decrypt": 1 << 17,
    "sign": 1 << 18,
}

_MAX_SELECTIONS: Final = 16
_MAX_BITMAP: Final = 32
_DEFAULT_EXPONENT: Final = 65537
_RSA_SIGNATURES: Final = (ALG_RSASSA, ALG_RSAPSS)
_CURVE_P256: Final = 3


@dataclass(frozen=True, slots=True)
class PcrSelection:
    """Registers of one bank."""

    algorithm: int
    indices: tuple[int, ...]
    raw: bytes = field(repr=False)
    """The selection as it stood, which policies of keys cover."""


@dataclass(frozen=True, slots=True)
class Attestation:
    """TPMS_ATTEST of a quote or of a certified key."""

    type: int
    qualified_signer: bytes
    extra_data: bytes
    clock: int
    reset_count: int
    restart_count: int
    safe: int
    firmware_version: int
    selections: tuple[PcrSelection, ...]
    """Only of a quote."""
    pcr_digest: bytes
    """Only of a quote."""
    name: bytes
    """Only of a certified key."""
    qualified_name: bytes
    raw: bytes = field(repr=False)
    """What the attestation key signed."""
    fields: tuple[Field, ...] = field(repr=False)

    @property
    def registers(self) -> frozenset[int]:
        """What a quote covers, in any bank."""
        return frozenset(at for selection in self.selections for at in selection.indices)


@dataclass(frozen=True, slots=True)
class TpmSignature:
    """TPMT_SIGNATURE."""

    algorithm: int
    hash_algorithm: int
    parts: tuple[bytes, ...] = field(repr=False)
    """The signature of RSA, or r and s of ECDSA."""


@dataclass(frozen=True, slots=True)
class TpmPublic:
    """TPMT_PUBLIC of an RSA key or a point on P-256."""

    type: int
    name_algorithm: int
    attributes: int
    auth_policy: bytes
    symmetric: int
    scheme: int
    bits: int
    exponent: int
    unique: tuple[bytes, ...] = field(repr=False)
    """The modulus, or x and y."""
    raw: bytes = field(repr=False)
    fields: tuple[Field, ...] = field(repr=False)

    @property
    def name(self) -> bytes:
        """The name by which a TPM speaks of the key."""
        algorithm = hash_name(self.name_algorithm)
        return self.name_algorithm.to_bytes(2, "big") + hashlib.new(algorithm, self.raw).digest()

    @property
    def sized(self) -> bytes:
        """TPM2B_PUBLIC: the key after its size."""
        return len(self.raw).to_bytes(2, "big") + self.raw

    def has(self, attribute: str) -> bool:
        """Whether one of ATTRIBUTES is set."""
        return bool(self.attributes & ATTRIBUTES[attribute])


def hash_name(algorithm: int) -> str:
    """The `hashlib` name of a TPM_ALG_ID.

    Raises:
        EvidenceError: not a hash that is known here.
    """
    name = HASHES.get(algorithm)
    if name is None:
        raise EvidenceError(f"The TPM's algorithm {algorithm:#06x} is no known hash.")
    return name


def digest_size(algorithm: int) -> int:
    """Bytes of a digest of that TPM_ALG_ID.

    Raises:
        EvidenceError: not a hash that is known here.
    """
    return hashlib.new(hash_name(algorithm)).digest_size


class _Big(Reader):
    """TPM structures are big-endian and prefix what varies with its size."""

    def big(self, name: str, size: int) -> int:
        return self.number(name, size, "big")

    def sized(self, name: str) -> bytes:
        return self.take(name, self.big(f"{name}_size", 2))


def parse_attestation(data: bytes, *, base: int = 0) -> Attestation:
    """Read a TPMS_ATTEST.

    Raises:
        EvidenceError: not one made by a TPM, of another type, or cut off.
    """
    reader = _Big(data, base=base)
    if reader.big("magic", 4) != MAGIC:
        raise EvidenceError("A TPM did not make this attestation: its magic is wrong.", offset=base)
    kind = reader.big("type", 2)
    if kind not in (TYPE_QUOTE, TYPE_CERTIFY):
        raise EvidenceError(f"The TPM attestation is of unknown type {kind:#06x}.", offset=base + 4)
    signer, extra = reader.sized("qualified_signer"), reader.sized("extra_data")
    clock, resets = reader.big("clock", 8), reader.big("reset_count", 4)
    restarts, safe = reader.big("restart_count", 4), reader.big("safe", 1)
    firmware = reader.big("firmware_version", 8)
    quoted = kind == TYPE_QUOTE
    selections = _selections(reader) if quoted else ()
    digest = reader.sized("pcr_digest") if quoted else b""
    name = b"" if quoted else reader.sized("name")
    qualified = b"" if quoted else reader.sized("qualified_name")
    reader.finish()
    return Attestation(
        type=kind,
        qualified_signer=signer,
        extra_data=extra,
        clock=clock,
        reset_count=resets,
        restart_count=restarts,
        safe=safe,
        firmware_version=firmware,
        selections=selections,
        pcr_digest=digest,
        name=name,
        qualified_name=qualified,
        raw=data,
        fields=tuple(reader.fields),
    )


def _selections(reader: _Big) -> tuple[PcrSelection, ...]:
    start = reader.offset
    count = reader.big("selection_count", 4)
    if count > _MAX_SELECTIONS:
        raise EvidenceError(f"The quote selects {count} PCR banks.", offset=start)
    return tuple(_selection(reader) for _ in range(count))


def _selection(reader: _Big) -> PcrSelection:
    algorithm = reader.big("selection_hash", 2)
    size = reader.big("selection_size", 1)
    if size > _MAX_BITMAP:
        raise EvidenceError("The quote's PCR selection is too long.", offset=reader.offset - 1)
    bits = reader.take("selection_bitmap", size)
    indices = tuple(at for at in range(8 * size) if bits[at // 8] >> at % 8 & 1)
    return PcrSelection(
        algorithm, indices, algorithm.to_bytes(2, "big") + size.to_bytes(1, "big") + bits
    )


def parse_signature(data: bytes, *, base: int = 0) -> TpmSignature:
    """Read a TPMT_SIGNATURE of RSA or ECDSA.

    Raises:
        EvidenceError: another scheme, or cut off.
    """
    reader = _Big(data, base=base)
    algorithm, hashed = reader.big("algorithm", 2), reader.big("hash", 2)
    if algorithm in _RSA_SIGNATURES:
        parts: tuple[bytes, ...] = (reader.sized("signature"),)
    elif algorithm == ALG_ECDSA:
        parts = (reader.sized("r"), reader.sized("s"))
    else:
        raise EvidenceError(f"The TPM signature {algorithm:#06x} is not known.", offset=base)
    reader.finish()
    return TpmSignature(algorithm, hashed, parts)


def parse_sized_public(data: bytes, *, base: int = 0) -> TpmPublic:
    """Read a TPM2B_PUBLIC.

    Raises:
        EvidenceError: another kind of key, cut off, or its size contradicts its content.
    """
    size = int.from_bytes(data[:2], "big")
    if len(data) != size + 2:
        raise EvidenceError("The size of the TPM key contradicts its content.", offset=base)
    found = parse_public(data[2:], base=base + 2)
    return replace(found, fields=(Field("size", base, 2), *found.fields))


def parse_public(data: bytes, *, base: int = 0) -> TpmPublic:
    """Read a TPMT_PUBLIC.

    Raises:
        EvidenceError: another kind of key, or cut off.
    """
    reader = _Big(data, base=base)
    kind = reader.big("type", 2)
    if kind not in (ALG_RSA, ALG_ECC):
        raise EvidenceError(f"The TPM key is of unknown type {kind:#06x}.", offset=base)
    name_algorithm, attributes = reader.big("name_algorithm", 2), reader.big("attributes", 4)
    hash_name(name_algorithm)
    policy = reader.sized("auth_policy")
    symmetric = _symmetric(reader)
    scheme = _scheme(reader)
    bits, exponent, unique = _rsa(reader) if kind == ALG_RSA else _ecc(reader)
    reader.finish()
    return TpmPublic(
        type=kind,
        name_algorithm=name_algorithm,
        attributes=attributes,
        auth_policy=policy,
        symmetric=symmetric,
        scheme=scheme,
        bits=bits,
        exponent=exponent,
        unique=unique,
        raw=data,
        fields=tuple(reader.fields),
    )


def _symmetric(reader: _Big) -> int:
    symmetric = reader.big("symmetric", 2)
    if symmetric != ALG_NULL:
        reader.take("symmetric_bits", 2)
        reader.take("symmetric_mode", 2)
    return symmetric


def _scheme(reader: _Big) -> int:
    scheme = reader.big("scheme", 2)
    if scheme not in (ALG_NULL, ALG_RSAES):
        reader.take("scheme_hash", 2)
    return scheme


def _rsa(reader: _Big) -> tuple[int, int, tuple[bytes, ...]]:
    bits, exponent = reader.big("bits", 2), reader.big("exponent", 4)
    modulus = reader.sized("modulus")
    if len(modulus) * 8 != bits:
        raise EvidenceError("The TPM key is not as long as it says.", offset=reader.offset)
    return bits, exponent or _DEFAULT_EXPONENT, (modulus,)


def _ecc(reader: _Big) -> tuple[int, int, tuple[bytes, ...]]:
    start = reader.offset
    if reader.big("curve", 2) != _CURVE_P256:
        raise EvidenceError("The TPM key is not on the curve P-256.", offset=start)
    if reader.big("kdf", 2) != ALG_NULL:
        reader.take("kdf_hash", 2)
    return 256, 0, (reader.sized("x"), reader.sized("y"))


def pcr_digest(
    attestation: Attestation, banks: Mapping[int, Mapping[int, bytes]], hash_algorithm: int
) -> bytes | None:
    """The digest over given register values; None when a selected one was not given.

    Args:
        attestation: a quote.
        banks: values by index, by TPM_ALG_ID of the bank.
        hash_algorithm: TPM_ALG_ID of the signing scheme's hash.

    Raises:
        EvidenceError: the hash is not known.
    """
    total = hashlib.new(hash_name(hash_algorithm))
    for selection in attestation.selections:
        bank = banks.get(selection.algorithm, {})
        for index in selection.indices:
            if index not in bank:
                return None
            total.update(bank[index])
    return total.digest()
