"""Key sets (`/certs`), and how the service names its keys.

An entry that cannot be read keeps its reason: a document is not thrown away for one bad key,
and a token that names the bad key is refused with that reason (spec tokens, 4 and 8 row 4).
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sealwright.errors import TokenError
from sealwright.tokens.jose import b64url_encode, parse_object
from sealwright.tokens.unwrap import x5c_chain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.tokens.jose import JsonValue

_PEM_LINE: Final = 64


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One key of a key set; `problem` says why it cannot be used, empty when it can."""

    kid: str
    kty: str
    chain: tuple[bytes, ...]
    """DER certificates, leaf first."""
    n: str | None = None
    """As it was written; None where there is no such member, empty where it is no text."""
    e: str | None = None
    problem: str = ""
    use: str | None = None
    operations: tuple[str, ...] | None = None
    algorithm: str | None = None

    def verifies_with(self, algorithm: str) -> bool:
        """Whether nothing says that it is for something else (RFC 7517 sections 4.2 to 4.4)."""
        return (
            self.use in (None, "sig")
            and (self.operations is None or "verify" in self.operations)
            and self.algorithm in (None, algorithm)
        )


@dataclass(frozen=True, slots=True)
class KeySet:
    """The keys of a provider, and where they came from."""

    entries: tuple[KeyEntry, ...]
    url: str = ""
    raw: bytes = field(repr=False, default=b"")

    def find(self, kid: str) -> tuple[KeyEntry, ...]:
        """Every entry with exactly this `kid`."""
        return tuple(entry for entry in self.entries if entry.kid == kid)


def parse_key_set(raw: bytes, url: str = "") -> KeySet:
    """Read a JWK set as the service publishes it.

    Raises:
        TokenError: not a JSON object with a list `keys`.
    """
    keys = parse_object(raw.removeprefix(b"\xef\xbb\xbf")).get("keys")
    if not isinstance(keys, list):
        raise TokenError("The key set has no list `keys`.")
    entries = tuple(_entry(item) for item in keys if isinstance(item, dict))
    return KeySet(entries, url, raw)


def _entry(item: Mapping[str, JsonValue]) -> KeyEntry:
    try:
        chain, problem = x5c_chain(item.get("x5c")), ""
    except TokenError as error:
        chain, problem = (), error.summary
    if not chain and not problem:
        problem = "The key comes without a certificate (`x5c`)."
    return KeyEntry(
        kid=_text(item, "kid"),
        kty=_text(item, "kty"),
        chain=chain,
        n=_optional(item, "n"),
        e=_optional(item, "e"),
        problem=problem,
        use=_optional(item, "use"),
        operations=_operations(item),
        algorithm=_optional(item, "alg"),
    )


def _operations(item: Mapping[str, JsonValue]) -> tuple[str, ...] | None:
    if "key_ops" not in item:
        return None
    value = item["key_ops"]
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _optional(members: Mapping[str, JsonValue], name: str) -> str | None:
    """None only where there is no such member: one that is no text must not count as none."""
    return _text(members, name) if name in members else None


def _text(members: Mapping[str, JsonValue], name: str) -> str:
    value = members.get(name)
    return value if isinstance(value, str) else ""


@lru_cache(maxsize=256)
def key_digest(spki: bytes) -> bytes:
    """SHA-256 of the key as NUL-terminated PEM: the `kid` and the report data (tokens, 4.2)."""
    text = base64.b64encode(spki).decode("ascii")
    lines = (text[at : at + _PEM_LINE] for at in range(0, len(text), _PEM_LINE))
    pem = "\n".join(("-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""))
    return hashlib.sha256(pem.encode("ascii") + b"\0").digest()


def enclave_kid(spki: bytes) -> str:
    """`kid` of a self-signed enclave key; `spki` is SubjectPublicKeyInfo DER."""
    return base64.b64encode(key_digest(spki)).decode("ascii")


def issued_kid(der: bytes) -> str:
    """`kid` of a key with a CA-issued certificate: its `x5t`."""
    return b64url_encode(hashlib.sha1(der, usedforsecurity=False).digest())
