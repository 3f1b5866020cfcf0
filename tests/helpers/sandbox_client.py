"""A signed-in HTTP client of an in-process sandbox."""

from __future__ import annotations

import atexit
import base64
import shutil
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import httpx

from sealwright.composition.vendors import vendors
from sealwright.sandbox import keys
from sealwright.sandbox.attestation.roots import Machines
from sealwright.sandbox.sandbox import Sandbox, open_sandbox
from sealwright.sandbox.vendors import TcbRule
from sealwright.secret import Secret
from sealwright.store.home import Home
from sealwright.tokens.jose import split

NOW = datetime(2026, 3, 4, 5, 6, 7, 891000, tzinfo=UTC)
ATTESTATION = "https://attest.azure.net/.default"
MANAGEMENT = "https://management.azure.com/.default"
ARM_VERSION = "2021-06-01"
OPERATOR_KEY = "operator key of a test"


class SteadyClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time


@dataclass
class SandboxClient:
    """Calls a sandbox as an application that signed in with its secret."""

    sandbox: Sandbox
    http: httpx.AsyncClient
    management_token: str = ""
    attestation_token: str = ""

    async def sign_in(self) -> SandboxClient:
        self.management_token = await self.token(MANAGEMENT)
        self.attestation_token = await self.token(ATTESTATION)
        return self

    async def token(self, scope: str, **changes: str) -> str:
        answer = await self.ask_token(scope, **changes)
        return str(answer.json()["access_token"])

    async def ask_token(self, scope: str, **changes: str) -> httpx.Response:
        identity = self.sandbox.identity
        form = {
            "grant_type": "client_credentials",
            "client_id": identity.client_id,
            "client_secret": identity.client_secret.reveal(),
            "scope": scope,
        } | changes
        url = f"{identity.authority}/{identity.tenant}/oauth2/v2.0/token"
        return await self.http.post(url, data=form)

    async def arm(
        self, method: str, path: str, json: object = None, *, version: str = ARM_VERSION
    ) -> httpx.Response:
        """`path` may be relative to the subscription of the sandbox."""
        identity = self.sandbox.identity
        if not path.startswith("/"):
            path = f"/subscriptions/{identity.subscription}/{path}"
        return await self.http.request(
            method,
            f"{identity.management}{path}",
            params={"api-version": version} if version else None,
            headers={"authorization": f"Bearer {self.management_token}"},
            json=json,
        )

    async def create(
        self,
        name: str,
        *certificates: bytes,
        group: str = "sandbox",
        tags: dict[str, str] | None = None,
        location: str = "sandbox",
    ) -> httpx.Response:
        keys = [jwk(der) for der in certificates]
        properties = {"policySigningCertificates": {"keys": keys}} if keys else {}
        body = {"location": location, "properties": properties, "tags": tags or {}}
        return await self.arm("PUT", provider_path(name, group), body)

    async def data(
        self,
        method: str,
        provider: str,
        path: str,
        body: str | bytes = b"",
        *,
        version: str | None = "2022-08-01",
    ) -> httpx.Response:
        """A call of the data plane; anonymous while `attestation_token` is empty."""
        bearer = self.attestation_token
        return await self.http.request(
            method,
            f"https://{provider}.sandbox.invalid{path}",
            params={} if version is None else {"api-version": version},
            headers={"authorization": f"Bearer {bearer}"} if bearer else {},
            content=body,
        )

    async def operate(self, method: str, face: str, json: object = None) -> httpx.Response:
        return await self.http.request(
            method,
            f"{self.sandbox.identity.management}/_sandbox/{face}",
            headers={"x-sandbox-operator": OPERATOR_KEY},
            json=json,
        )


@cache
def _made_once() -> Path:
    """A new sandbox with its keys, which take longer to make than most tests."""
    folder = Path(tempfile.mkdtemp(prefix="sandbox-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    sandbox = open_sandbox(folder / "sandbox.db", SteadyClock())
    for name in (keys.REGION, keys.AUTHORITY, keys.PAIR, keys.FOREIGN):
        sandbox.core.keys.get(name)
    Machines(sandbox.core.state).roots()
    sandbox.close()
    return folder / "sandbox.db"


def open_client(
    path: Path,
    clock: SteadyClock | None = None,
    *,
    open_to_all: bool = False,
    own_keys: bool = False,
    tcb: TcbRule = TcbRule.STRICT,
) -> SandboxClient:
    """A client of the sandbox in `path`, not signed in yet.

    A new file gets keys that other tests have too, unless `own_keys`.
    """
    if not own_keys and not path.exists():
        shutil.copy(_made_once(), path)
    sandbox = open_sandbox(
        path,
        clock or SteadyClock(),
        open_to_all=open_to_all,
        operator_key=Secret(OPERATOR_KEY),
        vendors=replace(vendors(Home(path.parent)), rule=tcb),
    )
    return SandboxClient(sandbox, httpx.AsyncClient(transport=httpx.ASGITransport(sandbox.app)))


def provider_path(name: str, group: str = "sandbox") -> str:
    return f"resourceGroups/{group}/providers/Microsoft.Attestation/attestationProviders/{name}"


def jwk(der: bytes) -> dict[str, object]:
    return {"kty": "RSA", "x5c": [base64.b64encode(der).decode()]}


def error_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def message_of(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["message"])


async def stored(client: SandboxClient, provider: str, path: str = "/policies/SgxEnclave") -> str:
    """The policy JWS that a provider shows, not verified."""
    answer = (await client.data("GET", provider, path)).json()
    return str(split(answer["token"]).claims()["x-ms-policy"])
