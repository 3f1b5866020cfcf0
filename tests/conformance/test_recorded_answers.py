"""Our client reads and verifies every recorded answer about policies, certificates and metadata.

The recorder masked the host of the requests; the provider's real address is in its tokens.
"""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import anyio
import pytest

from helpers import vectors
from helpers.memory_stores import SetClock
from helpers.scripted import Scripted
from sealwright.azure.clouds import PUBLIC, AzureCloud
from sealwright.claims.attestation_type import AttestationType
from sealwright.evidence.basis.trust import parse_anchors
from sealwright.services.model import Provider, TrustModel
from sealwright.services.ports import HttpResponse
from sealwright.services.reaching.reach import ProviderSession
from sealwright.store.resources import resource
from sealwright.tokens import results
from sealwright.tokens.answers import policy_result
from sealwright.tokens.jose import split
from sealwright.tokens.keyset import parse_key_set
from sealwright.tokens.unwrap import compact_of, read_policy, unwrap

if TYPE_CHECKING:
    from sealwright.services.ports import Answer, HttpRequest
    from sealwright.tokens.verification.report import Report

Exchange = dict[str, Any]
MANAGEMENT = [
    entry
    for entry in vectors.index("requests")
    if entry["kind"] == "rest-exchange"
    and any(word in entry["name"] for word in ("policies", "certificates"))
]


def recorded(name: str) -> Exchange:
    found: Exchange = json.loads(vectors.read("requests", f"{name}.json"))
    return found


def response(exchange: Exchange) -> HttpResponse:
    headers = {name.lower(): value for name, value in exchange["response_headers"].items()}
    return HttpResponse(exchange["status"], headers, json.dumps(exchange["response_body"]).encode())


def keys_of(entry: dict[str, Any]) -> HttpResponse:
    raw = vectors.read("tokens", f"{entry['facts']['token_vector']}.jwks.json")
    return HttpResponse(200, {"content-type": "application/json; charset=utf-8"}, raw)


class Recorder(Scripted):
    """The recorded keys, metadata that name them, and everything else the recorded answer."""

    def __init__(self, answer: HttpResponse, keys: HttpResponse) -> None:
        super().__init__()
        self._answer, self._keys = answer, keys

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        address = urlsplit(request.url)
        if address.path == "/.well-known/openid-configuration":
            named = {"jwks_uri": f"https://{address.netloc}/certs"}
            return HttpResponse(200, {}, json.dumps(named).encode())
        return self._keys if address.path == "/certs" else self._answer


def session(entry: dict[str, Any], exchange: Exchange) -> tuple[ProviderSession, Recorder]:
    """A session with the provider of the recording, at the recorded time."""
    issuer = str(split(exchange["response_body"]["token"]).claims()["iss"])
    provider = Provider(
        id=issuer,
        name="recorded",
        attest_uri=issuer,
        trust_model=TrustModel.ISOLATED,
        location="westus",
        status="Ready",
        cloud=PUBLIC.name,
    )
    recorder = Recorder(response(exchange), keys_of(entry))
    anchors = parse_anchors(resource("trust/anchors.json").read_bytes())
    settings = replace(PUBLIC, anchors=anchors)
    clock = SetClock(parsedate_to_datetime(exchange["response_headers"]["date"]))
    return ProviderSession(provider, AzureCloud(settings, recorder, recorder), clock), recorder


async def repeat(found: ProviderSession, exchange: Exchange) -> Answer:
    """Make the recorded call with our client."""
    path = urlsplit(exchange["url"]).path
    body = compact_of(exchange["request_body"])[0] if exchange["request_body"] else ""
    if path.startswith("/policies/"):
        name, _, action = path.removeprefix("/policies/").partition(":")
        kind = AttestationType(name)
        if exchange["method"] == "GET":
            return await found.api.get_policy(kind)
        return await (found.api.reset_policy if action else found.api.set_policy)(kind, body)
    if path == "/certificates":
        return await found.api.get_certificates()
    change = found.api.add_certificate if path.endswith(":add") else found.api.remove_certificate
    return await change(body)


def says(exchange: Exchange, answer: Answer, wire: results.Wire) -> Report:
    """Verify an answer as the services do."""
    path = urlsplit(exchange["url"]).path
    if exchange["method"] == "GET":
        check = (
            results.verify_policy_answer
            if "policies" in path
            else results.verify_certificates_answer
        )
        return check(answer.token, wire)
    if path.startswith("/certificates:"):
        word = "IsPresent" if path.endswith("add") else "IsAbsent"
        claim: Any = split(exchange["request_body"]).claims()["policyCertificate"]
        der = base64.b64decode(claim["x5c"][0])
        return results.verify_certificate_result(answer.token, wire, result=word, certificate=der)
    jws = compact_of(exchange["request_body"])[0]
    if path.endswith(":reset"):
        return results.verify_policy_result(answer.token, wire, result="Removed")
    chain = unwrap(jws).chain
    signer = chain[0] if chain else None
    return results.verify_policy_result(
        answer.token, wire, result="Updated", jws=jws, signer=signer
    )


