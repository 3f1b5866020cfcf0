"""How keys of a Tpm request are bound to the TPM: by its quote, by certification, or not at all.

tpm_quote    the quote's extra data is the hash of the key's text, a zero byte, the challenge
tpm_certify  the TPM certifies the key with the challenge, and quotes with it too
neither      the quote is made with the challenge; the key is only said to be the machine's
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

from sealwright.claims import SERVICE_ISSUER, Claim
from sealwright.errors import EvidenceError, TokenError
from sealwright.evidence.basis.checks import Check, judge
from sealwright.evidence.basis.document import Document
from sealwright.evidence.tpm.tpm import parse_attestation, parse_public, parse_signature
from sealwright.evidence.tpm.tpm_verify import certify_checks, public_key
from sealwright.tokens.jose import b64url_encode

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    from sealwright.evidence.tpm.tpm import TpmPublic
    from sealwright.tokens.jose import JsonObject
    from sealwright.tokens.tpm.request import RequestKey, TpmRequest

_QUOTE: Final = "tpm_quote"
_CERTIFY: Final = "tpm_certify"
_HASHES: Final = {"sha-256": "sha256", "sha-384": "sha384", "sha-512": "sha512"}


def binding(request: TpmRequest, aik: RSAPublicKey) -> tuple[bytes, tuple[Check, ...]]:
    """What the quote's extra data must be, and the checks of certified keys.

    Raises:
        EvidenceError: a key says in no known way how it is bound.
    """
    nonce = request.challenge
    if _QUOTE in request.key.info:
        nonce = _quoted(request.key, request.challenge)
    checks = [*_certified(request.key, request.challenge, aik, "certify")]
    for at, key in enumerate(request.other_keys):
        if _QUOTE in key.info:
            raise EvidenceError("Only the request key can be bound by the quote.")
        checks += _certified(key, request.challenge, aik, f"certify.other-{at + 1}")
    return nonce, tuple(checks)


def _quoted(key: RequestKey, challenge: bytes) -> bytes:
    info = Document(key.info, "key's binding").document(_QUOTE)
    name = _HASHES.get(info.text("hash_alg").lower())
    if name is None:
        raise EvidenceError(f"The hash `{info.text('hash_alg')[:20]}` of a key is not known.")
    return hashlib.new(name, key.jwk_text + b"\0" + challenge).digest()


def _certified(key: RequestKey, challenge: bytes, aik: RSAPublicKey, id_: str) -> tuple[Check, ...]:
    if _CERTIFY not in key.info:
        return ()
    info = Document(key.info, "key's binding").document(_CERTIFY)
    public = parse_public(info.base64("public"))
    attestation = parse_attestation(info.base64("certification"))
    signature = parse_signature(info.base64("signature"))
    checks = certify_checks(attestation, signature, aik, public)
    return (
        *(check._replace(id=check.id.replace("certify", id_, 1)) for check in checks),
        judge(
            f"{id_}.challenge",
            "Certified for this challenge",
            "The TPM certified the key for another challenge.",
            passed=attestation.extra_data == challenge,
            expected=challenge.hex(),
            actual=attestation.extra_data.hex(),
        ),
        judge(
            f"{id_}.key",
            "Certified key is the one of the request",
            "The TPM certified another key than the request names.",
            passed=_is_same(public, key),
        ),
    )


def _is_same(public: TpmPublic, key: RequestKey) -> bool:
    try:
        return public_key(public) == key.public_key()
    except (EvidenceError, TokenError):
        return False


def described(request: TpmRequest) -> tuple[Claim, ...]:
    """The keys as the texts that policies query (spec claims, TPM)."""
    found = [Claim("x-ms-tpm-request-key", _text(_described(request.key)), SERVICE_ISSUER)]
    if request.other_keys:
        others = [_described(key) for key in request.other_keys]
        found.append(Claim("x-ms-tpm-other-keys", _text(others), SERVICE_ISSUER))
    return tuple(found)


def _described(key: RequestKey) -> JsonObject:
    found: JsonObject = {"jwk": key.jwk}
    if _QUOTE in key.info:
        found["info"] = {_QUOTE: key.info[_QUOTE]}
    elif _CERTIFY in key.info:
        public = parse_public(
            Document(key.info, "key's binding").document(_CERTIFY).base64("public")
        )
        found["info"] = {
            _CERTIFY: {
                "name_alg": public.name_algorithm,
                "obj_attr": public.attributes,
                "auth_policy": b64url_encode(public.auth_policy),
            }
        }
    return found


def _text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
