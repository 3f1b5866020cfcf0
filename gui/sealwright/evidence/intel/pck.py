"""What Intel says about a platform in its PCK certificate (spec evidence, 4.2)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cryptography import x509

from sealwright.errors import EvidenceError
from sealwright.evidence.basis import der

if TYPE_CHECKING:
    from collections.abc import Mapping

SGX_EXTENSION: Final = "1.2.840.113741.1.13.1"
COMPONENTS: Final = 16

_PPID: Final = f"{SGX_EXTENSION}.1"
_TCB: Final = f"{SGX_EXTENSION}.2"
_PCE_SVN: Final = f"{_TCB}.17"
_CPU_SVN: Final = f"{_TCB}.18"
_PCE_ID: Final = f"{SGX_EXTENSION}.3"
_FMSPC: Final = f"{SGX_EXTENSION}.4"
_SGX_TYPE: Final = f"{SGX_EXTENSION}.5"
_INSTANCE: Final = f"{SGX_EXTENSION}.6"
_CONFIGURATION: Final = f"{SGX_EXTENSION}.7"


@dataclass(frozen=True, slots=True)
class PckFacts:
    """The platform behind a quote."""

    ppid: bytes
    components: tuple[int, ...]
    """SVN of the 16 TCB components."""
    pce_svn: int
    cpu_svn: bytes
    pce_id: bytes
    fmspc: bytes
    sgx_type: int
    """0 standard, 1 scalable, 2 scalable with integrity."""
    instance_id: bytes = b""
    """Only of multi-package platforms."""
    dynamic_platform: bool | None = None
    cached_keys: bool | None = None
    smt_enabled: bool | None = None


@lru_cache(maxsize=1024)
def pck_facts(certificate: x509.Certificate) -> PckFacts:
    """Read the SGX extension of a PCK certificate.

    Raises:
        EvidenceError: it has none, or one that cannot be read.
    """
    try:
        found = certificate.extensions.get_extension_for_oid(x509.ObjectIdentifier(SGX_EXTENSION))
    except x509.ExtensionNotFound:
        raise EvidenceError("The certificate says nothing about an SGX platform.") from None
    if not isinstance(found.value, x509.UnrecognizedExtension):
        raise EvidenceError("The SGX extension of the certificate cannot be read.")
    values = _values(der.read(found.value.value))
    tcb = _values(_part(values, _TCB))
    return PckFacts(
        ppid=_part(values, _PPID).content,
        components=tuple(_part(tcb, f"{_TCB}.{at}").integer() for at in range(1, COMPONENTS + 1)),
        pce_svn=_part(tcb, _PCE_SVN).integer(),
        cpu_svn=_part(tcb, _CPU_SVN).content,
        pce_id=_part(values, _PCE_ID).content,
        fmspc=_part(values, _FMSPC).content,
        sgx_type=_part(values, _SGX_TYPE).integer(),
        instance_id=values[_INSTANCE].content if _INSTANCE in values else b"",
        **_configuration(values),
    )


def _configuration(values: Mapping[str, der.Node]) -> dict[str, bool | None]:
    if _CONFIGURATION not in values:
        return {}
    flags = _values(values[_CONFIGURATION])
    names = ("dynamic_platform", "cached_keys", "smt_enabled")
    found = (flags.get(f"{_CONFIGURATION}.{at}") for at in range(1, len(names) + 1))
    return {
        name: None if node is None else bool(node.integer())
        for name, node in zip(names, found, strict=True)
    }


def _values(sequence: der.Node) -> Mapping[str, der.Node]:
    result: dict[str, der.Node] = {}
    for pair in sequence.children():
        members = pair.children()
        if len(members) != 2 or members[0].tag != der.OID:  # noqa: PLR2004 - a pair
            raise EvidenceError("The SGX extension of the certificate cannot be read.")
        result[der.oid_text(members[0].content)] = members[1]
    return result


def _part(values: Mapping[str, der.Node], oid: str) -> der.Node:
    node = values.get(oid)
    if node is None:
        raise EvidenceError(f"The SGX extension of the certificate lacks {oid}.")
    return node


def encode_extension(facts: PckFacts) -> bytes:
    """The extension value that `pck_facts` reads."""
    components = [
        _pair(f"{_TCB}.{at + 1}", der.integer(value)) for at, value in enumerate(facts.components)
    ]
    tcb = der.encode(
        der.SEQUENCE,
        *components,
        _pair(_PCE_SVN, der.integer(facts.pce_svn)),
        _pair(_CPU_SVN, der.encode(der.OCTET_STRING, facts.cpu_svn)),
    )
    return der.encode(
        der.SEQUENCE,
        _pair(_PPID, der.encode(der.OCTET_STRING, facts.ppid)),
        _pair(_TCB, tcb),
        _pair(_PCE_ID, der.encode(der.OCTET_STRING, facts.pce_id)),
        _pair(_FMSPC, der.encode(der.OCTET_STRING, facts.fmspc)),
        _pair(_SGX_TYPE, der.encode(der.ENUMERATED, bytes((facts.sgx_type,)))),
    )


def _pair(oid: str, value: bytes) -> bytes:
    return der.encode(der.SEQUENCE, der.oid(oid), value)
