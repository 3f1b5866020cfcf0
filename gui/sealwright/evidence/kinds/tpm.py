"""TPM quotes and event logs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key

from sealwright.evidence.basis.chains import readable, root_id
from sealwright.evidence.basis.checks import Check, judge, row, skip, warn
from sealwright.evidence.basis.document import member_fields
from sealwright.evidence.basis.reader import Field
from sealwright.evidence.basis.trust import VTPM_ROOT
from sealwright.evidence.boot.event_data import data_check
from sealwright.evidence.boot.event_log import EventLog, initial_value, parse_event_log
from sealwright.evidence.boot.event_rows import replays
from sealwright.evidence.derived.tpm import log_claims, tpm_claims, vbs_claims
from sealwright.evidence.examination import Examination, Fact, Given, Kind
from sealwright.evidence.kinds.intel_facts import passes
from sealwright.evidence.structure import Part
from sealwright.evidence.tpm.aik_verify import aik_chain, aik_checks, is_validated
from sealwright.evidence.tpm.tpm import HASHES, Attestation, digest_size
from sealwright.evidence.tpm.tpm_quote import TpmQuote, is_quote, parse_tpm_quote
from sealwright.evidence.tpm.tpm_verify import quote_checks, verifies

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

    from sealwright.claims import Claim

_OTHERS_EXTEND: Final = frozenset({10, 15, 16, 23})
"""Registers of IMA, of applications and of debuggers, which boot logs do not list."""
_QUOTE_NEEDED: Final = "nothing vouches for a log alone; give the TPM quote that covers it"


def attestation_facts(found: Attestation) -> dict[str, Fact]:
    """A TPMS_ATTEST by the names of the TPM specification."""
    return {
        "magic": "0xff544347",
        "type": f"{found.type:#x}",
        "qualifiedSigner": found.qualified_signer.hex(),
        "extraData": found.extra_data.hex(),
        "clock": found.clock,
        "resetCount": found.reset_count,
        "restartCount": found.restart_count,
        "safe": found.safe,
        "firmwareVersion": f"{found.firmware_version:016x}",
        "pcrSelect": [
            [HASHES.get(item.algorithm, f"{item.algorithm:#06x}"), list(item.indices)]
            for item in found.selections
        ],
        "pcrDigest": found.pcr_digest.hex(),
    }


def examine_quote(data: bytes, given: Given) -> Examination:
    """A TPM quote, with the event log when one is given."""
    quote = parse_tpm_quote(data, given.companions)
    log = log_among(given)
    key = quote_key(quote, given)
    chain = key_chain(key, given)
    checks = (*chain.checks, *checks_of(quote, key, given, log))
    facts: dict[str, Fact] = {
        "attest": attestation_facts(quote.attestation),
        **_signature_facts(quote, checks),
        "pcr_digest_matches": passes(checks, "pcr-quote.digest"),
    }
    if log is not None:
        facts["event_log"] = dict(log_facts(log))
    return Examination(
        kind=Kind.TPM_QUOTE,
        form="TPM quote",
        facts=facts,
        checks=checks,
        claims=(*quote_claims(quote, key, chain, log), *vbs_claims(None)),
        root=chain.root,
        certificates=chain.ders,
        parts=quote_parts(data, quote),
        log=log,
        quoted=quote.banks,
    )


def quote_claims(
    quote: TpmQuote, key: PublicKeyTypes | None, chain: KeyChain, log: EventLog | None
) -> tuple[Claim, ...]:
    """What a service that is sent this quote, and this log, derives from them."""
    return tpm_claims(log, quote.banks, key, aik_validated=chain.validated)


def _signature_facts(quote: TpmQuote, checks: tuple[Check, ...]) -> dict[str, Fact]:
    if quote.signature is None:
        return {}
    return {
        "sig_alg": f"{quote.signature.algorithm:#x}",
        "hash_alg": f"{quote.signature.hash_algorithm:#x}",
        "signature_valid": passes(checks, "pcr-quote.signature"),
    }


def quote_parts(data: bytes, quote: TpmQuote) -> tuple[Part, ...]:
    """The document, and the attestation inside it."""
    inner = Part("TPM attestation", quote.attestation.raw, quote.attestation.fields)
    if data == quote.attestation.raw:
        return (inner,)
    return (Part("TPM quote", data, member_fields(data, "TPM quote")), inner)


def quote_key(quote: TpmQuote, given: Given) -> PublicKeyTypes | None:
    """The attestation key: the one that came along, or else the given certificate that fits."""
    if quote.key:
        return read_key(quote.key)
    signature = quote.signature
    if signature is None:
        return None
    keys = [item.public_key() for item in readable(given.certificates)]
    fitting = (key for key in keys if verifies(key, signature, quote.attestation.raw))
    return next(fitting, keys[0] if keys else None)


def read_key(spki: bytes) -> PublicKeyTypes | None:
    """A public key; None when the octets are none."""
    try:
        return load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        return None


def checks_of(
    quote: TpmQuote, key: PublicKeyTypes | None, given: Given, log: EventLog | None
) -> tuple[Check, ...]:
    """Signature, registers, nonce and event log of a quote."""
    title = "Registers quoted by the TPM"
    if quote.signature is None:
        parts: tuple[Check, ...] = (
            skip("pcr-quote.signature", title, "no signature; give the TPMT_SIGNATURE"),
        )
    else:
        parts = quote_checks(quote.attestation, quote.signature, key, quote.banks)
    made = row("pcr-quote", title, (*parts, *_nonce(quote, given)))
    return made if log is None else (*made, *_replayed(log, quote))


@dataclass(frozen=True, slots=True)
class KeyChain:
    """Who answers for an attestation key, as far as the given certificates lead."""

    checks: tuple[Check, ...]
    chain: tuple[x509.Certificate, ...]
    root: str | None

    @property
    def validated(self) -> bool:
        """Whether they lead to a trusted root."""
        return is_validated(self.checks)

    @property
    def ders(self) -> tuple[bytes, ...]:
        """The chain's certificates."""
        return tuple(item.public_bytes(Encoding.DER) for item in self.chain)


