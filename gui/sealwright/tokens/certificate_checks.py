"""Row 8 of a verification: the certificate of the signing key (spec tokens, 4 and 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509

from sealwright.errors import KeyMaterialError
from sealwright.evidence.certificates import (
    common_name,
    is_issued_by,
    is_valid_at,
    load,
    path_checks,
    spki,
)
from sealwright.evidence.checks import Check, judge, row, skip
from sealwright.evidence.trust import TOKEN_CA, Trust
from sealwright.tokens.keyset import enclave_kid, issued_kid

if TYPE_CHECKING:
    from sealwright.tokens.case import Case
    from sealwright.tokens.keyset import KeyEntry

_TITLE = "Certificate of the key"


def is_self_signed(certificate: x509.Certificate) -> bool:
    """Whether it names itself as issuer; the signature is another check."""
    return certificate.subject == certificate.issuer


def certificate(case: Case) -> tuple[Check, ...]:
    """Row 8: of an enclave key its own signature, name and id; of an issued key its chain."""
    entry, leaf = case.entry, case.certificate
    if entry is None or leaf is None:
        why = "no key"
        return row("certificate", _TITLE, (skip("certificate.validity", "Validity", why),))
    if is_self_signed(leaf):
        return row("certificate", _TITLE, _enclave_key(case, entry, leaf))
    return row("certificate", _TITLE, _issued_key(case, entry, leaf))


def _enclave_key(case: Case, entry: KeyEntry, leaf: x509.Certificate) -> tuple[Check, ...]:
    own = judge(
        "certificate.self-signature",
        "Signed by its own key",
        "The certificate was changed: its own signature does not fit.",
        passed=is_issued_by(leaf, leaf),
    )
    return own, _subject(case, leaf), _kid(entry, enclave_kid(spki(leaf))), _validity(case, leaf)


def _subject(case: Case, leaf: x509.Certificate) -> Check:
    title = "Made out to the issuer"
    issuer = case.text_claim("iss")
    if not issuer:
        return skip("certificate.subject", title, "the token names no issuer")
    return judge(
        "certificate.subject",
        title,
        "The certificate is made out to another provider.",
        passed=common_name(leaf).lower() == issuer.lower(),
        expected=issuer[:200],
        actual=common_name(leaf)[:200],
    )


def _kid(entry: KeyEntry, expected: str) -> Check:
    return judge(
        "certificate.kid",
        "Key id is that of the key",
        "The certificate holds another key than its id says.",
        passed=entry.kid == expected,
        expected=expected,
        actual=entry.kid[:120],
    )


def _validity(case: Case, leaf: x509.Certificate) -> Check:
    first, last = leaf.not_valid_before_utc.date(), leaf.not_valid_after_utc.date()
    return judge(
        "certificate.validity",
        "Validity",
        f"The certificate is valid from {first} to {last} only.",
        passed=is_valid_at(leaf, case.now),
        expected=case.now.isoformat(timespec="seconds"),
        actual=f"{first} to {last}",
    )


def _issued_key(case: Case, entry: KeyEntry, leaf: x509.Certificate) -> tuple[Check, ...]:
    kid = _kid(entry, issued_kid(entry.chain[0]))
    try:
        chain = [load(der) for der in entry.chain]
    except KeyMaterialError:
        why = "A certificate of the chain cannot be read."
        return kid, judge("certificate.links", "Chain", why, passed=False)
    path = path_checks("certificate", chain, Trust(case.anchors, case.now), TOKEN_CA)
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
