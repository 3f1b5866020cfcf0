"""Are the vendor's documents genuine and of that time (spec evidence, 4.3 and 4.4)?

Invariant: a document is parsed only after its signature held, and only over its exact bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from sealwright.errors import EvidenceError, KeyMaterialError
from sealwright.evidence.basis.certificates import (
    common_name,
    is_ca,
    load,
    load_pem_chain,
    path_checks,
)
from sealwright.evidence.basis.checks import Check, CheckStatus, judge, row, skip
from sealwright.evidence.basis.trust import SGX_ROOT
from sealwright.evidence.intel.collateral import (
    Collateral,
    QeIdentity,
    SignedDocument,
    TcbInfo,
    parse_qe_identity,
    parse_tcb_info,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sealwright.evidence.basis.trust import Trust

_NAMES: Final = {"tcb-info": "TCB info", "qe-identity": "QE identity"}
_SIGNER: Final = "SGX TCB Signing"
_PCK_CHAIN: Final = 3
_LISTED: Final = "Revocation list signed by its authority"
_NO_ISSUER: Final = "its issuer's certificates did not come with it"
_Parsed = TypeVar("_Parsed", TcbInfo, QeIdentity)


@dataclass(frozen=True, slots=True)
class Believed:
    """The documents whose signature and dates hold; the others are None."""

    tcb_info: TcbInfo | None
    qe_identity: QeIdentity | None
    checks: tuple[Check, ...]


def verify_collateral(
    collateral: Collateral, pck: Sequence[x509.Certificate], trust: Trust, prefix: str = ""
) -> Believed:
    """Check documents and revocation lists; `pck` is the quote's chain from leaf to root."""
    found = verify_documents(collateral, trust, prefix)
    lists = _revocation(collateral, pck, trust, f"{prefix}crl")
    return replace(found, checks=(*found.checks, *lists))


# As with chains: a platform's model has one set of documents for all its quotes.
@lru_cache(maxsize=64)
def verify_documents(collateral: Collateral, trust: Trust, prefix: str = "") -> Believed:
    """Check the signed documents alone."""
    info, info_checks = _document(
        collateral.tcb_info, parse_tcb_info, trust, f"{prefix}collateral.tcb-info"
    )
    identity, identity_checks = _document(
        collateral.qe_identity, parse_qe_identity, trust, f"{prefix}collateral.qe-identity"
    )
    parts = (*info_checks, *identity_checks)
    checks = row(f"{prefix}collateral", "Vendor's documents about the platform", parts)
    return Believed(info, identity, checks)


def verify_lists(collateral: Collateral, trust: Trust) -> tuple[Check, ...]:
    """Check revocation lists with the chains that came with the collateral, without a quote's."""
    if not collateral.root_crl and not collateral.pck_crl:
        return ()
    signers = signer_chain(collateral)
    root = (
        _list(collateral.root_crl, signers[-1], signers[:1], trust.when, "crl.root")
        if signers
        else skip("crl.root", _LISTED, _NO_ISSUER)
    )
    return row("crl", "Revocation lists are the vendor's", (root, *_pck_list(collateral, trust)))


def _pck_list(collateral: Collateral, trust: Trust) -> tuple[Check, ...]:
    if not collateral.pck_crl_chain:
        return (skip("crl.pck", _LISTED, _NO_ISSUER),)
    try:
        issuers = tuple(load(der) for der in load_pem_chain(collateral.pck_crl_chain))
    except KeyMaterialError as error:
        return (judge("crl.pck", _LISTED, error.summary, passed=False),)
    listed = _list(collateral.pck_crl, issuers[0], (), trust.when, "crl.pck")
    return (listed, *path_checks("crl.chain", issuers, trust, SGX_ROOT))


def with_signers(collateral: Collateral, pool: Sequence[x509.Certificate]) -> Collateral:
    """The same, with the signer's certificates out of `pool` where they did not come along."""
    signer = next((item for item in pool if common_name(item).endswith(_SIGNER)), None)
    if signer is None:
        return collateral
    roots = [item for item in pool if item.subject == signer.issuer]
    chain = b"".join(item.public_bytes(Encoding.PEM) for item in (signer, *roots[:1]))
    return replace(
        collateral,
        tcb_info=_with_chain(collateral.tcb_info, chain),
        qe_identity=_with_chain(collateral.qe_identity, chain),
    )


def signer_chain(collateral: Collateral) -> tuple[x509.Certificate, ...]:
    """Who signed the first document that brought its signer along; empty when none did."""
    for document in (collateral.tcb_info, collateral.qe_identity):
        if document is None or not document.chain:
            continue
        try:
            return tuple(load(der) for der in load_pem_chain(document.chain))
        except KeyMaterialError:
            continue
    return ()


def _with_chain(document: SignedDocument | None, chain: bytes) -> SignedDocument | None:
    if document is None or document.chain:
        return document
    return replace(document, chain=chain)


def _document(
    document: SignedDocument | None,
    parse: Callable[[bytes], _Parsed],
    trust: Trust,
    id_: str,
) -> tuple[_Parsed | None, tuple[Check, ...]]:
    if document is None:
        return None, (skip(id_, _name(id_), "not in the collateral"),)
    if not document.chain:
        why = "its signer's certificates did not come with it; give collected collateral"
        return None, (skip(id_, _name(id_), why),)
    checks = _signed(document, trust, id_)
    if any(item.status is CheckStatus.FAIL for item in checks):
        return None, checks
    return _dated(document, parse, trust.when, id_, checks)


