"""`evidence verify` says of every recorded piece of evidence what the index says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from helpers import vectors
from helpers.command_line import CommandLine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ENTRIES = vectors.index("evidence")
AT = "2026-03-01T00:00:00Z"

KINDS = {
    "sgx-quote-v3": "sgx-quote",
    "sgx-oe-report": "oe-report",
    "sgx-oe-evidence": "oe-evidence",
    "tdx-quote-v4": "tdx-quote",
    "tdx-quote-v5": "tdx-quote",
    "collateral-json": "collateral",
    "snp-report": "snp-report",
    "snp-report-negative": "snp-report",
    "snp-confidential-aci": "snp-aci",
    "amd-chain": "amd-chain",
    "azure-hcl-report": "hcl-report",
    "azure-vtpm-evidence": "vtpm-evidence",
    "tpm-quote": "tpm-quote",
    "tcg-event-log": "tpm-eventlog",
}
OPTIONS = {
    ".pem": "--certs",
    "vcek.der": "--certs",
    ".thim.json": "--certs",
    ".collateral.json": "--collateral",
    ".tcbInfo.json": "--collateral",
    ".qeIdentity.json": "--collateral",
    "crl.der": "--collateral",
    ".ehd.bin": "--runtime-data",
    ".runtime.bin": "--runtime-data",
}
ABOUT_THE_RECORDING = {
    # What an earlier tool said about the file, and about answers that are not beside it.
    "declared",
    "declared_matches",
    "sample_tcbInfo_response_signature_valid_under_tcb_signing_cert",
    "sample_qeIdentity_response_signature_valid_under_tcb_signing_cert",
    "sample_tcbinfo_response_v5_signature_valid_under_tcb_signing_cert",
    # Printed by the index's own tool: octets of a thumbprint, and a header by its presence.
    "uvm_endorsement.protected.34",
    "uvm_endorsement.unprotected",
    # Judged at the index's times below.
    "tcb",
}
UNDECIDED = {"tcg-event-log": "event-log", "collateral-json": "collateral", "tpm-quote": "chain"}
"""Kinds that nothing in the file itself vouches for, and the check that says so."""


@pytest.fixture
def sw(capfdbinary: pytest.CaptureFixture[bytes]) -> CommandLine:
    return CommandLine(capfdbinary)


def arguments(entry: Mapping[str, Any]) -> list[str]:
    main, *others = (str(vectors.ROOT / "evidence" / name) for name in entry["files"])
    vectors.read("evidence", entry["files"][0])
    found = [main]
    for name in others:
        option = next((o for ending, o in OPTIONS.items() if name.endswith(ending)), "--with")
        found += [option, name]
    return found


def verified(sw: CommandLine, entry: Mapping[str, Any], at: str = AT) -> tuple[int, dict[str, Any]]:
    ran = sw("evidence", "verify", *arguments(entry), "--at", at, "--format", "json")
    return ran.code, dict(ran.json)


def differences(expected: Mapping[str, Any], found: Any, prefix: str = "") -> Iterator[str]:  # noqa: ANN401 - JSON
    for name, value in expected.items():
        path = f"{prefix}{name}"
        if path in ABOUT_THE_RECORDING or (value is None and name not in found):
            continue
        if isinstance(value, dict) and isinstance(found.get(name), dict):
            yield from differences(value, found[name], f"{path}.")
        elif found.get(name) != value:
            yield f"{path}: {value!r} is not {found.get(name)!r}"


def named(entry: Mapping[str, Any]) -> str:
    return str(entry["name"])


POSITIVE = [
    entry
    for entry in ENTRIES
    if "negative" not in entry["kind"] and "must" not in entry["expect"].lower()
]


@pytest.mark.parametrize("entry", POSITIVE, ids=named)
def test_facts_and_verdict(sw: CommandLine, entry: dict[str, Any]) -> None:
    at = next((one["at"] + "T00:00:00Z" for one in entry["facts"].get("tcb", [])), AT)
    if "pck_crl" in entry["facts"]:
        at = entry["facts"]["pck_crl"]["this_update"].replace(" ", "T")
    if "endorsements" in entry["facts"]:
        at = "2022-04-27T00:00:00Z"
    code, found = verified(sw, entry, at)
    assert found["kind"] == KINDS[entry["kind"]]
    assert list(differences(entry["facts"], found["facts"])) == []
    failed = {check["id"] for check in found["checks"] if check["status"] == "fail"}
    undecided = UNDECIDED.get(entry["kind"])
    if undecided:
        skipped = {check["id"] for check in found["checks"] if check["status"] == "skip"}
        assert (found["valid"], code, undecided in skipped) == (None, 1, True)
    elif entry["name"] == "tdx-v5-dcap-outdated":
        assert failed == {"tcb"}
    else:
        assert (found["valid"], code, failed) == (True, 0, set())


@pytest.mark.parametrize("entry", [one for one in ENTRIES if "tcb" in one["facts"]], ids=named)
def test_tcb_at_the_times_of_the_index(sw: CommandLine, entry: dict[str, Any]) -> None:
    for expected in entry["facts"]["tcb"]:
        _, found = verified(sw, entry, f"{expected['at']}T00:00:00Z")
        if "error" in expected:
            assert found["tcbStatus"] is None
            assert found["valid"] is False
            continue
        assert found["tcbStatus"] == expected["status"]
        assert found["facts"]["tcb"][0]["advisory_ids"] == expected["advisory_ids"]


@pytest.mark.parametrize("option", ["--with", "--collateral"])
def test_endorsements_belong_to_the_evidence_by_either_option(sw: CommandLine, option: str) -> None:
    vectors.require(ENTRIES)
    entry = next(one for one in ENTRIES if "endorsements" in one["facts"])
    main, beside = (str(vectors.ROOT / "evidence" / name) for name in entry["files"])
    ran = sw(
        *("evidence", "verify", main, option, beside, "--at", "2022-04-27", "--format", "json")
    )
    found: dict[str, Any] = dict(ran.json)
    assert (found["kind"], found["valid"]) == ("oe-evidence", True)
    assert list(differences(entry["facts"], found["facts"])) == []
    alone: dict[str, Any] = dict(sw("evidence", "inspect", main, "--format", "json").json)
    assert alone["kind"] == "oe-evidence"


NEGATIVE = {
    "oe-report-bad": ("chain.links", ""),
    "collateral-tcbinfonegativeinvalidissuedate": ("structure", "issueDate"),
    "collateral-qe-identity-missing-tcb-levels": ("structure", "tcbLevels"),
    "snp-neg-vcek-legacy": ("chain.links", ""),
    "snp-neg-vcek-new": ("chain.links", ""),
    "hcl-snp-kinvolk": ("signature", ""),
    "neg-sgx-mrenclave-bit": ("signature", ""),
    "neg-sgx-qe-mrenclave-bit": ("qe-report", ""),
    "neg-sgx-auth-data-bit": ("qe-binding", ""),
    "neg-sgx-truncated": ("structure", "4164 bytes were expected"),
    "neg-sgx-version": ("structure", "version is 9"),
    "neg-sgx-foreign-pck-chain": ("qe-report", ""),
    "neg-oe-report-size": ("structure", "announces"),
    "neg-tdx-report-data-bit": ("signature", ""),
    "neg-tdx-v5-body-size": ("structure", "body of type 3 with 584"),
    "neg-snp-measurement-bit": ("signature", ""),
    "neg-snp-wrong-vcek": ("chip.id", ""),
    "neg-snp-swapped-r-s": ("signature", ""),
    "neg-hcl-claims-byte": ("report-data", ""),
}
"""What must fail, and a word of why."""
BORROWED = {"neg-snp-swapped-r-s": ["snp-ms-milan.vcek.pem", "snp-ms-milan.ask.pem"]}
"""Certificates of the report that a changed one was made from."""


def test_every_entry_of_the_index_is_judged() -> None:
    vectors.require(ENTRIES)
    assert {entry["name"] for entry in ENTRIES} == {named(one) for one in POSITIVE} | set(NEGATIVE)


@pytest.mark.parametrize("name", NEGATIVE)
def test_what_must_be_refused_is(sw: CommandLine, name: str) -> None:
    vectors.require(ENTRIES)
    entry = next(one for one in ENTRIES if one["name"] == name)
    check, word = NEGATIVE[name]
    given = arguments(entry)
    for file in BORROWED.get(name, ()):
        given += ["--certs", str(vectors.ROOT / "evidence" / file)]
    ran = sw("evidence", "verify", *given, "--at", AT, "--format", "json")
    found: dict[str, Any] = dict(ran.json)
    assert (ran.code, found["valid"]) == (1, False)
    failed = {one["id"]: one["detail"] for one in found["checks"] if one["status"] == "fail"}
    assert word in failed[check]
    if "structure" not in failed:
        left_out = {"reason", "parser", "report_data_matches"}
        expected = {k: v for k, v in entry["facts"].items() if k not in left_out}
        assert list(differences(expected, found["facts"])) == []


GUESTS = [entry for entry in vectors.index("requests") if entry["name"].startswith("azureguest-")]


@pytest.mark.parametrize("entry", GUESTS, ids=named)
def test_guest_requests(sw: CommandLine, entry: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "request.json"
    body = json.loads(vectors.read("requests", entry["files"][0]))["request_body"]
    path.write_text(json.dumps(body), "ascii")
    at = entry["facts"]["aik_cert"]["not_after"]
    ran = sw("evidence", "verify", str(path), "--at", at, "--format", "json")
    found: dict[str, Any] = dict(ran.json)
    assert list(differences(entry["facts"], found["facts"])) == []
    # The vTPM authority's certificates do not come with a request.
    assert (found["kind"], found["valid"]) == ("azure-guest", None)
    claims = {one["type"]: one["value"] for one in found["claims"]}
    assert claims["secureboot"] is (entry["name"] != "azureguest-securebootoff")
    assert claims["x-ms-azurevm-is-windows"] is True
    for name in ("bootdebug", "kerneldebug", "hypervisordebug", "testsigning", "flightsigning"):
        assert claims[f"x-ms-azurevm-{name}-enabled"] is False
    late: dict[str, Any] = dict(
        sw("evidence", "verify", str(path), "--at", AT, "--format", "json").json
    )
    assert late["valid"] is False
    dated = next(one["detail"] for one in late["checks"] if one["id"] == "chain.validity")
    assert f"to {at[:10]} only, and was judged as of {AT[:10]}." in dated
