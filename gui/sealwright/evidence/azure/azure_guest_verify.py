"""Does an AzureGuest request hang together (spec evidence, 8)?

From the hardware, when there is one, over the virtual TPM's key to its quote, and from the quote to
the event log and the key that a sealed token is encrypted with.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from sealwright.errors import EvidenceError, KeyMaterialError
from sealwright.evidence.amd.snp_verify import paravisor_check, verify_snp
from sealwright.evidence.azure.azure_guest import SHA256
from sealwright.evidence.azure.hcl import ATTESTATION_KEY
from sealwright.evidence.basis.certificates import load_filled
from sealwright.evidence.basis.checks import Check, judge, row
from sealwright.evidence.boot.event_data import data_check
from sealwright.evidence.boot.event_log import initial_value, replay
from sealwright.evidence.intel.quote_verify import judge_quote
from sealwright.evidence.tpm.aik_verify import aik_checks
from sealwright.evidence.tpm.tpm_verify import certify_checks, public_key, quote_checks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

    from sealwright.evidence.azure.azure_guest import AzureGuest, GuestTpm, Isolation
    from sealwright.evidence.basis.trust import Trust
    from sealwright.evidence.intel.collateral import Collateral, TcbStatus

_POLICY_PCR: Final = bytes.fromhex("0000017f")
_NEEDED: Final = ("fixedTPM", "fixedParent", "sensitiveDataOrigin", "noDA", "decrypt")


def verify_azure_guest(
    guest: AzureGuest,
    trust: Trust,
    collateral: Collateral | None = None,
    pool: Sequence[x509.Certificate] = (),
) -> tuple[tuple[Check, ...], TcbStatus | None]:
    """Check a request, and how current a TDX platform below it is.

    Args:
        guest: the request.
        trust: roots and time.
        collateral: Intel's, for a TD.
        pool: certificates of the vTPM's authority, in any order.
    """
    tpm = guest.tpm
    try:
        key: PublicKeyTypes | None = public_key(tpm.aik)
    except EvidenceError:
        key = None
    quote = quote_checks(tpm.quote, tpm.quote_signature, key, {SHA256: tpm.pcrs})
    certify = (
        *certify_checks(tpm.certify, tpm.certify_signature, key, tpm.encryption_key),
        _attributes(tpm),
        _policy(tpm),
    )
    below, status = _isolation(guest.isolation, tpm, trust, collateral)
    checks = (
        judge("structure.key", "TPM's key is a key", "It is none.", passed=key is not None),
        *row("chain", "Attestation key's certificate", _certificate(tpm, key, trust, pool)),
        *row("pcr-quote", "Registers quoted by the TPM", quote),
        *row("certify", "Encryption key held by the same TPM", certify),
        *row("event-log", "Event log explains the registers", _log(guest)),
        *below,
    )
    return checks, status


def _certificate(
    tpm: GuestTpm, key: PublicKeyTypes | None, trust: Trust, pool: Sequence[x509.Certificate]
) -> tuple[Check, ...]:
    try:
        certificate = load_filled(tpm.aik_certificate)
    except KeyMaterialError as error:
        title = "Certificate is of the TPM's key"
        return (judge("chain.key", title, error.summary, passed=False),)
    return aik_checks(certificate, key, pool, trust)


def _attributes(tpm: GuestTpm) -> Check:
    key = tpm.encryption_key
    return judge(
        "certify.attributes",
        "Encryption key never leaves the TPM",
        "The encryption key has other attributes than a key bound to its TPM.",
        passed=all(key.has(name) for name in _NEEDED) and not key.has("sign"),
        actual=f"{key.attributes:#010x}",
    )


def _policy(tpm: GuestTpm) -> Check:
    selections = tpm.quote.selections
    listed = len(selections).to_bytes(4, "big") + b"".join(item.raw for item in selections)
    expected = hashlib.sha256(bytes(32) + _POLICY_PCR + listed + tpm.quote.pcr_digest).digest()
    return judge(
        "certify.policy",
        "Encryption key works only while the registers are as quoted",
        "The encryption key can be used in another state of the machine.",
        passed=tpm.encryption_key.auth_policy == expected,
        expected=expected.hex(),
        actual=tpm.encryption_key.auth_policy.hex(),
    )


def _log(guest: AzureGuest) -> tuple[Check, ...]:
    try:
        replayed = replay(guest.log, SHA256)
    except EvidenceError as error:
        return (judge("event-log.replay", "Event log replays", error.summary, passed=False),)
    registers = tuple(
        judge(
            f"event-log.pcr{index}",
            f"Event log leads to PCR {index}",
            "The events do not lead to the quoted value.",
            passed=replayed.get(index, initial_value(index, len(value))) == value,
            expected=value.hex(),
            actual=replayed.get(index, initial_value(index, len(value))).hex(),
        )
        for index, value in sorted(guest.tpm.pcrs.items())
    )
    return (*registers, data_check(guest.log))


def _isolation(
    isolation: Isolation | None, tpm: GuestTpm, trust: Trust, collateral: Collateral | None
) -> tuple[tuple[Check, ...], TcbStatus | None]:
    if isolation is None:
        return (), None
    report_data, status = b"", None
    checks: tuple[Check, ...] = ()
    if isolation.snp is not None:
        report_data = isolation.snp.report.report_data
        checks = (
            *verify_snp(isolation.snp.report, isolation.snp.chain, trust, "isolation."),
            paravisor_check(isolation.snp.report, "isolation."),
        )
    elif isolation.td_quote is not None:
        report_data = isolation.td_quote.body.report_data
        verdict = judge_quote(isolation.td_quote, trust, collateral, "isolation.")
        checks, status = verdict.checks, verdict.status
    digest = hashlib.sha256(isolation.runtime_raw).digest()
    parts = row(
        "isolation",
        "Hardware vouches for the TPM",
        (
            *checks,
            judge(
                "isolation.report-data",
                "Runtime claims are those in the hardware's report",
                "The hardware vouches for other runtime claims.",
                passed=report_data[:32] == digest,
                expected=digest.hex(),
                actual=report_data[:32].hex(),
            ),
            judge(
                "isolation.key",
                "Runtime claims name the TPM's key",
                "The runtime claims name another key than the TPM's.",
                passed=_named(isolation, tpm),
            ),
        ),
    )
    return parts, status


def _named(isolation: Isolation, tpm: GuestTpm) -> bool:
    try:
        keys = [
            item
            for item in isolation.runtime.documents("keys")
            if item.text("kid") == ATTESTATION_KEY
        ]
        return len(keys) == 1 and keys[0].base64("n") == tpm.aik.unique[0]
    except EvidenceError:
        return False
