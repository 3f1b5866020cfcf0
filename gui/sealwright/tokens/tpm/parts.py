"""The parts of a Tpm request as bytes and numbers: quotes, registers, logs, certificates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sealwright.errors import EvidenceError, KeyMaterialError, TokenError
from sealwright.evidence.basis.certificates import load_filled
from sealwright.evidence.basis.document import Document
from sealwright.evidence.boot.event_log import EventLog, parse_event_log
from sealwright.evidence.tpm.platform_claim import parse_platform_claim
from sealwright.evidence.tpm.tpm import parse_attestation, parse_signature
from sealwright.evidence.tpm.tpm_quote import TpmQuote
from sealwright.tokens.tpm.request import VERSION_1, rsa_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    from sealwright.tokens.jose import JsonObject
    from sealwright.tokens.tpm.request import TpmRequest

_WHAT: Final = "TPM attestation"
_MAX_LOGS: Final = 4
_MAX_REGISTERS: Final = 24
_MAX_LOG: Final = 1 << 20
"""Bytes of an event log: ten times a real one, and each event becomes JSON for the policy."""
_TCG: Final = "TCG"
_OTHER_LOG: Final = "Logs other than those of the TCG form were not judged: {names}."
_DRTM: Final = "The log of the dynamic root of trust was not judged."


@dataclass(frozen=True, slots=True)
class TpmState:
    """What a TPM says about one moment of its machine."""

    quote: TpmQuote
    log: EventLog | None


@dataclass(frozen=True, slots=True)
class TpmParts:
    """A TPM's word about now, and about the start of the machine where that was before."""

    key: RSAPublicKey
    """The attestation key as the request names it."""
    certificate: x509.Certificate | None
    """What vouches for the key."""
    current: TpmState
    boot: TpmState | None
    notes: tuple[str, ...] = field(default=())


def parts_of(request: TpmRequest) -> TpmParts:
    """Take `tpm_att_data` apart.

    Raises:
        EvidenceError: something in it is not in its form.
    """
    try:
        return _version_1(request) if request.version == VERSION_1 else _version_2(request)
    except TokenError as error:
        raise EvidenceError(error.summary) from None


def _version_1(request: TpmRequest) -> TpmParts:
    document = Document(request.tpm, _WHAT)
    resumed = "boot_claim" in document
    log_name = "srtm_resume_log" if resumed and "srtm_resume_log" in document else "srtm_boot_log"
    current = _claim(document, "current_claim", log_name)
    boot = _claim(document, "boot_claim", "srtm_boot_log") if resumed else None
    drtm = any(name in document for name in ("drtm_boot_log", "drtm_resume_log"))
    notes = (_DRTM,) if drtm else ()
    return TpmParts(_aik(document), _certificate(document), current, boot, notes)


def _claim(document: Document, name: str, log_name: str) -> TpmState:
    claim = parse_platform_claim(document.base64(name))
    banks = {claim.algorithm: dict(enumerate(claim.registers))}
    quote = TpmQuote(claim.attestation, claim.signature, banks, b"")
    raw = document.base64(log_name) if log_name in document else claim.log
    return TpmState(quote, _log(raw) if raw else None)


def _version_2(request: TpmRequest) -> TpmParts:
    document = Document(request.tpm, _WHAT)
    inner = document.document("current_attestation")
    current, notes = _state(inner)
    boot: TpmState | None = None
    if "boot_attestation" in document:
        boot, more = _state(document.document("boot_attestation"))
        notes = (*notes, *more)
    return TpmParts(_aik(inner), _certificate(inner), current, boot, tuple(dict.fromkeys(notes)))


def _state(document: Document) -> tuple[TpmState, tuple[str, ...]]:
    quote = TpmQuote(
        parse_attestation(document.base64("quote")),
        parse_signature(document.base64("signature")),
        _banks(document),
        b"",
    )
    log, notes = _logs(document)
    return TpmState(quote, log), notes


def _banks(document: Document) -> Mapping[int, Mapping[int, bytes]]:
    found: dict[int, dict[int, bytes]] = {}
    for bank in document.documents("pcrs"):
        values = bank.documents("values")
        if len(values) > _MAX_REGISTERS:
            raise document.problem("pcrs")
        registers = {item.integer("index"): item.base64("digest") for item in values}
        if len(registers) != len(values):
            raise document.problem("pcrs")
        found[bank.integer("algorithm")] = registers
    return found


def _logs(document: Document) -> tuple[EventLog | None, tuple[str, ...]]:
    """The one log of the TCG form; others are named, since nothing here replays them."""
    listed = document.documents("logs") if "logs" in document else ()
    if len(listed) > _MAX_LOGS:
        raise document.problem("logs")
    tcg = [item for item in listed if item.text("type").upper() == _TCG]
    others = sorted({item.text("type")[:20] for item in listed if item not in tcg})
    if len(tcg) > 1:
        raise EvidenceError("The attestation brings more than one log of the TCG form.")
    notes = (_OTHER_LOG.format(names=", ".join(others)),) if others else ()
    return (_log(tcg[0].base64("log")) if tcg else None), notes


def _log(raw: bytes) -> EventLog:
    if len(raw) > _MAX_LOG:
        raise EvidenceError(f"An event log has more than {_MAX_LOG} bytes.")
    return parse_event_log(raw)


def _aik(document: Document) -> RSAPublicKey:
    public: JsonObject = {
        name: document.document("aik_pub").text(name) for name in ("kty", "n", "e")
    }
    return rsa_key(public)


def _certificate(document: Document) -> x509.Certificate | None:
    if "aik_cert" not in document:
        return None
    raw = document.base64("aik_cert")
    try:
        return load_filled(raw) if raw else None
    except KeyMaterialError:
        raise document.problem("aik_cert") from None
