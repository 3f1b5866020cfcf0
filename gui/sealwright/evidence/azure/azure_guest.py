"""AzureGuest requests of Trusted Launch and confidential VMs (spec evidence, 8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sealwright.errors import EvidenceError
from sealwright.evidence.amd.snp_body import SnpBody, parse_snp_body
from sealwright.evidence.basis.document import Document, read_document
from sealwright.evidence.boot.event_log import EventLog, parse_event_log
from sealwright.evidence.intel.tdx import TdxQuote, parse_tdx_quote
from sealwright.evidence.tpm.tpm import (
    ALG_RSASSA,
    Attestation,
    TpmPublic,
    TpmSignature,
    parse_attestation,
    parse_sized_public,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

SHA256: Final = 0x000B
PROTOCOLS: Final = ("1.0", "2.0")
_ISOLATIONS: Final = ("TrustedLaunch", "SevSnp", "Tdx")
_MAX_SIZE: Final = 16 << 20


@dataclass(frozen=True, slots=True)
class GuestTpm:
    """What the virtual TPM attests."""

    aik_certificate: bytes = field(repr=False)
    """DER."""
    aik: TpmPublic
    quote: Attestation
    quote_signature: TpmSignature
    pcrs: Mapping[int, bytes]
    """The registers' values in the SHA-256 bank."""
    encryption_key: TpmPublic
    certify: Attestation
    certify_signature: TpmSignature


@dataclass(frozen=True, slots=True)
class Isolation:
    """The hardware below a confidential VM."""

    runtime_raw: bytes = field(repr=False)
    runtime: Document = field(repr=False)
    snp: SnpBody | None = None
    td_quote: TdxQuote | None = None


@dataclass(frozen=True, slots=True)
class AzureGuest:
    """A request as the guest sent it, decoded."""

    protocol: str
    os_type: str
    os_distro: str
    os_build: str
    os_version: tuple[int, int]
    client_payload: Mapping[str, bytes]
    log: EventLog
    tpm: GuestTpm
    isolation_type: str
    """`TrustedLaunch`, `SevSnp` or `Tdx`; empty in older requests."""
    isolation: Isolation | None


def parse_azure_guest(data: bytes) -> AzureGuest:
    """Read the JSON inside `AttestationInfo`.

    Raises:
        EvidenceError: a member is missing or not in its form.
    """
    if len(data) > _MAX_SIZE:
        raise EvidenceError("The attestation information is too large to be any.")
    document = read_document(data, "attestation information")
    protocol = document.text("AttestationProtocolVersion")
    if protocol not in PROTOCOLS:
        raise EvidenceError(f"The protocol version `{protocol[:20]}` is not known.")
    kind, isolation = _isolation(document)
    return AzureGuest(
        protocol=protocol,
        os_type=_text(document, "OSType"),
        os_distro=_text(document, "OSDistro"),
        os_build=_text(document, "OSBuild"),
        os_version=(document.integer("OSVersionMajor"), document.integer("OSVersionMinor")),
        client_payload=_payload(document),
        log=parse_event_log(document.base64("TcgLogs")),
        tpm=_tpm(document.document("TpmInfo")),
        isolation_type=kind,
        isolation=isolation,
    )


def _payload(document: Document) -> dict[str, bytes]:
    # Encoders of clients that send none write null, or leave the member out.
    if "ClientPayload" not in document:
        return {}
    payload = document.document("ClientPayload")
    return {name: payload.base64(name) for name in payload.names()}


def _text(document: Document, name: str) -> str:
    try:
        return document.base64(name).decode("utf-8")
    except UnicodeDecodeError:
        raise document.problem(name) from None


def _tpm(document: Document) -> GuestTpm:
    quote = parse_attestation(document.base64("PcrQuote"))
    pcrs = _registers(document)
    quoted = [at for item in quote.selections if item.algorithm == SHA256 for at in item.indices]
    if sorted(document.integers("PcrSet")) != quoted:
        raise document.problem("PcrSet")
    return GuestTpm(
        aik_certificate=document.base64("AikCert"),
        aik=parse_sized_public(document.base64("AikPub")),
        quote=quote,
        quote_signature=_bare(document, "PcrSignature"),
        pcrs=pcrs,
        encryption_key=parse_sized_public(document.base64("EncKeyPub")),
        certify=parse_attestation(document.base64("EncKeyCertifyInfo")),
        certify_signature=_bare(document, "EncKeyCertifyInfoSignature"),
    )


def _registers(document: Document) -> dict[int, bytes]:
    items = document.documents("PCRs")
    found = {item.integer("Index"): item.base64("Digest") for item in items}
    if len(found) != len(items) or any(len(value) != 32 for value in found.values()):  # noqa: PLR2004 - SHA-256
        raise document.problem("PCRs")
    return found


def _bare(document: Document, name: str) -> TpmSignature:
    # Clients send the signature's bytes alone: the scheme is the attestation key's.
    return TpmSignature(ALG_RSASSA, SHA256, (document.base64(name),))


def _isolation(document: Document) -> tuple[str, Isolation | None]:
    if "IsolationInfo" not in document:
        return "", None
    info = document.document("IsolationInfo")
    kind = info.text("Type")
    if kind not in _ISOLATIONS:
        raise EvidenceError(f"The isolation `{kind[:20]}` is not known.")
    if kind == "TrustedLaunch":
        return kind, None
    evidence = info.document("Evidence")
    proof, raw = evidence.base64("Proof"), evidence.base64("RunTimeData")
    runtime = read_document(raw, "runtime claims")
    if kind == "SevSnp":
        return kind, Isolation(raw, runtime, snp=parse_snp_body(proof))
    return kind, Isolation(raw, runtime, td_quote=parse_tdx_quote(proof))
