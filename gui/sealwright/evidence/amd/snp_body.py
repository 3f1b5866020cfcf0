"""The JSON that carries an SNP report with its certificates (spec evidence, 6.4; tokens, 6)."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sealwright.errors import EvidenceError, KeyMaterialError
from sealwright.evidence.amd.snp import SnpReport, parse_snp_report
from sealwright.evidence.amd.uvm import UvmEndorsement, parse_uvm
from sealwright.evidence.basis.certificates import load, load_pem_chain
from sealwright.evidence.basis.document import read_json

if TYPE_CHECKING:
    from cryptography import x509

_BASE64: Final = re.compile(r"[A-Za-z0-9_+/-]*={0,2}")
_URLSAFE: Final = str.maketrans("+/", "-_")


@dataclass(frozen=True, slots=True)
class SnpBody:
    """Report, chain (VCEK, ASK, ARK) and endorsements of the image."""

    report: SnpReport
    report_raw: bytes = field(repr=False)
    chain: tuple[x509.Certificate, ...] = field(repr=False)
    endorsements: tuple[UvmEndorsement, ...] = field(repr=False)


def parse_snp_body(data: bytes) -> SnpBody:
    """Read the JSON with `SnpReport`, `VcekCertChain` and, optionally, `Endorsements`.

    Raises:
        EvidenceError: a member is missing or cannot be read.
    """
    members = _object(data, "The SNP evidence")
    raw = _octets(members, "SnpReport")
    try:
        chain = tuple(load(der) for der in load_pem_chain(_octets(members, "VcekCertChain")))
    except KeyMaterialError as error:
        raise EvidenceError(error.summary) from None
    return SnpBody(parse_snp_report(raw), raw, chain, _endorsements(members))


def _endorsements(members: dict[str, object]) -> tuple[UvmEndorsement, ...]:
    if members.get("Endorsements") is None:
        return ()
    inner = _object(_octets(members, "Endorsements"), "`Endorsements`")
    found = inner.get("Uvm")
    if not isinstance(found, list) or len(found) != 1:
        raise EvidenceError("`Endorsements` must hold exactly one image endorsement (`Uvm`).")
    return tuple(parse_uvm(_octets({"Uvm": item}, "Uvm")) for item in found)


def _object(data: bytes, what: str) -> dict[str, object]:
    value = read_json(data, what.removeprefix("The "))
    if not isinstance(value, dict):
        raise EvidenceError(f"{what} is not a JSON object.", offset=0)
    return value


def _octets(members: dict[str, object], name: str) -> bytes:
    value = members.get(name)
    if not isinstance(value, str) or not _BASE64.fullmatch(value):
        raise EvidenceError(f"`{name}` is missing or not base64.")
    text = value.rstrip("=").translate(_URLSAFE)
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise EvidenceError(f"`{name}` is missing or not base64.") from None
