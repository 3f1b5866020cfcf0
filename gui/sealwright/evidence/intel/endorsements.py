"""Open Enclave endorsements: the vendor's collateral in one buffer (spec evidence, 5)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from sealwright.errors import EvidenceError
from sealwright.evidence.basis.reader import Field, Reader
from sealwright.evidence.intel.collateral import Collateral, parse_collateral, revocation_list

if TYPE_CHECKING:
    from collections.abc import Mapping

ELEMENTS: Final = (
    "version",
    "tcb_info",
    "tcb_info_chain",
    "pck_crl",
    "root_crl",
    "crl_chain",
    "qe_identity",
    "qe_identity_chain",
    "creation_time",
)
_VERSION: Final = 1
_SGX: Final = 2
_HEADER: Final = 16


@dataclass(frozen=True, slots=True)
class Endorsements:
    """The elements by the names of ELEMENTS, and where they lay."""

    enclave_type: int
    buffer_size: int
    offsets: tuple[int, ...]
    """From the end of the table of offsets."""
    elements: Mapping[str, bytes] = field(repr=False)
    fields: tuple[Field, ...] = field(repr=False)


def is_endorsements(data: bytes) -> bool:
    """Whether it begins as endorsements of an SGX enclave do."""
    numbers = tuple(int.from_bytes(data[at : at + 4], "little") for at in (0, 4, 8, 12))
    return numbers == (_VERSION, _SGX, len(data) - _HEADER, len(ELEMENTS))


def parse_endorsements(data: bytes) -> Endorsements:
    """Read a buffer of endorsements.

    Raises:
        EvidenceError: another version, cut off, or offsets that contradict each other.
    """
    reader = Reader(data)
    version, kind = reader.number("endorsements_version", 4), reader.number("enclave_type", 4)
    if (version, kind) != (_VERSION, _SGX):
        raise EvidenceError("These are no endorsements of an SGX enclave.", offset=0)
    size, count = reader.number("buffer_size", 4), reader.number("element_count", 4)
    if count != len(ELEMENTS):
        raise EvidenceError(f"There are {count} endorsements; 9 were expected.", offset=12)
    if size != reader.left:
        raise EvidenceError(
            f"The endorsements announce {size} bytes, {reader.left} follow.", offset=8
        )
    offsets = tuple(reader.number(f"offset_{at}", 4) for at in range(count))
    if list(offsets) != sorted(offsets) or offsets[0] != 0 or offsets[-1] > reader.left:
        raise EvidenceError("The offsets of the endorsements contradict each other.", offset=16)
    ends = (*offsets[1:], reader.left)
    elements = {
        name: reader.take(name, last - first)
        for name, first, last in zip(ELEMENTS, offsets, ends, strict=True)
    }
    return Endorsements(kind, size, offsets, elements, tuple(reader.fields))


def collateral_of(found: Endorsements) -> Collateral:
    """The endorsements as collateral; nothing in it is verified here.

    Raises:
        EvidenceError: an element is not in its form.
    """
    texts = {name: value.rstrip(b"\0") for name, value in found.elements.items()}
    info = parse_collateral(texts["tcb_info"]).tcb_info
    identity = parse_collateral(texts["qe_identity"]).qe_identity
    if info is None or identity is None:
        raise EvidenceError("The endorsements bring no TCB info or no QE identity.")
    return Collateral(
        replace(info, chain=texts["tcb_info_chain"]),
        replace(identity, chain=texts["qe_identity_chain"]),
        revocation_list(found.elements["root_crl"]),
        revocation_list(found.elements["pck_crl"]),
    )
