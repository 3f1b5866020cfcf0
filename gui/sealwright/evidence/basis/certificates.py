"""X.509 as evidence and signing keys need it: links, dates, pinned roots.

Invariant: nothing is fetched and no system trust is asked; roots are the pinned ones given in.
"""

from __future__ import annotations

import binascii
import hashlib
import re
import threading
import warnings
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import NameOID

from sealwright.errors import EvidenceError, KeyMaterialError
from sealwright.evidence.basis.checks import Check, judge, warn
from sealwright.evidence.basis.der import cut
from sealwright.evidence.basis.trust import SANDBOX_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.evidence.basis.trust import Trust

_MAX_CHAIN: Final = 64
"""Certificates of one text: a hostile heap of them must not cost time."""
_MAX_DER: Final = 32 << 10
"""Bytes of one; each of its names takes fifty times as much in memory."""
_MAX_PEM: Final = 256 << 10
"""Bytes of the text of a chain."""
_PEM_BYTES: Final = bytes(range(0x20, 0x7F)) + b"\t\r\n"
_PEM_BEGIN: Final = re.compile(rb"-----BEGIN (?:X509 )?CERTIFICATE-----")
_PEM: Final = re.compile(rb"-----BEGIN ((?:X509 )?CERTIFICATE)-----([^-]*+)-----END \1-----")
_UNREADABLE: Final = (
    ValueError,
    TypeError,
    UserWarning,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
)
_OTHER_SANDBOX: Final = (
    "Another sandbox made this evidence: the name of its root is a sandbox's, its key is not that "
    "of yours. Make it anew here, or judge it in the home where it was made."
)
_ALWAYS: Final = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


class _Strictness:
    """What the library only warns of is an error, but for what vendors really do.

    May be entered again while it holds: a chain sets the filters once for all its certificates.
    """

    def __init__(self) -> None:
        # Filters of warnings are the whole process's: two threads would restore each other's.
        self._lock = threading.RLock()
        self._depth = 0
        self._former = warnings.catch_warnings()

    def __enter__(self) -> None:
        self._lock.acquire()
        self._depth += 1
        if self._depth == 1:
            self._former = warnings.catch_warnings()
            self._former.__enter__()
            warnings.simplefilter("error", UserWarning)
            # AMD numbers its VCEK certificates 0.
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._former.__exit__(None, None, None)
        self._lock.release()


_STRICT: Final = _Strictness()


