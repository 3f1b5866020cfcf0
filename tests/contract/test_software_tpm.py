"""Quotes of a software TPM are read, held against log and nonce, and changed ones are refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from helpers.swtpm import Swtpm, running_tpm
from sealwright.evidence.event_log import EV_NO_ACTION, parse_event_log
from sealwright.evidence.examination import Examination, Given, Kind
from sealwright.evidence.examine import examine
from sealwright.evidence.synthetic.boot import BootSettings, make_boot_log
from sealwright.evidence.tpm_quote import encode_tpm_quote
from sealwright.evidence.trust import Trust

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
