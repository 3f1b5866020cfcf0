"""What a text is that was brought as a token and is none: a guess, for people."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from sealwright.tokens.jose import JsonValue, ShapeError, parse_json

_PEM: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----")
_ENCODED: Final = re.compile(r"[A-Za-z0-9+/_=\s-]+")
_HEX: Final = re.compile(r"[0-9a-fA-F\s]+")
_SEGMENTS: Final = re.compile(r"[A-Za-z0-9+/_=-]*(?:\.[A-Za-z0-9+/_=-]*){1,2}")
_SHORTEST: Final = 60
"""Characters below which words with a dot in them are no token."""


class Pasted(StrEnum):
    """Kinds of text that are mistaken for a token."""

    NOTHING = "nothing"
    PRIVATE_KEY = "private key"
    CERTIFICATE = "certificate"
    POLICY = "policy"
    KEY_SET = "key set"
    CLAIMS = "claims"
    JSON = "json"
    ENCRYPTED = "encrypted token"
    ADDRESS = "address"
    MARKUP = "markup"
    BYTES = "bytes"
    BINARY = "binary"
    TEXT = "text"


_FORMS: Final = {
    Pasted.POLICY: re.compile(r"\s*version\s*=|.*\bauthorizationrules\s*\{", re.DOTALL),
    Pasted.ADDRESS: re.compile(r"https?://\S+\Z"),
    Pasted.MARKUP: re.compile("<"),
    Pasted.ENCRYPTED: re.compile(r"ey[\w-]*(?:\.[\w-]*){4}\Z"),
}


def is_like_token(compact: str) -> bool:
    """Whether a text looks like a token, whole or damaged, so that its checks are worth a look."""
    if compact.count(".") not in (1, 2):
        return False
    # Every header begins with `{"`, which is `ey` in base64url.
    if compact.startswith("ey"):
        return True
    return len(compact) >= _SHORTEST and _SEGMENTS.fullmatch(compact) is not None


def guess(text: str) -> Pasted:
    """What a text is that is no token."""
    stripped = text.strip(" \t\r\n\ufeff")
    if not stripped:
        return Pasted.NOTHING
    pem = _PEM.search(stripped)
    if pem is not None:
        return Pasted.PRIVATE_KEY if "PRIVATE KEY" in pem[1] else Pasted.CERTIFICATE
    if stripped[0] in "{[":
        return _json(stripped)
    return _text(stripped)


def _json(text: str) -> Pasted:
    try:
        value: JsonValue = parse_json(text)
    except ShapeError:
        return Pasted.TEXT
    members = value if isinstance(value, dict) else {}
    if isinstance(members.get("keys"), list):
        return Pasted.KEY_SET
    if "d" in members and "kty" in members:
        return Pasted.PRIVATE_KEY
    named = any(name.startswith("x-ms-") or name in ("iss", "alg") for name in members)
    return Pasted.CLAIMS if named else Pasted.JSON


def _text(text: str) -> Pasted:
    if "\0" in text or "\ufffd" in text:
        return Pasted.BINARY
    for kind, form in _FORMS.items():
        if form.match(text):
            return kind
    if _HEX.fullmatch(text) or (len(text) >= _SHORTEST and _ENCODED.fullmatch(text)):
        return Pasted.BYTES if len(text.split()) <= 1 + len(text) // _SHORTEST else Pasted.TEXT
    return Pasted.TEXT
