"""What a service would derive from TPM quotes and event logs, from whichever side they come."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from helpers import vectors
from helpers.synthetic_evidence import synthetic, trust
from sealwright.errors import UsageError
from sealwright.evidence.derived.hardware import former_names
from sealwright.evidence.examination import Examination, Given, Kind
from sealwright.evidence.examine import examine
from sealwright.evidence.tpm.tpm_quote import is_quote
from sealwright.policy.queries import compile_query, search
from sealwright.services.evidence.evidence import claims_from

if TYPE_CHECKING:
    from sealwright.claims.claim import ClaimValue

OF_THE_BOOT = {
    "secureBootEnabled",
    "iommuEnabled",
    "bootDebuggingDisabled",
    "notSafeMode",
    "notWinPE",
    "vbsEnabled",
    "events",
}
OF_THE_TPM = {"aikValidated", "aikPubHash", "tpmVersion", "pcrs"}
ALWAYS = {"x-ms-attestation-type", "vbsReportPresent"}


def values(found: Examination) -> dict[str, ClaimValue]:
    assert len({claim.type for claim in found.claims}) == len(found.claims)
    assert {claim.issuer for claim in found.claims} == {"AttestationService"}
    return {claim.type: claim.value for claim in found.claims}


def alone(given: Given) -> Given:
    return replace(given, companions=(), certificates=())


def test_a_quote_with_its_log_gives_the_claims_of_a_request() -> None:
    quote, given = synthetic(Kind.TPM_QUOTE, windows="true", boot_debugging="true")
    claims = values(examine(quote, given, Kind.TPM_QUOTE))
    assert set(claims) == OF_THE_BOOT | OF_THE_TPM | ALWAYS
    assert (claims["x-ms-attestation-type"], claims["tpmVersion"]) == ("tpm", 2)
    assert (claims["aikValidated"], claims["secureBootEnabled"]) == (True, True)
    assert (claims["bootDebuggingDisabled"], claims["vbsReportPresent"]) == (False, False)
    (log,) = given.companions
    beside = replace(given, companions=(quote,))
    assert values(examine(log, beside, Kind.TPM_EVENTLOG)) == claims


def test_without_the_keys_certificate_the_key_is_not_validated() -> None:
    quote, given = synthetic(Kind.TPM_QUOTE)
    claims = values(examine(quote, replace(given, certificates=()), Kind.TPM_QUOTE))
    assert claims["aikValidated"] is False
    assert set(claims) == OF_THE_BOOT | OF_THE_TPM | ALWAYS


def test_a_log_alone_says_what_was_measured_and_nothing_of_a_tpm() -> None:
    quote, given = synthetic(Kind.TPM_QUOTE, secure_boot="false")
    (log,) = given.companions
    found = examine(log, alone(given))
    claims = values(found)
    assert set(claims) == OF_THE_BOOT | ALWAYS
    assert claims["secureBootEnabled"] is False
    events: Any = json.loads(str(claims["events"]))
    query = compile_query("Events[? ProcessedData.UnicodeName == 'SecureBoot'] | length(@)")
    assert search(query, events) == 1
    assert values(examine(quote, given, Kind.TPM_QUOTE))["events"] == claims["events"]
    told = claims_from("boot.log", found)
    assert told.problem == ""
    assert "give the TPM quote that covers it" in told.unproven


def test_a_quote_alone_says_what_is_missing() -> None:
    quote, given = synthetic(Kind.TPM_QUOTE)
    found = examine(quote, replace(given, companions=()))
    assert set(values(found)) == OF_THE_TPM | ALWAYS
    registers: Any = json.loads(str(values(found)["pcrs"]))["PCRs"]
    assert [item["Index"] for item in registers] == list(range(24))
    assert "give the event log" in claims_from("quote.json", found).unproven


def test_what_is_whole_needs_nothing() -> None:
    quote, given = synthetic(Kind.TPM_QUOTE)
    told = claims_from("quote.json", examine(quote, given, Kind.TPM_QUOTE))
    assert (told.problem, told.unproven) == ("", "")


def test_a_log_that_does_not_lead_to_the_registers_is_a_problem() -> None:
    quote, _ = synthetic(Kind.TPM_QUOTE)
    _, given = synthetic(Kind.TPM_QUOTE, secure_boot="false")
    told = claims_from("quote.json", examine(quote, given, Kind.TPM_QUOTE))
    assert told.problem == "Event log leads to PCR 7"
    assert {claim.type for claim in told.claims} >= OF_THE_BOOT


def test_an_enclave_brings_the_claims_of_its_machine() -> None:
    report, given = synthetic(Kind.VBS_REPORT)
    claims = values(examine(report, given))
    assert set(claims) >= OF_THE_BOOT | OF_THE_TPM | ALWAYS | {"enclaveSvn", "enclaveAuthorId"}
    assert (claims["x-ms-attestation-type"], claims["vbsReportPresent"]) == ("vbs", True)
    logs = tuple(item for item in given.companions if not is_quote(item))
    unquoted = values(examine(report, replace(given, companions=logs)))
    assert set(claims) - set(unquoted) == OF_THE_TPM
    assert not set(values(examine(report, alone(given)))) & (OF_THE_BOOT | OF_THE_TPM)


def test_former_names_are_tested_but_are_no_claims_of_their_own() -> None:
    report, given = synthetic(Kind.VBS_REPORT)
    found = examine(report, given)
    assert "vsmReportPresent" not in values(found)
    told = {claim.type: claim.value for claim in claims_from("report", found).claims}
    assert told["vsmReportPresent"] is True
    assert "$tee" not in told
    quote = examine(*synthetic(Kind.SGX_QUOTE, debug="true", isvsvn="7"))
    former = {claim.type: claim.value for claim in former_names(quote.claims)}
    assert (former["$is-debuggable"], former["$svn"], former["$tee"]) == (True, 7, "sgx")


def test_what_gives_no_claim_says_what_to_bring() -> None:
    report = vectors.read("evidence", "vtpm-tdx-v1.hcl.bin")
    with pytest.raises(UsageError) as told:
        claims_from("hcl.bin", examine(report, Given(trust())))
    assert told.value.hint == "A TD report proves nothing outside its machine; give the TD quote."


def test_real_quotes_and_logs() -> None:
    quote = vectors.read("evidence", "tpm-quote-trustee.json")
    log = vectors.read("evidence", "tcglog-ubuntu-2104-no-dbx.bin")
    trusted = trust()
    claims = values(examine(quote, Given(trusted)))
    assert set(claims) == OF_THE_TPM | ALWAYS
    assert claims["aikValidated"] is False
    both = examine(quote, Given(trusted, companions=(log,)))
    assert set(values(both)) == OF_THE_BOOT | OF_THE_TPM | ALWAYS
    events: Any = json.loads(str(values(both)["events"]))
    assert len(events["Events"]) == 112
    # The log is another machine's.
    assert both.valid is False
