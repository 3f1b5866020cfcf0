"""People at the authority: codes, PKCE, consent, tenants, roles, and files of older versions."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sqlite3
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from helpers.sandbox_client import ATTESTATION, MANAGEMENT, SandboxClient, error_of, open_client
from sealwright.sandbox.people import settle_tenant
from sealwright.sandbox.state import _SCHEMA

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

pytestmark = pytest.mark.anyio

CLIENT = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
VERIFIER = "a-verifier-of-more-than-forty-three-characters-0123456789"
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
)
REDIRECT = "http://localhost:5000"


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[SandboxClient]:
    client = open_client(tmp_path / "sandbox.db")
    async with client.http:
        yield client
    client.sandbox.close()


def asked(**changes: str) -> dict[str, str]:
    return {
        "client_id": CLIENT,
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "scope": f"{MANAGEMENT} offline_access openid",
        "state": "mine",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    } | changes


async def signed_in(
    client: SandboxClient, user: str = "owner@sandbox.invalid", tenant: str = "", **changes: str
) -> httpx.Response:
    """The answer to pressing Accept."""
    place = f"{client.sandbox.identity.authority}/{tenant or client.sandbox.identity.tenant}"
    return await client.http.post(
        f"{place}/oauth2/v2.0/authorize",
        params=asked(**changes),
        data={"user": user, "decision": "accept"},
    )


def brought(answer: httpx.Response) -> dict[str, str]:
    """What the redirect carries."""
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


async def redeemed(client: SandboxClient, tenant: str = "", **form: str) -> dict[str, Any]:
    base = {"client_id": CLIENT, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    place = f"{client.sandbox.identity.authority}/{tenant or client.sandbox.identity.tenant}"
    answer = await client.http.post(f"{place}/oauth2/v2.0/token", data=base | form)
    found: dict[str, Any] = answer.json()
    return found


async def tokens_of(client: SandboxClient, user: str, tenant: str = "") -> dict[str, Any]:
    code = brought(await signed_in(client, user, tenant))["code"]
    return await redeemed(client, tenant, grant_type="authorization_code", code=code)


async def test_a_code_is_good_once_and_only_with_its_verifier(client: SandboxClient) -> None:
    came = brought(await signed_in(client))
    assert came["state"] == "mine"
    grant = {"grant_type": "authorization_code", "code": came["code"]}

    stolen = await redeemed(client, **grant, code_verifier="another")
    assert stolen["error_codes"] == [501481]
    # Whoever tried it used it up.
    assert (await redeemed(client, **grant))["error_codes"] == [70008]

    code = brought(await signed_in(client))["code"]
    found = await redeemed(client, grant_type="authorization_code", code=code)
    claims = jwt.decode(found["access_token"], options={"verify_signature": False})
    assert (claims["upn"], claims["scp"]) == ("owner@sandbox.invalid", "user_impersonation")
    home = json.loads(base64.urlsafe_b64decode(found["client_info"] + "=="))
    assert home == {"uid": claims["oid"], "utid": claims["tid"]}


async def test_the_page_names_the_people_and_escapes_what_it_was_given(
    client: SandboxClient,
) -> None:
    place = f"{client.sandbox.identity.authority}/organizations/oauth2/v2.0/authorize"
    page = await client.http.get(place, params=asked(login_hint="reader@sandbox.invalid"))
    assert page.headers["content-type"].startswith("text/html")
    assert re.search(r'value="reader@sandbox.invalid" checked', page.text)
    evil = await client.http.get(place, params=asked(client_id="<script>"))
    assert "<script>" not in evil.text


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"redirect_uri": "https://stranger.example"}, 50011),
        ({"client_id": "nobody"}, 700016),
        ({"response_type": "token"}, 700051),
        ({"code_challenge_method": "plain"}, 501491),
    ],
)
async def test_a_request_that_cannot_be_is_never_redirected(
    client: SandboxClient, changes: dict[str, str], number: int
) -> None:
    answer = await signed_in(client, **changes)
    assert answer.status_code == 400
    assert f"AADSTS{number}" in answer.text
    assert "location" not in answer.headers


async def test_form_post_hands_the_answer_over_in_a_form(client: SandboxClient) -> None:
    answer = await signed_in(client, response_mode="form_post", state='"><script>')
    assert answer.status_code == 200
    assert f'action="{REDIRECT}"' in answer.text
    assert '"><script>"' not in answer.text


async def test_a_refresh_token_serves_its_own_application_and_other_resources(
    client: SandboxClient,
) -> None:
    found = await tokens_of(client, "owner@sandbox.invalid")
    grant = {"grant_type": "refresh_token", "refresh_token": found["refresh_token"]}
    other = await redeemed(client, **grant, scope=ATTESTATION)
    claims = jwt.decode(other["access_token"], options={"verify_signature": False})
    assert claims["aud"] == "https://attest.azure.net"
    powershell = "1950a258-227b-4e31-a9cf-717495945fc2"
    assert (await redeemed(client, **grant, client_id=powershell))["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("user", "read", "write"),
    [("owner", 200, 201), ("contributor", 200, 403), ("reader", 200, 403), ("nobody", 403, 403)],
)
async def test_roles_are_per_person(
    client: SandboxClient, user: str, read: int, write: int
) -> None:
    await client.sign_in()
    await client.create("plain")
    found = await tokens_of(client, f"{user}@sandbox.invalid")
    client.management_token = found["access_token"]
    path = "resourceGroups/sandbox/providers/Microsoft.Attestation/attestationProviders/plain"
    assert (await client.arm("GET", path)).status_code == read
    assert (await client.create("another")).status_code == write


async def test_a_token_of_another_tenant_does_not_open_this_one(client: SandboxClient) -> None:
    core = client.sandbox.core
    tenant = settle_tenant(core.people, core.accounts, core.directory, "Fabrikam")
    assert settle_tenant(core.people, core.accounts, core.directory, "Fabrikam") == tenant

    found = await tokens_of(client, "owner@fabrikam.sandbox.invalid", tenant)
    client.management_token = found["access_token"]
    listed = (await client.arm("GET", "/subscriptions")).json()["value"]
    assert [one["tenantId"] for one in listed] == [tenant]
    assert error_of(await client.arm("GET", "resourceGroups")) == (
        401,
        "InvalidAuthenticationTokenTenant",
    )

    stranger = await signed_in(client, "reader@sandbox.invalid", tenant)
    assert "AADSTS50020" in brought(stranger)["error_description"]


async def test_the_challenge_names_the_tenant_of_the_provider(client: SandboxClient) -> None:
    core = client.sandbox.core
    tenant = settle_tenant(core.people, core.accounts, core.directory, "Fabrikam")
    there = next(one for one in core.directory.subscriptions() if one.tenant == tenant)
    found = await tokens_of(client, "owner@fabrikam.sandbox.invalid", tenant)
    client.management_token = found["access_token"]
    group = f"/subscriptions/{there.id}/resourceGroups/fabrikam"
    path = f"{group}/providers/Microsoft.Attestation/attestationProviders/theirs"
    made = await client.arm("PUT", path, {"location": "sandbox", "properties": {}})
    assert made.status_code == 201

    client.management_token = ""
    answers = (
        await client.data("GET", "theirs", "/policies/SgxEnclave"),
        await client.arm("GET", path),
    )

    for answer in answers:
        assert answer.status_code == 401
        assert f'/{tenant}"' in answer.headers["www-authenticate"]


async def test_what_a_person_does_bears_the_name(client: SandboxClient) -> None:
    found = await tokens_of(client, "owner@sandbox.invalid")
    client.management_token = found["access_token"]

    made = (await client.create("plain")).json()["systemData"]
    path = "resourceGroups/sandbox/providers/Microsoft.Attestation/attestationProviders/plain"
    given = await client.arm("GET", f"{path}/providers/Microsoft.Authorization/roleAssignments")

    assert (made["createdBy"], made["createdByType"]) == ("owner@sandbox.invalid", "User")
    kinds = {one["properties"]["principalType"] for one in given.json()["value"]}
    assert kinds == {"User", "ServicePrincipal"}


async def test_a_file_of_the_first_version_gets_its_people(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as db:
        for statement in _SCHEMA.split(";\n"):
            db.execute(statement)
        db.execute(
            "INSERT INTO facts VALUES ('tenant', ?)", (b"11111111-0000-0000-0000-000000000000",)
        )
        db.execute("INSERT INTO facts VALUES ('subscription', ?)", (b"the-subscription",))
        db.execute("INSERT INTO subscriptions VALUES ('the-subscription', 'Sandbox', 'Registered')")
        db.execute("INSERT INTO applications VALUES ('app', 'oid', 'Sandbox administrator', 's')")
        db.execute("PRAGMA user_version=1")
    db.close()

    client = open_client(path)
    async with client.http:
        assert client.sandbox.identity.client_id == "app"
        found = await tokens_of(client, "owner@sandbox.invalid")
        client.management_token = found["access_token"]
        listed = (await client.arm("GET", "/subscriptions")).json()["value"]
        assert [one["displayName"] for one in listed] == ["Sandbox"]
    client.sandbox.close()
