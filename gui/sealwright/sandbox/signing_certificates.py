"""Policy signing certificates as ARM takes them when a provider is made (spec rest-api, 8.2)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from sealwright.errors import KeyMaterialError, TokenError
from sealwright.evidence.basis.certificates import load
from sealwright.sandbox.refusals import arm_error
from sealwright.sandbox.wire import member
from sealwright.tokens.unwrap import x5c_chain

if TYPE_CHECKING:
    from sealwright.sandbox.refusals import RefusalError
    from sealwright.tokens.jose import JsonValue


def signing_certificates(value: JsonValue) -> tuple[bytes, ...]:
    """The trusted certificates (DER, each once) of a JWK set; none for a missing or empty set.

    Raises:
        RefusalError: a key without a readable RSA certificate.
    """
    if value is None:
        return ()
    keys = member(value, "keys") if isinstance(value, dict) else None
    if keys is None:
        return ()
    if not isinstance(keys, list):
        raise _not_a_certificate()
    return tuple(dict.fromkeys(_certificate(key) for key in keys))


def _certificate(key: JsonValue) -> bytes:
    if not isinstance(key, dict):
        raise _not_a_certificate()
    try:
        chain = x5c_chain(member(key, "x5c"))
    except TokenError:
        raise _not_a_certificate() from None
    if not chain or not is_rsa_certificate(chain[0]):
        raise _not_a_certificate()
    return chain[0]


@lru_cache(maxsize=256)
def is_rsa_certificate(der: bytes) -> bool:
    """Whether `der` is a certificate of an RSA key."""
    try:
        # All of it: one part that cannot be read later on would close the provider for good.
        return isinstance(load(der).public_key(), RSAPublicKey)
    except KeyMaterialError:
        return False


def _not_a_certificate() -> RefusalError:
    return arm_error(400, "BadRequest", "PolicySigningCertificate key is not an X509 security key")
