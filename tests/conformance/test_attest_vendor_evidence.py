"""Real evidence at the sandbox: believed under the vendor's roots, judged by its collateral."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from helpers import vectors
from helpers.sandbox_client import SandboxClient, SteadyClock, error_of, message_of, open_client
from sealwright.sandbox.vendors import TcbRule
from sealwright.tokens.jose import b64url_encode, split
from sealwright.tokens.policy_jws import unsecured_policy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

pytestmark = pytest.mark.anyio

SGX, TDX = "sgx-dcap-with-collateral", "tdx-v4-dcap-with-collateral"
OUTDATED = "tdx-v5-dcap-outdated"
MEMBERS = {SGX: ("SgxEnclave", "quote"), TDX: ("TdxVm", "quote"), OUTDATED: ("TdxVm", "quote")}
WHEN = datetime(2025, 6, 25, tzinfo=UTC)
EXPIRED = datetime(2025, 8, 25, tzinfo=UTC)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[SandboxClient]:
    client = open_client(tmp_path / "sandbox.db", SteadyClock(WHEN))
    async with client.http:
        yield client
    client.sandbox.close()


async def attest(
    client: SandboxClient, name: str, *, collateral: bool = True, policy: str = ""
) -> httpx.Response:
    kind, member = MEMBERS[name]
    body: dict[str, Any] = {member: b64url_encode(vectors.read("evidence", f"{name}.bin"))}
    if collateral:
        found = vectors.read("evidence", f"{name}.collateral.json")
        body["sandboxCollateral"] = b64url_encode(found)
    if policy:
        body["draftPolicyForAttestation"] = unsecured_policy(policy)
    return await client.data(
        "POST", "sharedlocal", f"/attest/{kind}", json.dumps(body), version="2025-06-01"
    )


def configured(baseline: str) -> str:
    return (
        f'version=1.1;configurationrules{{=> issueproperty(type="x-ms-sgx-tcbidentifier", '
        f'value="{baseline}");}};authorizationrules{{=> permit();}};'
    )


async def test_a_quote_with_its_collateral(client: SandboxClient) -> None:
    answer = await attest(client, SGX)

    assert answer.status_code == 200, answer.text
    claims: Any = split(answer.json()["token"]).claims()
    hashes = claims["x-ms-sgx-collateral"]
    assert len(set(hashes.values())) == 5
    assert hashes["qeidcrlhash"] == hashes["tcbinfocrlhash"]
    assert "x-sandbox-details" not in answer.headers


async def test_every_known_baseline_is_met_by_a_platform_that_is_not_out_of_date(
    client: SandboxClient,
) -> None:
    answer = await attest(client, SGX, policy=configured("15"))

    claims = split(answer.json()["token"]).claims()
    assert claims["x-ms-sgx-tcbidentifier"] == "15"


async def test_a_td_says_how_current_it_is(client: SandboxClient) -> None:
    answer = await attest(client, TDX)

    claims = split(answer.json()["token"]).claims()
    assert claims["attester_tcb_status"] == "UpToDate"
    assert claims["eat_profile"] == "https://aka.ms/maa-eat-profile-tdxvm"
    assert claims["dbgstat"] in {"enabled", "disabled"}
    assert claims["x-ms-attestation-type"] == "tdxvm"


@pytest.mark.parametrize("name", [SGX, TDX])
async def test_without_collateral_a_strict_provider_refuses(
    client: SandboxClient, name: str
) -> None:
    answer = await attest(client, name, collateral=False)

    assert error_of(answer) == (400, "InvalidParameter")
    assert message_of(answer).startswith(
        "The specified quote was invalid due to an error in the quote collateral"
    )


@pytest.mark.parametrize("name", [SGX, TDX])
async def test_expired_collateral_is_refused(client: SandboxClient, name: str) -> None:
    client.sandbox.core.clock.fixed = EXPIRED

    answer = await attest(client, name)

    assert error_of(answer) == (400, "InvalidParameter")
    assert "error in the quote collateral" in message_of(answer)
    targets = {item["target"] for item in answer.json()["error"]["details"]}
    assert "collateral.tcb-info.validity" in targets


async def test_open_enclave_evidence_with_its_endorsements(client: SandboxClient) -> None:
    name = "oe-evidence-with-endorsements"
    client.sandbox.core.clock.fixed = datetime(2022, 5, 20, tzinfo=UTC)
    body = {
        "report": b64url_encode(vectors.read("evidence", f"{name}.bin")),
        "sandboxCollateral": b64url_encode(vectors.read("evidence", f"{name}.endorsements.bin")),
    }

    good = await client.data("POST", "sharedlocal", "/attest/OpenEnclave", json.dumps(body))
    client.sandbox.core.clock.fixed = datetime(2022, 12, 20, tzinfo=UTC)
    late = await client.data("POST", "sharedlocal", "/attest/OpenEnclave", json.dumps(body))

    assert good.status_code == 200, good.text
    assert "x-sandbox-details" not in good.headers
    assert error_of(late) == (400, "InvalidParameter")


async def test_a_platform_below_every_level_is_refused(client: SandboxClient) -> None:
    client.sandbox.core.clock.fixed = datetime(2026, 2, 25, tzinfo=UTC)

    answer = await attest(client, OUTDATED)

    assert error_of(answer) == (400, "InvalidParameter")
    assert "does not meet the Azure baseline requirements" in message_of(answer)


@pytest.mark.parametrize(
    ("default", "tag", "status"),
    [
        (TcbRule.STRICT, "", 400),
        (TcbRule.STRICT, "not-judged", 200),
        (TcbRule.NOT_JUDGED, "", 200),
        (TcbRule.NOT_JUDGED, "strict", 400),
    ],
)
async def test_what_was_not_judged_is_said(
    tmp_path: Path, default: TcbRule, tag: str, status: int
) -> None:
    body = {"quote": b64url_encode(vectors.read("evidence", f"{TDX}.bin"))}
    client = await open_client(tmp_path / "sandbox.db", SteadyClock(WHEN), tcb=default).sign_in()
    await client.create("lenient", tags={"sandbox-tcb": tag} if tag else {})

    answer = await client.data("POST", "lenient", "/attest/TdxVm", json.dumps(body))

    await client.http.aclose()
    client.sandbox.close()
    assert answer.status_code == status
    if status == 400:
        assert "was not judged" in message_of(answer)
        return
    claims = split(answer.json()["token"]).claims()
    assert "attester_tcb_status" not in claims
    assert "not judged" in answer.headers["x-sandbox-details"]


@pytest.mark.parametrize(
    "name", ["attest-sevsnpvm-perf", "attest-sevsnpvm-uvm", "attest-sevsnpvm-dotnet-sample"]
)
async def test_recorded_snp_bodies(client: SandboxClient, name: str) -> None:
    body = json.loads(vectors.read("requests", f"{name}.json"))["request_body"]
    body = body if isinstance(body, dict) else json.loads(body)

    answer = await client.data("POST", "sharedlocal", "/attest/SevSnpVm", json.dumps(body))

    assert answer.status_code == 200, answer.text
    claims = split(answer.json()["token"]).claims()
    assert ("x-ms-sevsnpvm-uvm-endorsement" in claims) is name.endswith("uvm")
    sent = any(member.lower() == "runtimedata" for member in body)
    assert ("x-ms-runtime" in claims) is sent


async def test_a_foreign_root_is_not_believed(client: SandboxClient, tmp_path: Path) -> None:
    other = open_client(tmp_path / "other.db", own_keys=True)
    from helpers.attesting import quote_of  # noqa: PLC0415 - of the other sandbox

    quote = quote_of(other)
    other.sandbox.close()
    await other.http.aclose()

    answer = await client.data(
        "POST", "sharedlocal", "/attest/SgxEnclave", json.dumps({"quote": b64url_encode(quote)})
    )

    targets = [item["target"] for item in answer.json()["error"]["details"]]
    assert targets == ["chain.root"]
