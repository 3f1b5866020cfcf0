"""Policy certificates, refusals in the words of the service, and faults on demand."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from helpers.administrator import POLICY, Administrator, claims_of
from helpers.sandbox_client import (
    NOW,
    SandboxClient,
    error_of,
    message_of,
    provider_path,
    stored,
)
from sealwright.sandbox.faults import Fault, FaultKind
from sealwright.sandbox.issuing import anchor_of
from sealwright.tokens.keyset import parse_key_set
from sealwright.tokens.policy_jws import token_hash, unsecured_policy
from sealwright.tokens.results import Wire, verify_policy_result
from sealwright.tokens.unwrap import read_policy
from sealwright.tokens.verification.report import Verdict

if TYPE_CHECKING:
    import httpx

pytestmark = pytest.mark.anyio

SGX = "/policies/SgxEnclave"


# --- certificates --------------------------------------------------------------------------------


def trusted(answer: httpx.Response) -> int:
    claim = claims_of(answer.json())["x-ms-policy-certificates"]
    assert isinstance(claim, dict)
    keys = claim["keys"]
    assert isinstance(keys, list)
    return len(keys)


@pytest.mark.parametrize(
    "claim",
    [
        "policyCertificate",
        "maa-policyCertificate",
        "aas-policyCertificate",
        "x-ms-policyCertificate",
    ],
)
@pytest.mark.parametrize("form", ["bare", "quoted", "object"])
async def test_certificates_are_added_and_removed(
    client: SandboxClient, claim: str, form: str
) -> None:
    root, second = Administrator("root"), Administrator("second")
    jws = root.certificate_request(second.certificate, claim)
    results = []
    for operation, member in (
        ("add", "PolicyCertificateToAdd"),
        ("remove", "policyCertificateToRemove"),
    ):
        body = {"bare": jws, "quoted": f'"{jws}"', "object": json.dumps({member: jws})}[form]
        answer = await client.data("POST", "isolated", f"/certificates:{operation}", body)
        listed = await client.data("GET", "isolated", "/certificates")
        results.append(
            (claims_of(answer.json())["x-ms-policycertificates-result"], trusted(listed))
        )

    assert results == [("IsPresent", 2), ("IsAbsent", 1)]


async def test_adding_and_removing_twice_is_safe(client: SandboxClient) -> None:
    root, second = Administrator("root"), Administrator("second")
    jws = root.certificate_request(second.certificate)

    answers = [
        await client.data("POST", "isolated", f"/certificates:{operation}", jws)
        for operation in ("add", "add", "remove", "remove")
    ]

    results = [claims_of(item.json())["x-ms-policycertificates-result"] for item in answers]
    assert results == ["IsPresent", "IsPresent", "IsAbsent", "IsAbsent"]


async def test_an_added_signer_signs_and_a_removed_one_does_not(client: SandboxClient) -> None:
    root, second = Administrator("root"), Administrator("second")
    jws = root.certificate_request(second.certificate)
    statuses = []
    for operation in ("add", "remove"):
        await client.data("POST", "isolated", f"/certificates:{operation}", jws)
        put = await client.data("PUT", "isolated", SGX, second.policy())
        statuses.append(put.status_code)

    assert statuses == [200, 400]


async def test_the_last_signer_stays(client: SandboxClient) -> None:
    root = Administrator("root")
    jws = root.certificate_request(root.certificate)

    refused = await client.data("POST", "isolated", "/certificates:remove", jws)

    assert error_of(refused) == (400, "InvalidOperation")
    assert trusted(await client.data("GET", "isolated", "/certificates")) == 1


async def test_nobody_adds_himself(client: SandboxClient) -> None:
    stranger = Administrator("stranger")
    jws = stranger.certificate_request(stranger.certificate)

    refused = await client.data("POST", "isolated", "/certificates:add", jws)

    assert error_of(refused) == (400, "InvalidParameter")


async def test_a_certificate_with_a_broken_part_is_never_trusted(client: SandboxClient) -> None:
    root, second = Administrator("root"), Administrator("second")
    # The key can be read, the name is no text.
    broken = second.certificate.replace(b"second", b"\xff\xff\xff\xff\xff\xff")

    added = await client.data(
        "POST", "isolated", "/certificates:add", root.certificate_request(broken)
    )
    made = await client.create("other", broken)
    put = await client.data("PUT", "isolated", SGX, root.policy())

    assert error_of(added) == (400, "InvalidOperation")
    assert error_of(made) == (400, "BadRequest")
    assert put.status_code == 200


async def test_the_claim_is_named_when_it_is_missing(client: SandboxClient) -> None:
    root = Administrator("root")
    jws = root.certificate_request(root.certificate, "certificate")

    refused = await client.data("POST", "isolated", "/certificates:add", jws)

    assert error_of(refused) == (400, "InvalidOperation")
    assert 'Msg:[Could not find "maa-policyCertificate" claim in policy token]' in message_of(
        refused
    )


# --- refusals in the service's words -------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("no token", "Malformed JWT: Could not find first period in the token."),
        ("", "Malformed JWT: Could not find first period in the token."),
        ('"', "Malformed JWT: The JSON string cannot be read."),
        (b"\xff\xfe", "Malformed JWT: The token is not text."),
        ("version= 1.0;a{=>permit();};", "Malformed JWT: Could not find second period"),
        ("a.b).c", "Unknown base64 character: 41 (')')"),
        ("eyJhbGciOiJub25lIn0.e30.", 'Could not find "AttestationPolicy" claim in policy token'),
        (
            # The claim holds the text itself, as in 2018.
            "eyJhbGciOiJub25lIn0.eyJBdHRlc3RhdGlvblBvbGljeSI6InAoKSJ9.",
            "Unknown base64 character: 40 ('(')",
        ),
    ],
)
async def test_what_is_no_policy(client: SandboxClient, body: str | bytes, text: str) -> None:
    refused = await client.data("PUT", "plain", SGX, body)

    assert error_of(refused) == (400, "InvalidOperation")
    assert f"Msg:[{text}" in message_of(refused)


async def test_a_policy_that_does_not_parse(client: SandboxClient) -> None:
    text = "version= 1.0;\nauthorizationrules\n{\n  => permit()\n};"

    refused = await client.data("PUT", "plain", SGX, unsecured_policy(text))

    assert error_of(refused) == (400, "PolicyParsingError")
    assert "Msg:[Policy Parser Exception Thrown: Offending symbol:" in message_of(refused)
    assert "Line: '" in message_of(refused)


async def test_an_unknown_type(client: SandboxClient) -> None:
    assert error_of(await client.data("GET", "plain", "/policies/Abacus"))[0] == 400


async def test_a_missing_token_and_a_missing_role_read_the_same(client: SandboxClient) -> None:
    await client.operate("PUT", "roles", {"roles": []})
    without_role = await client.data("GET", "plain", SGX)
    client.attestation_token = ""
    without_token = await client.data("GET", "plain", SGX)

    assert error_of(without_role) == error_of(without_token) == (401, "Unauthorized")
    assert message_of(without_role) == message_of(without_token)
    assert message_of(without_token) == (
        "Access to /policies/SgxEnclave requires a valid JWT bearer token"
    )
    assert 'resource="https://attest.azure.net"' in without_token.headers["www-authenticate"]


async def test_a_token_for_arm_does_not_open_the_data_plane(client: SandboxClient) -> None:
    client.attestation_token = client.management_token

    assert error_of(await client.data("GET", "plain", SGX)) == (401, "Unauthorized")


async def test_a_token_that_ran_out_reads_like_none(client: SandboxClient) -> None:
    client.sandbox.core.clock.offset = timedelta(hours=2)

    assert error_of(await client.data("GET", "plain", SGX)) == (401, "Unauthorized")


async def test_a_reader_reads_only(client: SandboxClient) -> None:
    await client.operate("PUT", "roles", {"roles": [{"role": "Attestation Reader"}]})

    assert (await client.data("GET", "plain", SGX)).status_code == 200
    assert error_of(await client.data("PUT", "plain", SGX, unsecured_policy(POLICY))) == (
        401,
        "Unauthorized",
    )


async def test_newer_versions_name_the_error_in_a_header(client: SandboxClient) -> None:
    old = await client.data("PUT", "plain", SGX, "x", version="2022-08-01")
    new = await client.data("PUT", "plain", SGX, "x", version="2025-06-01")

    assert "x-ms-error-code" not in old.headers
    assert new.headers["x-ms-error-code"] == "InvalidOperation"


async def test_a_closed_provider_answers_nobody(client: SandboxClient) -> None:
    closed = {"properties": {"publicNetworkAccess": "Disabled"}}
    await client.arm("PATCH", provider_path("plain"), closed)

    assert error_of(await client.data("GET", "plain", SGX)) == (400, "InvalidOperation")


async def test_half_a_request_is_nothing_to_speak_of(client: SandboxClient) -> None:
    scope = {
        "type": "http",
        "method": "PUT",
        "path": SGX,
        "query_string": b"api-version=2022-08-01",
        "headers": [(b"host", b"plain.sandbox.invalid"), (b"content-length", b"100")],
    }
    came: list[dict[str, object]] = [
        {"type": "http.request", "body": b"abc", "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[object] = []

    async def receive() -> dict[str, object]:
        return came.pop(0)

    async def send(message: object) -> None:
        sent.append(message)

    await client.sandbox.app(scope, receive, send)

    assert not sent


# --- faults --------------------------------------------------------------------------------------


async def test_wrong_hash_foreign_key_and_stale_read_back(client: SandboxClient) -> None:
    client.sandbox.core.faults.arm(
        [Fault(kind, times=1) for kind in (FaultKind.WRONG_HASH, FaultKind.FOREIGN_KEY)]
    )
    uri, jws = "https://plain.sandbox.invalid", unsecured_policy(POLICY)
    keys = parse_key_set((await client.data("GET", "plain", "/certs")).content)

    first = (await client.data("PUT", "plain", SGX, jws)).json()
    second = (await client.data("PUT", "plain", SGX, jws)).json()
    client.sandbox.core.faults.arm([Fault(FaultKind.STALE, times=1)])
    await client.data("PUT", "plain", SGX, unsecured_policy(f"{POLICY}\n"))
    stale, fresh = await stored(client, "plain"), await stored(client, "plain")

    assert claims_of(first)["x-ms-policy-token-hash"] != token_hash(jws)
    wire = Wire(keys, uri, NOW, anchors=(anchor_of(client.sandbox.core.state),))
    reports = [
        verify_policy_result(item["token"], wire, result="Updated") for item in (first, second)
    ]
    assert [report.verdict for report in reports] == [Verdict.INVALID, Verdict.VALID]
    assert stale == jws
    assert read_policy(fresh).text == f"{POLICY}\n"
