"""What Intel publishes to judge a platform by: TCB info and QE identity (spec evidence, 4.3)."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sealwright.errors import EvidenceError
from sealwright.evidence.basis import der
from sealwright.evidence.basis.document import Document, member_bytes, read_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

COMPONENTS: Final = 16
_TCB_INFO_VERSIONS: Final = (2, 3)
_QE_IDENTITY_VERSION: Final = 2
_TCB_TYPE: Final = 0
"""How the versions of a platform are composed; there is no other way yet."""
_TCB_KINDS: Final = ("SGX", "TDX")
_QE_KINDS: Final = ("QE", "QVE", "TD_QE")
_SVN_BITS: Final = 16
"""Of every version but those of a platform's components, which are bytes."""
_MAX_SIZE: Final = 4 << 20
_FORM_HINT: Final = (
    "Give what the provisioning service answers, or the JSON that collects those answers."
)


class TcbStatus(StrEnum):
    """How current a platform is, in the words of the vendor."""

    UP_TO_DATE = "UpToDate"
    SW_HARDENING = "SWHardeningNeeded"
    CONFIGURATION = "ConfigurationNeeded"
    CONFIGURATION_AND_SW_HARDENING = "ConfigurationAndSWHardeningNeeded"
    OUT_OF_DATE = "OutOfDate"
    OUT_OF_DATE_CONFIGURATION = "OutOfDateConfigurationNeeded"
    REVOKED = "Revoked"


@dataclass(frozen=True, slots=True)
class TcbLevel:
    """A state of a platform and what Intel thinks of it."""

    components: tuple[int, ...]
    pce_svn: int
    tdx_components: tuple[int, ...]
    """Empty unless the document is about TDX."""
    date: datetime
    status: TcbStatus
    advisories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IsvLevel:
    """The least version of a quoting enclave, or TDX module, that has a status."""

    isv_svn: int
    date: datetime
    status: TcbStatus
    advisories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModuleIdentity:
    """Who made a TDX module."""

    id: str
    """Empty for the module that is not numbered."""
    mrsigner: bytes
    attributes: bytes
    attributes_mask: bytes
    levels: tuple[IsvLevel, ...]


@dataclass(frozen=True, slots=True)
class TcbInfo:
    """What the levels of one model of platform are worth."""

    id: str
    """`SGX` or `TDX`; version 2 is always about SGX."""
    version: int
    issued: datetime
    next_update: datetime
    fmspc: bytes
    pce_id: bytes
    evaluation_number: int
    levels: tuple[TcbLevel, ...]
    module: ModuleIdentity | None
    modules: tuple[ModuleIdentity, ...]


@dataclass(frozen=True, slots=True)
class QeIdentity:
    """Who made a quoting enclave."""

    id: str
    version: int
    issued: datetime
    next_update: datetime
    evaluation_number: int
    misc_select: int
    misc_mask: int
    attributes: bytes
    attributes_mask: bytes
    mrsigner: bytes
    isv_prod_id: int
    levels: tuple[IsvLevel, ...]


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """A document with exactly the bytes that were signed; not yet believed."""

    body: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    """r and s, 32 bytes each, big-endian."""
    chain: bytes = field(repr=False, default=b"")
    """PEM of the signer and the root; empty when it came without."""


@dataclass(frozen=True, slots=True)
class Collateral:
    """What came of the vendor's documents; parts may be missing."""

    tcb_info: SignedDocument | None = None
    qe_identity: SignedDocument | None = None
    root_crl: bytes = field(repr=False, default=b"")
    """DER."""
    pck_crl: bytes = field(repr=False, default=b"")
    """DER."""
    pck_crl_chain: bytes = field(repr=False, default=b"")
    """PEM of who issued the PCK's list, and the root; empty when it came without."""


