"""ARM as the sandbox answers it: providers, groups, registration, roles, refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from helpers.issuing import certificate, rsa_key
from helpers.sandbox_client import SandboxClient, error_of, message_of, open_client, provider_path
from sealwright.sandbox.records import SubscriptionRecord

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


pytestmark = pytest.mark.anyio


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[SandboxClient]:
    client = open_client(tmp_path / "sandbox.db")
    async with client.http:
        yield await client.sign_in()
    client.sandbox.close()


async def test_certificates_at_creation_decide_the_trust_model(client: SandboxClient) -> None:
    der = certificate(rsa_key("arm"), "Signer", ca=True)

    plain, isolated = await client.create("plain"), await client.create("isolated", der)

    assert plain.status_code == isolated.status_code == 201
    assert plain.json()["properties"]["trustModel"] == "AAD"
    assert isolated.json()["properties"]["trustModel"] == "Isolated"
    assert isolated.json()["properties"]["attestUri"] == "https://isolated.sandbox.invalid"
    assert isolated.headers["location"] == "https://isolated.sandbox.invalid/"
    assert "policySigningCertificates" not in isolated.text


async def test_an_empty_key_list_makes_an_aad_provider(client: SandboxClient) -> None:
    body = {"location": "Local", "properties": {"PolicySigningCertificates": {"keys": []}}}

    made = await client.arm("PUT", provider_path("from-cli"), body)

    assert made.json()["properties"]["trustModel"] == "AAD"


async def test_a_key_without_a_certificate_is_refused(client: SandboxClient) -> None:
    made = await client.create("isolated", b"not a certificate")

    assert error_of(made) == (400, "BadRequest")
    assert made.json()["error"]["message"] == (
        "PolicySigningCertificate key is not an X509 security key"
    )
    assert (await client.arm("GET", provider_path("isolated"))).status_code == 404


async def test_a_second_put_keeps_the_trust_model(client: SandboxClient) -> None:
    await client.create("isolated", certificate(rsa_key("arm"), "Signer", ca=True))

    again = await client.create("ISOLATED")

    assert again.status_code == 200
    assert again.json()["properties"]["trustModel"] == "Isolated"


async def test_patch_changes_what_is_given_and_keeps_the_rest(client: SandboxClient) -> None:
    await client.create("plain")
    first = {"tags": {"env": "test"}, "properties": {"publicNetworkAccess": "disabled"}}
    await client.arm("PATCH", provider_path("plain"), first)

    await client.arm(
        "PATCH",
        provider_path("plain"),
        {"properties": {"tpmAttestationAuthentication": "Disabled"}},
    )

    shown = (await client.arm("GET", provider_path("plain"))).json()
    assert shown["tags"] == {"env": "test"}
    assert shown["properties"]["publicNetworkAccess"] == "Disabled"
    assert shown["properties"]["tpmAttestationAuthentication"] == "Disabled"


@pytest.mark.parametrize(
    ("name", "body", "expected"),
    [
        ("no", {"location": "sandbox", "properties": {}}, (400, "InvalidResourceName")),
        ("under_score", {"location": "sandbox", "properties": {}}, (400, "InvalidResourceName")),
        ("login", {"location": "sandbox", "properties": {}}, (400, "ReservedResourceName")),
        ("fine", {"properties": {}}, (400, "LocationRequired")),
        ("fine", {"location": "sandbox"}, (400, "InvalidRequestContent")),
        (
            "fine",
            {"location": "the moon", "properties": {}},
            (400, "LocationNotAvailableForResourceType"),
        ),
    ],
)
async def test_what_a_provider_cannot_be(
    client: SandboxClient, name: str, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert error_of(await client.arm("PUT", provider_path(name), body)) == expected


async def test_a_name_belongs_to_one_group_only(client: SandboxClient) -> None:
    await client.arm("PUT", "resourcegroups/other", {"location": "sandbox"})
    await client.create("mine")

    assert error_of(await client.create("mine", group="other")) == (409, "Conflict")


async def test_a_group_must_be_there(client: SandboxClient) -> None:
    made = await client.create("mine", group="nowhere")

    assert error_of(made) == (404, "ResourceGroupNotFound")


async def test_deleting_twice_is_safe(client: SandboxClient) -> None:
    await client.create("mine")

    first = await client.arm("DELETE", provider_path("mine"))
    second = await client.arm("DELETE", provider_path("mine"))

    assert (first.status_code, second.status_code) == (200, 204)
    assert error_of(await client.arm("GET", provider_path("mine"))) == (404, "ResourceNotFound")


async def test_groups_come_in_pages(client: SandboxClient) -> None:
    for number in range(6):
        await client.arm("PUT", f"resourcegroups/group{number}", {"location": "sandbox"})

    first = (await client.arm("GET", "resourceGroups")).json()
    headers = {"authorization": f"Bearer {client.management_token}"}
    second = (await client.http.get(first["nextLink"], headers=headers)).json()

    names = [group["name"] for page in (first, second) for group in page["value"]]
    assert names == sorted(["sandbox", *(f"group{number}" for number in range(6))])
    assert "nextLink" not in second


async def test_registration_is_asked_for_and_polled(client: SandboxClient) -> None:
    identity = client.sandbox.identity
    client.sandbox.core.directory.put_subscription(
        SubscriptionRecord(identity.subscription, "Sandbox", "NotRegistered")
    )
    assert error_of(await client.create("mine")) == (409, "MissingSubscriptionRegistration")

    namespace = "providers/Microsoft.Attestation"
    asked = await client.arm("POST", f"{namespace}/register", version="2021-04-01")
    polled = [await client.arm("GET", namespace, version="2021-04-01") for _ in range(2)]

    states = [answer.json()["registrationState"] for answer in (asked, *polled)]
    assert states == ["Registering", "Registering", "Registered"]
    assert (await client.create("mine")).status_code == 201


async def test_a_reader_reads_and_is_forbidden_to_write(client: SandboxClient) -> None:
    await client.create("mine")
    await client.operate("PUT", "roles", {"roles": [{"role": "Reader"}]})

    assert (await client.arm("GET", provider_path("mine"))).status_code == 200
    refused = await client.create("other")
    assert error_of(refused) == (403, "AuthorizationFailed")
    assert "attestationProviders/write" in refused.json()["error"]["message"]


async def test_without_a_role_nothing_is_seen(client: SandboxClient) -> None:
    await client.create("mine")
    await client.operate("PUT", "roles", {"roles": []})

    assert error_of(await client.arm("GET", provider_path("mine"))) == (403, "AuthorizationFailed")
    assert (await client.arm("GET", "/subscriptions")).json() == {"value": []}


async def test_a_role_on_one_provider_does_not_reach_its_neighbour(client: SandboxClient) -> None:
    made = (await client.create("mine")).json()
    await client.create("mine2")
    role = {"role": "Contributor", "scope": made["id"]}
    await client.operate("PUT", "roles", {"roles": [role]})

    assert (await client.arm("GET", provider_path("mine"))).status_code == 200
    assert (await client.arm("GET", provider_path("mine2"))).status_code == 403
    listed = await client.arm(
        "GET",
        f"{provider_path('mine')}/providers/Microsoft.Authorization/roleAssignments",
        version="2022-04-01",
    )
    assert [item["properties"]["scope"] for item in listed.json()["value"]] == [made["id"]]


async def test_a_token_for_the_data_plane_does_not_open_arm(client: SandboxClient) -> None:
    client.management_token = client.attestation_token

    refused = await client.arm("GET", "/subscriptions")

    assert error_of(refused) == (401, "AuthenticationFailed")
    assert "Bearer authorization_uri=" in refused.headers["www-authenticate"]


async def test_the_old_version_knows_less(client: SandboxClient) -> None:
    await client.create("mine")

    old = await client.arm("GET", provider_path("mine"), version="2020-10-01")
    unknown = await client.arm("GET", provider_path("mine"), version="2024-01-01")
    missing = await client.arm("GET", provider_path("mine"), version="")

    assert "publicNetworkAccess" not in old.json()["properties"]
    assert error_of(unknown) == (400, "NoRegisteredProviderFound")
    assert error_of(missing) == (400, "MissingApiVersionParameter")


async def test_connections_are_kept_with_their_provider(client: SandboxClient) -> None:
    await client.create("mine")
    state = {"status": "Approved", "description": "for the test"}
    path = f"{provider_path('mine')}/privateEndpointConnections/one"
    body = {"properties": {"privateLinkServiceConnectionState": state}}

    put = await client.arm("PUT", path, body)
    shown = (await client.arm("GET", provider_path("mine"))).json()
    gone = [(await client.arm("DELETE", path)).status_code for _ in range(2)]

    assert put.json()["properties"]["provisioningState"] == "Succeeded"
    assert shown["properties"]["privateEndpointConnections"] == [put.json()]
    assert gone == [200, 204]


async def test_diagnostic_settings_are_kept_with_their_provider(client: SandboxClient) -> None:
    """Spec rest-api, 8.7."""
    await client.create("mine")
    place = f"{provider_path('mine')}/providers/Microsoft.Insights/diagnosticSettings"
    version = "2021-05-01-preview"
    logs = [{"category": "AuditEvent", "enabled": True}]
    body = {"properties": {"workspaceId": "/subscriptions/s/ws", "logs": logs}}

    put = await client.arm("PUT", f"{place}/one", body, version=version)
    nowhere = await client.arm("PUT", f"{place}/two", {"properties": {}}, version=version)
    strange = {"properties": {"workspaceId": "/w", "logs": [{"category": "Nonsense"}]}}
    refused = await client.arm("PUT", f"{place}/two", strange, version=version)
    listed = await client.arm("GET", place, version=version)
    read = await client.arm("GET", f"{place}/ONE", version=version)
    gone = [(await client.arm("DELETE", f"{place}/one", version=version)).status_code for _ in "12"]
    missing = await client.arm("GET", f"{place}/one", version=version)

    assert put.json()["name"] == "one"
    assert put.json()["properties"]["logs"][0]["category"] == "AuditEvent"
    assert error_of(nowhere) == error_of(refused) == (400, "BadRequest")
    assert listed.json() == {"value": [put.json()]}
    assert read.json() == put.json()
    assert gone == [200, 204]
    assert error_of(missing) == (404, "ResourceNotFound")


async def test_answers_say_how_many_calls_are_left(client: SandboxClient) -> None:
    """Spec rest-api, 8.7: a counter for each kind of call, of each subscription."""
    now = (await client.operate("GET", "clock")).json()["now"]
    await client.operate("PUT", "clock", {"fixed": now})
    name = "x-ms-ratelimit-remaining-subscription-"
    await client.create("mine")

    first, second = [await client.arm("GET", provider_path("mine")) for _ in "12"]
    written = await client.arm("PATCH", provider_path("mine"), {})
    deleted = await client.arm("DELETE", provider_path("mine"))
    elsewhere = await client.arm("GET", "/subscriptions")

    assert int(first.headers[f"{name}reads"]) - int(second.headers[f"{name}reads"]) == 1
    assert f"{name}writes" in written.headers
    assert f"{name}deletes" in deleted.headers
    assert not [each for each in elsewhere.headers if each.startswith(name)]


async def test_a_failed_region_refuses_management(client: SandboxClient) -> None:
    await client.operate("PUT", "region", {"failedOver": True})

    assert error_of(await client.create("mine")) == (503, "ServiceUnavailable")


async def test_a_failed_region_leaves_its_pair_in_service(client: SandboxClient) -> None:
    await client.create("mine")
    await client.operate("PUT", "region", {"failedOver": True})

    inside = await client.arm("GET", provider_path("mine"))
    listed = await client.arm("GET", provider_path("mine").rpartition("/")[0])
    away = await client.create("away", location="Local pair")
    read = await client.arm("GET", provider_path("away"))

    assert error_of(inside) == (503, "ServiceUnavailable")
    assert "mine" in [each["name"] for each in listed.json()["value"]]
    assert away.status_code == 201
    assert read.json()["location"] == "sandboxpair"


async def test_the_operator_needs_the_key(client: SandboxClient) -> None:
    url = f"{client.sandbox.identity.management}/_sandbox/faults"

    answer = await client.http.put(url, json={"faults": [{"kind": "status"}]})

    assert error_of(answer) == (403, "Forbidden")
    assert (await client.operate("GET", "faults")).json() == {"faults": []}


async def test_a_fault_after_the_change_leaves_the_change(client: SandboxClient) -> None:
    fault = {"kind": "status", "status": 500, "after": True, "method": "PUT", "times": 1}
    await client.operate("PUT", "faults", {"faults": []})
    armed = await client.operate("PUT", "faults", {"faults": [fault | {"path": "/mine$"}]})
    assert armed.status_code == 200

    assert (await client.create("mine")).status_code == 500
    assert (await client.create("mine")).status_code == 200


async def test_throttling_says_when_to_come_back(client: SandboxClient) -> None:
    fault = {"kind": "status", "status": 429, "retryAfter": 2, "path": "/tenants", "times": 1}
    await client.operate("PUT", "faults", {"faults": [fault]})

    answers = [await client.arm("GET", "/tenants", version="2022-12-01") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [429, 200]
    assert answers[0].headers["retry-after"] == "2"


@pytest.mark.parametrize("location", ["West US", "westus"])
async def test_azures_regions_are_taken_as_they_are(client: SandboxClient, location: str) -> None:
    body = {"location": location, "properties": {}}

    made = await client.arm("PUT", provider_path("far"), body)
    moved = await client.arm("PUT", provider_path("far"), body | {"location": "eastus"})
    near = await client.arm(
        "GET", f"providers/Microsoft.Attestation/locations/{location}/defaultProvider"
    )

    assert (made.status_code, made.json()["location"]) == (201, "westus")
    assert error_of(moved) == (409, "InvalidResourceLocation")
    assert near.json()["name"] == "sharedlocal"


async def test_a_body_that_is_no_object_is_called_so(client: SandboxClient) -> None:
    refused = await client.arm("PUT", provider_path("fine"), ["no", "object"])

    assert error_of(refused) == (400, "InvalidRequestContent")
    assert message_of(refused).endswith("It is JSON, but not an object.")
