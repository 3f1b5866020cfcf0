"""The self-signed certificate under which a provider shows its enclave key.

Made for the sandbox exactly as the service's are: same members, same order, same time form, and
hardware-style evidence that binds the key (spec tokens, 4.2, 4.3 and 5).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sealwright.evidence.basis import der
from sealwright.evidence.intel.sgx import ReportBody
from sealwright.evidence.synthetic.quotes import make_report, sandbox_measurement
from sealwright.tokens.keyset import key_digest

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

    from sealwright.evidence.synthetic.quotes import SandboxPlatform

EVIDENCE_OID: Final = "1.3.6.1.4.1.311.105.1"
_FIRST: Final = b"20190501000000Z"
_LAST: Final = b"20501231235959Z"


def signing_certificate(key: RSAPrivateKey, attest_uri: str, platform: SandboxPlatform) -> bytes:
    """The DER certificate of `key` for the provider at `attest_uri`, with a fresh quote inside."""
    public = key.public_key()
    spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    report = make_report(platform, _service_enclave(key_digest(spki) + bytes(32)))
    body = _to_be_signed(attest_uri, spki, _extensions(public, report))
    signature = key.sign(body, padding.PKCS1v15(), SHA256())
    return der.encode(
        der.SEQUENCE, body, _algorithm(), der.encode(der.BIT_STRING, b"\0", signature)
    )


def _service_enclave(report_data: bytes) -> ReportBody:
    return ReportBody(
        mrenclave=sandbox_measurement("attestation service"),
        mrsigner=sandbox_measurement("attestation service signer"),
        isv_prod_id=1,
        isv_svn=1,
        report_data=report_data,
    )


def _to_be_signed(attest_uri: str, spki: bytes, extensions: bytes) -> bytes:
    name = _name(attest_uri)
    validity = der.encode(
        der.SEQUENCE,
        der.encode(der.GENERALIZED_TIME, _FIRST),
        der.encode(der.GENERALIZED_TIME, _LAST),
    )
    version = der.encode(0xA0, der.integer(2))
    return der.encode(
        der.SEQUENCE,
        version,
        der.integer(1),
        _algorithm(),
        name,
        validity,
        name,
        spki,
        der.encode(0xA3, extensions),
    )


def _algorithm() -> bytes:
    return der.encode(der.SEQUENCE, der.oid("1.2.840.113549.1.1.11"), der.encode(der.NULL))


def _name(text: str) -> bytes:
    value = der.encode(der.UTF8_STRING, text.encode("utf-8"))
    pair = der.encode(der.SEQUENCE, der.oid("2.5.4.3"), value)
    return der.encode(der.SEQUENCE, der.encode(der.SET, pair))


def _extensions(key: RSAPublicKey, report: bytes) -> bytes:
    bits = key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    identifier = hashlib.sha1(bits, usedforsecurity=False).digest()
    values = (
        ("2.5.29.19", der.encode(der.SEQUENCE)),
        ("2.5.29.14", der.encode(der.OCTET_STRING, identifier)),
        ("2.5.29.35", der.encode(der.SEQUENCE, der.encode(0x80, identifier))),
        (EVIDENCE_OID, report),
    )
    return der.encode(
        der.SEQUENCE,
        *(
            der.encode(der.SEQUENCE, der.oid(oid), der.encode(der.OCTET_STRING, value))
            for oid, value in values
        ),
    )