def _name(id_: str) -> str:
    return _NAMES[id_.rpartition(".")[2]]


def _signed(document: SignedDocument, trust: Trust, id_: str) -> tuple[Check, ...]:
    title = f"{_name(id_)} signed by the vendor"
    try:
        chain = tuple(load(der) for der in load_pem_chain(document.chain))
    except KeyMaterialError as error:
        return (judge(f"{id_}.signature", title, error.summary, passed=False),)
    return (
        judge(
            f"{id_}.signature",
            title,
            "The document was changed, or its signer signs no such documents.",
            passed=_is_signer(chain) and _verifies(chain[0], document),
        ),
        *path_checks(f"{id_}.chain", chain, trust, SGX_ROOT),
    )


def _is_signer(chain: Sequence[x509.Certificate]) -> bool:
    # Every platform has a certificate below the same root: only this one may speak about TCBs.
    leaf = chain[0]
    return len(chain) > 1 and not is_ca(leaf) and common_name(leaf).endswith(_SIGNER)


def _verifies(signer: x509.Certificate, document: SignedDocument) -> bool:
    key = signer.public_key()
    half = len(document.signature) // 2
    r, s = (
        int.from_bytes(part, "big")
        for part in (document.signature[:half], document.signature[half:])
    )
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    try:
        key.verify(utils.encode_dss_signature(r, s), document.body, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _dated(
    document: SignedDocument,
    parse: Callable[[bytes], _Parsed],
    when: datetime,
    id_: str,
    checks: tuple[Check, ...],
) -> tuple[_Parsed | None, tuple[Check, ...]]:
    title = f"{_name(id_)} is of that time"
    try:
        parsed = parse(document.body)
    except EvidenceError as error:
        return None, (*checks, judge(f"{id_}.content", title, error.summary, passed=False))
    current = parsed.issued <= when <= parsed.next_update
    check = judge(
        f"{id_}.validity",
        title,
        f"It holds from {parsed.issued:%Y-%m-%d} to {parsed.next_update:%Y-%m-%d} only, and was "
        f"judged as of {when:%Y-%m-%d}.",
        passed=current,
    )
    return parsed if current else None, (*checks, check)


def _revocation(
    collateral: Collateral, pck: Sequence[x509.Certificate], trust: Trust, id_: str
) -> tuple[Check, ...]:
    title = "Certificates are not revoked"
    if len(pck) != _PCK_CHAIN:
        return (skip(id_, title, "no PCK chain"),)
    leaf, authority, root = pck
    signers = _signers(collateral)
    return row(
        id_,
        title,
        (
            _list(collateral.root_crl, root, (authority, *signers), trust.when, f"{id_}.root"),
            _list(collateral.pck_crl, authority, (leaf,), trust.when, f"{id_}.pck"),
        ),
    )


def _signers(collateral: Collateral) -> tuple[x509.Certificate, ...]:
    found = []
    for document in (collateral.tcb_info, collateral.qe_identity):
        if document is None or not document.chain:
            continue
        try:
            found.append(load(load_pem_chain(document.chain)[0]))
        except KeyMaterialError:
            continue
    return tuple(found)


def _list(
    raw: bytes,
    issuer: x509.Certificate,
    subjects: Sequence[x509.Certificate],
    when: datetime,
    id_: str,
) -> Check:
    title = f"Revocation list of {common_name(issuer)}"
    if not raw:
        return skip(id_, title, "not in the collateral")
    try:
        problem = _list_problem(raw, issuer, subjects, when)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        problem = "The revocation list cannot be read."
    return judge(id_, title, problem, passed=not problem)


@lru_cache(maxsize=64)
def is_list_signed(raw: bytes, issuer: x509.Certificate) -> bool:
    """Whether the authority signed the revocation list.

    Raises:
        ValueError: it cannot be read.
    """
    revoked, key = load_list(raw), issuer.public_key()
    return (
        revoked.issuer == issuer.subject
        and isinstance(key, ec.EllipticCurvePublicKey)
        and revoked.is_signature_valid(key)
    )


@lru_cache(maxsize=64)
def load_list(raw: bytes) -> x509.CertificateRevocationList:
    """The revocation list in DER.

    Raises:
        ValueError: it cannot be read.
    """
    return x509.load_der_x509_crl(raw)


def _list_problem(
    raw: bytes, issuer: x509.Certificate, subjects: Sequence[x509.Certificate], when: datetime
) -> str:
    if not is_list_signed(raw, issuer):
        return "The revocation list is not signed by the authority."
    revoked = load_list(raw)
    first, last = revoked.last_update_utc, revoked.next_update_utc
    if last is None or not first <= when <= last:
        until = f" to {last:%Y-%m-%d} only" if last is not None else ", and never says to when"
        return f"It holds from {first:%Y-%m-%d}{until}, and was judged as of {when:%Y-%m-%d}."
    for subject in subjects:
        if is_revoked(revoked, subject):
            return f"`{common_name(subject)}` is revoked."
    return ""


def is_revoked(revoked: x509.CertificateRevocationList, subject: x509.Certificate) -> bool:
    """Whether the list names the certificate."""
    return revoked.get_revoked_certificate_by_serial_number(subject.serial_number) is not None
