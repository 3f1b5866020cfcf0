"""Sealed answers of the AzureGuest endpoint: recognised, and opened with the key (tokens, 7)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key

from sealwright.errors import TokenError
from sealwright.tokens.jose import b64_decode_lenient, parse_object
from sealwright.tokens.unwrap import compact_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.tokens.jose import JsonObject, JsonValue

_ASSOCIATED: Final = b"Transport Key"
_MEMBERS: Final = frozenset({"Jwt", "EncryptedInnerKey", "EncryptionParams"})
_KEY_SIZES: Final = (16, 24, 32)
_HEX: Final = re.compile(rb"(?:[0-9a-fA-F]{2}){16,32}")
_KEY_HINT: Final = (
    "Give the private key of the request's `EncKeyPub`, or the AES key itself in hex or base64."
)


@dataclass(frozen=True, slots=True)
class SealedAnswer:
    """An encrypted answer; only the machine that asked holds the key."""

    ciphertext: bytes = field(repr=False)
    tag: bytes = field(repr=False)
    inner_key: bytes = field(repr=False)
    """The AES key, encrypted with RSAES-PKCS1-v1_5 for the machine's TPM."""
    iv: bytes = field(repr=False)
    parameters: Mapping[str, JsonValue]
    """What the envelope says about its encryption."""


def sealed_answer(text: str) -> SealedAnswer | None:
    """The sealed answer in a request's answer, bare or decoded; None when it is something else."""
    stripped = text.strip()
    try:
        if stripped.startswith("{") and "EncryptedInnerKey" in stripped:
            return _read(parse_object(stripped.encode("utf-8")))
        compact, _ = compact_of(stripped)
        if "." in compact:
            return None
        return _read(parse_object(b64_decode_lenient(compact)))
    except TokenError:
        return None


def _read(members: JsonObject) -> SealedAnswer | None:
    parameters = members.get("EncryptionParams")
    if not members.keys() >= _MEMBERS or not isinstance(parameters, dict):
        return None
    return SealedAnswer(
        ciphertext=_octets(members, "Jwt"),
        tag=_octets(members, "AuthenticationData"),
        inner_key=_octets(members, "EncryptedInnerKey"),
        iv=_octets(parameters, "Iv"),
        parameters=parameters,
    )


def _octets(members: Mapping[str, JsonValue], name: str) -> bytes:
    value = members.get(name)
    return b64_decode_lenient(value) if isinstance(value, str) else b""


def unseal(answer: SealedAnswer, key: bytes) -> str:
    """The token inside.

    Args:
        answer: what the service sent.
        key: an RSA private key as PEM or DER, or the AES key: 16 to 32 bytes, hex or base64.

    Raises:
        TokenError: the key is none, or is not that of this answer.
    """
    secret = _secret(answer, key)
    try:
        opened = AESGCM(secret).decrypt(answer.iv, answer.ciphertext + answer.tag, _ASSOCIATED)
        return opened.decode("ascii").strip()
    except (InvalidTag, ValueError):
        raise TokenError(
            "The sealed answer does not open: it was changed, or the key is another.",
            hint=_KEY_HINT,
        ) from None


def _secret(answer: SealedAnswer, key: bytes) -> bytes:
    plain = _symmetric(key)
    if plain:
        return plain
    private = _private_key(key)
    try:
        secret = private.decrypt(answer.inner_key, padding.PKCS1v15())
    except ValueError:
        secret = b""
    if len(secret) not in _KEY_SIZES:
        raise TokenError("The key is not the one that the answer was sealed for.", hint=_KEY_HINT)
    return secret


def _symmetric(key: bytes) -> bytes:
    if len(key) in _KEY_SIZES and not key.isascii():
        return key
    text = key.strip()
    if _HEX.fullmatch(text) and len(text) // 2 in _KEY_SIZES:
        return bytes.fromhex(text.decode("ascii"))
    try:
        decoded = b64_decode_lenient(text.decode("ascii"))
    except (TokenError, UnicodeDecodeError):
        return b""
    return decoded if len(decoded) in _KEY_SIZES else b""


def _private_key(key: bytes) -> RSAPrivateKey:
    try:
        if key.lstrip().startswith(b"-----"):
            found = load_pem_private_key(key, None)
        else:
            found = load_der_private_key(key, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise TokenError("This key cannot be read.", hint=_KEY_HINT) from None
    if not isinstance(found, RSAPrivateKey):
        raise TokenError("The key is not RSA.", hint=_KEY_HINT)
    return found
