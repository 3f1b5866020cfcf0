"""Is an SGX or TD quote what its platform's vendor vouches for (spec evidence, 2, 3 and 4.1)?

Needs roots and a time only. Whether the platform is up to date needs the vendor's collateral:
see `quote_verify`; without it the check `tcb` is `skip`.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from sealwright.errors import KeyMaterialError
from sealwright.evidence.basis.certificates import load, load_pem_chain, path_checks
from sealwright.evidence.basis.checks import Check, judge, row, skip
from sealwright.evidence.basis.trust import SGX_ROOT
from sealwright.evidence.intel.sgx import (
    CERTIFICATION_NAMES,
    CERTIFICATION_PCK_CHAIN,
    INTEL_QE_VENDOR,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography import x509

    from sealwright.evidence.basis.trust import Trust
    from sealwright.evidence.intel.sgx import SignatureData

_COORDINATE: Final = 32
_PCK_CHAIN: Final = 3
_ECDSA: Final = ec.ECDSA(SHA256())


class Quote(Protocol):
    """What SGX and TD quotes have in common."""

    @property
    def qe_vendor_id(self) -> bytes:
        """Who made the quoting enclave."""

    @property
    def signed(self) -> bytes:
        """What the attestation key signed."""

    @property
    def auth(self) -> SignatureData:
        """Who vouches for the quote."""


def pck_chain(quote: Quote) -> tuple[x509.Certificate, ...]:
    """The PCK certificate, its CA and the root inside the quote.

    Raises:
        KeyMaterialError: the quote brings no readable chain.
    """
    if quote.auth.certification_type != CERTIFICATION_PCK_CHAIN:
        kind = quote.auth.certification_type
        raise KeyMaterialError(
            f"The quote brings certification data of type {kind} "
            f"({CERTIFICATION_NAMES.get(kind, 'not known')}); the service needs a PCK chain (5)."
        )
    chain = load_pem_chain(quote.auth.certification_data.rstrip(b"\0"))
    return tuple(load(der) for der in chain)


def verify_quote(quote: Quote, trust: Trust, prefix: str = "") -> tuple[Check, ...]:
    """Check a quote up to a pinned root; ids begin with `prefix`."""
    return (
        *signature_checks(quote, trust, prefix),
        skip(f"{prefix}tcb", "Platform up to date", "no collateral; the quote itself is checked"),
    )


def signature_checks(quote: Quote, trust: Trust, prefix: str = "") -> tuple[Check, ...]:
    """The same without a word about the platform's age."""
    title = "PCK certificate chain"
    try:
        chain = pck_chain(quote)
    except KeyMaterialError as error:
        chain = ()
        parts: tuple[Check, ...] = (
            judge(f"{prefix}chain.links", title, error.summary, passed=False),
        )
    else:
        parts = (
            _length(f"{prefix}chain", chain),
            *path_checks(f"{prefix}chain", chain, trust, SGX_ROOT),
        )
    return (
        _vendor(quote, prefix),
        *row(f"{prefix}chain", title, parts),
        _qe_report(quote, chain, prefix),
        _qe_binding(quote, prefix),
        _signature(quote, prefix),
    )


def _vendor(quote: Quote, prefix: str) -> Check:
    return judge(
        f"{prefix}structure.vendor",
        "Quoting enclave's vendor",
        "The quote is not from Intel's quoting enclave.",
        passed=quote.qe_vendor_id == INTEL_QE_VENDOR,
        expected=INTEL_QE_VENDOR.hex(),
        actual=quote.qe_vendor_id.hex(),
    )


def _length(prefix: str, chain: Sequence[x509.Certificate]) -> Check:
    return judge(
        f"{prefix}.length",
        "Leaf, CA and root",
        "The chain does not have three certificates.",
        passed=len(chain) == _PCK_CHAIN,
        actual=str(len(chain)),
    )


def _qe_report(quote: Quote, chain: Sequence[x509.Certificate], prefix: str) -> Check:
    id_, title = f"{prefix}qe-report", "Quoting enclave vouched for by the platform key"
    key = chain[0].public_key() if chain else None
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return skip(id_, title, "no platform key")
    return judge(
        id_,
        title,
        "The platform's key did not sign the quoting enclave's report.",
        passed=_verifies(key, quote.auth.qe_report_signature, quote.auth.qe_report_raw),
    )


def _qe_binding(quote: Quote, prefix: str) -> Check:
    digest = hashlib.sha256(quote.auth.attestation_key + quote.auth.qe_auth_data).digest()
    return judge(
        f"{prefix}qe-binding",
        "Attestation key belongs to the quoting enclave",
        "The quoting enclave reports another attestation key.",
        passed=quote.auth.qe_report.report_data == digest + bytes(32),
        expected=digest.hex(),
        actual=quote.auth.qe_report.report_data[:32].hex(),
    )


def _signature(quote: Quote, prefix: str) -> Check:
    key = attestation_key(quote)
    return judge(
        f"{prefix}signature",
        "Quote signed by the attestation key",
        "The quote was changed: its signature does not fit.",
        passed=key is not None and _verifies(key, quote.auth.signature, quote.signed),
    )


def attestation_key(quote: Quote) -> ec.EllipticCurvePublicKey | None:
    """The key that signed the quote; None when its point is not on P-256."""
    point = b"\x04" + quote.auth.attestation_key
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return None


def _verifies(key: ec.EllipticCurvePublicKey, signature: bytes, data: bytes) -> bool:
    r, s = int.from_bytes(signature[:_COORDINATE]), int.from_bytes(signature[_COORDINATE:])
    try:
        key.verify(utils.encode_dss_signature(r, s), data, _ECDSA)
    except (InvalidSignature, ValueError):
        return False
    return True
