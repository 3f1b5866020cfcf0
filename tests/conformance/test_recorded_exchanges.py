"""Recorded exchanges with the live service: the sandbox answers the same requests alike.

Each recorded request about policies, policy certificates, keys or metadata goes to an in-process
sandbox whose provider stands on the recorded certificates and whose clock shows the recorded time.
Compared are status, headers, members, types, and every value that does not depend on whose keys
sign. What may differ is listed below, with the reason.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from cryptography import x509

from helpers import vectors
from helpers.sandbox_client import SandboxClient, SteadyClock, open_client, provider_path
from helpers.sandbox_client import jwk as jwk_of
from sealwright.tokens.jose import split

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.anyio

OTHER_VALUES = {
    "server": "the live service says Kestrel; a sandbox says what it is",
    "x-ms-maa-service-version": "a build number of the live service",
    "content-length": "addresses and keys have other lengths",
    "date": "to the second: the service signs before it sends",
}
"""Headers that are there with another value, and why."""

MORE_HEADERS = {
    "date": "missing in the one recording that was made by hand",
    "content-length": "the same",
    "x-ms-maa-service-version": "the same",
    "strict-transport-security": "sent by the live service (rest-api, 1.6), not recorded",
    "x-ms-request-id": "the same",
}
"""Headers that the sandbox has beyond the recorded ones, and why."""

OWN_VALUES = {
    "iss": "the address of the sandbox",
    "jku": "the same",
    "kid": "the sandbox has keys of its own",
}
"""Members of a token with another value, and why."""

MISSING_KEYS = (
    "the live service lists a second enclave key and four keys that a CA issued, for TPM reports; "
    "the sandbox signs everything with its one enclave key"
)

EXCHANGES = [
    entry["name"]
    for entry in vectors.index("requests")
    if entry["kind"] == "rest-exchange" and "attest-" not in entry["name"]
]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Recording:
    """One exchange."""

    method: str
    path: str
    query: str
    body: str
    status: int
    headers: dict[str, str]
    answer: dict[str, Any]

    @classmethod
    def read(cls, name: str) -> Recording:
        raw = json.loads(vectors.read("requests", f"{name}.json"))
        url = urlsplit(raw["url"])
        return cls(
            method=raw["method"],
            path=url.path,
            query=url.query,
            body=raw["request_body"] or "",
            status=raw["status"],
            headers={key.lower(): value for key, value in raw["response_headers"].items()},
            answer=raw["response_body"],
        )

    @property
    def time(self) -> datetime:
        """When the service signed, to the second; without a token, when it answered."""
        if "token" in self.answer:
            claims = split(self.answer["token"]).claims()
            return datetime.fromtimestamp(int(str(claims["iat"])), UTC)
        if "date" in self.headers:
            return parsedate_to_datetime(self.headers["date"])
        return datetime(2021, 7, 1, tzinfo=UTC)


def recorded_certificates() -> list[bytes]:
    """What the recorded isolated provider trusted, in its order."""
    answer = Recording.read("rest-get-certificates-iso-202107").answer
    claim: Any = split(answer["token"]).claims()["x-ms-policy-certificates"]
    return [base64.b64decode(key["x5c"][0]) for key in claim["keys"]]


def added_certificate() -> bytes:
    """The certificate that the recorded requests add and remove."""
    body = Recording.read("rest-post-certificates-add-iso-202107").body
    claim: Any = split(body).claims()["policyCertificate"]
    return base64.b64decode(claim["x5c"][0])


def certificates_before(name: str) -> list[bytes]:
    trusted = recorded_certificates()
    if name == "rest-post-certificates-add-iso-202107":
        trusted.remove(added_certificate())
    return trusted


async def policy_before(client: SandboxClient, recording: Recording) -> None:
    """Store the policy that the recording shows, sent as it was sent then."""
    if recording.method == "GET" and recording.path.startswith("/policies/"):
        stored = str(split(recording.answer["token"]).claims()["x-ms-policy"])
        answer = await client.data("PUT", "recorded", recording.path, stored)
        assert answer.status_code == 200


async def replay(client: SandboxClient, recording: Recording) -> Any:  # noqa: ANN401 - httpx.Response
    return await client.http.request(
        recording.method,
        f"https://recorded.sandbox.invalid{recording.path}?{recording.query}".rstrip("?"),
        headers={"authorization": f"Bearer {client.attestation_token}"},
        content=recording.body,
    )


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[SandboxClient]:
    client = open_client(tmp_path / "sandbox.db", SteadyClock())
    async with client.http:
        yield client
    client.sandbox.close()


async def prepared(client: SandboxClient, name: str, recording: Recording) -> SandboxClient:
    """The sandbox at the recorded time, with a provider as the recorded one was."""
    client.sandbox.core.clock.fixed = recording.time - timedelta(seconds=1)
    await client.sign_in()
    signers = certificates_before(name) if "-iso-" in name else []
    made = await client.create("recorded", *signers)
    assert made.status_code == 201
    await policy_before(client, recording)
    client.sandbox.core.clock.fixed = recording.time
    return client


def shape(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Members and types of a JSON value."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value).__name__


@pytest.mark.parametrize("name", EXCHANGES)
async def test_the_sandbox_answers_alike(client: SandboxClient, name: str) -> None:
    recording = Recording.read(name)
    await prepared(client, name, recording)

    answer = await replay(client, recording)

    assert answer.status_code == recording.status
    assert answer.headers["content-type"] == recording.headers["content-type"]
    assert set(recording.headers) <= set(answer.headers)
    assert set(answer.headers) - set(recording.headers) <= set(MORE_HEADERS)
    differing = {
        header for header, value in recording.headers.items() if answer.headers[header] != value
    }
    assert differing <= set(OTHER_VALUES)
    if "token" in recording.answer:
        same_token(answer.json(), recording)
    elif "keys" in recording.answer:
        same_keys(answer.json(), recording.answer)
    else:
        same_metadata(answer.json(), recording.answer)


def same_token(answer: dict[str, Any], recording: Recording) -> None:
    assert list(answer) == list(recording.answer) == ["token"]
    ours, theirs = split(answer["token"]), split(recording.answer["token"])
    assert list(ours.header) == list(theirs.header)
    assert list(ours.claims()) == list(theirs.claims())
    assert shape(ours.claims()) == shape(theirs.claims())
    for mine, other in ((ours.header, theirs.header), (ours.claims(), theirs.claims())):
        differing = {member for member in other if mine[member] != other[member]}
        assert differing <= set(OWN_VALUES)
    assert len(ours.signature) == len(theirs.signature)


def same_keys(answer: dict[str, Any], recorded: dict[str, Any]) -> None:
    assert list(answer) == list(recorded)
    [key] = answer["keys"]
    first = recorded["keys"][0]
    assert len(recorded["keys"]) > 1, MISSING_KEYS
    assert list(key) == list(first)
    assert shape(key) == shape(first)
    ours, theirs = (
        x509.load_der_x509_certificate(base64.b64decode(item["x5c"][0])) for item in (key, first)
    )
    assert ours.subject == ours.issuer
    assert ours.serial_number == theirs.serial_number
    assert ours.not_valid_before_utc == theirs.not_valid_before_utc
    assert ours.not_valid_after_utc == theirs.not_valid_after_utc
    assert ours.signature_algorithm_oid == theirs.signature_algorithm_oid
    extensions = [
        [(item.oid.dotted_string, item.critical) for item in certificate.extensions]
        for certificate in (ours, theirs)
    ]
    assert extensions[0] == extensions[1]


def same_metadata(answer: dict[str, Any], recorded: dict[str, Any]) -> None:
    assert list(answer) == list(recorded)
    assert shape(answer) == shape(recorded)
    for member in ("response_types_supported", "claims_supported"):
        assert answer[member] == recorded[member]
    for member in ("jwks_uri", "revocation_endpoint"):
        ours = answer[member].removeprefix(answer["issuer"])
        assert ours == recorded[member].removeprefix(recorded["issuer"])


async def test_nothing_is_replayed_where_the_vectors_are_absent() -> None:
    vectors.require(vectors.index("requests"))

    assert len(EXCHANGES) >= 16


async def test_the_recorded_add_request_leads_to_the_recorded_list(client: SandboxClient) -> None:
    add = "rest-post-certificates-add-iso-202107"
    await prepared(client, add, Recording.read(add))
    listing = Recording.read("rest-get-certificates-iso-202107")

    await replay(client, Recording.read(add))
    client.sandbox.core.clock.fixed = listing.time
    answer = (await replay(client, listing)).json()

    ours: Any = split(answer["token"]).claims()["x-ms-policy-certificates"]
    theirs: Any = split(listing.answer["token"]).claims()["x-ms-policy-certificates"]
    assert sorted(key["x5c"][0] for key in ours["keys"]) == sorted(
        key["x5c"][0] for key in theirs["keys"]
    )


async def test_the_recorded_provider_is_shown_as_isolated(client: SandboxClient) -> None:
    name = "rest-get-certificates-iso-202107"
    await prepared(client, name, Recording.read(name))

    shown = (await client.arm("GET", provider_path("recorded"))).json()

    assert shown["properties"]["trustModel"] == "Isolated"
    assert [jwk_of(der)["kty"] for der in recorded_certificates()] == ["RSA"] * 3
