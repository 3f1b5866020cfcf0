"""Services over the real clients, TLS, a relay and a served sandbox; only local state is memory."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.issuing import Issuer, b64
from helpers.memory_vault import MemoryVault
from helpers.simulators import World
from sealwright.azure.clouds import AzureCloud, CloudSettings
from sealwright.azure.http import HttpxTransport
from sealwright.azure.route import HttpOptions
from sealwright.identity.client_credentials import Application, ClientCredentials
from sealwright.secret import Secret
from sealwright.services.model import Provider, TrustModel
from sealwright.services.ports import HttpRequest, HttpResponse
from sealwright.store.clock import SystemClock
from sealwright.tokens.jose import b64url_encode, split
from sealwright.vault.key_file import read_key_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from helpers.relay import Relay
    from helpers.served_sandbox import ServedSandbox
    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.services.bundle import Services
    from sealwright.services.ports import Signer
    from sealwright.tokens.jose import JsonObject, JsonValue

    Change = Callable[[HttpResponse], HttpResponse]

STRANGER = "a stranger's key"


class Wire:
    """The real transport, and what a test does just before a request or to its answer."""

    def __init__(self, inner: HttpxTransport) -> None:
        self._inner = inner
        self.sent: list[tuple[str, str]] = []
        self.before: dict[str, Callable[[], Awaitable[None]]] = {}
        self.answers: dict[str, Change] = {}
        self.metadata: Change | None = None
        """What is done to the next OpenID metadata."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.sent.append((request.method, request.url))
        action = self.before.pop(request.method, None)
        if action is not None:
            await action()
        answer = await self._inner.send(request)
        change = self.answers.pop(request.method, None)
        if "openid-configuration" in request.url:
            change, self.metadata = self.metadata or change, None
        return answer if change is None else change(answer)

    def count(self, method: str, part: str = "") -> int:
        return sum(each == method and part in url for each, url in self.sent)


class FileVault(MemoryVault):
    """A vault whose one key is that of the served sandbox."""

    def __init__(self, signer: Signer) -> None:
        super().__init__()
        self._file = signer
        self.hold("file", chain=signer.certificate_chain)

    async def signer(self, name: str) -> Signer:
        return self._file if name == "file" else await super().signer(name)


@dataclass
class Wired:
    """Everything a scene needs."""

    world: World
    services: Services
    wire: Wire
    relay: Relay
    served: ServedSandbox
    provider: Provider

    async def operate(self, face: str, body: object) -> None:
        """Tell the sandbox how to behave, past the relay."""
        ready = self.served.ready
        headers = {"X-Sandbox-Operator": ready["operatorKey"], "Content-Type": "application/json"}
        url = f"{ready['armEndpoint']}/_sandbox/{face}"
        request = HttpRequest("PUT", url, headers, json.dumps(body).encode())
        # Not over the wire that counts and is cut.
        answer = await self.wire._inner.send(request)  # noqa: SLF001 - the test's own object
        assert answer.status == 200, answer.body

    async def fault(self, kind: str, **members: object) -> None:
        await self.operate("faults", {"faults": [{"kind": kind, **members}]})

    async def no_faults(self) -> None:
        await self.operate("faults", {"faults": []})


@asynccontextmanager
async def wired(served: ServedSandbox, relay: Relay, name: str) -> AsyncIterator[Wired]:
    """Services that reach the provider `name` through the relay in front of it."""
    transport = HttpxTransport(SystemClock(), HttpOptions(ca_files=(served.ca_file,)))
    wire = Wire(transport)
    ready = served.ready
    application = Application(
        authority=ready["authority"],
        tenant=ready["tenant"],
        client_id=ready["clientId"],
        secret=Secret(str(ready["clientSecret"])),
        name="tester",
    )
    settings = CloudSettings(
        name="Served",
        authority=ready["authority"],
        arm_endpoint=ready["armEndpoint"],
        arm_scope="https://management.azure.com/.default",
        attest_scope="https://attest.azure.net/.default",
        suffix="",
        anchors=_anchors(served),
    )
    entry = served.provider(name)
    world = World()
    if "signerKeyFile" in entry:
        world.vault = FileVault(_signer(entry))
    world.clock.time = SystemClock().now()
    cloud = AzureCloud(settings, wire, ClientCredentials(application, transport))
    provider = Provider(
        id=str(entry["resourceId"]).lower(),
        name=name,
        attest_uri=relay.uri,
        trust_model=TrustModel(entry["trustModel"]),
        location="sandbox",
        status="Ready",
        cloud="Served",
        resource_id=entry["resourceId"],
    )
    world.directory.kept = {provider.id: provider}
    scene = Wired(world, world.services(cloud), wire, relay, served, provider)
    try:
        await scene.no_faults()
        yield scene
    finally:
        relay.heal()
        await scene.no_faults()
        await transport.aclose()


def _signer(entry: Mapping[str, str]) -> Signer:
    key, chain = (Path(entry[f"signer{part}File"]).read_bytes() for part in ("Key", "Certificate"))
    return read_key_file(key, chain)


def _anchors(served: ServedSandbox) -> tuple[TrustAnchor, ...]:
    from sealwright.sandbox.issuing import anchor_of  # noqa: PLC0415 - heavy
    from sealwright.sandbox.state import State  # noqa: PLC0415 - heavy

    state = State(served.home / "sandbox" / "sandbox.db")
    try:
        return (anchor_of(state),)
    finally:
        state.close()


def keys_at(url: str) -> Change:
    """Metadata that name another key document."""

    def change(answer: HttpResponse) -> HttpResponse:
        return replace(
            answer, body=json.dumps({**json.loads(answer.body), "jwks_uri": url}).encode()
        )

    return change


def unsecured(answer: HttpResponse) -> HttpResponse:
    """The same claims without a signature."""
    jws = split(json.loads(answer.body)["token"])
    header = json.dumps({**jws.header, "alg": "none"}, separators=(",", ":")).encode()
    token = f"{b64url_encode(header)}.{jws.payload_segment}."
    return replace(answer, body=json.dumps({"token": token}).encode())


def resigned(*names: str) -> Change:
    """The same claims, signed by a stranger who names a key of his own in the header."""

    def change(answer: HttpResponse) -> HttpResponse:
        jws = split(json.loads(answer.body)["token"])
        stranger = Issuer(str(jws.claims()["iss"]), STRANGER)
        x5c: list[JsonValue] = [b64(stranger.der)]
        given: dict[str, JsonObject] = {
            "x5c": {"x5c": x5c},
            "jwk": {"jwk": {"kty": "RSA", "x5c": x5c}},
            "kid": {"kid": stranger.kid},
            "jku": {"jku": "https://stranger.invalid/certs", "kid": stranger.kid},
        }
        header = dict(jws.header)
        for name in names:
            header |= given[name]
        encoded = json.dumps(header, separators=(",", ":")).encode()
        token = stranger.sign(encoded, jws.payload)
        return replace(answer, body=json.dumps({"token": token}).encode())

    return change
