"""azure-security-attestation 1.0.0 against `sandbox serve`: every attest call.

Both kinds of client, over TLS, with the package's own validation of tokens switched on as far as it
goes. Evidence is made by the served sandbox's own machine.
"""

from __future__ import annotations

import inspect
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from azure.core.exceptions import HttpResponseError
from azure.identity import ClientSecretCredential
from azure.identity.aio import ClientSecretCredential as AsyncClientSecretCredential
from azure.security.attestation import AttestationAdministrationClient, AttestationClient
from azure.security.attestation import aio as async_attestation

from helpers.attesting import enclave
from helpers.served_sandbox import ServedSandbox, served_sandbox
from helpers.tpm_client import SoftTpm
from sealwright.evidence.synthesize import SandboxPlatform, make_quote, make_report
from sealwright.sandbox.issuing import platform_of
from sealwright.sandbox.state import State
from sealwright.tokens.jose import b64_decode_lenient, split

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

pytestmark = [
    pytest.mark.anyio,
    # The packages call what newer Pythons warn of.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

Client: TypeAlias = Any
"""A client of the package, which has no types."""
Result: TypeAlias = Any

RUNTIME = b'{"jwk":{"kty":"EC"}}'
DRAFT = "version= 1.0;\nauthorizationrules{=> permit();};\nissuancerules{};"
INIT = '{"payload":{"type":"aikcert"}}'
TPM_POLICY = (
    'version=1.2;configurationrules{=> issueproperty(type="require_valid_aik_cert", value=false);};'
    "authorizationrules{=> permit();};"
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSandbox]:
    home = tmp_path_factory.mktemp("sdk-attest")
    with served_sandbox(home, "--provider", "plain:AAD") as it:
        yield it


@pytest.fixture(scope="module")
def platform(served: ServedSandbox) -> SandboxPlatform:
    """The machine of the sandbox that runs in the other process."""
    state = State(served.home / "sandbox" / "sandbox.db")
    try:
        return platform_of(state)
    finally:
        state.close()


async def done(value: Result) -> Result:
    """The result of a call of either kind of client."""
    return await value if inspect.isawaitable(value) else value


@dataclass
class Clients:
    """Clients of one kind."""

    served: ServedSandbox
    credential: Any
    administration: type[Any]
    attestation: type[Any]

    def _options(self, provider: str) -> dict[str, Any]:
        uri = self.served.attest_uri(provider)
        return {
            "endpoint": uri,
            "credential": self.credential,
            "connection_verify": self.served.ca_file,
            "validate_token": True,
            "validate_signature": True,
            "validate_expiration": True,
            "validate_not_before_time": True,
            "validate_issuer": True,
            "issuer": uri,
            "validation_slack": 1.0,
            "retry_total": 0,
        }

    def admin(self, provider: str) -> Client:
        return self.administration(**self._options(provider))

    def client(self, provider: str) -> Client:
        return self.attestation(**self._options(provider))


@pytest.fixture(params=["sync", "async"])
async def clients(request: pytest.FixtureRequest, served: ServedSandbox) -> AsyncIterator[Clients]:
    sign_in = {
        "tenant_id": served.ready["tenant"],
        "client_id": served.ready["clientId"],
        "client_secret": served.ready["clientSecret"],
        "authority": served.ready["authority"],
        "disable_instance_discovery": True,
        "connection_verify": served.ca_file,
    }
    if request.param == "sync":
        with ClientSecretCredential(**sign_in) as credential:
            yield Clients(served, credential, AttestationAdministrationClient, AttestationClient)
    else:
        async with AsyncClientSecretCredential(**sign_in) as async_credential:
            yield Clients(
                served,
                async_credential,
                async_attestation.AttestationAdministrationClient,
                async_attestation.AttestationClient,
            )


@pytest.mark.parametrize("provider", ["plain", "sharedlocal"])
async def test_attest_sgx_enclave(
    clients: Clients, platform: SandboxPlatform, provider: str
) -> None:
    client = clients.client(provider)
    quote = make_quote(platform, enclave(RUNTIME))

    as_json, token = await done(client.attest_sgx_enclave(quote, runtime_json=RUNTIME))
    as_data, _ = await done(client.attest_sgx_enclave(quote, runtime_data=RUNTIME))
    bare, _ = await done(client.attest_sgx_enclave(quote))

    assert token.algorithm == "RS256"
    assert token.issuer == as_json.issuer == clients.served.attest_uri(provider)
    assert as_json.mr_enclave == "01" * 32
    assert (as_json.product_id, as_json.svn, as_json.is_debuggable) == (4, 2, False)
    assert as_json.runtime_claims == json.loads(RUNTIME)
    assert as_json.enclave_held_data is None
    assert as_data.enclave_held_data == RUNTIME
    assert as_data.runtime_claims is None
    assert bare.sgx_collateral["quotehash"] == as_data.sgx_collateral["quotehash"]
    await done(client.close())


async def test_attest_open_enclave(clients: Clients, platform: SandboxPlatform) -> None:
    client = clients.client("plain")
    report = make_report(platform, enclave(RUNTIME))

    result, _ = await done(client.attest_open_enclave(report, runtime_json=RUNTIME))
    with pytest.raises(HttpResponseError) as refused:
        await done(client.attest_open_enclave(report, runtime_data=b"something else"))

    assert result.mr_signer == "02" * 32
    assert refused.value.status_code == 400
    assert "InvalidParameter" in str(refused.value)
    await done(client.close())


@pytest.mark.parametrize("operation", ["attest_sgx_enclave", "attest_open_enclave"])
async def test_draft_policies(clients: Clients, platform: SandboxPlatform, operation: str) -> None:
    client = clients.client("plain")
    make = make_quote if operation == "attest_sgx_enclave" else make_report
    evidence = make(platform, enclave(RUNTIME))

    result, token = await done(
        getattr(client, operation)(evidence, runtime_json=RUNTIME, draft_policy=DRAFT)
    )
    with pytest.raises(HttpResponseError) as denied:
        await done(
            getattr(client, operation)(
                evidence, draft_policy="version= 1.0;authorizationrules{=> deny();};"
            )
        )

    assert token.algorithm == "none"
    assert result.runtime_claims == json.loads(RUNTIME)
    assert "PolicyEvaluationError" in str(denied.value)
    await done(client.close())


async def test_attest_tpm(clients: Clients) -> None:
    admin, client = clients.admin("plain"), clients.client("plain")
    await done(admin.reset_policy("Tpm"))
    with pytest.raises(HttpResponseError, match="policy has not been set"):
        await done(client.attest_tpm(INIT))
    await done(admin.set_policy("Tpm", TPM_POLICY))

    first = json.loads(await _told(client, {"type": "aikcert"}))["payload"]
    request = SoftTpm().respond(b64_decode_lenient(first["challenge"]), first["service_context"])
    second = json.loads(await _told(client, {"request": request}))["payload"]

    claims = split(second["report"]).claims()
    assert claims["iss"] == clients.served.attest_uri("plain")
    assert claims["rp_data"] == "cnAtZGF0YQ"
    await done(admin.reset_policy("Tpm"))
    await done(admin.close())
    await done(client.close())


async def _told(client: Client, message: dict[str, str]) -> str:
    return str(await done(client.attest_tpm(json.dumps({"payload": message}))))