@lru_cache(maxsize=32)
def parse_collateral(data: bytes) -> Collateral:
    """Read collected collateral, one answer of the provisioning service, or a CRL.

    Nothing in it is verified here.

    Raises:
        EvidenceError: none of these.
    """
    if len(data) > _MAX_SIZE:
        raise EvidenceError("The collateral is too large to be any.", hint=_FORM_HINT)
    if not data.lstrip().startswith(b"{"):
        raise EvidenceError("The collateral is not a JSON object.", hint=_FORM_HINT)
    members = member_bytes(data, "collateral")
    if "tcbInfo" in members:
        return Collateral(tcb_info=_answer(members, "tcbInfo"))
    if "enclaveIdentity" in members:
        return Collateral(qe_identity=_answer(members, "enclaveIdentity"))
    return _collected(Document({name: _value(raw) for name, raw in members.items()}, "collateral"))


def merged(items: Iterable[Collateral]) -> Collateral:
    """What all of them bring together; of what comes twice, the first."""
    found = Collateral()
    for item in items:
        found = Collateral(
            found.tcb_info or item.tcb_info,
            found.qe_identity or item.qe_identity,
            found.root_crl or item.root_crl,
            found.pck_crl or item.pck_crl,
            found.pck_crl_chain or item.pck_crl_chain,
        )
    return found


def _value(raw: bytes) -> object:
    value: object = json.loads(raw)
    return value


def _answer(members: dict[str, bytes], name: str) -> SignedDocument:
    outer = Document({"signature": _value(members.get("signature", b"null"))}, "collateral")
    return SignedDocument(members[name], outer.octets("signature", 64))


def _collected(document: Document) -> Collateral:
    if "tcb_info" not in document and "qe_identity" not in document:
        raise EvidenceError("The file is not collateral of a platform.", hint=_FORM_HINT)
    return Collateral(
        tcb_info=_signed(document, "tcb_info"),
        qe_identity=_signed(document, "qe_identity"),
        root_crl=_revocations(document, "root_ca_crl"),
        pck_crl=_revocations(document, "pck_crl"),
        pck_crl_chain=_optional(document, "pck_crl_issuer_chain").encode("utf-8", "surrogatepass"),
    )


def _signed(document: Document, name: str) -> SignedDocument | None:
    if name not in document:
        return None
    return SignedDocument(
        document.text(name).encode("utf-8", "surrogatepass"),
        document.octets(f"{name}_signature", 64),
        _optional(document, f"{name}_issuer_chain").encode("utf-8", "surrogatepass"),
    )


def _optional(document: Document, name: str) -> str:
    return document.text(name) if name in document else ""


def _revocations(document: Document, name: str) -> bytes:
    try:
        return revocation_list(_optional(document, name).encode("utf-8", "surrogatepass"))
    except EvidenceError:
        raise document.problem(name) from None


def revocation_list(data: bytes) -> bytes:
    """The DER of a revocation list that came as DER, PEM or hex; empty for none.

    Raises:
        EvidenceError: none of these.
    """
    # Hex of DER begins with the digit 3, which is another byte.
    if data.startswith(b"\x30"):
        return der.cut(data)
    text = data.strip(b"\0 \t\r\n")
    try:
        if text.startswith(b"-----BEGIN"):
            return base64.b64decode(b"".join(text.splitlines()[1:-1]), validate=True)
        return bytes.fromhex(text.decode("ascii"))
    except ValueError:
        raise EvidenceError("A revocation list is not DER, PEM or hex.") from None


@lru_cache(maxsize=64)
def parse_tcb_info(body: bytes) -> TcbInfo:
    """Read the signed part of a TCB info; verify its signature before.

    Raises:
        EvidenceError: not TCB info of version 2 or 3.
    """
    document = read_document(body, "TCB info")
    version = document.integer("version")
    if version not in _TCB_INFO_VERSIONS:
        raise EvidenceError(f"TCB info of version {version} is not known.")
    if document.integer("tcbType") != _TCB_TYPE:
        raise document.problem("tcbType")
    kind = _tcb_kind(document, version)
    issued, next_update = _validity(document)
    return TcbInfo(
        id=kind,
        version=version,
        issued=issued,
        next_update=next_update,
        fmspc=document.octets("fmspc", 6),
        pce_id=document.octets("pceId", 2) if "pceId" in document else bytes(2),
        evaluation_number=document.integer("tcbEvaluationDataNumber"),
        levels=tuple(_level(item, tdx=kind == "TDX") for item in _levels(document)),
        module=_module(document.document("tdxModule")) if "tdxModule" in document else None,
        modules=tuple(_module(item) for item in _optional_list(document, "tdxModuleIdentities")),
    )


