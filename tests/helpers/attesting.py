"""Services over an in-process sandbox, and evidence that its own machine made."""

from __future__ import annotations

import hashlib
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.sandbox_client import SandboxClient, open_client
from helpers.simulators import World
from sealwright.azure.clouds import AzureCloud, CloudSettings
from sealwright.azure.http import HttpxTransport
from sealwright.azure.route import HttpOptions
from sealwright.evidence.intel.sgx import ReportBody
from sealwright.evidence.synthetic.quotes import make_quote
from sealwright.identity.client_credentials import Application, ClientCredentials
from sealwright.sandbox.attestation.roots import Machines
from sealwright.sandbox.issuing import anchor_of, platform_of
from sealwright.services.model import Provider, TrustModel
from sealwright.store.clock import SystemClock
from sealwright.tokens.jose import b64url_encode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sealwright.services.bundle import Services


@dataclass
class Attesting:
    """A scene with one sandbox, its shared provider, and the services that reach it."""

    client: SandboxClient
    world: World
    services: Services

    @property
    def provider(self) -> str:
        return "sharedlocal"


@asynccontextmanager
async def attesting(folder: Path) -> AsyncIterator[Attesting]:
    client = await open_client(folder / "sandbox.db").sign_in()
    identity = client.sandbox.identity
    transport = HttpxTransport(
        SystemClock(), HttpOptions(apps={"sandbox.invalid": client.sandbox.app})
    )
    settings = CloudSettings(
        name="Sandbox",
        authority=identity.authority,
        arm_endpoint=identity.management,
        arm_scope="https://management.azure.com/.default",
        attest_scope="https://attest.azure.net/.default",
        suffix="sandbox.invalid",
        anchors=(anchor_of(client.sandbox.core.state),),
    )
    owner = Application(
        authority=identity.authority,
        tenant=identity.tenant,
        client_id=identity.client_id,
        secret=identity.client_secret,
        name="tester",
    )
    world = World()
    world.machines = Machines(client.sandbox.core.state)
    world.machines = Machines(client.sandbox.core.state)
    world.clock.time = client.sandbox.core.clock.now()
    cloud = AzureCloud(settings, transport, ClientCredentials(owner, transport))
    await client.create("plain")
    await client.create("contoso-dev")
    known = (
        _provider("sharedlocal", TrustModel.SHARED),
        _provider("plain", TrustModel.AAD),
        _provider("contoso-dev", TrustModel.AAD),
    )
    world.directory.kept = {provider.id: provider for provider in known}
    try:
        yield Attesting(client, world, world.services(cloud))
    finally:
        await transport.aclose()
        await client.http.aclose()
        client.sandbox.close()


def _provider(name: str, trust: TrustModel) -> Provider:
    uri = f"https://{name}.sandbox.invalid"
    return Provider(
        id=uri,
        name=name,
        attest_uri=uri,
        trust_model=trust,
        location="sandbox",
        status="Ready",
        cloud="Sandbox",
    )


def enclave(runtime: bytes = b"", **changes: object) -> ReportBody:
    """A release enclave that commits to its runtime data."""
    digest = hashlib.sha256(runtime).digest() if runtime else bytes(32)
    values: dict[str, object] = {
        "mrenclave": b"\x01" * 32,
        "mrsigner": b"\x02" * 32,
        "isv_prod_id": 4,
        "isv_svn": 2,
        "report_data": digest + bytes(32),
    }
    return ReportBody(**(values | changes))  # type: ignore[arg-type] # a test names the members


def quote_of(client: SandboxClient, runtime: bytes = b"", **changes: object) -> bytes:
    """A quote that the sandbox's own machine signed."""
    return make_quote(platform_of(client.sandbox.core.state), enclave(runtime, **changes))


def sent(data: bytes, kind: str = "Binary") -> dict[str, str]:
    """Runtime or init data as a request has it."""
    return {"data": b64url_encode(data), "dataType": kind}
