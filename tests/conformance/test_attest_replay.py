"""Recorded attest exchanges with the live service: the sandbox answers the same requests alike.

Each goes to a provider with the recorded policy, whose clock shows the recorded time and which lets
platforms pass that it cannot judge offline. What may differ is listed below, with the reason.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from helpers import vectors
from helpers.sandbox_client import SandboxClient, SteadyClock, open_client
from sealwright.tokens.jose import b64_decode_lenient, split
from sealwright.tokens.policy_jws import unsecured_policy
from sealwright.tokens.unwrap import signer_chain

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.anyio

OWN_CLAIMS = {
    "iss": "the address of the sandbox",
    "jti": "random",
}
"""Members with another value, and why. Times are the recorded ones: the clock stands there."""

OWN_HASHES = {
    "qeidcertshash": "the sandbox judges by other collateral than the service did then",
    "qeidcrlhash": "the same",
    "qeidhash": "the same",
    "tcbinfocertshash": "the same",
    "tcbinfocrlhash": "the same",
    "tcbinfohash": "the same",
}
"""Members of the collateral claims with another value; `quotehash` is the same."""

COLLATERAL = ("x-ms-sgx-collateral", "maa-attestationcollateral")
SIGNED_POLICY = "get-policies-sgxenclave-iso-202107"
"""A recorded answer with the signed policy of the isolated provider."""

EXCHANGES = [
    entry["name"]
    for entry in vectors.index("requests")
    if entry["kind"] == "rest-exchange" and "attest-" in entry["name"]
    if "tpm" not in entry["name"]
]
FIRST_MESSAGES = ["rest-attest-tpm-init-1", "rest-attest-tpm-init-2"]
"""No second message of the Tpm protocol was recorded."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[SandboxClient]:
    client = open_client(tmp_path / "sandbox.db", SteadyClock())
    async with client.http:
        yield client
    client.sandbox.close()


def recorded(name: str) -> tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Path, body, and the header and claims of the answer's token."""
    raw = json.loads(vectors.read("requests", f"{name}.json"))
    answer = raw["response_body"]
    token = split((json.loads(answer) if isinstance(answer, str) else answer)["token"])
    body = raw["request_body"]
    path = raw["url"].partition("/attest/")[2]
    return (
        path,
        body if isinstance(body, dict) else json.loads(body),
        dict(token.header),
        dict(token.claims()),
    )


def policy_of(claims: dict[str, Any]) -> str:
    """The policy token that the recorded provider had, found by its hash and signer."""
    if "x-ms-policy-signer" in claims:
        answer = split(vectors.read("tokens", f"{SIGNED_POLICY}.jwt").decode().strip())
        return str(answer.claims()["x-ms-policy"])
    [entry] = [
        each
        for each in vectors.index("policies", "policies")
        if each["policy_hash"] == claims["x-ms-policy-hash"]
    ]
    return unsecured_policy(vectors.read("policies", entry["file"]).decode("utf-8"))


async def prepared(client: SandboxClient, kind: str, claims: dict[str, Any]) -> None:
    moment = datetime.fromtimestamp(int(claims["iat"]), UTC)
    client.sandbox.core.clock.fixed = moment - timedelta(seconds=1)
    await client.sign_in()
    policy = policy_of(claims)
    signers = signer_chain(split(policy))
    made = await client.create("recorded", *signers, tags={"sandbox-tcb": "not-judged"})
    assert made.status_code == 201
    stored = await client.data("PUT", "recorded", f"/policies/{kind}", policy)
    assert stored.status_code == 200, stored.text
    client.sandbox.core.clock.fixed = moment


@pytest.mark.parametrize("name", EXCHANGES)
async def test_the_same_request_gives_the_same_claims(client: SandboxClient, name: str) -> None:
    path, body, header, theirs = recorded(name)
    await prepared(client, path.partition("?")[0], theirs)

    answer = await client.http.post(f"https://recorded.sandbox.invalid/attest/{path}", json=body)

    assert answer.status_code == 200, answer.text
    token = split(answer.json()["token"])
    ours: dict[str, Any] = dict(token.claims())
    assert list(token.header) == list(header)
    assert token.algorithm == header["alg"]
    assert bool(token.signature) is (header["alg"] != "none")
    assert list(ours) == list(theirs)
    for member in COLLATERAL:
        mine, other = ours.pop(member, {}), theirs.pop(member, {})
        assert list(mine) == list(other)
        assert {key for key in other if mine[key] != other[key]} <= set(OWN_HASHES)
    assert {key for key in theirs if ours[key] != theirs[key]} <= set(OWN_CLAIMS)
    assert len(ours["jti"]) == len(theirs["jti"])


@pytest.mark.parametrize("name", EXCHANGES)
async def test_a_strict_provider_says_what_it_cannot_judge(
    client: SandboxClient, name: str
) -> None:
    path, body, _, theirs = recorded(name)
    client.sandbox.core.clock.fixed = datetime.fromtimestamp(int(theirs["iat"]), UTC)

    answer = await client.http.post(f"https://sharedlocal.sandbox.invalid/attest/{path}", json=body)

    if path.startswith("SevSnpVm"):
        assert answer.status_code == 200
        return
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "InvalidParameter")
    assert "TCB was not judged" in error["message"]


@pytest.mark.parametrize("name", FIRST_MESSAGES)
async def test_the_first_message_of_a_tpm(client: SandboxClient, name: str) -> None:
    raw = json.loads(vectors.read("requests", f"{name}.json"))
    recorded_answer = raw["response_body"]
    theirs = inner_of(
        json.loads(recorded_answer) if isinstance(recorded_answer, str) else recorded_answer
    )
    await client.sign_in()
    await client.create("recorded")
    policy = unsecured_policy("version=1.0; authorizationrules{=> permit();}; issuancerules{};")
    await client.data("PUT", "recorded", "/policies/Tpm", policy)

    answer = await client.data(
        "POST", "recorded", "/attest/Tpm", json.dumps(raw["request_body"]), version="2020-10-01"
    )

    assert answer.status_code == raw["status"]
    ours = inner_of(answer.json())
    assert list(ours) == list(theirs) == ["payload"]
    assert list(ours["payload"]) == list(theirs["payload"])
    contexts = [
        json.loads(b64_decode_lenient(each["payload"]["service_context"]))
        for each in (ours, theirs)
    ]
    assert list(contexts[0]) == list(contexts[1])
    names = [each["ProtectionKeyName"] for each in contexts]
    assert len(names[0]) == len(names[1]) == 64


def inner_of(answer: dict[str, Any]) -> dict[str, Any]:
    assert list(answer) == ["data"]
    found: dict[str, Any] = json.loads(b64_decode_lenient(answer["data"]))
    return found


async def test_every_recorded_attestation_is_replayed() -> None:
    exchanges = [each for each in vectors.index("requests") if each["kind"] == "rest-exchange"]
    vectors.require(exchanges)

    urls = {each["name"]: url_of(each["name"]) for each in exchanges}
    attested = {name for name, url in urls.items() if "/attest/" in url}
    assert attested == {*EXCHANGES, *FIRST_MESSAGES}
    assert len(EXCHANGES) >= 10


def url_of(name: str) -> str:
    return str(json.loads(vectors.read("requests", f"{name}.json"))["url"])
