"""azure-mgmt-attestation 2.0.0 against `sandbox serve`: every operation it has."""

from __future__ import annotations

import inspect
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.identity import ClientSecretCredential
from azure.identity.aio import ClientSecretCredential as AsyncClientSecretCredential
from azure.mgmt.attestation import AttestationManagementClient
from azure.mgmt.attestation.aio import (
    AttestationManagementClient as AsyncAttestationManagementClient,
)
from azure.mgmt.attestation.models import (
    AttestationProvider,
    AttestationServiceCreationParams,
    AttestationServiceCreationSpecificParams,
    AttestationServicePatchParams,
    AttestationServicePatchSpecificParams,
    JSONWebKey,
    JSONWebKeySet,
    PrivateEndpointConnection,
    PrivateEndpointConnectionProperties,
    PrivateLinkServiceConnectionState,
)
from azure.security.attestation import AttestationClient

from helpers.administrator import Administrator
from helpers.issuing import b64
from helpers.served_sandbox import ServedSandbox, served_sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

pytestmark = [
    pytest.mark.anyio,
    # The packages call what newer Pythons warn of.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

GROUP = "sandbox"

Client: TypeAlias = Any
"""The package's plain or asyncio client: they share names, but no base."""
Result: TypeAlias = Any


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSandbox]:
    with served_sandbox(tmp_path_factory.mktemp("management")) as it:
        yield it


def sign_in(served: ServedSandbox) -> dict[str, Any]:
    return {
        "tenant_id": served.ready["tenant"],
        "client_id": served.ready["clientId"],
        "client_secret": served.ready["clientSecret"],
        "authority": served.ready["authority"],
        "disable_instance_discovery": True,
        "connection_verify": served.ca_file,
    }


@pytest.fixture(params=["sync", "async"])
async def client(request: pytest.FixtureRequest, served: ServedSandbox) -> AsyncIterator[Client]:
    options = {
        "subscription_id": served.ready["subscription"],
        "base_url": served.ready["armEndpoint"],
        "connection_verify": served.ca_file,
        "retry_total": 0,
    }
    if request.param == "sync":
        with (
            ClientSecretCredential(**sign_in(served)) as credential,
            AttestationManagementClient(credential, **options) as client,
        ):
            yield client
        return
    async with AsyncExitStack() as stack:
        async_credential = await stack.enter_async_context(
            AsyncClientSecretCredential(**sign_in(served))
        )
        yield await stack.enter_async_context(
            AsyncAttestationManagementClient(async_credential, **options)
        )


async def done(value: Result) -> Result:
    """The result of a call of either kind of client; pages become a list."""
    if hasattr(value, "__aiter__"):
        return [item async for item in value]
    if inspect.isawaitable(value):
        return await value
    return list(value) if hasattr(value, "by_page") else value


def creation(*signers: Administrator, **tags: str) -> AttestationServiceCreationParams:
    keys = [
        JSONWebKey(kty="RSA", alg="RS256", use="sig", x5_c=[b64(signer.certificate)])
        for signer in signers
    ]
    properties = AttestationServiceCreationSpecificParams(
        policy_signing_certificates=JSONWebKeySet(keys_property=keys) if keys else None
    )
    return AttestationServiceCreationParams(location="sandbox", tags=tags, properties=properties)


async def created(client: Client, name: str, *signers: Administrator) -> AttestationProvider:
    made: AttestationProvider = await done(
        client.attestation_providers.create(GROUP, name, creation(*signers, env="test"))
    )
    return made


async def test_a_provider_from_creation_to_deletion(client: Client) -> None:
    made = await created(client, "one")
    same = await done(client.attestation_providers.get(GROUP, "one"))
    patch = AttestationServicePatchParams(
        tags={"env": "changed"},
        properties=AttestationServicePatchSpecificParams(
            public_network_access="Disabled", tpm_attestation_authentication="Disabled"
        ),
    )
    changed = await done(client.attestation_providers.update(GROUP, "one", patch))
    await done(client.attestation_providers.delete(GROUP, "one"))
    await done(client.attestation_providers.delete(GROUP, "one"))

    assert made.properties is not None
    assert (made.properties.trust_model, made.properties.status) == ("AAD", "Ready")
    assert made.system_data is not None
    assert made.system_data.created_at is not None
    assert same == made
    assert changed.tags == {"env": "changed"}
    assert changed.properties.public_network_access == "Disabled"
    assert changed.properties.tpm_attestation_authentication == "Disabled"
    with pytest.raises(ResourceNotFoundError):
        await done(client.attestation_providers.get(GROUP, "one"))


