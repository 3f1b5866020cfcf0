"""Evidence of the sandbox's own machines, in every kind, attested by the sandbox itself."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from helpers.sandbox_client import NOW, SandboxClient, error_of, message_of
from sealwright.evidence.examination import Kind
from sealwright.evidence.synthetic.making import synthesize
from sealwright.sandbox.attestation.roots import Machines
from sealwright.tokens.jose import b64url_encode, split
from sealwright.tokens.policy_jws import unsecured_policy
from sealwright.tokens.sealed import sealed_answer, unseal

if TYPE_CHECKING:
    import httpx

    from sealwright.evidence.synthetic.made import Synthetic

pytestmark = pytest.mark.anyio

OPERATIONS = {
    Kind.SGX_QUOTE: ("SgxEnclave", "quote"),
    Kind.OE_REPORT: ("OpenEnclave", "report"),
    Kind.OE_EVIDENCE: ("OpenEnclave", "report"),
    Kind.TDX_QUOTE: ("TdxVm", "quote"),
    Kind.SNP_ACI: ("SevSnpVm", "report"),
    Kind.AZURE_GUEST: ("AzureGuest", "attestationInfo"),
}


def make(client: SandboxClient, kind: Kind, **values: str) -> Synthetic:
    return synthesize(kind, Machines(client.sandbox.core.state).roots(), values, NOW)


async def attest(
    client: SandboxClient, made: Synthetic, *, collateral: bool = False, **members: str
) -> httpx.Response:
    operation, member = OPERATIONS[made.kind]
    body: dict[str, Any] = {member: b64url_encode(made.evidence), **members}
    if collateral:
        body["sandboxCollateral"] = b64url_encode(made.collateral)
    path = f"/attest/{operation}"
    return await client.data("POST", "sharedlocal", path, json.dumps(body), version="2025-06-01")


def claims_of(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return dict(split(answer.json()["token"]).claims())


def opened(client: SandboxClient, answer: httpx.Response) -> dict[str, Any]:
    """The claims of a sealed token, opened as the guest's TPM would."""
    assert answer.status_code == 200, answer.text
    token = answer.json()["token"]
    sealed = sealed_answer(token)
    assert "." not in token
    assert sealed is not None
    assert len(sealed.iv) == 12
    key = Machines(client.sandbox.core.state).roots().tpm.encryption_key
    return dict(split(unseal(sealed, key)).claims())


@pytest.mark.parametrize("kind", [Kind.SGX_QUOTE, Kind.OE_REPORT, Kind.TDX_QUOTE])
@pytest.mark.parametrize("collateral", [False, True])
async def test_quotes_with_and_without_collateral(
    client: SandboxClient, kind: Kind, *, collateral: bool
) -> None:
    answer = await attest(client, make(client, kind), collateral=collateral)

    claims = claims_of(answer)
    assert "x-sandbox-details" not in answer.headers
    if kind is Kind.TDX_QUOTE:
        assert claims["attester_tcb_status"] == "UpToDate"
        assert (claims["dbgstat"], claims["intuse"]) == ("disabled", "generic")
    else:
        hashes = claims["x-ms-sgx-collateral"]
        assert (hashes["tcbinfohash"] != hashes["tcbinfocrlhash"]) is collateral


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        (Kind.SGX_QUOTE, "SWHardeningNeeded", ""),
        (Kind.SGX_QUOTE, "OutOfDate", "does not meet the Azure baseline"),
        (Kind.SGX_QUOTE, "Revoked", "does not meet the Azure baseline"),
        (Kind.SGX_QUOTE, "NotRecognised", "does not meet the Azure baseline"),
        (Kind.TDX_QUOTE, "OutOfDate", ""),
        (Kind.TDX_QUOTE, "Revoked", "does not meet the Azure baseline"),
    ],
)
async def test_how_current_the_platform_is(
    client: SandboxClient, kind: Kind, status: str, words: str
) -> None:
    made = make(client, kind, tcb_status=status)

    answer = await attest(client, made, collateral=True)

    if words:
        assert error_of(answer) == (400, "InvalidParameter")
        assert words in message_of(answer)
        return
    claims = claims_of(answer)
    assert claims.get("attester_tcb_status", status) == status


async def test_a_revoked_platform_certificate_is_refused(client: SandboxClient) -> None:
    made = make(client, Kind.SGX_QUOTE, revoked="true")

    answer = await attest(client, made, collateral=True)

    assert "error in the quote collateral" in message_of(answer)


async def test_open_enclave_evidence_commits_to_its_custom_claims(client: SandboxClient) -> None:
    made = make(client, Kind.OE_EVIDENCE, custom_claims="role=worker")
    other = make(client, Kind.OE_EVIDENCE, custom_claims="role=master")
    at = made.evidence.index(b"worker")
    swapped = made.evidence[:at] + b"master" + made.evidence[at + 6 :]

    claims = claims_of(await attest(client, made))
    refused = await attest(client, replace(made, evidence=swapped))

    assert len(made.evidence) == len(other.evidence)
    assert claims["x-ms-attestation-type"] == "sgx"
    assert [item["target"] for item in refused.json()["error"]["details"]] == ["report-data"]


async def test_a_debuggable_td_is_said_to_be_one(client: SandboxClient) -> None:
    claims = claims_of(await attest(client, make(client, Kind.TDX_QUOTE, debug="true")))

    assert claims["dbgstat"] == "enabled"
    assert claims["tdx_td_attributes_debug"] is True


