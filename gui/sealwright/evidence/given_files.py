"""Files that people give beside evidence: certificates and collateral in all their forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from sealwright.errors import EvidenceError, KeyMaterialError
from sealwright.evidence.basis.certificates import load, load_pem_chain
from sealwright.evidence.basis.document import read_document
from sealwright.evidence.intel.collateral import (
    Collateral,
    merged,
    parse_collateral,
    revocation_list,
)
from sealwright.evidence.intel.endorsements import (
    collateral_of,
    is_endorsements,
    parse_endorsements,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

_PEM: Final = b"-----BEGIN CERTIFICATE-----"
_ROOT: Final = "Root CA"
_HINT: Final = "Give PEM, DER, or what the host's certificate service answers."


def read_certificates(data: bytes) -> tuple[bytes, ...]:
    """The DER certificates in a PEM or DER file, or in the answer of a host's THIM service.

    Raises:
        KeyMaterialError: there is none.
    """
    if data.lstrip().startswith(b"{"):
        data = _thim(data)
    if _PEM in data:
        return load_pem_chain(data[data.index(_PEM) :])
    try:
        load(data)
    except KeyMaterialError as error:
        raise KeyMaterialError(error.summary, hint=_HINT) from None
    return (data,)


def _thim(data: bytes) -> bytes:
    try:
        document = read_document(data, "certificates")
        texts = (document.text("vcekCert"), document.text("certificateChain"))
    except EvidenceError as error:
        raise KeyMaterialError(error.summary, hint=_HINT) from None
    return "\n".join(texts).encode("utf-8", "surrogatepass")


def read_collateral(files: Iterable[bytes]) -> Collateral:
    """The collateral in all files together: JSON, endorsements, revocation lists.

    Raises:
        EvidenceError: one of them is none of these.
    """
    return merged(_collateral(data) for data in files)


def _collateral(data: bytes) -> Collateral:
    if data.lstrip().startswith(b"{"):
        return parse_collateral(data)
    if is_endorsements(data):
        return collateral_of(parse_endorsements(data))
    der = revocation_list(data)
    try:
        issuer = x509.load_der_x509_crl(der).issuer
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise EvidenceError("A file is neither collateral nor a revocation list.") from None
    is_root = _ROOT in issuer.rfc4514_string()
    return Collateral(root_crl=der) if is_root else Collateral(pck_crl=der)
