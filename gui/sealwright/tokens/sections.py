"""Where the service's own claims stand in a token, and what they say about debugging.

`x-ms-runtime` and `x-ms-inittime` hold what a client sent: names in there mean nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sealwright.tokens.jose import b64url_encode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sealwright.tokens.jose import JsonValue

ISOLATION_TEE: Final = "x-ms-isolation-tee"
_HEX_DIGEST: Final = re.compile(r"[0-9a-fA-F]{64}")

_DEBUG: Final[Mapping[str, JsonValue]] = {
    "x-ms-sgx-is-debuggable": True,
    "is-debuggable": True,
    "x-ms-sevsnpvm-is-debuggable": True,
    "tdx_td_attributes_debug": True,
    "dbgstat": "enabled",
}


def sections(claims: Mapping[str, JsonValue]) -> Iterator[tuple[str, Mapping[str, JsonValue]]]:
    """The claims themselves and the nested ones of a confidential VM, each with its prefix."""
    yield "", claims
    nested = claims.get(ISOLATION_TEE)
    if isinstance(nested, dict):
        yield f"{ISOLATION_TEE}/", nested


def debug_claims(claims: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """Paths of the claims that say that the attested environment can be debugged."""
    return tuple(
        f"{prefix}{name}"
        for prefix, members in sections(claims)
        for name in sorted(_DEBUG.keys() & members.keys())
        if type(members[name]) is type(_DEBUG[name]) and members[name] == _DEBUG[name]
    )


def policy_hash_of(claims: Mapping[str, JsonValue]) -> str:
    """The hash of the policy that was applied, as tokens write it today; empty when none is named.

    The preview of 2018 wrote the same hash as 64 hex digits (spec tokens, 2).
    """
    value = claims.get("x-ms-policy-hash")
    if isinstance(value, str):
        return value
    for name in ("policy_hash", "maa-policyHash"):
        value = claims.get(name)
        if isinstance(value, str):
            return in_base64url(value)
    return ""


def in_base64url(digest: str) -> str:
    """A SHA-256 as base64url, also when it was written in hex."""
    return b64url_encode(bytes.fromhex(digest)) if _HEX_DIGEST.fullmatch(digest) else digest


def claim_at(claims: Mapping[str, JsonValue], path: str) -> tuple[bool, JsonValue]:
    """Whether there is a claim, and its value.

    `path` is a claim's name, or a JSON Pointer (RFC 6901) when it begins with a slash.
    """
    if not path.startswith("/"):
        return path in claims, claims.get(path)
    value: JsonValue = dict(claims)
    for part in path[1:].split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        found, value = _member(value, name)
        if not found:
            return False, None
    return True, value


def _member(value: JsonValue, name: str) -> tuple[bool, JsonValue]:
    if isinstance(value, dict):
        return name in value, value.get(name)
    if isinstance(value, list) and name.isdecimal() and int(name) < len(value):
        return True, value[int(name)]
    return False, None
