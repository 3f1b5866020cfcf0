"""What administrators send: policy, reset and policy-certificate JWS, made in the GA forms.

Signing is somebody else's work: `*_input` gives the bytes to sign, `assemble` puts the
signature behind them. Source: spec rest-api, 4.2, 4.3, 4.7 and 5.1.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Final

from sealwright.errors import TokenError
from sealwright.tokens.jose import b64url_encode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.tokens.jose import JsonValue

_UNSECURED: Final = '{"alg":"none"}'


def unsecured_policy(text: str) -> str:
    """The JWS of an unsigned policy upload; `text` is kept byte for byte."""
    return f"{b64url_encode(_UNSECURED.encode())}.{b64url_encode(_policy_payload(text))}."


def unsecured_reset() -> str:
    """The JWS that resets a policy without a signature."""
    return f"{b64url_encode(_UNSECURED.encode())}.."


def signed_policy_input(text: str, chain: Sequence[bytes]) -> bytes:
    """What to sign for a policy upload; `chain` is DER, leaf first."""
    return _signing_input(_policy_payload(text), chain)


def signed_reset_input(chain: Sequence[bytes]) -> bytes:
    """What to sign for a reset: a header and an empty payload segment (spec rest-api, 3.4)."""
    return _signing_input(b"", chain)


def certificate_input(certificate: bytes, chain: Sequence[bytes]) -> bytes:
    """What to sign to add or remove `certificate` (DER); `chain` is the trusted signer's."""
    jwk: dict[str, JsonValue] = {"kty": "RSA", "x5c": [_b64(certificate)]}
    return _signing_input(_compact({"policyCertificate": jwk}), chain)


def signed_document_input(document: bytes, chain: Sequence[bytes]) -> bytes:
    """What to sign to vouch for a document of ours, as policies are signed; it is the payload."""
    return _signing_input(document, chain)


def assemble(signing_input: bytes, signature: bytes) -> str:
    """The compact JWS of a signing input and its RS256 signature."""
    return f"{signing_input.decode('ascii')}.{b64url_encode(signature)}"


def token_hash(jws: str) -> str:
    """`x-ms-policy-token-hash` of a JWS as it is sent, without JSON quotes (spec rest-api, 5.1)."""
    return b64url_encode(hashlib.sha256(jws.encode("ascii")).digest())


def _policy_payload(text: str) -> bytes:
    return _compact({"AttestationPolicy": b64url_encode(text.encode("utf-8"))})


def _signing_input(payload: bytes, chain: Sequence[bytes]) -> bytes:
    if not chain:
        raise TokenError("A signed request needs the certificate of its key.")
    # Exactly these two members: the service is reported to refuse `typ` here (rest-api, 4.3).
    header = _compact({"alg": "RS256", "x5c": [_b64(certificate) for certificate in chain]})
    return f"{b64url_encode(header)}.{b64url_encode(payload)}".encode("ascii")


def _compact(value: dict[str, JsonValue]) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