def key_chain(key: PublicKeyTypes | None, given: Given) -> KeyChain:
    """Look for the key's certificate among the given ones, and check its chain."""
    title = "Attestation key's certificate"
    pool = readable(given.certificates)
    leaf = next((item for item in pool if item.public_key() == key), None)
    if leaf is None:
        why = "no certificate of the key; give it, with its authority's"
        return KeyChain((skip("chain", title, why),), (), None)
    chain = aik_chain(leaf, pool)
    checks = row("chain", title, aik_checks(leaf, key, pool, given.trust))
    return KeyChain(checks, chain, root_id(chain, given.trust, VTPM_ROOT))


def _nonce(quote: TpmQuote, given: Given) -> tuple[Check, ...]:
    if given.nonce is None:
        return ()
    have = quote.attestation.extra_data
    return (
        judge(
            "pcr-quote.nonce",
            "Quote was made for this nonce",
            "The quote was made for another nonce: it may be an old one.",
            passed=have == given.nonce,
            expected=given.nonce.hex(),
            actual=have.hex(),
        ),
    )


def _replayed(log: EventLog, quote: TpmQuote) -> tuple[Check, ...]:
    found = replays(log)
    parts = tuple(
        _register(found.get(selection.algorithm), selection.algorithm, index, quote)
        for selection in quote.attestation.selections
        for index in selection.indices
    )
    return row("event-log", "Event log explains the registers", (*parts, data_check(log)))


