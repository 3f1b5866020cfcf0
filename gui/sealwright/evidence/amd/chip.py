"""What AMD says about a chip in its VCEK or VLEK certificate (spec evidence, 6.2)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cryptography import x509

from sealwright.errors import EvidenceError
from sealwright.evidence.basis import der

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_BASE: Final = "1.3.6.1.4.1.3704.1"
_PRODUCT: Final = f"{_BASE}.2"
_HARDWARE: Final = f"{_BASE}.4"
_CSP: Final = f"{_BASE}.5"
_VERSIONS: Final = {
    "boot_loader": f"{_BASE}.3.1",
    "tee": f"{_BASE}.3.2",
    "snp": f"{_BASE}.3.3",
    "microcode": f"{_BASE}.3.8",
}
_FMC: Final = f"{_BASE}.3.9"
_WRAPPED_ID: Final = bytes((der.OCTET_STRING, 64))


@dataclass(frozen=True, slots=True)
class ChipFacts:
    """The chip, or for a VLEK the cloud, that a key belongs to, and the TCB it was made for."""

    product: str
    """`Milan-B0`, `Genoa`, `Turin`; empty when the certificate does not say."""
    hardware_id: bytes
    """Empty in a VLEK; 8 bytes on Turin."""
    csp_id: str
    """Only in a VLEK."""
    boot_loader: int
    tee: int
    snp: int
    microcode: int
    fmc: int | None


@lru_cache(maxsize=1024)
def chip_facts(certificate: x509.Certificate) -> ChipFacts:
    """Read AMD's extensions.

    Raises:
        EvidenceError: a security version is missing or unreadable.
    """
    found = _extensions(certificate)
    missing = [name for name, oid in _VERSIONS.items() if oid not in found]
    if missing:
        raise EvidenceError("The certificate names no security versions of the chip.")
    versions = {name: _number(found[oid]) for name, oid in _VERSIONS.items()}
    return ChipFacts(
        product=_text(found.get(_PRODUCT)),
        hardware_id=_hardware_id(found.get(_HARDWARE, b"")),
        csp_id=_text(found.get(_CSP)),
        fmc=_number(found[_FMC]) if _FMC in found else None,
        **versions,
    )


@lru_cache(maxsize=1024)
def certificate_fields(certificate: x509.Certificate) -> Mapping[str, str | int]:
    """Every extension of AMD's that is there, by the vendor's names.

    Raises:
        EvidenceError: one cannot be read.
    """
    found = _extensions(certificate)
    return {name: read(found[oid]) for name, (oid, read) in _NAMES.items() if oid in found}


def _extensions(certificate: x509.Certificate) -> dict[str, bytes]:
    return {
        item.oid.dotted_string: item.value.value
        for item in certificate.extensions
        if isinstance(item.value, x509.UnrecognizedExtension)
    }


def _number(value: bytes) -> int:
    node = der.read(value)
    if node.tag != der.INTEGER:
        raise EvidenceError("A security version in the certificate is not a number.")
    return node.integer()


def _text(value: bytes | None) -> str:
    return "" if value is None else der.read(value).content.decode("ascii", "replace")


def _hardware_id(value: bytes) -> bytes:
    """Raw bytes in the certificates seen; an OCTET STRING is read too."""
    wrapped = value.startswith(_WRAPPED_ID) and len(value) == _WRAPPED_ID[1] + 2
    return value[2:] if wrapped else value


_NAMES: Final[dict[str, tuple[str, Callable[[bytes], str | int]]]] = {
    "structVersion": (f"{_BASE}.1", _number),
    "productName": (_PRODUCT, _text),
    "blSPL": (f"{_BASE}.3.1", _number),
    "teeSPL": (f"{_BASE}.3.2", _number),
    "snpSPL": (f"{_BASE}.3.3", _number),
    "spl4": (f"{_BASE}.3.4", _number),
    "spl5": (f"{_BASE}.3.5", _number),
    "spl6": (f"{_BASE}.3.6", _number),
    "spl7": (f"{_BASE}.3.7", _number),
    "ucodeSPL": (f"{_BASE}.3.8", _number),
    "fmcSPL": (_FMC, _number),
    "hwID": (_HARDWARE, lambda value: _hardware_id(value).hex()),
    "cspID": (_CSP, _text),
}
"""The vendor's names in the order of its table (spec evidence, 6.2)."""
