"""The authority: tokens for applications, and every way in which it says no."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import jwt
import pytest

from helpers.sandbox_client import (
    ATTESTATION,
    MANAGEMENT,
    SandboxClient,
    SteadyClock,
    open_client,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.anyio


@pytest.fixture
def clock() -> SteadyClock:
    return SteadyClock()


@pytest.fixture
async def client(tmp_path: Path, clock: SteadyClock) -> AsyncIterator[SandboxClient]:
    client = open_client(tmp_path / "sandbox.db", clock)
    async with client.http:
        yield client
    client.sandbox.close()


async def test_metadata_leads_to_the_key_that_signs(client: SandboxClient) -> None:
    identity = client.sandbox.identity
    base = f"{identity.authority}/{identity.tenant}"

    metadata = (await client.http.get(f"{base}/v2.0/.well-known/openid-configuration")).json()
    keys = jwt.PyJWKSet.from_dict((await client.http.get(metadata["jwks_uri"])).json())
    token = await client.token(ATTESTATION)

    kid = jwt.get_unverified_header(token)["kid"]
    claims = jwt.decode(
        token,
        keys[kid].key,
        algorithms=["RS256"],
        audience="https://attest.azure.net",
        options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
    )
    assert claims["iss"] == metadata["issuer"]
    assert claims["appid"] == identity.client_id
    assert claims["exp"] - claims["iat"] == 3599


@pytest.mark.parametrize(
    ("changes", "status", "error", "number"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ({"client_id": "nobody"}, 400, "unauthorized_client", 700016),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
        ({"scope": "https://attest.azure.net/user"}, 400, "invalid_scope", 1002012),
        ({"scope": "https://vault.azure.net/.default"}, 400, "invalid_resource", 500011),
    ],
)
async def test_refusals_carry_entras_numbers(
    client: SandboxClient, changes: dict[str, str], status: int, error: str, number: int
) -> None:
    answer = await client.ask_token(changes.pop("scope", ATTESTATION), **changes)

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_codes"] == [number]
    assert answer.json()["error_description"].startswith(f"AADSTS{number}:")


async def test_another_tenant_is_not_found(client: SandboxClient) -> None:
    url = f"{client.sandbox.identity.authority}/contoso.com/oauth2/v2.0/token"

    answer = await client.http.post(url, data={"grant_type": "client_credentials"})

    assert answer.json()["error_codes"] == [90002]


async def test_a_wrong_secret_is_not_repeated(client: SandboxClient) -> None:
    wrong = "hunter2-hunter2"

    answer = await client.ask_token(MANAGEMENT, client_secret=wrong)

    assert answer.status_code == 401
    assert "hunter2" not in answer.text
    assert client.sandbox.identity.client_secret.reveal() not in repr(client.sandbox.identity)


async def test_an_access_token_expires_with_the_sandboxs_clock(
    client: SandboxClient, clock: SteadyClock
) -> None:
    await client.sign_in()
    assert (await client.arm("GET", "/subscriptions")).status_code == 200

    clock.time += timedelta(hours=2)

    assert (await client.arm("GET", "/subscriptions")).status_code == 401
    await client.sign_in()
    assert (await client.arm("GET", "/subscriptions")).status_code == 200


async def test_a_token_of_another_sandbox_is_refused(client: SandboxClient, tmp_path: Path) -> None:
    other = open_client(tmp_path / "other.db", own_keys=True)
    await client.sign_in()
    await other.sign_in()
    client.management_token = other.management_token

    assert (await client.arm("GET", "/subscriptions")).status_code == 401
    await other.http.aclose()
    other.sandbox.close()


async def test_an_unknown_host_refuses_the_connection(client: SandboxClient) -> None:
    with pytest.raises((ConnectionRefusedError, httpx.ConnectError)):
        await client.http.get("https://nobody.sandbox.invalid/certs")


async def test_an_open_sandbox_asks_for_nothing(tmp_path: Path) -> None:
    client = open_client(tmp_path / "open.db", open_to_all=True)
    async with client.http:
        assert (await client.create("mine")).status_code == 201
    client.sandbox.close()
