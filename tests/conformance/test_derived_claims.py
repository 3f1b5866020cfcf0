"""Claims derived from recorded evidence are those in the tokens that the service gave for it."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from helpers import vectors
from sealwright.claims import SERVICE_ISSUER
from sealwright.evidence.amd.snp_body import parse_snp_body
from sealwright.evidence.derived.hardware import sgx_claims, snp_claims, tdx_claims
from sealwright.evidence.intel.collateral import TcbStatus
from sealwright.evidence.intel.open_enclave import parse_report
from sealwright.evidence.intel.tdx import parse_tdx_quote

if TYPE_CHECKING:
    from sealwright.claims import Claim

# Tokens older than July 2021 have no report data.
NEWER = ("x-ms-sgx-report-data",)
REQUESTS = [
    entry
    for entry in vectors.index("requests")
    if "/attest/" in str(entry["files"]) or "attest-" in entry["name"]
]


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def exchange(entry: dict[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]] | None:
    record = json.loads(vectors.read("requests", entry["files"][0]))
    answer = record["response_body"]
    if not isinstance(answer, dict) or "token" not in answer:
        return None
    claims: dict[str, Any] = json.loads(decoded(answer["token"].split(".")[1]))
    return record["url"], record["request_body"], claims


EXCHANGES = [
    pytest.param(*found, id=entry["name"])
    for entry in REQUESTS
    if (found := exchange(entry)) is not None and not found[0].split("?")[0].endswith("Tpm")
]


def derived(url: str, body: dict[str, Any]) -> tuple[Claim, ...]:
    if "SevSnpVm" in url:
        return snp_claims(parse_snp_body(decoded(body["report"])).report)
    return sgx_claims(parse_report(decoded(body.get("quote") or body["report"])).quote)


@pytest.mark.parametrize(("url", "body", "claims"), EXCHANGES)
def test_recorded_tokens(url: str, body: dict[str, Any], claims: dict[str, Any]) -> None:
    found = derived(url, body)
    assert {claim.issuer for claim in found} == {SERVICE_ISSUER}
    for claim in found:
        if claim.type in NEWER and claim.type not in claims:
            continue
        assert claims[claim.type] == claim.value, claim.type
        assert type(claims[claim.type]) is type(claim.value)
    prefix = "x-ms-sevsnpvm-" if "SevSnpVm" in url else "x-ms-sgx-"
    others = {name for name in claims if name.startswith(prefix)} - {item.type for item in found}
    assert others <= {"x-ms-sgx-ehd", "x-ms-sgx-collateral"}


def test_a_td_quote_has_the_documented_names_and_types() -> None:
    documented = json.loads(vectors.read("tokens", "claims-tdxvm-docs.json"))
    quote = parse_tdx_quote(vectors.read("evidence", "tdx-v4-dcap-with-collateral.bin"))
    found = {claim.type: claim.value for claim in tdx_claims(quote, TcbStatus.UP_TO_DATE)}
    quoted = ("tdx_", "attester_", "x-ms-attestation-type")
    names = {name for name in documented if name.startswith(quoted)}
    assert found.keys() == names
    for name, value in found.items():
        assert type(value) is type(documented[name])
        if isinstance(value, str) and name.startswith("tdx_"):
            assert len(value) == len(documented[name])
    assert found["tdx_td_attributes"] == "0000001000000000"
    assert found["tdx_td_attributes_septve_disable"] is True
    assert found["tdx_seamsvn"] == 0x0106


def test_no_judgement_no_status() -> None:
    quote = parse_tdx_quote(vectors.read("evidence", "tdx-v5-oe.bin"))
    assert "attester_tcb_status" not in {claim.type for claim in tdx_claims(quote)}
