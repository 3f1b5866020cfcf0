"""What an administrator sends to a provider, signed with keys of the tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256

from helpers.issuing import b64, certificate, rsa_key
from sealwright.tokens import policy_jws
from sealwright.tokens.jose import b64url_encode, split

if TYPE_CHECKING:
    from sealwright.tokens.jose import JsonObject

POLICY = "version= 1.0;authorizationrules{=> permit();};issuancerules{};"


class Administrator:
    """Somebody with a policy signing key."""

    def __init__(self, name: str, *, ca: bool = True, issuer: Administrator | None = None) -> None:
        self.name = name
        self._key = rsa_key(name)
        by = None if issuer is None else issuer.name
        by_key = None if by is None else rsa_key(by)
        own = certificate(self._key, name, issuer=by, issuer_key=by_key, ca=ca)
        above: tuple[bytes, ...] = () if issuer is None else issuer.chain
        self.chain: tuple[bytes, ...] = (own, *above)

    @property
    def certificate(self) -> bytes:
        return self.chain[0]

    def _signed(self, data: bytes) -> str:
        signature = self._key.sign(data, padding.PKCS1v15(), SHA256())
        return policy_jws.assemble(data, signature)

    def policy(self, text: str = POLICY, chain: tuple[bytes, ...] = ()) -> str:
        return self._signed(policy_jws.signed_policy_input(text, chain or self.chain))

    def reset(self) -> str:
        return self._signed(policy_jws.signed_reset_input(self.chain))

    def certificate_request(self, der: bytes, claim: str = "policyCertificate") -> str:
        """A request to add or remove a certificate, as an SDK or an older tool writes it."""
        header = {"alg": "RSA256", "jwk": {"x5c": [b64(self.certificate)]}}
        payload = {claim: {"kty": "RSA", "x5c": [b64(der)]}}
        parts = (b64url_encode(json.dumps(part).encode()) for part in (header, payload))
        return self._signed(".".join(parts).encode())


def claims_of(answer: JsonObject) -> JsonObject:
    """The claims of `{"token": …}`, not verified."""
    token = answer["token"]
    assert isinstance(token, str)
    return split(token).claims()