async def test_a_td_takes_no_draft(client: SandboxClient) -> None:
    draft = unsecured_policy("version= 1.0;authorizationrules{=> deny();};")

    answer = await attest(client, make(client, Kind.TDX_QUOTE), draftPolicyForAttestation=draft)

    assert split(answer.json()["token"]).algorithm == "RS256"


@pytest.mark.parametrize("isolation", ["TrustedLaunch", "SevSnp", "Tdx"])
async def test_a_guest_gets_its_token_sealed(client: SandboxClient, isolation: str) -> None:
    made = make(client, Kind.AZURE_GUEST, isolation=isolation, client_nonce="n-1")

    claims = opened(client, await attest(client, made))

    assert claims["x-ms-attestation-type"] == "azurevm"
    assert claims["secureboot"] is True
    assert claims["x-ms-azurevm-attested-pcrs"] == sorted(claims["x-ms-azurevm-attested-pcrs"])
    assert claims["x-ms-runtime"]["client-payload"]["nonce"] == "n-1"
    [key] = claims["x-ms-runtime"]["keys"]
    assert (key["kid"], key["key_ops"]) == ("TpmEphemeralEncryptionKey", ["encrypt"])
    if isolation == "TrustedLaunch":
        assert "x-ms-isolation-tee" not in claims
        return
    below = claims["x-ms-isolation-tee"]
    assert below["x-ms-compliance-status"] == "azure-compliant-cvm"
    assert below["x-ms-attestation-type"] == {"SevSnp": "sevsnpvm", "Tdx": "tdxvm"}[isolation]
    assert below["x-ms-runtime"]["keys"][0]["kid"] == "HCLAkPub"
    assert ("attester_tcb_status" in below) is (isolation == "Tdx")


async def test_the_default_policy_refuses_a_guest_without_secure_boot(
    client: SandboxClient,
) -> None:
    answer = await attest(client, make(client, Kind.AZURE_GUEST, secure_boot="false"))

    inner = answer.json()["error"]["innererror"]
    assert error_of(answer) == (400, "PolicyEvaluationError")
    assert {"code": "PolicyFailureClaim", "target": "secureboot", "value": "false"} in inner[
        "details"
    ]


async def test_a_draft_for_a_guest_is_sealed_too(client: SandboxClient) -> None:
    draft = unsecured_policy("version= 1.0;authorizationrules{=> permit();};")
    made = make(client, Kind.AZURE_GUEST, secure_boot="false")

    claims = opened(client, await attest(client, made, draftPolicyForAttestation=draft))

    assert claims["secureboot"] is False


@pytest.mark.parametrize("isolation", ["TrustedLaunch", "SevSnp", "Tdx"])
@pytest.mark.parametrize(
    "member", ["PcrSignature", "PcrQuote", "TcgLogs", "EncKeyCertifyInfo", "AikPub"]
)
async def test_a_guest_whose_parts_do_not_fit_is_refused(
    client: SandboxClient, isolation: str, member: str
) -> None:
    made = make(client, Kind.AZURE_GUEST, isolation=isolation)
    other = make(client, Kind.AZURE_GUEST, secure_boot="false", os_distro="other")
    document, foreign = json.loads(made.evidence), json.loads(other.evidence)
    if member in document:
        document[member] = foreign[member]
    else:
        document["TpmInfo"][member] = changed(document["TpmInfo"][member])

    operation, name = OPERATIONS[Kind.AZURE_GUEST]
    body = {name: b64url_encode(json.dumps(document).encode())}
    answer = await client.data("POST", "sharedlocal", f"/attest/{operation}", json.dumps(body))

    assert error_of(answer) == (400, "InvalidParameter")


def changed(text: str) -> str:
    """The same base64 text with other bytes near its end."""
    at = len(text) - 12
    return f"{text[:at]}{'B' if text[at] != 'B' else 'C'}{text[at + 1 :]}"


@pytest.mark.parametrize("kind", list(OPERATIONS))
async def test_cut_and_flipped_evidence_is_refused_in_the_services_words(
    client: SandboxClient, kind: Kind
) -> None:
    made = make(client, kind)
    operation, member = OPERATIONS[kind]
    size = len(made.evidence)
    damaged = [made.evidence[: size * part // 12] for part in range(12)]
    for part in range(12):
        flipped = bytearray(made.evidence)
        flipped[(size - 1) * part // 12 + 4] ^= 0x40
        damaged.append(bytes(flipped))

    for data in damaged:
        body = json.dumps({member: b64url_encode(data)})
        answer = await client.data("POST", "sharedlocal", f"/attest/{operation}", body)
        # A flipped bit may hit what nothing covers, such as a reserved field; never a bug.
        assert answer.status_code in {200, 400}, answer.text
        if answer.status_code == 400:
            assert error_of(answer)[1] == "InvalidParameter"


async def test_what_was_attested_in_no_time_before_still_fails_when_told_to(
    client: SandboxClient,
) -> None:
    made = make(client, Kind.TDX_QUOTE)
    for _ in range(3):
        assert (await attest(client, made)).status_code == 200
    await client.operate("PUT", "faults", {"faults": [{"kind": "status", "path": "/attest/"}]})

    assert (await attest(client, made)).status_code == 500
