"""A served sandbox as a cloud of one's own, with our sign-in in front of it."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel

from helpers.memory_vault import MemoryVault
from helpers.served_sandbox import served_sandbox
from helpers.sign_in_browser import Browser
from helpers.simulated_identity import MemoryCredentials
from sealwright.azure.clouds import AzureCloud
from sealwright.azure.http import HttpxTransport
from sealwright.azure.route import HttpOptions
from sealwright.claims.attestation_type import AttestationType
from sealwright.identity.anonymous import Anonymous
from sealwright.identity.directory import Directory
from sealwright.services.accounts.account_list import AccountList, Source
from sealwright.services.ports import AccountProfile, CloudSettings, HttpRequest, Method, Prompt
from sealwright.store.clock import SystemClock
from sealwright.vault.pkcs11_child import Pkcs11Token

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
    from pathlib import Path

    from helpers.served_sandbox import ServedSandbox
    from sealwright.services.ports import HttpResponse

OWNER = "owner@sandbox.invalid"
READER = "reader@sandbox.invalid"
NOBODY = "nobody@sandbox.invalid"
ARM = "https://management.azure.com/.default"
ATTEST = "https://attest.azure.net/.default"


class Counting:
    """The real transport, counting what goes out."""

    def __init__(self, inner: HttpxTransport) -> None:
        self._inner = inner
        self.sent: list[str] = []

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.sent.append(f"{request.method} {request.url.partition('?')[0]}")
        return await self._inner.send(request)

    def count(self, part: str) -> int:
        return sum(part in one for one in self.sent)


class Entra:
    """One scene: the cloud, the directory, a browser, and the operator's hand."""

    def __init__(
        self,
        served: ServedSandbox,
        transport: HttpxTransport,
        *,
        pause: Callable[[float], Awaitable[None]],
    ) -> None:
        ready = served.ready
        self.ready: dict[str, Any] = ready
        self.cloud = CloudSettings(
            name="Served",
            authority=ready["authority"],
            arm_endpoint=ready["armEndpoint"],
            arm_scope="https://management.azure.com/.default",
            attest_scope="https://attest.azure.net/.default",
            suffix="127.0.0.1",
            custom=True,
        )
        self._plain = transport
        self.http = Counting(transport)
        self.vault = MemoryCredentials()
        self.keys = MemoryVault()
        self.browser = Browser(served.ca_file, OWNER)
        self.prompts: list[Prompt] = []
        self._pause = pause
        self.directory = self.restarted()

    def restarted(self) -> Directory:
        """A program that was started again: only what is in the vault is left."""
        self.directory = Directory(
            self.http,
            self.vault,
            self.keys,
            Pkcs11Token(),
            open_browser=self.browser.open,
            pause=self._pause,
        )
        return self.directory

    def profile(self, method: Method, tenant: str = "", **fields: Any) -> AccountProfile:  # noqa: ANN401 - passed on
        name = f"test-{method.value}-{tenant}"
        return AccountProfile(id=name, cloud="Served", method=method, tenant=tenant, **fields)

    async def sign_in(self, profile: AccountProfile, **more: Any) -> AccountProfile:  # noqa: ANN401 - passed on
        secret = more.pop("secret", None)
        return await self.directory.sign_in(
            self.cloud, profile, secret, self.prompts.append, **more
        )

    def cloud_of(self, profile: AccountProfile) -> AzureCloud:
        """The cloud with an account."""
        source = Source(self.directory, self.cloud, profile)
        return AzureCloud(self.cloud, self.http, source)

    def nobody(self) -> AzureCloud:
        return AzureCloud(self.cloud, self.http, Anonymous())

    def listed(self, settings: Any) -> AccountList:  # noqa: ANN401 - a test's settings
        return AccountList(self.directory, settings, (self.cloud,))

    async def operate(self, face: str, body: object) -> dict[str, Any]:
        headers = {
            "X-Sandbox-Operator": self.ready["operatorKey"],
            "Content-Type": "application/json",
        }
        url = f"{self.ready['armEndpoint']}/_sandbox/{face}"
        request = HttpRequest("PUT", url, headers, json.dumps(body).encode())
        answer = await self._plain.send(request)
        assert answer.status == 200, answer.body
        found: dict[str, Any] = json.loads(answer.body)
        return found

    async def obstacle(self, user: str, number: int, **more: object) -> None:
        await self.operate("people", {"people": [{"user": user, "obstacle": number, **more}]})


@asynccontextmanager
async def entra(served: ServedSandbox) -> AsyncIterator[Entra]:
    """A scene over a served sandbox, with every fault and obstacle cleared."""
    transport = HttpxTransport(SystemClock(), HttpOptions(ca_files=(served.ca_file,)))

    async def pause(_seconds: float) -> None:
        await anyio.lowlevel.checkpoint()

    scene = Entra(served, transport, pause=pause)
    try:
        everybody = [{"user": name} for name in served.ready["people"]]
        await scene.operate("people", {"people": everybody})
        await scene.operate("faults", {"faults": []})
        yield scene
    finally:
        scene.browser.join()
        await transport.aclose()


def play(served: ServedSandbox, scene: Callable[[Entra], Coroutine[object, object, None]]) -> None:
    """Run a scene on an event loop of its own."""

    async def run() -> None:
        async with entra(served) as stage:
            await scene(stage)

    anyio.run(run)


@contextmanager
def served_tenants(home: Path) -> Iterator[ServedSandbox]:
    """A served sandbox with a tenant beside its own, and the provider `plain`."""
    options = ("--operator", "--tenant", "fabrikam", "--provider", "plain:AAD")
    with served_sandbox(home, *options) as running:
        yield running


async def reads(stage: Entra, profile: AccountProfile) -> None:
    """See that an account really opens ARM and the data plane."""
    cloud = stage.cloud_of(profile)
    (subscription,) = await cloud.management().subscriptions()
    assert subscription.id == stage.ready["subscription"]
    uri = next(one["attestUri"] for one in stage.ready["providers"] if one["name"] == "plain")
    assert (await cloud.attestation(uri).get_policy(AttestationType.SGX_ENCLAVE)).token
