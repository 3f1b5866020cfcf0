"""Seals the token of a guest for its TPM (spec tokens, 7; rest-api, 3.13).

The token is encrypted with a fresh AES key, and that one with the guest's ephemeral key, which only
its TPM can use, and only while the machine's registers are as they were quoted.
"""

from __future__ import annotations

import base64
import json
import secrets
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sealwright.evidence.tpm.tpm_verify import public_key
from sealwright.sandbox.attestation.appraisal import invalid_evidence
from sealwright.tokens.jose import b64url_encode

if TYPE_CHECKING:
    from sealwright.evidence.tpm.tpm import TpmPublic
    from sealwright.tokens.jose import JsonObject

_ASSOCIATED: Final = b"Transport Key"
_IV: Final = 12
_TAG: Final = 16
_KEY_BITS: Final = 256


def seal(token: str, guest_key: TpmPublic) -> str:
    """Seal a compact JWS for the owner of the ephemeral key.

    Raises:
        RefusalError: the key cannot encrypt.
    """
    key = public_key(guest_key)
    if not isinstance(key, RSAPublicKey):
        raise invalid_evidence("The specified evidence was invalid. The guest's key is not RSA.")
    inner, iv = secrets.token_bytes(_KEY_BITS // 8), secrets.token_bytes(_IV)
    sealed = AESGCM(inner).encrypt(iv, token.encode("ascii"), _ASSOCIATED)
    document: JsonObject = {
        "AuthenticationData": _b64(sealed[-_TAG:]),
        "EncryptedInnerKey": _b64(key.encrypt(inner, padding.PKCS1v15())),
        "EncryptionParams": {
            "BlockMode": "ChainingModeGCM",
            "BlockPadding": "PKCS7",
            "Cipher": "AES",
            "Iv": _b64(iv),
            "KeySizeInBits": _KEY_BITS,
        },
        "Jwt": _b64(sealed[:-_TAG]),
    }
    return b64url_encode(json.dumps(document, separators=(",", ":")).encode("ascii"))


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
