"""From which bytes of the evidence a claim comes.

Invariant: a place is given only when the field's name or its bytes say so; never a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sealwright.claims.claim import Claim
    from sealwright.evidence.examination import Examination
    from sealwright.evidence.structure import Node


@dataclass(frozen=True, slots=True)
class ClaimPlace:
    """A field of one of the examination's parts."""

    part: int
    offset: int
    size: int
    field: str


_PREFIX: Final = re.compile(r"^(?:x-ms-(?:sgx|sevsnpvm|tdxvm|azurevm|tpm)-|tdx_)")
_PLAIN: Final = re.compile(r"[^a-z0-9]")
_TYPE: Final = "x-ms-attestation-type"
_OF_A_REPORT: Final = frozenset({"sgx", "sevsnpvm", "tdxvm"})
"""Types that a field of the hardware's report says; the others are of several structures."""
_FIELDS: Final = {
    "x-ms-sgx-is-debuggable": ("flags", "attributes"),
    "x-ms-sgx-product-id": ("isvprodid",),
    "x-ms-sgx-svn": ("isvsvn",),
    "x-ms-sgx-config-id": ("configid",),
    "x-ms-sgx-config-svn": ("configsvn",),
    "x-ms-sgx-isv-extended-product-id": ("isvextprodid",),
    "x-ms-sgx-isv-family-id": ("isvfamilyid",),
    "x-ms-sevsnpvm-launchmeasurement": ("measurement",),
    "x-ms-sevsnpvm-is-debuggable": ("policy",),
    "x-ms-sevsnpvm-migration-allowed": ("policy",),
    "x-ms-sevsnpvm-smt-allowed": ("policy",),
    "x-ms-sevsnpvm-bootloader-svn": ("reportedtcb",),
    "x-ms-sevsnpvm-tee-svn": ("reportedtcb",),
    "x-ms-sevsnpvm-snpfw-svn": ("reportedtcb",),
    "x-ms-sevsnpvm-microcode-svn": ("reportedtcb",),
    "tdx_seamsvn": ("teetcbsvn",),
    _TYPE: ("teetype", "version"),
}
_TD_ATTRIBUTES: Final = "tdx_td_attributes_"
_QE: Final = ("qereport", "qe")
"""The quoting enclave's report has the same fields as the enclave's own, which is meant."""


def claim_places(examination: Examination) -> Mapping[str, ClaimPlace]:
    """Where each claim that has a place comes from, by the claim's name."""
    fields: dict[str, ClaimPlace] = {}
    values: dict[bytes, list[ClaimPlace]] = {}
    for number in range(len(examination.parts)):
        for path, node in _leaves(examination.tree(number), ""):
            place = ClaimPlace(number, node.offset, node.size, path)
            for name in _names(path):
                fields.setdefault(name, place)
            if any(node.raw):
                values.setdefault(node.raw, []).append(place)
    found = {}
    for claim in examination.claims:
        if claim.type == _TYPE and claim.value not in _OF_A_REPORT:
            continue
        place_of = _by_name(claim.type, fields) or _by_value(claim, values)
        if place_of is not None:
            found[claim.type] = place_of
    return found


def _by_name(name: str, fields: Mapping[str, ClaimPlace]) -> ClaimPlace | None:
    wanted = _FIELDS.get(name)
    if wanted is None:
        plain = "td_attributes" if name.startswith(_TD_ATTRIBUTES) else _PREFIX.sub("", name)
        wanted = (_plain(plain),)
    return next((fields[each] for each in wanted if each in fields), None)


def _by_value(claim: Claim, values: Mapping[bytes, list[ClaimPlace]]) -> ClaimPlace | None:
    if not isinstance(claim.value, str):
        return None
    try:
        raw = bytes.fromhex(claim.value)
    except ValueError:
        return None
    places = values.get(raw, []) if raw else []
    return places[0] if len(places) == 1 else None


def _leaves(nodes: tuple[Node, ...], above: str) -> Iterator[tuple[str, Node]]:
    for node in nodes:
        path = f"{above}.{node.name}" if above else node.name
        yield path, node
        yield from _leaves(node.children, path)


def _names(path: str) -> tuple[str, ...]:
    parts = path.split(".")
    if any(_plain(part).startswith(_QE) for part in parts[:-1]):
        return ()
    return (_plain(parts[-1]),)


def _plain(name: str) -> str:
    return _PLAIN.sub("", name.lower())
