"""Row 9 of a verification: the hardware evidence inside the signing certificate.

The four layouts, by generation of the service, and what binds key and evidence are those of
spec tokens, 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cryptography import x509

from sealwright.errors import AppError, EvidenceError
from sealwright.evidence.basis import der
from sealwright.evidence.basis.certificates import load, shared_validity
from sealwright.evidence.basis.checks import Check, judge, row, skip, warn
from sealwright.evidence.basis.trust import Trust
from sealwright.evidence.intel.open_enclave import parse_report
from sealwright.evidence.intel.quote_verify import judge_quote
from sealwright.evidence.intel.sgx_verify import pck_chain
from sealwright.tokens.verification.certificate_checks import is_self_signed
from sealwright.tokens.verification.key_container import (
    OID_SNP,
    PREFIX,
    appraise_container,
    bound,
    container_evidence,
)

if TYPE_CHECKING:
    from datetime import datetime

    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.evidence.intel.collateral import Collateral
    from sealwright.evidence.intel.sgx import SgxQuote
    from sealwright.tokens.verification.case import Case, Rules

OID_2020: Final = "1.2.840.113556.10.1.1"
OID_2021: Final = "1.3.6.1.4.1.311.105.1"
_SGX_OIDS: Final = (OID_2021, OID_2020)
_TITLE: Final = "Hardware evidence of the key"


def key_attestation(case: Case) -> tuple[Check, ...]:
    """Row 9: the evidence is authentic, is about this key, and comes from the right enclave."""
    if case.entry is None or case.certificate is None:
        return row("key-attestation", _TITLE, (skip(f"{PREFIX}evidence", _TITLE, "no key"),))
    if not _has_evidence(case.entry.chain[0]):
        return row("key-attestation", _TITLE, (_absent(case, case.certificate),))
    return _remembered(case.entry.chain[0], case)


@lru_cache(maxsize=256)
def _has_evidence(leaf: bytes) -> bool:
    return evidence_of(load(leaf)) is not None


def _remembered(leaf: bytes, case: Case) -> tuple[Check, ...]:
    """One certificate signs thousands of tokens, and its row is the same while dates hold."""
    if case.collateral is None:
        known = _at_its_time(leaf, case.anchors, case.rules)
        if known.first <= case.now <= known.last:
            return known.checks
    trust = Trust(case.anchors, case.now, root_required=case.rules.root_required)
    return _appraise(load(leaf), trust, case.rules, case.collateral)


@dataclass(frozen=True, slots=True)
class _Row:
    checks: tuple[Check, ...]
    first: datetime
    last: datetime


@lru_cache(maxsize=256)
def _at_its_time(leaf: bytes, anchors: tuple[TrustAnchor, ...], rules: Rules) -> _Row:
    certificate = load(leaf)
    first, last = shared_validity(_chain(certificate))
    trust = Trust(anchors, first, root_required=rules.root_required)
    return _Row(_appraise(certificate, trust, rules), first, last)


def _chain(leaf: x509.Certificate) -> tuple[x509.Certificate, ...]:
    oid, value = evidence_of(leaf) or ("", b"")
    try:
        if oid == OID_SNP:
            return container_evidence(value).chain
        return pck_chain(embedded_quote(value))
    except AppError:
        return ()


def _appraise(
    leaf: x509.Certificate, trust: Trust, rules: Rules, collateral: Collateral | None = None
) -> tuple[Check, ...]:
    oid, value = evidence_of(leaf) or ("", b"")
    present = judge(f"{PREFIX}evidence", "Evidence present", passed=bool(oid), actual=oid)
    try:
        if oid == OID_SNP:
            parts = appraise_container(leaf, value, trust, rules)
        else:
            judged = judge_quote(embedded_quote(value), trust, collateral, PREFIX)
            parts = (*judged.checks, *_appraise_enclave(leaf, value, rules))
    except EvidenceError as error:
        where = "" if error.offset is None else f"byte {error.offset}"
        id_, title = f"{PREFIX}structure", "Evidence readable"
        parts = (judge(id_, title, error.summary, passed=False, actual=where),)
    return row("key-attestation", _TITLE, (present, *parts))


def _appraise_enclave(leaf: x509.Certificate, value: bytes, rules: Rules) -> tuple[Check, ...]:
    quote = embedded_quote(value)
    return (
        bound(leaf, quote.body.report_data),
        _debug(quote, rules),
        _identity(quote, rules),
    )


def evidence_of(certificate: x509.Certificate) -> tuple[str, bytes] | None:
    """OID and content of the evidence extension; None when there is none."""
    for oid in (OID_SNP, *_SGX_OIDS):
        try:
            found = certificate.extensions.get_extension_for_oid(x509.ObjectIdentifier(oid))
        except x509.ExtensionNotFound:
            continue
        if isinstance(found.value, x509.UnrecognizedExtension):
            return oid, found.value.value
    return None


def _absent(case: Case, leaf: x509.Certificate) -> Check:
    title = "Evidence present"
    if not is_self_signed(leaf):
        return skip(f"{PREFIX}evidence", title, "a certificate authority vouches for this key")
    why = "No hardware vouches for this key; only TLS and the certificate do."
    if case.rules.require_evidence:
        return judge(f"{PREFIX}evidence", title, why, passed=False)
    return warn(f"{PREFIX}evidence", title, why)


def embedded_quote(value: bytes) -> SgxQuote:
    """The quote in the content of an SGX evidence extension, in any of its three layouts.

    Raises:
        EvidenceError: none of them.
    """
    if value[:1] == bytes((der.OCTET_STRING,)):
        return parse_report(der.read(value).content).quote
    return parse_report(value).quote


def _debug(quote: SgxQuote, rules: Rules) -> Check:
    id_, title = f"{PREFIX}debug", "Service enclave cannot be debugged"
    why = "The service's own enclave runs in debug mode, so its key may be known to others."
    if quote.body.debug and not rules.refuse_debug_enclave:
        return warn(id_, title, why)
    return judge(id_, title, why, passed=not quote.body.debug)


def _identity(quote: SgxQuote, rules: Rules) -> Check:
    id_, title = f"{PREFIX}identity", "Service enclave's signer"
    if not rules.enclave_signers:
        return skip(id_, title, "no expected signer is configured")
    return judge(
        id_,
        title,
        "The service's enclave is signed by somebody else.",
        passed=quote.body.mrsigner.hex() in rules.enclave_signers,
        expected=", ".join(sorted(rules.enclave_signers)),
        actual=quote.body.mrsigner.hex(),
    )
