"""Quotes of a software TPM are read, held against log and nonce, and changed ones are refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from helpers.swtpm import Swtpm, running_tpm
from sealwright.claims.attestation_type import AttestationType
from sealwright.evidence.basis.trust import Trust
from sealwright.evidence.boot.event_log import EV_NO_ACTION, parse_event_log
from sealwright.evidence.examination import Examination, Given, Kind
from sealwright.evidence.examine import examine
from sealwright.evidence.synthetic.boot import BootSettings, make_boot_log
from sealwright.evidence.tpm.tpm_quote import encode_tpm_quote
from sealwright.policy.evaluation.evaluator import prepare
from sealwright.policy.reading.parser import parse
from sealwright.services.evidence.evidence import claims_from

if TYPE_CHECKING:
    from collections.abc import Iterator

SHA256 = 0x000B
NONCE = b"asked at noon"
ALL = tuple(range(24))


@pytest.fixture(scope="module")
def tpm() -> Iterator[Swtpm]:
    with running_tpm() as found:
        yield found


@pytest.fixture(scope="module")
def log(tpm: Swtpm) -> bytes:
    """A boot log whose events were measured into the TPM."""
    made = make_boot_log(BootSettings(windows=True), b"\x30\x00", b"")
    for event in parse_event_log(made).events:
        if event.type != EV_NO_ACTION:
            tpm.extend(event.register, dict(event.digests)[SHA256])
    return made


def document(
    tpm: Swtpm, key: bytes, indices: tuple[int, ...] = ALL, scheme: str = "rsassa"
) -> bytes:
    message, signature = tpm.quote(indices, NONCE, scheme)
    values = tpm.registers()
    spki = load_pem_public_key(key).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return encode_tpm_quote(message, signature, [values[at] for at in ALL], spki)


def seen(data: bytes, *companions: bytes, nonce: bytes = NONCE) -> Examination:
    trust = Trust((), datetime(2026, 11, 28, tzinfo=UTC))
    return examine(data, Given(trust, nonce=nonce, companions=companions))


def failed(found: Examination) -> set[str]:
    return {check.id for check in found.failed()}


@pytest.mark.parametrize(
    ("kind", "scheme"), [("rsa", "rsassa"), ("rsa", "rsapss"), ("ecc", "ecdsa")]
)
def test_every_scheme(tpm: Swtpm, log: bytes, kind: str, scheme: str) -> None:
    quoted = document(tpm, tpm.make_key(scheme, kind), scheme=scheme)
    found = seen(quoted, log)
    assert found.kind is Kind.TPM_QUOTE
    # Nobody answers for the key of a software TPM; all else holds.
    assert (failed(found), found.valid) == (set(), None)
    assert all(row.agrees for row in found.register_rows() if row.agrees is not None)
    assert failed(seen(quoted, log, nonce=b"another")) == {"pcr-quote", "pcr-quote.nonce"}


def test_what_happened_after_the_log_is_noticed(tpm: Swtpm, log: bytes) -> None:
    key = tpm.make_key()
    before = document(tpm, key)
    tpm.extend(8, b"\1" * 32)
    tpm.extend(12, b"\1" * 32)
    # IMA and applications go on measuring after the boot log has ended.
    tpm.extend(10, b"\1" * 32)
    after = document(tpm, key)
    assert failed(seen(before, log)) == set()
    assert failed(seen(after, log)) == {"event-log", "event-log.pcr8", "event-log.pcr12"}


def test_some_registers_only(tpm: Swtpm) -> None:
    found = seen(document(tpm, tpm.make_key(), (0, 7)))
    assert failed(found) == set()
    assert found.facts["pcr_digest_matches"] is True


def test_a_policy_is_tried_on_a_quote_with_its_log(tpm: Swtpm, log: bytes) -> None:
    policy = parse(
        'version=1.2;authorizationrules{[type=="tpmVersion", value==2] && '
        '[type=="secureBootEnabled", value==true] => permit();};issuancerules{'
        'e:[type=="events"] => issue(type="measured", value=JmesPath(e.value, "length(Events)"));};'
    )
    whole = claims_from("quote", seen(document(tpm, tpm.make_key()), log)).claims
    outcome = prepare(policy, attestation_type=AttestationType.TPM).evaluate(whole, monotonic)
    assert outcome.permitted
    assert [claim.value for claim in outcome.outgoing] == [str(len(parse_event_log(log).events))]
    values = {claim.type: claim.value for claim in whole}
    registers = json.loads(str(values["pcrs"]))["PCRs"]
    assert registers[7]["Digests"]["SHA256"] == tpm.registers()[7].hex()
    alone = {claim.type for claim in claims_from("log", seen(log)).claims}
    assert "events" in alone
    assert not alone & {"pcrs", "aikPubHash", "tpmVersion"}
