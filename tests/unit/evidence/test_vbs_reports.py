"""A VBS enclave report is as good as the boot log that names its key, and the quote over that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from helpers.synthetic_evidence import check_of, failed, roots, synthetic, trust
from sealwright.errors import EvidenceError
from sealwright.evidence.azure.vbs import parse_vbs_report
from sealwright.evidence.azure.vbs_verify import identity_keys
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.evidence.boot import sipa
from sealwright.evidence.boot.boot_facts import boot_facts
from sealwright.evidence.boot.event_log import parse_event_log
from sealwright.evidence.boot.event_log_encode import Measured, encode_event_log
from sealwright.evidence.boot.event_names import EV_EVENT_TAG, EV_SEPARATOR
from sealwright.evidence.examination import Examination, Given, Kind
from sealwright.evidence.examine import examine
from sealwright.evidence.synthetic.tpm import make_quote, registers_after
from sealwright.evidence.tpm.tpm_quote import encode_tpm_quote

if TYPE_CHECKING:
    from collections.abc import Sequence

SETTINGS = 12


def tagged(*events: sipa.SipaEvent, register: int = SETTINGS) -> Measured:
    inner = sipa.SipaEvent(sipa.TRUST_BOUNDARY, b"", events)
    return Measured(register, EV_EVENT_TAG, sipa.encode_sipa([inner]))


def key_event(register: int = SETTINGS) -> Measured:
    return tagged(
        sipa.SipaEvent(sipa.VSM_IDENTITY_KEY_SIGNING, roots().tpm.identity), register=register
    )


def closing(register: int = SETTINGS) -> Measured:
    return Measured(register, EV_SEPARATOR, b"WBCL")


def seen_with(*events: Measured, quoted: Sequence[int] = range(24)) -> Examination:
    """A report beside a log of these events, and a quote of those registers."""
    data, _ = synthetic(Kind.VBS_REPORT)
    log = encode_event_log(events)
    registers = registers_after(log)
    signed = make_quote(roots().tpm, registers, quoted)
    quote = encode_tpm_quote(
        signed.attestation,
        signed.wrapped,
        [registers[at] for at in range(24)],
        roots().tpm.aik_spki,
    )
    certificates = (roots().tpm.aik_certificate, roots().tpm.root)
    return examine(data, Given(trust(), certificates=certificates, companions=(log, quote)))


def test_a_key_that_was_measured_at_the_start() -> None:
    found = seen_with(key_event(), closing())
    assert (found.valid, found.root) == (True, "sandbox")


@pytest.mark.parametrize(
    "events",
    [
        (closing(),),
        (tagged(sipa.SipaEvent(sipa.VSM_IDENTITY_KEY, bytes(16))), closing()),
    ],
)
def test_a_log_that_names_no_key(events: tuple[Measured, ...]) -> None:
    found = seen_with(*events)
    assert failed(found) >= {"event-log.identity-key"}
    assert check_of(found, "signature").status is CheckStatus.SKIP


def test_a_key_that_was_measured_after_the_start_is_anybodys() -> None:
    assert failed(seen_with(closing(), key_event())) == {"event-log.identity-key"}


def test_a_key_in_a_register_of_the_firmware_is_anybodys() -> None:
    assert failed(seen_with(key_event(register=5), closing())) == {"event-log.identity-key"}


def test_a_key_whose_register_the_quote_leaves_out() -> None:
    found = seen_with(key_event(), closing(), quoted=range(12))
    assert failed(found) == {"event-log.identity-key"}
    assert "does not cover" in check_of(found, "event-log.identity-key").detail


def test_a_key_that_was_exchanged_in_the_log() -> None:
    log = bytearray(encode_event_log([key_event()]))
    log[-1] ^= 1
    assert identity_keys(parse_event_log(bytes(log))) == ()


def test_what_was_measured_after_the_start_says_nothing_about_it() -> None:
    late = tagged(
        sipa.SipaEvent(sipa.VBS_VSM_REQUIRED, b"\1"), sipa.SipaEvent(sipa.HVCI_POLICY, b"\1")
    )
    before = boot_facts(parse_event_log(encode_event_log([late, closing()])))
    after = boot_facts(parse_event_log(encode_event_log([closing(), late])))
    assert (before.vbs, before.hvci_policy) == (True, 1)
    assert (after.vbs, after.hvci_policy, after.is_windows) == (False, 0, False)


def test_the_claims_have_the_services_names_and_types() -> None:
    data, given = synthetic(
        Kind.VBS_REPORT,
        owner_id="10" * 32,
        author_id="04" * 32,
        family_id="fe" + "00" * 15,
        image_id="19" * 16,
        enclave_svn="7",
        platform_svn="3",
        debug="true",
    )
    found = examine(data, replace(given, companions=()))
    assert {claim.type: claim.value for claim in found.claims} == {
        "x-ms-attestation-type": "vbs",
        "vbsReportPresent": True,
        "enclaveAuthorId": "BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ",
        "enclaveImageId": "GRkZGRkZGRkZGRkZGRkZGQ",
        "enclaveOwnerId": "EBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBA",
        "enclaveFamilyId": "_gAAAAAAAAAAAAAAAAAAAA",
        "enclaveSvn": 7,
        "enclavePlatformSvn": 3,
        "enclaveFlags": 1,
    }
    assert check_of(found, "policy-bits").status is CheckStatus.WARN


@pytest.mark.parametrize("at", [0, 4, 8, 12, 16, 20, 24])
def test_a_package_that_contradicts_itself_says_where(at: int) -> None:
    data = bytearray(synthetic(Kind.VBS_REPORT)[0])
    data[at] ^= 0x40
    with pytest.raises(EvidenceError) as refused:
        parse_vbs_report(bytes(data))
    assert refused.value.offset is not None


def test_a_report_without_its_log_says_what_to_give() -> None:
    data, given = synthetic(Kind.VBS_REPORT)
    found = examine(data, replace(given, companions=(), certificates=()))
    assert found.valid is None
    assert {check.id for check in found.missing()} == {"signature", "event-log"}