def _tcb_kind(document: Document, version: int) -> str:
    if version == _TCB_INFO_VERSIONS[0] and "id" not in document:
        return _TCB_KINDS[0]
    kind = document.text("id")
    if kind not in _TCB_KINDS:
        raise document.problem("id")
    return kind


def _validity(document: Document) -> tuple[datetime, datetime]:
    issued, next_update = document.time("issueDate"), document.time("nextUpdate")
    if next_update <= issued:
        raise document.problem("nextUpdate")
    return issued, next_update


def _levels(document: Document) -> Sequence[Document]:
    found = document.documents("tcbLevels")
    if not found:
        raise document.problem("tcbLevels")
    return found


def _optional_list(document: Document, name: str) -> Sequence[Document]:
    return document.documents(name) if name in document else ()


def _level(document: Document, *, tdx: bool) -> TcbLevel:
    tcb = document.document("tcb")
    return TcbLevel(
        components=_components(tcb),
        pce_svn=tcb.integer("pcesvn", _SVN_BITS),
        tdx_components=_svns(tcb, "tdxtcbcomponents") if tdx else (),
        date=document.time("tcbDate"),
        status=_status(document),
        advisories=document.texts("advisoryIDs"),
    )


def _components(tcb: Document) -> tuple[int, ...]:
    if "sgxtcbcomponents" in tcb:
        return _svns(tcb, "sgxtcbcomponents")
    return tuple(tcb.integer(f"sgxtcbcomp{at:02}svn", 8) for at in range(1, COMPONENTS + 1))


def _svns(tcb: Document, name: str) -> tuple[int, ...]:
    found = tuple(item.integer("svn", 8) for item in tcb.documents(name))
    if len(found) != COMPONENTS:
        raise tcb.problem(name)
    return found


def _status(document: Document) -> TcbStatus:
    try:
        return TcbStatus(document.text("tcbStatus"))
    except ValueError:
        raise document.problem("tcbStatus") from None


def _module(document: Document) -> ModuleIdentity:
    return ModuleIdentity(
        id=_optional(document, "id"),
        mrsigner=document.octets("mrsigner", 48),
        attributes=document.octets("attributes", 8),
        attributes_mask=document.octets("attributesMask", 8),
        levels=tuple(_isv_level(item) for item in _optional_list(document, "tcbLevels")),
    )


def _isv_level(document: Document) -> IsvLevel:
    return IsvLevel(
        isv_svn=document.document("tcb").integer("isvsvn", _SVN_BITS),
        date=document.time("tcbDate"),
        status=_status(document),
        advisories=document.texts("advisoryIDs"),
    )


@lru_cache(maxsize=64)
def parse_qe_identity(body: bytes) -> QeIdentity:
    """Read the signed part of a QE identity; verify its signature before.

    Raises:
        EvidenceError: not a QE identity of version 2.
    """
    document = read_document(body, "QE identity")
    version = document.integer("version")
    if version != _QE_IDENTITY_VERSION:
        raise EvidenceError(f"A QE identity of version {version} is not known.")
    kind = document.text("id")
    if kind not in _QE_KINDS:
        raise document.problem("id")
    issued, next_update = _validity(document)
    return QeIdentity(
        id=kind,
        version=version,
        issued=issued,
        next_update=next_update,
        evaluation_number=document.integer("tcbEvaluationDataNumber"),
        misc_select=int.from_bytes(document.octets("miscselect", 4), "little"),
        misc_mask=int.from_bytes(document.octets("miscselectMask", 4), "little"),
        attributes=document.octets("attributes", 16),
        attributes_mask=document.octets("attributesMask", 16),
        mrsigner=document.octets("mrsigner", 32),
        isv_prod_id=document.integer("isvprodid", 16),
        levels=tuple(_isv_level(item) for item in _levels(document)),
    )
