"""Evidence as people have it: raw, or as hex, Base64 or JSON text out of a log, mail or request."""

from __future__ import annotations

import base64
import binascii
import json
import re
from codecs import BOM_UTF8
from dataclasses import dataclass, field
from typing import Final

from sealwright.errors import EvidenceError, UsageError
from sealwright.evidence.basis.document import bounded

MAX_EVIDENCE: Final = 16 << 20
"""Bytes of one file; the largest that a parser takes is half of it."""

_HEX: Final = re.compile(r"(?:0x)?[0-9A-Fa-f]+")
"""Digits one by one: of a repeated pair the matcher keeps a note each, sixty bytes for two."""
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_LAST_SPACE: Final = 0x3000
_BETWEEN: Final = dict.fromkeys(
    (*map(ord, ":,"), *(code for code in range(_LAST_SPACE + 1) if chr(code).isspace()))
)
"""What stands between digits, to be left out: spaces of all kinds, and two signs."""
_SHORTEST: Final = 32
"""Characters below which letters and digits are too few to be taken for an encoding."""
_EVIDENCE: Final = ("quote", "report", "attestationinfo")
_DATA: Final = ("runtimedata", "inittimedata")
"""Members of the body of an attest call (spec rest-api, 3.9 to 3.14), in lower case."""
_PRINTABLE: Final = frozenset(range(0x20, 0x7F)) | {0x09, 0x0A, 0x0D}
_URLSAFE: Final = str.maketrans("-_", "+/")


def evidence_of_text(text: str) -> bytes:
    """The bytes that a pasted text stands for.

    Raises:
        UsageError: it is neither JSON, PEM, hex nor Base64.
    """
    bare = text.strip().removeprefix("\ufeff")
    if not bare:
        raise UsageError("There is no evidence in this text.", hint="Paste hex, Base64 or JSON.")
    if bare.startswith(("{", "[", "-----BEGIN")):
        return bare.encode("utf-8")
    found = _decoded(bare)
    if found is None:
        raise UsageError(
            "This text is no evidence: it is neither JSON nor hex nor Base64.",
            hint="Open the file itself, or paste the value of `quote`, `report` or `data`.",
        )
    return found


def evidence_of_file(data: bytes) -> bytes:
    """The bytes of a file without a byte order mark, decoded when all of it is hex or Base64."""
    data = data.removeprefix(BOM_UTF8)
    if len(data) < _SHORTEST or not set(data[:4096]) <= _PRINTABLE:
        return data
    try:
        text = data.decode("ascii").strip()
    except UnicodeDecodeError:
        return data
    if text.startswith(("{", "[", "-----BEGIN")):
        return data
    found = _decoded(text)
    return data if found is None else found


@dataclass(frozen=True, slots=True)
class Carried:
    """What a request to attest carries."""

    evidence: bytes = field(repr=False)
    runtime_data: bytes | None = field(repr=False, default=None)
    init_data: bytes | None = field(repr=False, default=None)


def carried_by(data: bytes) -> Carried | None:
    """The evidence inside the body of an attest call, or inside a saved exchange; None in others.

    The evidence of a machine that is JSON itself is no such body.
    """
    if data.lstrip()[:1] != b"{":
        return None
    try:
        value: object = json.loads(bounded(data, "request"))
    except (EvidenceError, ValueError, RecursionError):
        return None
    members = _lower(value)
    if "request_body" in members:
        members = _lower(members["request_body"])
    found = next((members[name] for name in _EVIDENCE if isinstance(members.get(name), str)), None)
    evidence = _of_base64(found.strip()) if isinstance(found, str) else None
    if not evidence:
        return None
    runtime, init = (_lower(members.get(name)).get("data") for name in _DATA)
    held = members.get("enclavehelddata") if runtime is None else runtime
    return Carried(evidence, _optional(held), _optional(init))


def _lower(value: object) -> dict[str, object]:
    members = value if isinstance(value, dict) else {}
    return {str(name).lower(): item for name, item in members.items()}


def _optional(value: object) -> bytes | None:
    return _of_base64(value.strip()) if isinstance(value, str) and value.strip() else None


def octets_of_text(text: str) -> bytes:
    """What somebody typed as binary data: `hex:` or `base64:` and digits, else the text itself.

    Raises:
        UsageError: the digits after the prefix are not of that encoding.
    """
    scheme, mark, rest = text.partition(":")
    name = scheme.strip().lower() if mark else ""
    if name not in {"hex", "base64"}:
        return text.encode("utf-8")
    bare = rest.translate(_BETWEEN)
    found = _of_hex(bare) if name == "hex" else _of_base64(bare)
    if found is None:
        raise UsageError(f"What follows `{name}:` is not {name}.")
    return found


def _decoded(text: str) -> bytes | None:
    bare = text.translate(_BETWEEN)
    if len(bare) < _SHORTEST:
        return None
    is_hex = len(bare) % 2 == 0 and _HEX.fullmatch(bare)
    return _of_hex(bare) if is_hex else _of_base64(bare)


def _of_hex(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        return None


def _of_base64(text: str) -> bytes | None:
    if not _BASE64.fullmatch(text):
        return None
    bare = text.rstrip("=").translate(_URLSAFE)
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except binascii.Error:
        return None
