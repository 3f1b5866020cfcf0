"""Recorded TPM quotes and certified keys hold, and no changed byte of them does."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_der_public_key

from helpers import vectors
from sealwright.errors import AppError, EvidenceError
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.evidence.boot.event_log import parse_event_log, replay
from sealwright.evidence.tpm.tpm import (
    ALG_RSASSA,
    TpmSignature,
    parse_attestation,
    parse_signature,
    parse_sized_public,
)
from sealwright.evidence.tpm.tpm_verify import certify_checks, public_key, quote_checks

SHA256 = 0x000B
GUESTS = [item for item in vectors.index("requests") if item["name"].startswith("azureguest-")]


def octets(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4))


def guest(entry: dict[str, Any]) -> dict[str, Any]:
    record = json.loads(vectors.read("requests", entry["files"][0]))
    info: dict[str, Any] = json.loads(octets(record["request_body"]["AttestationInfo"]))
    return info


def bare(data: str) -> TpmSignature:
    return TpmSignature(ALG_RSASSA, SHA256, (octets(data),))


def banks(info: dict[str, Any]) -> dict[int, dict[int, bytes]]:
    return {SHA256: {item["Index"]: octets(item["Digest"]) for item in info["PCRs"]}}


@pytest.mark.parametrize("entry", GUESTS, ids=lambda entry: entry["name"])
def test_quote(entry: dict[str, Any]) -> None:
    facts, info = entry["facts"]["pcr_quote"], guest(entry)["TpmInfo"]
    quote = parse_attestation(octets(info["PcrQuote"]))
    assert quote.qualified_signer.hex() == facts["qualifiedSigner"]
    assert quote.extra_data.hex() == facts["extraData"]
    assert (quote.clock, quote.reset_count, quote.restart_count, quote.safe) == (
        facts["clock"],
        facts["resetCount"],
        facts["restartCount"],
        facts["safe"],
    )
    assert f"{quote.firmware_version:016x}" == facts["firmwareVersion"]
    selected = [["sha256", list(item.indices)] for item in quote.selections]
    assert selected == facts["pcrSelect"]
    key = public_key(parse_sized_public(octets(info["AikPub"])))
    checks = quote_checks(quote, bare(info["PcrSignature"]), key, banks(info))
    assert {item.status for item in checks} == {CheckStatus.PASS}
    certificate = x509.load_der_x509_certificate(octets(info["AikCert"]))
    assert certificate.public_key() == key


@pytest.mark.parametrize("entry", GUESTS, ids=lambda entry: entry["name"])
def test_certified_key(entry: dict[str, Any]) -> None:
    facts, info = entry["facts"], guest(entry)["TpmInfo"]
    key, held = (parse_sized_public(octets(info[name])) for name in ("AikPub", "EncKeyPub"))
    for public, expected in ((key, facts["aik_public"]), (held, facts["enc_key"])):
        assert public.name.hex() == expected["name"]
        assert hex(public.attributes) == expected["attrs"]
        assert public.auth_policy.hex() == expected["policy"]
        assert (public.bits, public.exponent) == (expected["bits"], expected["e"])
    certified = parse_attestation(octets(info["EncKeyCertifyInfo"]))
    signature = bare(info["EncKeyCertifyInfoSignature"])
    checks = certify_checks(certified, signature, public_key(key), held)
    assert {item.status for item in checks} == {CheckStatus.PASS}
    swapped = certify_checks(certified, signature, public_key(key), key)
    assert swapped[-1].status is CheckStatus.FAIL


@pytest.mark.parametrize("entry", GUESTS, ids=lambda entry: entry["name"])
def test_event_log_explains_every_quoted_register(entry: dict[str, Any]) -> None:
    info = guest(entry)
    log = parse_event_log(octets(info["TcgLogs"]))
    facts = entry["facts"]["event_log"]
    assert len(log.events) == facts["events"]
    registers = replay(log, SHA256)
    held = banks(info["TpmInfo"])[SHA256]
    matching = {str(at): registers.get(at, bytes(32)) == value for at, value in held.items()}
    assert matching == facts["replay_matches_pcrs"]


def trustee() -> tuple[bytes, bytes, Any, dict[int, dict[int, bytes]]]:
    document = json.loads(vectors.read("evidence", "tpm-quote-trustee.json"))
    quote = document["tpm_quote"]
    values = {at: bytes.fromhex(text) for at, text in enumerate(quote["pcrs"])}
    key = load_der_public_key(octets(document["ak_public"]))
    return octets(quote["message"]), octets(quote["signature"]), key, {SHA256: values}


def accepted(message: bytes, signature: bytes, key: Any, values: Any) -> bool:  # noqa: ANN401 - test data
    checks = quote_checks(parse_attestation(message), parse_signature(signature), key, values)
    return {item.status for item in checks} == {CheckStatus.PASS}


def test_a_quote_with_a_wrapped_signature() -> None:
    assert accepted(*trustee())


def test_no_changed_or_cut_byte_is_accepted() -> None:
    message, signature, key, values = trustee()
    for at in range(len(message)):
        changed = message[:at] + bytes((message[at] ^ 1,)) + message[at + 1 :]
        try:
            assert not accepted(changed, signature, key, values)
        except AppError:
            continue
    for size in range(len(message)):
        with pytest.raises(EvidenceError):
            parse_attestation(message[:size])
    for size in range(len(signature)):
        with pytest.raises(EvidenceError):
            parse_signature(signature[:size])


def test_other_register_values_are_not_accepted() -> None:
    message, signature, key, values = trustee()
    other = {SHA256: {**values[SHA256], 0: b"\1" * 32}}
    assert not accepted(message, signature, key, other)
    del other[SHA256][0]
    assert not accepted(message, signature, key, other)


def test_a_key_cut_at_any_byte_is_refused() -> None:
    vectors.require(GUESTS)
    data = octets(guest(GUESTS[0])["TpmInfo"]["EncKeyPub"])
    for size in range(len(data)):
        with pytest.raises(EvidenceError):
            parse_sized_public(data[:size])