@pytest.mark.parametrize("entry", MANAGEMENT, ids=lambda entry: entry["name"])
def test_recorded_exchange_is_repeated_read_and_proven(entry: dict[str, Any]) -> None:
    async def scene() -> None:
        exchange = recorded(entry["name"])
        found, recorder = session(entry, exchange)
        answer = await repeat(found, exchange)
        sent = recorder.requests[0]
        assert sent.method == exchange["method"]
        assert urlsplit(sent.url).path == urlsplit(exchange["url"]).path
        assert answer.token == exchange["response_body"]["token"]
        headers = exchange["response_headers"]
        assert answer.server_time == parsedate_to_datetime(headers["date"])
        report = await found.judge(lambda wire: says(exchange, answer, wire))
        assert report.valid, report.failures

    anyio.run(scene)


@pytest.mark.parametrize(
    "entry",
    [each for each in MANAGEMENT if each["facts"]["operation"].startswith("GET /policies")],
    ids=lambda entry: entry["name"],
)
def test_recorded_policy_is_read(entry: dict[str, Any]) -> None:
    async def scene() -> None:
        exchange = recorded(entry["name"])
        found, _ = session(entry, exchange)
        kind = AttestationType(urlsplit(exchange["url"]).path.rpartition("/")[2])
        policy = await found.policy(kind)
        assert policy.trusted, policy.problem
        stored = split(exchange["response_body"]["token"]).claims()["x-ms-policy"]
        assert policy.jws == stored
        assert policy.text == read_policy(str(stored)).text

    anyio.run(scene)


@pytest.mark.parametrize(
    "entry",
    [each for each in MANAGEMENT if each["facts"]["operation"] == "GET /certificates"],
    ids=lambda entry: entry["name"],
)
def test_recorded_certificates_are_read(entry: dict[str, Any]) -> None:
    async def scene() -> None:
        found, _ = session(entry, recorded(entry["name"]))
        trusted = await found.trusted_set()
        assert trusted.certificates
        assert all(each.algorithm.startswith("RSA") for each in trusted.certificates)

    anyio.run(scene)


@pytest.mark.parametrize("entry", MANAGEMENT, ids=lambda entry: entry["name"])
def test_recorded_answer_proves_nothing_else(entry: dict[str, Any]) -> None:
    """A day later, for another provider, or for another policy the same answer is no proof."""

    async def scene() -> None:
        exchange = recorded(entry["name"])
        found, _ = session(entry, exchange)
        answer = await repeat(found, exchange)
        keys = parse_key_set(keys_of(entry).body)
        then = parsedate_to_datetime(exchange["response_headers"]["date"])
        good = results.Wire(keys, found.provider.attest_uri, then, anchors=found.anchors)
        late = results.Wire(keys, good.issuer, then.replace(year=2022), anchors=found.anchors)
        other = results.Wire(keys, "https://other.wus.attest.azure.net", then)
        assert not says(exchange, answer, late).valid
        assert not says(exchange, answer, other).valid
        if exchange["method"] == "PUT":
            jws = compact_of(exchange["request_body"])[0]
            changed = results.verify_policy_result(
                answer.token, good, result="Updated", jws=f"{jws}x"
            )
            assert not changed.valid
            assert policy_result(changed.claims).token_hash

    anyio.run(scene)


def test_recorded_keys_are_read() -> None:
    exchange = recorded("rest-get-certs")

    async def scene() -> None:
        script = Scripted(response(exchange))
        cloud = AzureCloud(PUBLIC, script, script)
        uri = "https://x.wus.attest.azure.net"
        found = await cloud.attestation(uri).signing_keys(f"{uri}/certs")
        entries = parse_key_set(found.raw, found.url).entries
        assert [entry.kid for entry in entries] == [
            key["kid"] for key in exchange["response_body"]["keys"]
        ]
        assert len(entries) == 6
        assert {len(entry.chain) for entry in entries} == {1, 3}

    anyio.run(scene)


def test_recorded_metadata_is_read() -> None:
    exchange = recorded("rest-get-openid-metadata")

    async def scene() -> None:
        script = Scripted(response(exchange))
        cloud = AzureCloud(PUBLIC, script, script)
        found = await cloud.attestation("https://sharedwus.wus.attest.azure.net").metadata()
        assert found.issuer == exchange["response_body"]["issuer"]
        assert found.jwks_uri == f"{found.issuer}/certs"

    anyio.run(scene)


def test_there_are_recordings() -> None:
    vectors.require(MANAGEMENT)
    assert len(MANAGEMENT) == 15
