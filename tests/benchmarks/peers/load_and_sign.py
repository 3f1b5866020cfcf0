"""Peer: what `python` needs to load a key with its certificate and to sign a policy by hand."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(policy: bytes, key: bytes, certificate: bytes) -> str:
    """The policy token."""
    signer = serialization.load_pem_private_key(key, None)
    if not isinstance(signer, rsa.RSAPrivateKey):
        raise TypeError(signer)
    shown = x509.load_pem_x509_certificate(certificate).public_bytes(serialization.Encoding.DER)
    header = {"alg": "RS256", "x5c": [base64.b64encode(shown).decode()]}
    payload = {"AttestationPolicy": _encoded(policy)}
    parts = ".".join(_encoded(json.dumps(each).encode()) for each in (header, payload))
    signature = signer.sign(parts.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{parts}.{_encoded(signature)}"


if __name__ == "__main__":
    sys.stdout.write(sign(*(Path(name).read_bytes() for name in sys.argv[1:])))
