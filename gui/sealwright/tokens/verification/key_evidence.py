"""Row 9 of a verification: the hardware evidence inside the signing certificate.

The four layouts, by generation of the service, and what binds key and evidence are those of
spec tokens, 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from cryptography import x509

from sealwright.errors import EvidenceError, KeyMaterialError
from sealwright.evidence.amd.snp_body import SnpBody
from sealwright.evidence.basis import der
from sealwright.evidence.basis.certificates import load, shared_validity
from sealwright.evidence.basis.checks import Check, judge, row, skip, warn
from sealwright.evidence.basis.trust import Trust, any_has_ended
from sealwright.evidence.intel.open_enclave import parse_report
from sealwright.evidence.intel.quote_verify import judge_quote
from sealwright.evidence.intel.sgx import SgxQuote
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
    from sealwright.tokens.verification.case import Case, Rules

OID_2020: Final = "1.2.840.113556.10.1.1"
OID_2021: Final = "1.3.6.1.4.1.311.105.1"
_SGX_OIDS: Final = (OID_2021, OID_2020)
_TITLE: Final = "Hardware evidence of the key"


def key_attestation(case: Case) -> tuple[Check, ...]:
    """Row 9: the evidence is authentic, is about this key, and comes from the right enclave."""
    if case.entry is None or case.certificate is None:
        return row("key-attestation", _TITLE, (skip(f"{PREFIX}evidence", _TITLE, "no key"),))
    leaf = case.entry.chain[0]
    # An anchor may end while the certificates still hold.
    if case.collateral is None and not any_has_ended(case.anchors, case.now):
        known = _at_its_time(leaf, case.anchors, case.rules)
        if known.first <= case.now <= known.last:
            return known.checks
    trust = Trust(case.anchors, case.now, root_required=case.rules.root_required)
    return _appraise(_read(load(leaf)), trust, case.rules, case.collateral)


@dataclass(frozen=True, slots=True)
class _Row:
    checks: tuple[Check, ...]
    first: datetime
    last: datetime


# One certificate signs thousands of tokens, and its row is the same while dates hold.
@lru_cache(maxsize=256)
def _at_its_time(leaf: bytes, anchors: tuple[TrustAnchor, ...], rules: Rules) -> _Row:
    found = _read(load(leaf))
    first, last = shared_validity(_dated(found.content))
    trust = Trust(anchors, first, root_required=rules.root_required)
    return _Row(_appraise(found, trust, rules), first, last)


_Content: TypeAlias = SgxQuote | SnpBody | EvidenceError | None


@dataclass(frozen=True, slots=True)
class _Found:
    """A certificate and the evidence in it: read, or why it cannot be; None when there is none."""

    leaf: x509.Certificate
    oid: str
    content: _Content


def _read(leaf: x509.Certificate) -> _Found:
    oid, value = evidence_of(leaf) or ("", b"")
    content: _Content = None
    try:
        if oid:
            content = container_evidence(value) if oid == OID_SNP else embedded_quote(value)
    except EvidenceError as error:
        content = error
    return _Found(leaf, oid, content)


def _dated(content: _Content) -> tuple[x509.Certificate, ...]:
    """The certificates that must hold at the time of a verification."""
    if isinstance(content, SnpBody):
        # An endorsement that says when it was signed is judged as of then, whatever the time.
        undated = [item for item in content.endorsements if item.signing_time is None]
        return (*content.chain, *(each for item in undated for each in item.chain))
    try:
        return pck_chain(content) if isinstance(content, SgxQuote) else ()
    except KeyMaterialError:
        return ()


def _appraise(
    found: _Found, trust: Trust, rules: Rules, collateral: Collateral | None = None
) -> tuple[Check, ...]:
    leaf, content = found.leaf, found.content
    if content is None:
        return row("key-attestation", _TITLE, (_absent(leaf, rules),))
    present = judge(f"{PREFIX}evidence", "Evidence present", passed=True, actual=found.oid)
    parts: tuple[Check, ...]
    if isinstance(content, EvidenceError):
        parts = (_unreadable(content),)
    elif isinstance(content, SnpBody):
        parts = appraise_container(leaf, content, trust, rules)
    else:
        judged = judge_quote(content, trust, collateral, PREFIX)
        report_data = content.body.report_data
        own = (bound(leaf, report_data), _debug(content, rules), _identity(content, rules))
        parts = (*judged.checks, *own)
    return row("key-attestation", _TITLE, (present, *parts))


def _unreadable(error: EvidenceError) -> Check:
    where = "" if error.offset is None else f"byte {error.offset}"
    id_, title = f"{PREFIX}structure", "Evidence readable"
    return judge(id_, title, error.summary, passed=False, actual=where)


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


def _absent(leaf: x509.Certificate, rules: Rules) -> Check:
    title = "Evidence present"
    if not is_self_signed(leaf):
        return skip(f"{PREFIX}evidence", title, "a certificate authority vouches for this key")
    why = "No hardware vouches for this key; only TLS and the certificate do."
    if rules.require_evidence:
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
