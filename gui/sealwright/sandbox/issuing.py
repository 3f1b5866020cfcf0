"""Tokens and the key document of a provider (spec rest-api, 3.7, 4.1; tokens, 4)."""

from __future__ import annotations

import base64
import json
import secrets
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sealwright.evidence.synthetic.quotes import SandboxPlatform, new_platform
from sealwright.sandbox import keys
from sealwright.sandbox.faults import FaultKind
from sealwright.tokens.jose import b64url_encode
from sealwright.tokens.keyset import enclave_kid
from sealwright.tokens.signing_certificate import signing_certificate

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.sandbox.core import Core
    from sealwright.sandbox.state import State
    from sealwright.sandbox.wire import Call
    from sealwright.tokens.jose import JsonObject, JsonValue

_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
ANSWER_LIFETIME: Final = 3600
"""Seconds that a policy or certificate answer holds."""


class Issuer:
    """Signs what providers say, with the key of the region."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._kids: dict[str, str] = {}

    def answer(self, call: Call, claims: JsonObject) -> JsonObject:
        """`{"token": …}` with these claims and the usual ones."""
        return {"token": self.token(call, self._common(call, ANSWER_LIFETIME) | claims)}

    def attestation(
        self,
        call: Call,
        claims: JsonObject,
        *,
        lifetime: int,
        secured: bool,
        header: JsonObject | None = None,
    ) -> str:
        """An attestation token that lives `lifetime` seconds; unsecured ones have no signature."""
        common: JsonObject = {"jti": secrets.token_hex(32), "x-ms-ver": "1.0"}
        whole = claims | common | self._common(call, lifetime)
        return self.token(call, whole, secured=secured, header=header)

    def token(
        self,
        call: Call,
        claims: JsonObject,
        *,
        secured: bool = True,
        header: JsonObject | None = None,
    ) -> str:
        """A token of exactly these claims."""
        name = self._key_name(call)
        usual: JsonObject = {
            "alg": "RS256" if secured else "none",
            "jku": f"{call.site.uri}/certs",
            "kid": self._kid(name),
            "typ": "JWT",
        }
        signed = f"{_segment(usual | (header or {}))}.{_segment(claims)}"
        if not secured:
            return f"{signed}."
        if self._core.faults.take(call, FaultKind.FOREIGN_KEY) is not None:
            name = keys.FOREIGN
        signature = self._core.keys.get(name).sign(
            signed.encode("ascii"), padding.PKCS1v15(), SHA256()
        )
        return f"{signed}.{b64url_encode(signature)}"

    def _common(self, call: Call, lifetime: int) -> JsonObject:
        now = self._core.clock.timestamp()
        return {"exp": now + lifetime, "iat": now, "iss": call.site.uri, "nbf": now}

    def key_set(self, call: Call) -> JsonObject:
        """`/certs`: the key of the region under this provider's name, with a fresh quote."""
        certificate = self.certificate(call)
        entry: JsonValue = {
            "x5c": [base64.b64encode(certificate).decode("ascii")],
            "kid": self._kid(self._key_name(call)),
            "kty": "RSA",
        }
        return {"keys": [entry]}

    def certificate(self, call: Call) -> bytes:
        """The certificate (DER) of the region's key under this provider's name, made afresh."""
        key = self._core.keys.get(self._key_name(call))
        return signing_certificate(key, call.site.uri, platform_of(self._core.state))

    def _kid(self, name: str) -> str:
        if name not in self._kids:
            self._kids[name] = enclave_kid(_spki(self._core.keys.get(name)))
        return self._kids[name]

    def _key_name(self, call: Call) -> str:
        provider = self._core.directory.by_name(call.site.provider)
        return self._core.region.signing_key(provider.location if provider is not None else "")


def platform_of(state: State) -> SandboxPlatform:
    """The pretended machine that vouches for the signing keys; made on first use."""
    kept = state.lasting_fact("platform")
    if kept is None:
        made = new_platform().dump()
        with state.writing():
            kept = state.fact("platform")
            if kept is None:
                state.put_fact("platform", made)
                kept = made
    return _restored(kept)


@lru_cache(maxsize=4)
def _restored(kept: bytes) -> SandboxPlatform:
    return SandboxPlatform.restore(kept)


def anchor_of(state: State) -> TrustAnchor:
    """What a client of this sandbox must trust to accept the evidence in its certificates."""
    return platform_of(state).anchor()


def _segment(value: JsonObject) -> str:
    return b64url_encode(_ENCODER.encode(value).encode("utf-8"))


def _spki(key: RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
