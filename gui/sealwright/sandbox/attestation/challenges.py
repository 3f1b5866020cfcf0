"""Challenges of the Tpm protocol: given out, and known again without being kept (spec evidence, 9).

The service context holds the challenge with its expiry and its provider, encrypted under a key of
the sandbox. Nothing is remembered between the two messages, as at the service.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sealwright.errors import TokenError
from sealwright.sandbox.attestation.appraisal import invalid_evidence
from sealwright.tokens.jose import b64_decode_lenient, b64url_encode, parse_object

if TYPE_CHECKING:
    from sealwright.sandbox.core import Core

LIFETIME: Final = 300
"""Seconds in which a challenge must be answered; the service's own limit is not public."""
_CHALLENGE: Final = 16
_IV: Final = 12
_KEY_FACT: Final = "challenge-key"


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a TPM is to answer, and what the client brings back with the answer."""

    value: bytes = field(repr=False)
    service_context: str = field(repr=False)


def new_challenge(core: Core, provider: str) -> Challenge:
    """Give out a challenge for a provider."""
    value, iv = secrets.token_bytes(_CHALLENGE), secrets.token_bytes(_IV)
    expiry = core.clock.timestamp() + LIFETIME
    inner = json.dumps({"c": value.hex(), "e": expiry, "p": provider}).encode("ascii")
    key = _key(core)
    context = {
        "ProtectionKeyName": hashlib.sha256(key).hexdigest().upper(),
        "ProtectedContext": b64url_encode(iv + AESGCM(key).encrypt(iv, inner, None)),
    }
    return Challenge(value, b64url_encode(json.dumps(context, separators=(",", ":")).encode()))


def require_ours(core: Core, provider: str, challenge: bytes, service_context: str) -> None:
    """See that a challenge was given out here for this provider, and not too long ago.

    Raises:
        RefusalError: it was not.
    """
    try:
        inner = _opened(core, service_context)
    except (TokenError, InvalidTag, ValueError):
        raise invalid_evidence("The service context of the request is not one of ours.") from None
    given = bytes.fromhex(str(inner.get("c", "")))
    same = hmac.compare_digest(given, challenge) and inner.get("p") == provider
    if not same:
        raise invalid_evidence("The challenge of the request is not the one that was given out.")
    expiry = inner.get("e")
    if not isinstance(expiry, int) or core.clock.timestamp() > expiry:
        raise invalid_evidence("The challenge of the request has expired; ask for a new one.")


def _opened(core: Core, service_context: str) -> dict[str, object]:
    context = parse_object(b64_decode_lenient(service_context))
    sealed = b64_decode_lenient(str(context.get("ProtectedContext", "")))
    return dict(parse_object(AESGCM(_key(core)).decrypt(sealed[:_IV], sealed[_IV:], None)))


def _key(core: Core) -> bytes:
    kept = core.state.fact(_KEY_FACT)
    if kept is None:
        with core.state.writing():
            kept = core.state.fact(_KEY_FACT)
            if kept is None:
                kept = secrets.token_bytes(32)
                core.state.put_fact(_KEY_FACT, kept)
    return kept
