"""The ARM client: paths, versions, pages, and tolerant reading."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import anyio
import pytest

from helpers.scripted import Scripted, answer, refusal
from sealwright.azure.exchange import Exchange
from sealwright.azure.management import ManagementClient
from sealwright.errors import BadAnswerError, RejectedError
from sealwright.services.model import TrustModel
from sealwright.services.ports import NewProvider

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeVar

    T = TypeVar("T")

ARM = "https://management.azure.com"
SUB = "0d0c1a52-5d5a-4cf0-8f2a-6a1f2b3c4d5e"
ID = f"/subscriptions/{SUB}/resourceGroups/RG1/providers/Microsoft.Attestation/attestationProviders"
PROVIDER = {
    "id": f"{ID}/contoso1",
    "name": "contoso1",
    "location": "westus",
    "tags": {"env": "test", "odd": 7},
    "systemData": {
        "createdAt": "2025-01-02T03:04:05.678Z",
        "lastModifiedAt": "2025-01-02T03:04:05",
    },
    "properties": {
        "trustModel": "Isolated",
        "status": "Ready",
        "attestUri": "https://contoso1.wus.attest.azure.net/",
        "publicNetworkAccess": None,
    },
}
SHARED = {
    "id": "providers/Microsoft.Attestation/attestationProviders/sharedcus",
    "name": "sharedcus",
    "location": "Central US",
    "properties": {
        "trustModel": "AAD",
        "status": "Ready",
        "attestUri": "https://sharedcus.cus.attest.azure.net",
    },
}


def run(script: Scripted, call: Callable[[ManagementClient], Awaitable[T]]) -> T:
    exchange = Exchange(script, script, f"{ARM}/.default", pause=script.pause)

    async def scene() -> T:
        return await call(ManagementClient("Azure public", ARM, exchange))

    return anyio.run(scene)


def test_provider_is_read_with_what_may_be_missing() -> None:
    script = Scripted(answer(PROVIDER))
    found = run(script, lambda arm: arm.provider(SUB, "RG1", "contoso1"))
    assert script.requests[0].url == f"{ARM}{ID}/contoso1?api-version=2021-06-01"
    assert found.id == f"{ID}/contoso1".lower()
    assert found.attest_uri == "https://contoso1.wus.attest.azure.net"
    assert found.trust_model is TrustModel.ISOLATED
    assert (found.subscription, found.resource_group) == (SUB, "RG1")
    assert found.public_network_access == "Enabled"
    assert found.tags == {"env": "test"}
    assert found.created == datetime(2025, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    assert found.modified == datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_shared_provider_has_no_resource_path_and_is_not_mistaken_for_an_own_one() -> None:
    script = Scripted(answer({"value": [SHARED]}))
    (found,) = run(script, lambda arm: arm.default_providers(SUB))
    assert found.trust_model is TrustModel.SHARED
    assert found.id == "https://sharedcus.cus.attest.azure.net", "names are alike in every cloud"
    assert found.resource_id == SHARED["id"]
    assert (found.subscription, found.location) == ("", "Central US")


def test_default_of_a_location_with_a_display_name() -> None:
    script = Scripted(answer(SHARED))
    run(script, lambda arm: arm.default_provider(SUB, "Central US"))
    assert "/locations/Central%20US/defaultProvider?" in script.requests[0].url


def test_isolated_provider_is_created_with_its_certificates() -> None:
    script = Scripted(answer(PROVIDER, 201))
    new = NewProvider(SUB, "RG1", "contoso1", "westus", (b"\x01\x02",), {"env": "test"})
    run(script, lambda arm: arm.create(new))
    request = script.requests[0]
    assert request.method == "PUT"
    body = json.loads(request.body)
    assert body["location"] == "westus"
    assert body["properties"]["policySigningCertificates"] == {
        "keys": [{"alg": "RS256", "kty": "RSA", "use": "sig", "x5c": ["AQI="]}]
    }


def test_open_provider_is_created_without_the_member() -> None:
    script = Scripted(answer(PROVIDER, 201))
    run(script, lambda arm: arm.create(NewProvider(SUB, "RG1", "contoso1", "westus")))
    assert "policySigningCertificates" not in json.loads(script.requests[0].body)["properties"]


def test_update_sends_only_what_is_given() -> None:
    script = Scripted(*(answer(PROVIDER) for _ in range(3)))
    found = run(script, lambda arm: arm.provider(SUB, "RG1", "contoso1"))
    run(script, lambda arm: arm.update(found, public_network_access="Disabled"))
    run(script, lambda arm: arm.update(found, tags={}))
    bodies = [json.loads(request.body) for request in script.requests[1:]]
    assert bodies == [{"properties": {"publicNetworkAccess": "Disabled"}}, {"tags": {}}]
    assert script.requests[1].method == "PATCH"


def test_all_pages_are_read() -> None:
    following = f"{ARM}/subscriptions/{SUB}/resourcegroups?api-version=2021-04-01&$skiptoken=x"
    script = Scripted(
        answer({"value": [{"name": "a"}], "nextLink": following}),
        answer({"value": [{"name": "b"}]}),
    )
    assert run(script, lambda arm: arm.resource_groups(SUB)) == ("a", "b")
    assert script.requests[1].url == following


@pytest.mark.parametrize(
    "link", ["https://evil.example/x", "http://management.azure.com/x", "https://a@evil.example/"]
)
def test_next_page_elsewhere_never_gets_the_token(link: str) -> None:
    script = Scripted(answer({"value": [], "nextLink": link}))
    with pytest.raises(BadAnswerError, match="another host"):
        run(script, lambda arm: arm.resource_groups(SUB))
    assert len(script.requests) == 1


def test_endless_pages_end() -> None:
    page = answer({"value": [{"name": "a"}], "nextLink": f"{ARM}/again"})
    script = Scripted(*(page for _ in range(300)))
    assert len(run(script, lambda arm: arm.resource_groups(SUB))) == 200


@pytest.mark.parametrize("body", [[{"name": "x/read"}], {"value": [{"name": "x/read"}]}])
def test_operations_come_as_list_or_object(body: object) -> None:
    assert run(Scripted(answer(body)), lambda arm: arm.operations()) == ("x/read",)


def test_deleting_what_is_gone_is_fine_and_other_refusals_are_not() -> None:
    found = run(Scripted(answer(PROVIDER)), lambda arm: arm.provider(SUB, "RG1", "contoso1"))
    run(Scripted(answer(b"", 204)), lambda arm: arm.delete(found))
    run(Scripted(refusal(404, "ResourceNotFound", "gone")), lambda arm: arm.delete(found))
    with pytest.raises(RejectedError):
        run(Scripted(refusal(409, "ScopeLocked", "locked")), lambda arm: arm.delete(found))


def test_names_are_quoted_into_paths() -> None:
    script = Scripted(answer(PROVIDER))
    run(script, lambda arm: arm.provider(SUB, "a/../b", "x?y"))
    assert "/resourceGroups/a%2F..%2Fb/" in script.requests[0].url
    assert "/x%3Fy?api-version" in script.requests[0].url


def test_private_links_and_registration() -> None:
    found = run(Scripted(answer(PROVIDER)), lambda arm: arm.provider(SUB, "RG1", "contoso1"))
    connection = {
        "id": "i",
        "name": "n",
        "properties": {
            "privateEndpoint": {"id": "e"},
            "privateLinkServiceConnectionState": {"status": "Approved", "description": "d"},
            "provisioningState": "Succeeded",
        },
    }
    script = Scripted(
        answer({"value": [connection]}),
        answer({"value": [{"properties": {"groupId": "standard"}}]}),
        answer({"registrationState": "Registering"}),
        answer({}),
    )
    (read,) = run(script, lambda arm: arm.private_endpoint_connections(found))
    assert replace(read, id="") == replace(read, id="", status="Approved", endpoint_id="e")
    assert run(script, lambda arm: arm.private_link_resources(found)) == ("standard",)
    assert run(script, lambda arm: arm.register(SUB)) == "Registering"
    assert run(script, lambda arm: arm.registration_state(SUB)) == "Unknown"
    assert script.requests[2].method == "POST"


def test_answer_that_describes_no_provider_breaks_the_contract() -> None:
    with pytest.raises(BadAnswerError, match="no attestation provider"):
        run(Scripted(answer({"name": "x"})), lambda arm: arm.provider(SUB, "RG1", "x"))
