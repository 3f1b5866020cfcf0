"""What a file with a key is, told from its first bytes and its PEM labels, before it is loaded.

Sources: RFC 7468 (PEM), RFC 5958 (PKCS#8), RFC 8017 A.1.2 (PKCS#1), RFC 7292 (PKCS#12),
RFC 2986 (PKCS#10), RFC 5915 (EC keys).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sealwright.errors import KeyMaterialError
from sealwright.services.certificates import certificates_in

if TYPE_CHECKING:
    from collections.abc import Mapping

_BLOCK: Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_MARK: Final = b"-----BEGIN "

_KEY_LABELS: Final = frozenset(
    {b"PRIVATE KEY", b"RSA PRIVATE KEY", b"ENCRYPTED PRIVATE KEY", b"EC PRIVATE KEY"}
    | {b"DSA PRIVATE KEY"}
)
_CERTIFICATE_LABELS: Final = frozenset(
    {b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE", b"PKCS7", b"CMS"}
)
_REQUEST: Final = (
    "This is a certificate signing request, not a key.",
    "Import the private key that the request was made with, and the certificate you got for it.",
)
_SSH: Final = (
    "This is an SSH key. It cannot be used to sign policies.",
    "Generate a key here, or import one as PKCS#8 or PKCS#12 with its certificate.",
)
_NO_KEY: Final = ("This file holds no private key.", "Choose the file with the private key.")
_REFUSED_LABELS: Final[Mapping[bytes, tuple[str, tuple[str, str]]]] = {
    b"OPENSSH PRIVATE KEY": ("ssh", _SSH),
    b"SSH2 ENCRYPTED PRIVATE KEY": ("ssh", _SSH),
    b"CERTIFICATE REQUEST": ("request", _REQUEST),
    b"NEW CERTIFICATE REQUEST": ("request", _REQUEST),
    b"PUBLIC KEY": ("no-key", _NO_KEY),
    b"RSA PUBLIC KEY": ("no-key", _NO_KEY),
}
_SSH_STARTS: Final = (b"ssh-", b"ecdsa-sha2-", b"sk-ssh-", b"---- BEGIN SSH2", b"PuTTY-User-Key")

_SEQUENCE: Final = 0x30
_INTEGER: Final = 0x02
_LONG: Final = 0x80


@dataclass(frozen=True, slots=True)
class Container:
    """A key still to be loaded. `kind` is `pem`, `der` or `pkcs12`."""

    kind: str
    key: bytes
    encrypted: bool = False
    certificates: tuple[bytes, ...] = ()

    def __repr__(self) -> str:
        """Show nothing of the key."""
        return f"Container({self.kind})"


def look_at(data: bytes) -> Container:
    """What the file is.

    Raises:
        KeyMaterialError: it is known to be something else, or nothing that is known.
    """
    text = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(_SSH_STARTS):
        raise _refused("ssh", _SSH)
    if _MARK in data:
        return _pem(data)
    return _der(data)


def _pem(data: bytes) -> Container:
    blocks = [(match.group(1), match.group(), match.group(2)) for match in _BLOCK.finditer(data)]
    if len(blocks) != data.count(_MARK):
        raise _refused(
            "damaged",
            ("A block of this file is cut off or damaged.", "Export the key again."),
        )
    keys = [(whole, label, body) for label, whole, body in blocks if label in _KEY_LABELS]
    if len(keys) > 1:
        words = f"This file holds {len(keys)} private keys."
        raise _refused("several", (words, "Put each into a file of its own."))
    if not keys:
        labels = [label for label, _, _ in blocks if label in _REFUSED_LABELS]
        raise _refused(*_REFUSED_LABELS[labels[0]] if labels else ("no-key", _NO_KEY))
    whole, label, body = keys[0]
    others = b"\n".join(text for label, text, _ in blocks if label in _CERTIFICATE_LABELS)
    found = certificates_in(others) if others else ()
    encrypted = label == b"ENCRYPTED PRIVATE KEY" or b"4,ENCRYPTED" in body
    return Container("pem", whole, encrypted, found)


def _der(data: bytes) -> Container:
    first = _inside(data)
    if first is None:
        raise _refused(
            "form",
            (
                "This file is no key in a form that is known here.",
                "Give PEM, DER (PKCS#1, PKCS#8) or PKCS#12.",
            ),
        )
    if first[:3] == b"\x02\x01\x03":
        return Container("pkcs12", data)
    if first[0] == _INTEGER:
        return Container("der", data)
    inner, behind = _element(first) or (b"", b"")
    # EncryptedPrivateKeyInfo is an algorithm and an octet string; a public key has a bit string.
    if inner[:1] == b"\x06" and behind[:1] == b"\x04":
        return Container("der", data, encrypted=True)
    if inner[:3] == b"\x02\x01\x00":
        raise _refused("request", _REQUEST)
    raise _refused("no-key", _NO_KEY)


def _inside(data: bytes) -> bytes | None:
    """The content of a DER sequence; None when this is none, or is cut off."""
    found = _element(data)
    return found[0] if found and found[0] else None


def _element(data: bytes) -> tuple[bytes, bytes] | None:
    """Content of the DER sequence that comes first, and what is behind it."""
    if len(data) < 3 or data[0] != _SEQUENCE:  # noqa: PLR2004 - tag, length, one byte
        return None
    length, start = data[1], 2
    if length & _LONG:
        size = length & ~_LONG
        length, start = int.from_bytes(data[2 : 2 + size]), 2 + size
    content = data[start : start + length]
    return (content, data[start + length :]) if len(content) == length else None


def _refused(check: str, words: tuple[str, str]) -> KeyMaterialError:
    summary, hint = words
    return KeyMaterialError(summary, hint=hint, details={"check": check})