def _register(
    bank: Mapping[int, bytes] | None, algorithm: int, index: int, quote: TpmQuote
) -> Check:
    id_, title = f"event-log.pcr{index}", f"Event log leads to PCR {index}"
    value = quote.banks.get(algorithm, {}).get(index)
    if bank is None or value is None:
        return skip(id_, title, "the log has no such bank, or the value was not given")
    # The value may be of any length: it is what the request says.
    size = digest_size(algorithm)
    replayed = bank.get(index, initial_value(index, size))
    if index not in bank and index in _OTHERS_EXTEND and replayed != value:
        return warn(id_, title, "Software extended it later, beside this log.", actual=value.hex())
    return judge(
        id_,
        title,
        "The events do not lead to the quoted value.",
        passed=replayed == value,
        expected=value.hex(),
        actual=replayed.hex(),
    )


def log_among(given: Given) -> EventLog | None:
    """The event log among the companions."""
    for item in given.companions:
        if is_event_log(item):
            return parse_event_log(item)
    return None


def is_event_log(data: bytes) -> bool:
    """Whether it begins as a crypto-agile log, or as a first event of an old one."""
    if b"Spec ID Event03\0" in data[32:64]:
        return True
    first = tuple(int.from_bytes(data[at : at + 4], "little") for at in (0, 4, 28))
    return len(data) > 32 and first[0] < 24 and first[1] in range(1, 19) and first[2] < 1 << 16  # noqa: PLR2004 - the header of an event


def log_facts(log: EventLog) -> dict[str, Fact]:
    """A log, and what the registers hold after it."""
    found: dict[str, Fact] = {
        "format": "crypto-agile" if log.crypto_agile else "sha1-legacy",
        "events": len(log.events),
        "algs": {f"{algorithm:#x}": size for algorithm, size in log.algorithms.items()},
        "end_offset": log.end,
    }
    for algorithm, registers in replays(log).items():
        values: dict[str, Fact] = {
            str(index): registers[index].hex() for index in sorted(registers)
        }
        found[f"replayed_{HASHES[algorithm]}"] = values
    return found


def examine_log(data: bytes, given: Given) -> Examination:
    """An event log, held against a quote when one is given."""
    log = parse_event_log(data)
    found = vouched(log, given)
    return Examination(
        kind=Kind.TPM_EVENTLOG,
        form="TCG event log",
        facts=log_facts(log),
        checks=found.checks,
        claims=(*found.claims, *vbs_claims(None)),
        root=found.root,
        certificates=found.certificates,
        parts=(Part("Event log", data, log_fields(log)), *found.parts),
        log=log,
        quoted=found.quoted,
    )


@dataclass(frozen=True, slots=True)
class Vouched:
    """What the quote among the companions says about a log."""

    checks: tuple[Check, ...]
    claims: tuple[Claim, ...] = ()
    """What log and quote say; the log alone, when there is no quote."""
    root: str | None = None
    certificates: tuple[bytes, ...] = ()
    parts: tuple[Part, ...] = ()
    quoted: Mapping[int, Mapping[int, bytes]] = field(default_factory=dict)
    registers: frozenset[int] | None = None
    """What the quote covers; None when there is no quote."""


def vouched(log: EventLog, given: Given) -> Vouched:
    """Hold a log against the quote among the companions."""
    raw = next((item for item in given.companions if is_quote(item)), None)
    if raw is None:
        missing = skip("event-log", "Event log explains the registers", _QUOTE_NEEDED)
        return Vouched((missing,), log_claims(log))
    quote = parse_tpm_quote(raw, given.companions)
    key = quote_key(quote, given)
    chain = key_chain(key, given)
    checks = (*chain.checks, *checks_of(quote, key, given, log))
    return Vouched(
        checks,
        quote_claims(quote, key, chain, log),
        chain.root,
        chain.ders,
        quote_parts(raw, quote),
        quote.banks,
        quote.attestation.registers,
    )


def log_fields(log: EventLog) -> tuple[Field, ...]:
    """Where each event lies."""
    ends = (*(event.offset for event in log.events[1:]), log.end)
    return tuple(
        Field(f"event_{at}", event.offset, end - event.offset)
        for at, (event, end) in enumerate(zip(log.events, ends, strict=True))
    )