@lru_cache(maxsize=1024)
def load(der: bytes) -> x509.Certificate:
    """The certificate in `der`.

    Raises:
        KeyMaterialError: it is not one.
    """
    if len(der) > _MAX_DER:
        raise KeyMaterialError(f"A certificate has more than {_MAX_DER >> 10} KB.")
    try:
        with _STRICT:
            certificate = x509.load_der_x509_certificate(der)
            certificate.public_key()
            # The library reads each part when it is asked for, and would refuse a broken one then.
            _ = (certificate.extensions, certificate.subject, certificate.issuer)
            _ = (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    except _UNREADABLE:
        raise KeyMaterialError("A certificate cannot be read.") from None
    return certificate


def load_filled(field: bytes) -> x509.Certificate:
    """The certificate in a field that zeros may fill up; its own last bytes may be zeros as well.

    Raises:
        KeyMaterialError: it is not one, or something else follows.
    """
    try:
        found = cut(field)
    except EvidenceError:
        raise KeyMaterialError("A certificate cannot be read.") from None
    if field[len(found) :].strip(b"\0"):
        raise KeyMaterialError("A certificate cannot be read: something else follows it.")
    return load(found)


@lru_cache(maxsize=256)
def load_pem_chain(pem: bytes) -> tuple[bytes, ...]:
    """The DER certificates of a PEM text, in their order; other kinds of blocks are passed over.

    Raises:
        KeyMaterialError: there is none, or one cannot be read.
    """
    crowded = len(pem) > _MAX_PEM or pem.count(b"-----BEGIN") > _MAX_CHAIN
    blocks = [] if crowded or pem.translate(None, _PEM_BYTES) else _PEM.findall(pem)
    whole = bool(blocks) and len(blocks) == len(_PEM_BEGIN.findall(pem))
    try:
        # The library's own reader of PEM also parses, which `load` does once for all.
        chain = tuple(
            binascii.a2b_base64(b"".join(text.split()), strict_mode=True) for _, text in blocks
        )
        with _STRICT:
            readable = whole and all(load(der) for der in chain)
    except (binascii.Error, KeyMaterialError):
        readable = False
    if not readable:
        raise KeyMaterialError("A certificate chain cannot be read as PEM.")
    return chain


def spki(certificate: x509.Certificate) -> bytes:
    """SubjectPublicKeyInfo as DER."""
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@lru_cache(maxsize=1024)
def spki_sha256(certificate: x509.Certificate) -> str:
    """Lower-case hex SHA-256 of the SubjectPublicKeyInfo, by which roots are pinned."""
    return hashlib.sha256(spki(certificate)).hexdigest()


@lru_cache(maxsize=1024)
def sha256_hex(certificate: x509.Certificate) -> str:
    """Lower-case hex SHA-256 of the certificate."""
    return certificate.fingerprint(SHA256()).hex()


@lru_cache(maxsize=1024)
def subject_text(certificate: x509.Certificate) -> str:
    """The subject as RFC 4514 writes names."""
    return certificate.subject.rfc4514_string()


@lru_cache(maxsize=1024)
def serial_hex(certificate: x509.Certificate) -> str:
    """The serial number in lower-case hex."""
    with _STRICT:
        return f"{certificate.serial_number:x}"


def sha1_thumbprint(der: bytes) -> str:
    """Upper-case hex SHA-1, as the service prints it (spec rest-api, 5.4)."""
    return hashlib.sha1(der, usedforsecurity=False).hexdigest().upper()


def common_name(certificate: x509.Certificate) -> str:
    """The subject's only CN; empty when there is none or more than one."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    value = names[0].value if len(names) == 1 else ""
    return value if isinstance(value, str) else ""


def issuer_name(certificate: x509.Certificate) -> str:
    """The issuer's first CN, for people; empty when there is none."""
    names = certificate.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    value = names[0].value if names else ""
    return value if isinstance(value, str) else ""


@lru_cache(maxsize=1024)
def is_issued_by(child: x509.Certificate, parent: x509.Certificate) -> bool:
    """Whether `parent` is named as issuer and its key signed `child`."""
    try:
        child.verify_directly_issued_by(parent)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def is_ca(certificate: x509.Certificate) -> bool:
    """Whether it may sign certificates (RFC 5280 sections 4.2.1.3 and 4.2.1.9)."""
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound:
        return False
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    except x509.ExtensionNotFound:
        return constraints.value.ca
    return constraints.value.ca and usage.value.key_cert_sign


def broken_link(chain: Sequence[x509.Certificate]) -> int | None:
    """Index of the first certificate that the next one did not sign; None when all hold."""
    for index in range(len(chain) - 1):
        if not is_issued_by(chain[index], chain[index + 1]):
            return index
    return None


def is_valid_at(certificate: x509.Certificate, when: datetime) -> bool:
    """Whether `when` (aware) lies in the validity, both ends included."""
    return certificate.not_valid_before_utc <= when <= certificate.not_valid_after_utc


def path_checks(
    prefix: str, chain: Sequence[x509.Certificate], trust: Trust, use: str
) -> tuple[Check, ...]:
    """Links, CA flags, dates and a root pinned for `use`, of a chain from leaf to root."""
    return _path_checks(prefix, tuple(chain), trust, use)


# One vendor's documents judge thousands of quotes, whose chains share all but the leaf.
@lru_cache(maxsize=256)
def _path_checks(
    prefix: str, chain: tuple[x509.Certificate, ...], trust: Trust, use: str
) -> tuple[Check, ...]:
    return (
        _links(prefix, chain),
        _authorities(prefix, chain),
        validity_check(prefix, chain, trust.when),
        root_check(prefix, chain, trust, use),
    )


def _links(prefix: str, chain: Sequence[x509.Certificate]) -> Check:
    broken = broken_link(chain)
    return judge(
        f"{prefix}.links",
        "Each certificate is signed by the next",
        "" if broken is None else f"Certificate {broken + 1} is not signed by the one after it.",
        passed=broken is None,
        actual=" ← ".join(common_name(certificate) or "?" for certificate in chain),
    )


def _authorities(prefix: str, chain: Sequence[x509.Certificate]) -> Check:
    bad = [certificate for certificate in chain[1:] if not is_ca(certificate)]
    return judge(
        f"{prefix}.authorities",
        "Issuers are certificate authorities",
        f"`{common_name(bad[0])}` may not issue certificates." if bad else "",
        passed=not bad,
    )


def validity_check(prefix: str, chain: Sequence[x509.Certificate], when: datetime) -> Check:
    """Whether all of them are valid at a time; the first that is not is named with its dates."""
    id_, title = f"{prefix}.validity", "Certificates are valid at that time"
    bad = [certificate for certificate in chain if not is_valid_at(certificate, when)]
    if not bad:
        return judge(id_, title, passed=True)
    return judge(id_, title, _when(bad[0], when), passed=False)


def shared_validity(chain: Sequence[x509.Certificate]) -> tuple[datetime, datetime]:
    """From when and until when all of them are valid; empty chains always are."""
    first = max((item.not_valid_before_utc for item in chain), default=_ALWAYS[0])
    last = min((item.not_valid_after_utc for item in chain), default=_ALWAYS[1])
    return first, last


def _when(certificate: x509.Certificate, when: datetime) -> str:
    first = certificate.not_valid_before_utc.date().isoformat()
    last = certificate.not_valid_after_utc.date().isoformat()
    name = common_name(certificate)
    return f"`{name}` is valid from {first} to {last} only, and was judged as of {when:%Y-%m-%d}."


def root_check(prefix: str, chain: Sequence[x509.Certificate], trust: Trust, use: str) -> Check:
    """Whether a chain ends at a root that is pinned for `use`, and still is at the time."""
    id_, title = f"{prefix}.root", "The root is a pinned one"
    root, digest = chain[-1], spki_sha256(chain[-1])
    actual = f"{common_name(root)} · {digest}"
    anchors = trust.roots(use)
    same = [item for item in anchors if item.spki_sha256 == digest]
    # One key may be pinned twice, the second time with a later end.
    known = min(same, key=lambda item: item.has_ended(trust.when), default=None)
    if known is None or not is_issued_by(root, root):
        names = ", ".join(dict.fromkeys(item.name for item in anchors)) or "none configured"
        why = "The chain does not end at a known root key."
        if common_name(root).startswith(SANDBOX_NAMES):
            why = _OTHER_SANDBOX
        if not anchors:
            why = "No root is pinned for this use; a file of trust anchors can name one."
        if not trust.root_required:
            return warn(id_, title, why, expected=names, actual=actual)
        return judge(id_, title, why, passed=False, expected=names, actual=actual)
    if known.has_ended(trust.when):
        why = f"The pinned root was trusted until {known.until}; renew the trust anchors."
        return judge(id_, title, why, passed=False, expected=known.name, actual=actual)
    if known.sandbox:
        why = "A sandbox root: the structures are real, the hardware is not."
        return warn(id_, title, why, expected=known.name, actual=actual)
    return judge(id_, title, passed=True, expected=known.name, actual=actual)
