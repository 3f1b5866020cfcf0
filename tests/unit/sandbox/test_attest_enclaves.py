"""SgxEnclave and OpenEnclave at the sandbox: evidence of its own machine, the rules of the data."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from helpers.attesting import quote_of, sent
from helpers.sandbox_client import NOW, SandboxClient, error_of, message_of
from sealwright.evidence.intel.open_enclave import wrap_report
from sealwright.evidence.intel.sgx import FLAG_DEBUG, FLAG_INIT, FLAG_MODE64
from sealwright.policy import policy_hash
from sealwright.tokens.jose import b64url_encode, split
from sealwright.tokens.policy_jws import unsecured_policy

if TYPE_CHECKING:
    import httpx

pytestmark = pytest.mark.anyio

RUNTIME = b'{"keys":[]}'
PERMIT = "version= 1.0;authorizationrules{=> permit();};issuancerules{};"


async def attest(
    client: SandboxClient, kind: str, body: dict[str, Any], **options: str
) -> httpx.Response:
    return await client.data("POST", "plain", f"/attest/{kind}", json.dumps(body), **options)


def claims_of(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return dict(split(answer.json()["token"]).claims())


async def test_a_quote_becomes_a_token_of_the_default_policy(client: SandboxClient) -> None:
    quote = quote_of(client, RUNTIME)

    answer = await attest(
        client,
        "SgxEnclave",
        {"quote": b64url_encode(quote), "runtimeData": sent(RUNTIME, "JSON"), "nonce": "n-1"},
    )

    claims = claims_of(answer)
    assert claims["x-ms-sgx-mrenclave"] == "01" * 32
    assert claims["x-ms-sgx-report-data"][:64] == hashlib.sha256(RUNTIME).hexdigest()
    assert claims["x-ms-runtime"] == {"keys": []}
    assert claims["nonce"] == "n-1"
    assert (claims["tee"], claims["product-id"], claims["svn"]) == ("sgx", 4, 2)
    assert claims["x-ms-sgx-collateral"] == claims["maa-attestationcollateral"]
    assert claims["x-ms-sgx-collateral"]["quotehash"] == hashlib.sha256(quote).hexdigest()
    assert claims["exp"] - claims["iat"] == 8 * 3600
    assert claims["nbf"] == claims["iat"] == int(NOW.timestamp())
    assert len(claims["jti"]) == 64
    assert list(claims) == sorted(claims)
    assert "x-ms-sgx-ehd" not in claims
    assert "x-sandbox-details" not in answer.headers


async def test_binary_runtime_data_becomes_held_data_under_three_names(
    client: SandboxClient,
) -> None:
    quote = quote_of(client, b"\x01\x02\x03")

    answer = await attest(
        client,
        "OpenEnclave",
        {"Report": b64url_encode(wrap_report(quote)), "RuntimeData": sent(b"\x01\x02\x03")},
    )

    claims = claims_of(answer)
    assert {claims[name] for name in ("x-ms-sgx-ehd", "aas-ehd", "maa-ehd")} == {"AQID"}
    assert "x-ms-runtime" not in claims
    whole = hashlib.sha256(wrap_report(quote)).hexdigest()
    assert claims["x-ms-sgx-collateral"]["quotehash"] == whole


@pytest.mark.parametrize(
    "body",
    [
        {"runtimeData": {"data": "", "dataType": "JSON"}},
        {"initTimeData": {"data": "", "dataType": ""}},
        {"runtimeData": None, "nonce": None, "unknown": [1]},
    ],
)
async def test_empty_members_are_missing_ones(client: SandboxClient, body: dict[str, Any]) -> None:
    quote = b64url_encode(quote_of(client))

    claims = claims_of(await attest(client, "SgxEnclave", {"quote": quote, **body}))

    assert not {"x-ms-runtime", "x-ms-inittime", "nonce", "x-ms-sgx-ehd"} & set(claims)


async def test_init_data_is_bound_to_the_config_id(client: SandboxClient) -> None:
    data = b'{"tier":"gold"}'
    config = hashlib.sha256(data).digest() + bytes(32)
    flags = FLAG_INIT | FLAG_MODE64 | 1 << 7
    bound = b64url_encode(quote_of(client, flags=flags, config_id=config))
    loose = b64url_encode(quote_of(client))
    init = sent(data, "JSON")

    claims = claims_of(await attest(client, "SgxEnclave", {"quote": bound, "inittimeData": init}))
    refused = await attest(client, "SgxEnclave", {"quote": loose, "initTimeData": init})

    assert claims["x-ms-inittime"] == {"tier": "gold"}
    assert claims["x-ms-sgx-config-id"] == config.hex()
    assert error_of(refused) == (400, "InvalidParameter")
    assert refused.json()["error"]["details"][0]["target"] == "init-data"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "`quote`"),
        ({"quote": "not base64!"}, "not base64"),
        ({"quote": 7}, "not a string"),
        ({"quote": "AwAC"}, "invalid"),
        ({"runtimeData": "AQID"}, "not an object"),
        ({"runtimeData": {"data": "AQID", "dataType": "Text"}}, "dataType"),
        ({"runtimeData": {"data": "AQID", "dataType": "JSON"}}, "no JSON object"),
        ({"runtimeData": {"data": "AQID", "dataType": "Binary"}}, "runtime data"),
        ({"nonce": ["x"]}, "not a string"),
    ],
)
async def test_what_cannot_be_is_refused_with_its_reason(
    client: SandboxClient, body: dict[str, Any], words: str
) -> None:
    quote = {} if "quote" in body or not body else {"quote": b64url_encode(quote_of(client))}

    answer = await attest(client, "SgxEnclave", {**quote, **body})

    assert error_of(answer) == (400, "InvalidParameter")
    assert words in message_of(answer)


async def test_a_changed_quote_names_the_check_that_fails(client: SandboxClient) -> None:
    quote = bytearray(quote_of(client))
    quote[48 + 64] ^= 1

    answer = await attest(client, "SgxEnclave", {"quote": b64url_encode(bytes(quote))})

    assert error_of(answer) == (400, "InvalidParameter")
    assert [item["target"] for item in answer.json()["error"]["details"]] == ["signature"]


async def test_a_draft_policy_rules_once_and_gives_an_unsecured_token(
    client: SandboxClient,
) -> None:
    quote = b64url_encode(quote_of(client))
    body = {"quote": quote, "draftPolicyForAttestation": unsecured_policy(PERMIT)}

    drafted = await attest(client, "SgxEnclave", body)
    stored = claims_of(await attest(client, "SgxEnclave", {"quote": quote}))

    token = split(drafted.json()["token"])
    assert (token.algorithm, token.signature_segment) == ("none", "")
    assert set(token.header) == {"alg", "jku", "kid", "typ"}
    assert token.claims()["x-ms-policy-hash"] == policy_hash(PERMIT)
    assert "tee" not in token.claims()
    assert stored["x-ms-policy-hash"] != policy_hash(PERMIT)


@pytest.mark.parametrize(
    ("policy", "code", "words"),
    [
        ("version= 1.0;authorizationrules{};", "PolicyEvaluationError", "A Deny claim"),
        ("version= 1.0;authorizationrules{=>", "PolicyParsingError", "Offending symbol"),
    ],
)
async def test_a_policy_that_does_not_permit(
    client: SandboxClient, policy: str, code: str, words: str
) -> None:
    body = {
        "quote": b64url_encode(quote_of(client)),
        "draftPolicyForAttestation": unsecured_policy(policy),
    }

    answer = await attest(client, "SgxEnclave", body)

    assert error_of(answer) == (400, code)
    assert words in message_of(answer)


async def test_a_denial_names_the_claims_that_were_denied(client: SandboxClient) -> None:
    policy = (
        'version= 1.0;authorizationrules{[type=="x-ms-sgx-is-debuggable", value==true] => deny();'
        "=> permit();};"
    )
    flags = FLAG_INIT | FLAG_MODE64 | FLAG_DEBUG
    body = {
        "quote": b64url_encode(quote_of(client, flags=flags)),
        "draftPolicyForAttestation": unsecured_policy(policy),
    }

    answer = await attest(client, "SgxEnclave", body, version="2025-06-01")

    inner = answer.json()["error"]["innererror"]
    assert answer.headers["x-ms-error-code"] == "PolicyEvaluationError"
    assert inner["code"] == "PolicyValidationFailure"
    assert inner["details"] == [
        {"code": "PolicyFailureClaim", "target": "x-ms-sgx-is-debuggable", "value": "true"}
    ]


async def test_a_policy_of_2020_finds_its_names(client: SandboxClient) -> None:
    policy = (
        'version= 1.0;authorizationrules{c:[type=="$is-debuggable"] => permit();};'
        'issuancerules{c:[type=="$svn"] => issue(type="svn", value=c.value);};'
    )
    body = {
        "quote": b64url_encode(quote_of(client)),
        "draftPolicyForAttestation": unsecured_policy(policy),
    }

    token = split((await attest(client, "SgxEnclave", body)).json()["token"])

    assert token.claims()["svn"] == 2
    assert not [name for name in token.claims() if name.startswith("$")]


async def test_nobody_needs_to_sign_in(client: SandboxClient) -> None:
    client.attestation_token = ""

    answer = await attest(client, "sgxenclave", {"quote": b64url_encode(quote_of(client))})

    assert answer.status_code == 200


async def test_a_stored_policy_names_its_signer(client: SandboxClient) -> None:
    quote = b64url_encode(quote_of(client))
    policy = (
        "version= 1.0;authorizationrules{=> permit();};issuancerules{"
        '=> issue(type="tier", value="gold"); => issue(type="tier", value="gold");'
        '=> issue(type="zone", value="a"); => issue(type="zone", value=2);'
        '=> issue(type="x-ms-ver", value="9"); => issue(type="jti", value="mine");};'
    )
    set_ = await client.data("PUT", "plain", "/policies/SgxEnclave", unsecured_policy(policy))

    claims = claims_of(await attest(client, "SgxEnclave", {"quote": quote}))

    assert set_.status_code == 200
    assert (claims["tier"], claims["zone"]) == ("gold", ["a", 2])
    assert (claims["x-ms-ver"], claims["x-ms-policy-hash"]) == ("1.0", policy_hash(policy))
    assert claims["jti"] != "mine"
    assert "x-ms-policy-signer" not in claims
