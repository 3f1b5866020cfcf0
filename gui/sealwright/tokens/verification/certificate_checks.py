"""Row 8 of a verification: the certificate of the signing key (spec tokens, 4 and 8)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from cryptography import x509

from sealwright.errors import KeyMaterialError
from sealwright.evidence.basis.certificates import (
    common_name,
    is_issued_by,
    is_valid_at,
    load,
    path_checks,
    shared_validity,
    spki,
)
from sealwright.evidence.basis.checks import Check, judge, row, skip
from sealwright.evidence.basis.trust import TOKEN_CA, Trust, any_has_ended
from sealwright.tokens.keyset import enclave_kid, issued_kid

if TYPE_CHECKING:
    from datetime import datetime

    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.tokens.verification.case import Case

_TITLE = "Certificate of the key"


def is_self_signed(certificate: x509.Certificate) -> bool:
    """Whether it names itself as issuer; the signature is another check."""
    return certificate.subject == certificate.issuer


def certificate(case: Case) -> tuple[Check, ...]:
    """Row 8: of an enclave key its own signature, name and id; of an issued key its chain."""
    if case.entry is None:
        why = "no key"
        return row("certificate", _TITLE, (skip("certificate.validity", "Validity", why),))
    link = _Link(case.entry.chain, case.entry.kid, case.text_claim("iss"), case.anchors)
    # An anchor may end while the certificates still hold.
    if any_has_ended(case.anchors, case.now):
        return _appraise(link, case.now)
    known = _at_its_time(link)
    if known.first <= case.now <= known.last:
        return known.checks
    return _appraise(link, case.now)


@dataclass(frozen=True, slots=True)
class _Link:
    """What the row depends on besides the time; the same for thousands of tokens."""

    chain: tuple[bytes, ...]
    kid: str
    issuer: str
    anchors: tuple[TrustAnchor, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    checks: tuple[Check, ...]
    first: datetime
    last: datetime


@lru_cache(maxsize=256)
def _at_its_time(link: _Link) -> _Row:
    try:
        first, last = shared_validity([load(der) for der in link.chain])
    except KeyMaterialError:
        first, last = shared_validity([load(link.chain[0])])
    return _Row(_appraise(link, first), first, last)


def _appraise(link: _Link, now: datetime) -> tuple[Check, ...]:
    leaf = load(link.chain[0])
    parts = _enclave_key if is_self_signed(leaf) else _issued_key
    return row("certificate", _TITLE, parts(link, leaf, now))


def _enclave_key(link: _Link, leaf: x509.Certificate, now: datetime) -> tuple[Check, ...]:
    own = judge(
        "certificate.self-signature",
        "Signed by its own key",
        "The certificate was changed: its own signature does not fit.",
        passed=is_issued_by(leaf, leaf),
    )
    kid = _kid(link, enclave_kid(spki(leaf)))
    return own, _subject(link, leaf), kid, _validity(leaf, now)


def _subject(link: _Link, leaf: x509.Certificate) -> Check:
    title, issuer, name = "Made out to the issuer", link.issuer, common_name(leaf)
    if not issuer:
        return skip("certificate.subject", title, "the token names no issuer")
    return judge(
        "certificate.subject",
        title,
        "The certificate is made out to another provider.",
        passed=name.lower() == issuer.lower(),
        expected=issuer[:200],
        actual=name[:200],
    )


def _kid(link: _Link, expected: str) -> Check:
    return judge(
        "certificate.kid",
        "Key id is that of the key",
        "The certificate holds another key than its id says.",
        passed=link.kid == expected,
        expected=expected,
        actual=link.kid[:120],
    )


def _validity(leaf: x509.Certificate, now: datetime) -> Check:
    first, last = leaf.not_valid_before_utc.date(), leaf.not_valid_after_utc.date()
    id_, title, actual = "certificate.validity", "Validity", f"{first} to {last}"
    if is_valid_at(leaf, now):
        return judge(id_, title, passed=True, actual=actual)
    why = f"The certificate is valid from {first} to {last} only."
    when = now.isoformat(timespec="seconds")
    return judge(id_, title, why, passed=False, expected=when, actual=actual)


def _issued_key(link: _Link, leaf: x509.Certificate, now: datetime) -> tuple[Check, ...]:
    kid = _kid(link, issued_kid(link.chain[0]))
    try:
        chain = [load(der) for der in link.chain]
    except KeyMaterialError:
        why = "A certificate of the chain cannot be read."
        return kid, judge("certificate.links", "Chain", why, passed=False)
    path = path_checks("certificate", chain, Trust(link.anchors, now), TOKEN_CA)
    return kid, *path, _usage(leaf)


def _usage(leaf: x509.Certificate) -> Check:
    try:
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage)
    except x509.ExtensionNotFound:
        passed = True
    else:
        passed = usage.value.digital_signature
    return judge(
        "certificate.usage",
        "May sign",
        "The certificate's key usage does not allow signatures.",
        passed=passed,
    )