async def test_certificates_make_it_isolated(client: Client, served: ServedSandbox) -> None:
    made = await created(client, "two", Administrator("root"), Administrator("second"))

    assert made.properties is not None
    assert made.properties.trust_model == "Isolated"
    # It answers at its address as soon as it is there.
    with (
        ClientSecretCredential(**sign_in(served)) as credential,
        AttestationClient(
            str(made.properties.attest_uri), credential, connection_verify=served.ca_file
        ) as attestation,
    ):
        metadata = attestation.get_open_id_metadata()
    await done(client.attestation_providers.delete(GROUP, "two"))
    assert metadata["issuer"] == made.properties.attest_uri


async def test_providers_are_listed(client: Client) -> None:
    for name in ("aad-one", "isolated-one"):
        await created(client, name, *([Administrator("root")] if name[0] == "i" else []))

    everywhere = await done(client.attestation_providers.list())
    in_group = await done(client.attestation_providers.list_by_resource_group(GROUP))

    for name in ("aad-one", "isolated-one"):
        await done(client.attestation_providers.delete(GROUP, name))
    expected = [("aad-one", "AAD"), ("isolated-one", "Isolated")]
    for listed in (everywhere, in_group):
        assert [(item.name, item.properties.trust_model) for item in listed.value] == expected


async def test_the_shared_provider_is_the_default(client: Client, served: ServedSandbox) -> None:
    defaults = await done(client.attestation_providers.list_default())
    nearest = await done(client.attestation_providers.get_default_by_location("sandbox"))

    assert [item.name for item in defaults.value] == ["sharedlocal"]
    assert nearest.properties.attest_uri == served.attest_uri("sharedlocal")
    assert nearest.id == "providers/Microsoft.Attestation/attestationProviders/sharedlocal"
    with pytest.raises(ResourceNotFoundError):
        await done(client.attestation_providers.get_default_by_location("atlantis"))


async def test_private_endpoint_connections(client: Client) -> None:
    await created(client, "linked")
    connections = client.private_endpoint_connections
    wanted = PrivateEndpointConnection(
        properties=PrivateEndpointConnectionProperties(
            private_link_service_connection_state=PrivateLinkServiceConnectionState(
                status="Approved", description="for the test"
            )
        )
    )

    made = await done(connections.create(GROUP, "linked", "first", wanted))
    same = await done(connections.get(GROUP, "linked", "first"))
    listed = await done(connections.list(GROUP, "linked"))
    shown = await done(client.attestation_providers.get(GROUP, "linked"))
    await done(connections.delete(GROUP, "linked", "first"))
    with pytest.raises(ResourceNotFoundError):
        await done(connections.get(GROUP, "linked", "first"))
    await done(client.attestation_providers.delete(GROUP, "linked"))

    assert made.properties.provisioning_state == "Succeeded"
    assert same == made
    assert listed == [made]
    assert [item.name for item in shown.properties.private_endpoint_connections] == ["first"]


async def test_private_link_resources(client: Client) -> None:
    await created(client, "linkable")

    found = await done(client.private_link_resources.list_by_provider(GROUP, "linkable"))

    await done(client.attestation_providers.delete(GROUP, "linkable"))
    [resource] = found.value
    assert resource.name == "tenant"
    assert resource.properties.group_id == "standard"
    assert resource.properties.required_zone_names == ["privatelink.attest.azure.net"]


async def test_operations(client: Client) -> None:
    names = [item.name for item in await done(client.operations.list())]

    prefix = "Microsoft.Attestation/attestationProviders/attestation"
    assert {f"{prefix}/{verb}" for verb in ("read", "write", "delete")} <= set(names)


async def test_errors_are_read(client: Client) -> None:
    with pytest.raises(HttpResponseError) as refused:
        await done(client.attestation_providers.create("nowhere", "one", creation()))

    assert refused.value.status_code == 404
    assert refused.value.error is not None
    assert refused.value.error.code == "ResourceGroupNotFound"
