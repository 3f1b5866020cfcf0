"""Did that TPM sign this, and over which registers (spec evidence, 8 and 10.1)?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from sealwright.errors import EvidenceError
from sealwright.evidence.basis.checks import Check, judge, skip
from sealwright.evidence.tpm.tpm import (
    ALG_ECC,
    ALG_ECDSA,
    ALG_RSAPSS,
    ALG_RSASSA,
    TYPE_CERTIFY,
    TYPE_QUOTE,
    Attestation,
    TpmPublic,
    TpmSignature,
    hash_name,
    pcr_digest,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


def public_key(public: TpmPublic) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey:
    """The key of a public area.

    Raises:
        EvidenceError: its numbers are no key.
    """
    numbers = [int.from_bytes(part, "big") for part in public.unique]
    try:
        if public.type == ALG_ECC:
            return ec.EllipticCurvePublicNumbers(
                numbers[0], numbers[1], ec.SECP256R1()
            ).public_key()
        return rsa.RSAPublicNumbers(public.exponent, numbers[0]).public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise EvidenceError("The numbers of the TPM's key are no key.") from None


def verifies(key: PublicKeyTypes, signature: TpmSignature, data: bytes) -> bool:
    """Whether `key` made the signature over `data`; SHA-1 is never good enough."""
    algorithm = _HASHES.get(hash_name(signature.hash_algorithm))
    if algorithm is None:
        return False
    try:
        if isinstance(key, rsa.RSAPublicKey):
            return _rsa(key, signature, data, algorithm)
        if isinstance(key, ec.EllipticCurvePublicKey) and signature.algorithm == ALG_ECDSA:
            r, s = (int.from_bytes(part, "big") for part in signature.parts)
            encoded = utils.encode_dss_signature(r, s)
            key.verify(encoded, data, ec.ECDSA(algorithm))
            return True
    except (InvalidSignature, ValueError):
        return False
    return False


def _rsa(
    key: rsa.RSAPublicKey, signature: TpmSignature, data: bytes, algorithm: hashes.HashAlgorithm
) -> bool:
    if signature.algorithm == ALG_RSAPSS:
        pss = padding.PSS(padding.MGF1(algorithm), padding.PSS.AUTO)
        key.verify(signature.parts[0], data, pss, algorithm)
        return True
    if signature.algorithm == ALG_RSASSA:
        key.verify(signature.parts[0], data, padding.PKCS1v15(), algorithm)
        return True
    return False


def quote_checks(
    attestation: Attestation,
    signature: TpmSignature,
    key: PublicKeyTypes | None,
    banks: Mapping[int, Mapping[int, bytes]],
    prefix: str = "",
) -> tuple[Check, ...]:
    """Check a quote's signature and that it covers the given register values."""
    id_ = f"{prefix}pcr-quote"
    return (
        judge(
            f"{id_}.type",
            "Attestation is a quote of registers",
            "The TPM attests something else than its registers.",
            passed=attestation.type == TYPE_QUOTE,
        ),
        _signature(f"{id_}.signature", attestation, signature, key),
        _digest(f"{id_}.digest", attestation, signature, banks),
    )


def certify_checks(
    attestation: Attestation,
    signature: TpmSignature,
    key: PublicKeyTypes | None,
    certified: TpmPublic,
    prefix: str = "",
) -> tuple[Check, ...]:
    """Check that the same TPM holds the certified key."""
    id_ = f"{prefix}certify"
    return (
        judge(
            f"{id_}.type",
            "Attestation certifies a key",
            "The TPM attests something else than a key.",
            passed=attestation.type == TYPE_CERTIFY,
        ),
        _signature(f"{id_}.signature", attestation, signature, key),
        judge(
            f"{id_}.name",
            "Certified key is the given one",
            "The TPM certified another key.",
            passed=attestation.name == certified.name,
            expected=certified.name.hex(),
            actual=attestation.name.hex(),
        ),
    )


def _signature(
    id_: str, attestation: Attestation, signature: TpmSignature, key: PublicKeyTypes | None
) -> Check:
    title = "Signed by the attestation key"
    if key is None:
        return skip(id_, title, "no attestation key; give its certificate")
    why = "The attestation was changed, or another key signed it."
    if hash_name(signature.hash_algorithm) not in _HASHES:
        why = "The attestation is signed with SHA-1, which proves nothing any more."
    return judge(
        id_,
        title,
        why,
        passed=verifies(key, signature, attestation.raw),
    )


def _digest(
    id_: str,
    attestation: Attestation,
    signature: TpmSignature,
    banks: Mapping[int, Mapping[int, bytes]],
) -> Check:
    title = "Quote covers the register values"
    if not banks:
        return skip(id_, title, "no register values; give the quote with them")
    found = pcr_digest(attestation, banks, signature.hash_algorithm)
    if found is None:
        return judge(id_, title, "A quoted register's value is not given.", passed=False)
    return judge(
        id_,
        title,
        "The register values are not those that the TPM quoted.",
        passed=found == attestation.pcr_digest,
        expected=attestation.pcr_digest.hex(),
        actual=found.hex(),
    )
