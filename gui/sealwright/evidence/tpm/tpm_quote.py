"""A TPM quote with its signature and register values as one JSON document.

The form is that of public attestation clients: `message`, `signature` and `pcrs`, in hex or base64,
alone or as `tpm_quote` beside the key `ak_public`. A bare TPMS_ATTEST is read too; then its
signature is a companion.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sealwright.errors import EvidenceError
from sealwright.evidence.basis.document import Document, read_document
from sealwright.evidence.tpm.tpm import (
    ALG_RSASSA,
    MAGIC,
    Attestation,
    TpmSignature,
    digest_size,
    parse_attestation,
    parse_signature,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SHA256: Final = 0x000B
_WHAT: Final = "TPM quote"
_RSA_SIZES: Final = (256, 384, 512)
_MAGIC: Final = MAGIC.to_bytes(4, "big")


@dataclass(frozen=True, slots=True)
class TpmQuote:
    """What a TPM signed, and the values that it signed the digest of."""

    attestation: Attestation
    signature: TpmSignature | None
    """None when it did not come along."""
    banks: Mapping[int, Mapping[int, bytes]] = field(repr=False)
    """Register values by TPM_ALG_ID of the bank and index."""
    key: bytes = field(repr=False)
    """SubjectPublicKeyInfo of the attestation key; empty when it did not come along."""


def is_quote(data: bytes) -> bool:
    """Whether it is a quote in one of the forms that are read here."""
    if data.startswith(_MAGIC):
        return True
    try:
        document = read_document(data, _WHAT)
        inner = document.document("tpm_quote") if "tpm_quote" in document else document
    except EvidenceError:
        return False
    return "message" in inner and "pcrs" in inner


def parse_tpm_quote(data: bytes, companions: Sequence[bytes] = ()) -> TpmQuote:
    """Read a quote.

    Raises:
        EvidenceError: not in its form, or the structures inside are malformed.
    """
    if data.startswith(_MAGIC):
        return TpmQuote(parse_attestation(data), _signature_among(companions), {}, b"")
    outer = read_document(data, _WHAT)
    inner = outer.document("tpm_quote") if "tpm_quote" in outer else outer
    signature = octets(inner, "signature") if "signature" in inner else None
    attestation = parse_attestation(octets(inner, "message"))
    return TpmQuote(
        attestation=attestation,
        signature=None if signature is None else read_signature(signature),
        banks=_banks(inner, attestation),
        key=octets(outer, "ak_public") if "ak_public" in outer else b"",
    )


def _banks(document: Document, attestation: Attestation) -> dict[int, dict[int, bytes]]:
    """The values, which are those of the bank that the quote selects."""
    algorithms = [item.algorithm for item in attestation.selections]
    bank = algorithms[0] if len(algorithms) == 1 else SHA256
    try:
        values = dict(enumerate(bytes.fromhex(text) for text in document.texts("pcrs")))
    except ValueError:
        raise document.problem("pcrs") from None
    size = digest_size(bank)
    if any(len(value) != size for value in values.values()):
        raise document.problem("pcrs")
    return {bank: values} if values else {}


def octets(document: Document, name: str) -> bytes:
    """A member in hex or, if it is none, in base64."""
    try:
        return bytes.fromhex(document.text(name))
    except ValueError:
        return document.base64(name)


def read_signature(data: bytes) -> TpmSignature:
    """A TPMT_SIGNATURE, or the bare octets of an RSASSA signature with SHA-256.

    Raises:
        EvidenceError: neither.
    """
    if len(data) in _RSA_SIZES:
        return TpmSignature(ALG_RSASSA, SHA256, (data,))
    return parse_signature(data)


def _signature_among(companions: Sequence[bytes]) -> TpmSignature | None:
    for item in companions:
        try:
            return parse_signature(item)
        except EvidenceError:
            continue
    return None


def encode_tpm_quote(
    message: bytes, signature: bytes, registers: Sequence[bytes], key: bytes = b""
) -> bytes:
    """The JSON that `parse_tpm_quote` reads; the registers in the order of their indices."""
    quote = {
        "message": base64.b64encode(message).decode("ascii"),
        "signature": base64.b64encode(signature).decode("ascii"),
        "pcrs": [value.hex() for value in registers],
    }
    document: dict[str, object] = {"tpm_quote": quote}
    if key:
        document["ak_public"] = base64.b64encode(key).decode("ascii")
    return json.dumps(document, indent=1).encode("ascii")
