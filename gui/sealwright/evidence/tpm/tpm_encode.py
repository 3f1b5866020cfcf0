"""Writes the TPM 2.0 structures that `tpm` reads (spec evidence, 10.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.evidence.tpm.tpm import (
    ALG_NULL,
    ALG_RSA,
    ALG_RSASSA,
    MAGIC,
    TYPE_CERTIFY,
    TYPE_QUOTE,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

SHA256: Final = 0x000B
_BITMAP: Final = 3


def sized(data: bytes) -> bytes:
    """A TPM2B: two bytes of size, then the content."""
    return len(data).to_bytes(2, "big") + data


def public_area(modulus: bytes, *, attributes: int, scheme: int, auth_policy: bytes = b"") -> bytes:
    """A TPMT_PUBLIC of an RSA key with the exponent 65537 and names by SHA-256."""
    scheme_hash = SHA256.to_bytes(2, "big") if scheme == ALG_RSASSA else b""
    return b"".join(
        (
            ALG_RSA.to_bytes(2, "big"),
            SHA256.to_bytes(2, "big"),
            attributes.to_bytes(4, "big"),
            sized(auth_policy),
            ALG_NULL.to_bytes(2, "big"),
            scheme.to_bytes(2, "big"),
            scheme_hash,
            (8 * len(modulus)).to_bytes(2, "big"),
            bytes(4),
            sized(modulus),
        )
    )


def selection(indices: Iterable[int], algorithm: int = SHA256) -> bytes:
    """A TPML_PCR_SELECTION of one bank."""
    bits = bytearray(_BITMAP)
    for index in indices:
        bits[index // 8] |= 1 << index % 8
    return (1).to_bytes(4, "big") + algorithm.to_bytes(2, "big") + _BITMAP.to_bytes(1, "big") + bits


def quote(signer: bytes, extra: bytes, selected: bytes, digest: bytes) -> bytes:
    """A TPMS_ATTEST of a quote; `selected` is a TPML_PCR_SELECTION."""
    return _attest(TYPE_QUOTE, signer, extra) + selected + sized(digest)


def certify(signer: bytes, extra: bytes, name: bytes) -> bytes:
    """A TPMS_ATTEST of a certified key."""
    return _attest(TYPE_CERTIFY, signer, extra) + sized(name) + sized(name)


def _attest(kind: int, signer: bytes, extra: bytes) -> bytes:
    clock = (100_000).to_bytes(8, "big") + (1).to_bytes(4, "big") + bytes(4) + b"\1"
    head = MAGIC.to_bytes(4, "big") + kind.to_bytes(2, "big")
    return head + sized(signer) + sized(extra) + clock + (1).to_bytes(8, "big")


def signature(raw: bytes) -> bytes:
    """A TPMT_SIGNATURE of RSASSA with SHA-256."""
    return ALG_RSASSA.to_bytes(2, "big") + SHA256.to_bytes(2, "big") + sized(raw)
