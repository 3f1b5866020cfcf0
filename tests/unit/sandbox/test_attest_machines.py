"""SevSnpVm at the sandbox, TCB baselines, and types that it cannot judge."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from helpers.attesting import quote_of, sent
from helpers.sandbox_client import NOW, SandboxClient, error_of, message_of
from sealwright.evidence.synthetic.snp_reports import (
    SnpFields,
    make_snp_body,
    make_snp_report,
    make_uvm,
)
from sealwright.sandbox.attestation.roots import snp_platform_of
from sealwright.tokens.jose import b64url_encode, split
from sealwright.tokens.policy_jws import unsecured_policy

if TYPE_CHECKING:
    import httpx

pytestmark = pytest.mark.anyio

RUNTIME = b'{"keys":[]}'
DEBUG = 0x3001F | 1 << 19


def body_of(client: SandboxClient, *, endorsed: bool = False, **fields: Any) -> str:  # noqa: ANN401 - members of a report
    platform = snp_platform_of(client.sandbox.core.state)
    digest = hashlib.sha256(RUNTIME).digest() + bytes(32)
    values = {"report_data": digest, "measurement": b"\x05" * 48} | fields
    report = make_snp_report(platform, SnpFields(**values))
    uvm = make_uvm(platform, values["measurement"], signed_at=NOW) if endorsed else None
    return b64url_encode(make_snp_body(platform, report, uvm))


async def attest(client: SandboxClient, kind: str, body: dict[str, Any]) -> httpx.Response:
    return await client.data("POST", "sharedlocal", f"/attest/{kind}", json.dumps(body))


async def claims_of(client: SandboxClient, body: dict[str, Any]) -> dict[str, Any]:
    answer = await attest(client, "SevSnpVm", body)
    assert answer.status_code == 200, answer.text
    return dict(split(answer.json()["token"]).claims())


async def test_a_report_becomes_a_token(client: SandboxClient) -> None:
    body = {"report": body_of(client), "runtimeData": sent(RUNTIME, "JSON"), "nonce": 11}

    claims = await claims_of(client, body)

    assert claims["x-ms-attestation-type"] == "sevsnpvm"
    assert claims["x-ms-sevsnpvm-launchmeasurement"] == "05" * 48
    assert claims["x-ms-sevsnpvm-is-debuggable"] is False
    assert claims["x-ms-runtime"] == {"keys": []}
    assert claims["nonce"] == "11"
    assert claims["x-ms-policy-hash"] == "9NY0VnTQ-IiBriBplVUpFbczcDaEBUwsiFYAzHu_gco"
    assert "x-ms-compliance-status" not in claims


async def test_an_endorsed_image_is_said_to_be_one(client: SandboxClient) -> None:
    claims = await claims_of(client, {"report": body_of(client, endorsed=True)})

    said = claims["x-ms-sevsnpvm-uvm-endorsement"]
    assert claims["x-ms-compliance-status"] == "azure-signed-uvm"
    assert said["x-ms-sevsnpvm-launchmeasurement"] == "05" * 48


async def test_init_data_is_the_host_data(client: SandboxClient) -> None:
    policy = b'{"policy":"rego"}'
    bound = body_of(client, host_data=hashlib.sha256(policy).digest())
    init = sent(policy, "JSON")

    claims = await claims_of(client, {"report": bound, "initTimeData": init})
    refused = await attest(client, "SevSnpVm", {"report": body_of(client), "initTimeData": init})

    assert claims["x-ms-inittime"] == {"policy": "rego"}
    assert error_of(refused) == (400, "InvalidParameter")
    assert "HOST_DATA" in message_of(refused)


async def test_debugging_is_left_to_the_policy(client: SandboxClient) -> None:
    report = body_of(client, policy=DEBUG)
    strict = (
        'version= 1.0;authorizationrules{[type=="x-ms-sevsnpvm-is-debuggable", value==false]'
        " => permit();};"
    )
    draft = unsecured_policy(strict)

    claims = await claims_of(client, {"report": report})
    refused = await attest(
        client, "SevSnpVm", {"report": report, "draftPolicyForAttestation": draft}
    )

    assert claims["x-ms-sevsnpvm-is-debuggable"] is True
    assert error_of(refused) == (400, "PolicyEvaluationError")


@pytest.mark.parametrize("member", ["report", "VcekCertChain"])
async def test_a_broken_report_is_refused(client: SandboxClient, member: str) -> None:
    inner = "AAAA" if member == "report" else b64url_encode(b'{"SnpReport":"AAAA"}')

    answer = await attest(client, "SevSnpVm", {"report": inner})

    assert error_of(answer) == (400, "InvalidParameter")
    assert "The specified report was invalid" in message_of(answer)


@pytest.mark.parametrize("kind", ["Pluton", "KeyGuard", "mdeptz", "AiHsm"])
async def test_types_without_a_public_format_are_refused(client: SandboxClient, kind: str) -> None:
    answer = await attest(client, kind, {"data": "e30"})

    assert error_of(answer) == (400, "InvalidParameter")
    assert "not public" in message_of(answer)


@pytest.mark.parametrize("kind", ["Vbs", "sgx", "VbsEnclave", "Tee", "x" * 200])
async def test_names_of_no_type_are_refused(client: SandboxClient, kind: str) -> None:
    answer = await attest(client, kind, {})

    assert error_of(answer) == (400, "InvalidParameter")
    assert len(message_of(answer)) < 120
    assert "is not supported" in message_of(answer)


async def test_baselines_mark_the_one_that_the_policy_names(client: SandboxClient) -> None:
    policy = (
        'version=1.1;configurationrules{=> issueproperty(type="x-ms-sgx-tcbidentifier", '
        'value="12");};authorizationrules{=> permit();};'
    )
    await client.data("PUT", "plain", "/policies/SgxEnclave", unsecured_policy(policy))

    default, own = [
        (await client.data("GET", name, "/tcbbaselines/SgxEnclave", version="2025-06-01")).json()
        for name in ("sharedlocal", "plain")
    ]

    assert [item["tcbIdentifier"] for item in own["tcbBaselines"]] == [
        "15",
        "14",
        "13",
        "12",
        "11",
        "10",
    ]
    assert [i["tcbIdentifier"] for i in own["tcbBaselines"] if i["isSelectedTcb"]] == ["12"]
    assert default["tcbBaselines"][-1] == {
        "tcbIdentifier": "10",
        "tcbEvaluationDataNumber": 10,
        "tcbReleaseDate": "2020-11-11T00:00:00",
        "minimumPswLinuxVersion": "2.9",
        "minimumPswWindowsVersion": "2.7.101.2",
        "isSelectedTcb": True,
    }


@pytest.mark.parametrize(("current", "count"), [("true", 1), ("false", 6)])
async def test_baselines_of_the_preview(client: SandboxClient, current: str, count: int) -> None:
    answer = await client.http.get(
        "https://sharedlocal.sandbox.invalid/tcbbaselines/openenclave",
        params={"api-version": "2022-09-01-preview", "provideCurrentTcbInPolicy": current},
    )

    listed = answer.json()["tcbBaselines"]
    assert len(listed) == count
    assert listed[-1]["tcbEvaluationDataNumber"] == "azuredefault (Currently 10)"
    assert set(listed[-1]) == {
        "tcbEvaluationDataNumber",
        "tcbReleaseDate",
        "minimumPswLinuxVersion",
        "minimumPswWindowsVersion",
    }


@pytest.mark.parametrize("kind", ["SevSnpVm", "sgx"])
async def test_baselines_are_of_sgx_only(client: SandboxClient, kind: str) -> None:
    answer = await client.data("GET", "sharedlocal", f"/tcbbaselines/{kind}")

    assert error_of(answer) == (400, "InvalidParameter")


@pytest.mark.parametrize(("name", "status"), [("12", 200), ("99", 400)])
async def test_a_policy_names_a_baseline_of_its_own(
    client: SandboxClient, name: str, status: int
) -> None:
    policy = (
        f'version=1.1;configurationrules{{=> issueproperty(type="x-ms-sgx-tcbidentifier", '
        f'value="{name}");}};authorizationrules{{=> permit();}};'
    )
    quote = b64url_encode(quote_of(client))
    draft = unsecured_policy(policy)

    answer = await attest(
        client, "SgxEnclave", {"quote": quote, "draftPolicyForAttestation": draft}
    )

    assert answer.status_code == status
    if status == 400:
        assert error_of(answer) == (400, "InvalidParameter")
    else:
        claims = split(answer.json()["token"]).claims()
        assert claims["x-ms-sgx-tcbidentifier"] == name


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            'type="x-ms-sgx-tcbidentifier", value=JsonToClaimValue("5")',
            "'x-ms-sgx-tcbidentifier' takes a value of type String",
        ),
        ('type="any", value=JsonToClaimValue("{}")', "'JsonToClaimValue' takes a primitive"),
    ],
)
async def test_a_configuration_that_fails_is_the_policys_fault(
    client: SandboxClient, rule: str, words: str
) -> None:
    policy = f"version=1.2;configurationrules{{=> issueproperty({rule});}};authorizationrules{{}};"
    quote = b64url_encode(quote_of(client))
    stored = await client.data("PUT", "plain", "/policies/SgxEnclave", unsecured_policy(policy))

    answer = await client.data("POST", "plain", "/attest/SgxEnclave", json.dumps({"quote": quote}))
    listed = await client.data("GET", "plain", "/tcbbaselines/SgxEnclave", version="2025-06-01")

    assert stored.status_code == 200
    assert error_of(answer) == (400, "PolicyEvaluationError")
    assert f"Msg:[Policy Engine Exception: {words}" in message_of(answer)
    chosen = [each for each in listed.json()["tcbBaselines"] if each["isSelectedTcb"]]
    assert [each["tcbIdentifier"] for each in chosen] == ["10"]
