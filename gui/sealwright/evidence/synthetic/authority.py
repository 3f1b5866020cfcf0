"""Keys and certificates of a sandbox's pretended vendors.

Nothing made here can be taken for hardware: every name says sandbox, and the roots are pinned
nowhere but in the sandbox that made them.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from cryptography.x509.oid import NameOID

from sealwright.errors import EvidenceError
from sealwright.evidence.basis.certificates import load, spki_sha256
from sealwright.evidence.basis.trust import TrustAnchor

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

ORGANIZATION: Final = "Sealwright sandbox, not hardware"
# Wide, because a sandbox may be set to the time of a recording.
FIRST: Final = datetime(2018, 1, 1, tzinfo=UTC)
LAST: Final = datetime(2049, 12, 31, tzinfo=UTC)
RSA_BITS: Final = 2048
Extension = tuple[x509.ExtensionType, bool]
"""An extension, and whether it is critical."""
Private = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_Platform = TypeVar("_Platform", bound="DataclassInstance")


def new_rsa() -> rsa.RSAPrivateKey:
    """A new RSA key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)


def new_p256() -> ec.EllipticCurvePrivateKey:
    """A new key on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def new_p384() -> ec.EllipticCurvePrivateKey:
    """A new key on P-384."""
    return ec.generate_private_key(ec.SECP384R1())


def dump_key(key: Private) -> bytes:
    """PKCS#8 DER."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def load_ec(raw: bytes) -> ec.EllipticCurvePrivateKey:
    """An elliptic-curve key that `dump_key` wrote.

    Raises:
        EvidenceError: it is damaged.
    """
    key = load_der_private_key(raw, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise EvidenceError("The sandbox's platform keys cannot be read.")
    return key


def load_rsa(raw: bytes) -> rsa.RSAPrivateKey:
    """An RSA key that `dump_key` wrote.

    Raises:
        EvidenceError: it is damaged.
    """
    # Our own key: proving its primes again would cost more than the signature.
    key = load_der_private_key(raw, None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise EvidenceError("The sandbox's platform keys cannot be read.")
    return key


def issue(  # noqa: PLR0913 - the parts of a certificate
    subject: str,
    key: Private,
    issuer: str,
    issuer_key: Private,
    extensions: tuple[Extension, ...] = (),
    *,
    pss: bool = False,
) -> bytes:
    """A certificate in DER; `pss` signs as AMD and Microsoft's supply chain do."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(FIRST)
        .not_valid_after(LAST)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    if pss:
        scheme = padding.PSS(padding.MGF1(SHA384()), SHA384.digest_size)
        made = builder.sign(issuer_key, SHA384(), rsa_padding=scheme)
    else:
        made = builder.sign(issuer_key, SHA256())
    return made.public_bytes(Encoding.DER)


def constraints(*, ca: bool) -> Extension:
    """Basic constraints."""
    return (x509.BasicConstraints(ca=ca, path_length=None), True)


def usage(*, ca: bool) -> Extension:
    """Key usage of an authority or of a signer."""
    return (
        x509.KeyUsage(
            digital_signature=not ca,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=ca,
            crl_sign=ca,
            encipher_only=False,
            decipher_only=False,
        ),
        True,
    )


def name(common_name: str) -> x509.Name:
    """A name that says that it is a sandbox's."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANIZATION),
        ]
    )


def anchor(use: str, root: bytes, title: str) -> TrustAnchor:
    """What a verifier must be given to accept a root, marked as a sandbox's."""
    return TrustAnchor(
        use=use,
        id="sandbox",
        name=title,
        spki_sha256=spki_sha256(load(root)),
        source="this sandbox",
        version="1",
        date=FIRST.date().isoformat(),
        sandbox=True,
    )


def pem(*ders: bytes) -> bytes:
    """Certificates as PEM, one after another."""
    return b"".join(load(item).public_bytes(Encoding.PEM) for item in ders)


def dump(platform: DataclassInstance) -> bytes:
    """A platform as JSON, private keys included."""
    values = {name: base64.b64encode(value).decode() for name, value in asdict(platform).items()}
    return json.dumps(values).encode("ascii")


def restore(kind: type[_Platform], raw: bytes) -> _Platform:
    """The platform that `dump` wrote.

    Raises:
        EvidenceError: it is damaged.
    """
    try:
        values: dict[str, Any] = json.loads(raw)
        return kind(**{name: base64.b64decode(value) for name, value in values.items()})
    except (ValueError, TypeError, AttributeError):
        raise EvidenceError("The sandbox's platform keys cannot be read.") from None
