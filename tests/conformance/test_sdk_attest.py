"""azure-security-attestation 1.0.0 against `sandbox serve`: every attest call.

Both kinds of client, over TLS, with the package's own validation of tokens switched on as far as it
goes. Evidence is made by the served sandbox's own machine.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest
from azure.core.exceptions import HttpResponseError

from helpers.attesting import enclave
from helpers.sdk_clients import KINDS, Client, Clients, done, signed_in
from helpers.served_sandbox import ServedSandbox, served_sandbox
from helpers.tpm_client import SoftTpm
from sealwright.evidence.intel.sgx import FLAG_INIT, FLAG_MODE64
from sealwright.evidence.synthetic.quotes import SandboxPlatform, make_quote, make_report
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

RUNTIME = b'{"jwk":{"kty":"EC"}}'
INIT_DATA = b'{"tier":"gold"}'
DRAFT = "version= 1.0;\nauthorizationrules{=> permit();};\nissuancerules{};"
KEY_SEPARATION = 1 << 7
"""The attribute of an enclave with Key Separation and Sharing."""
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


@pytest.fixture(params=KINDS)
async def clients(request: pytest.FixtureRequest, served: ServedSandbox) -> AsyncIterator[Clients]:
    async with signed_in(served, request.param) as found:
        yield found


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


@pytest.mark.parametrize("operation", ["attest_sgx_enclave", "attest_open_enclave"])
async def test_init_data_beside_runtime_data_and_a_draft(
    clients: Clients, platform: SandboxPlatform, operation: str
) -> None:
    client = clients.client("plain")
    attest = getattr(client, operation)
    make = make_quote if operation == "attest_sgx_enclave" else make_report
    # Init data is bound by CONFIGID, which only an enclave with Key Separation and Sharing has.
    config = hashlib.sha256(INIT_DATA).digest() + bytes(32)
    bound = enclave(RUNTIME, flags=FLAG_INIT | FLAG_MODE64 | KEY_SEPARATION, config_id=config)
    evidence = make(platform, bound)

    kept, secured = await done(attest(evidence, inittime_data=INIT_DATA, runtime_json=RUNTIME))
    tried, unsecured = await done(
        attest(evidence, inittime_data=INIT_DATA, runtime_data=RUNTIME, draft_policy=DRAFT)
    )
    # The package sends `inittime_json` without its data: to a service that is no init data at all.
    lost, _ = await done(attest(evidence, inittime_json=INIT_DATA, runtime_json=RUNTIME))
    with pytest.raises(HttpResponseError) as refused:
        await done(attest(make(platform, enclave(RUNTIME)), inittime_data=INIT_DATA))

    assert (secured.algorithm, unsecured.algorithm) == ("RS256", "none")
    assert kept.runtime_claims == lost.runtime_claims == json.loads(RUNTIME)
    assert (tried.runtime_claims, tried.enclave_held_data) == (None, RUNTIME)
    assert kept.inittime_claims is tried.inittime_claims is lost.inittime_claims is None
    assert refused.value.status_code == 400
    assert "CONFIGID" in str(refused.value)
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
