"""ARM, as far as attestation needs it (spec rest-api, 8)."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from sealwright.azure.exchange import Call, Exchange, bad_answer, read_json
from sealwright.azure.reading import items, member, moment, text, texts
from sealwright.errors import RejectedError
from sealwright.services.model import Provider, TrustModel
from sealwright.services.ports import ActionGrant, PrivateEndpointConnection, Subscription, Tenant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.services.ports import HttpResponse, NewProvider

_VERSION: Final = "2021-06-01"
_RESOURCES_VERSION: Final = "2021-04-01"
_SUBSCRIPTIONS_VERSION: Final = "2022-12-01"
_ROLES_VERSION: Final = "2022-04-01"
_NAMESPACE: Final = "/providers/Microsoft.Attestation"
_MAX_PAGES: Final = 200
_NOT_FOUND: Final = 404
_SLOW: Final = 180.0
"""Seconds; ARM was seen to take several for a delete."""


class ManagementClient:
    """`ManagementApi` on HTTP, and the rest of ARM's operations of this namespace."""

    def __init__(self, cloud: str, endpoint: str, exchange: Exchange) -> None:
        self._cloud = cloud
        self._endpoint = endpoint.rstrip("/")
        self._exchange = exchange

    async def tenants(self) -> tuple[Tenant, ...]:
        """Directories that the account can use."""
        url = self._url("/tenants", _SUBSCRIPTIONS_VERSION)
        return tuple(
            Tenant(
                id=text(member(value, "tenantId")),
                name=text(member(value, "displayName")),
                domain=text(member(value, "defaultDomain")),
            )
            for value in await self._list(url, "list the tenants")
        )

    async def subscriptions(self) -> tuple[Subscription, ...]:
        """Subscriptions that the account can see."""
        url = self._url("/subscriptions", _SUBSCRIPTIONS_VERSION)
        return tuple(
            Subscription(
                id=text(member(value, "subscriptionId")),
                name=text(member(value, "displayName")),
                state=text(member(value, "state")),
                tenant_id=text(member(value, "tenantId")),
            )
            for value in await self._list(url, "list the subscriptions")
        )

    async def resource_groups(self, subscription: str) -> tuple[str, ...]:
        """Names of the groups, all pages."""
        url = self._url(f"{_sub(subscription)}/resourcegroups", _RESOURCES_VERSION)
        values = await self._list(url, "list the resource groups")
        return tuple(text(member(value, "name")) for value in values)

    async def create_resource_group(self, subscription: str, name: str, location: str) -> None:
        """Make a group; nothing happens when it is there."""
        path = f"{_sub(subscription)}/resourcegroups/{quote(name, safe='')}"
        url = self._url(path, _RESOURCES_VERSION)
        await self._send("PUT", url, "create the resource group", {"location": location})

    async def locations(self, subscription: str) -> tuple[tuple[str, str], ...]:
        """Locations as (name, display name)."""
        url = self._url(f"{_sub(subscription)}/locations", _SUBSCRIPTIONS_VERSION)
        return tuple(
            (text(member(value, "name")), text(member(value, "displayName")))
            for value in await self._list(url, "list the locations")
        )

    async def registration_state(self, subscription: str) -> str:
        """`Registered` when the namespace can be used."""
        url = self._url(f"{_sub(subscription)}{_NAMESPACE}", _RESOURCES_VERSION)
        value = await self._get(url, "read the registration of Microsoft.Attestation")
        return text(member(value, "registrationState"), "Unknown")

    async def register(self, subscription: str) -> str:
        """Register `Microsoft.Attestation`; the new state."""
        url = self._url(f"{_sub(subscription)}{_NAMESPACE}/register", _RESOURCES_VERSION)
        what = "register Microsoft.Attestation"
        answer = await self._send("POST", url, what, None)
        return text(member(read_json(answer, what), "registrationState"), "Unknown")

    async def operations(self) -> tuple[str, ...]:
        """Names of the operations that roles can grant."""
        what = "list the operations"
        value = await self._get(self._url(f"{_NAMESPACE}/operations"), what)
        # The published example is a bare array, the model an object (spec rest-api, 8.6).
        values = value if isinstance(value, list) else items(member(value, "value"))
        return tuple(text(member(entry, "name")) for entry in values)

    async def providers(
        self, subscription: str, resource_group: str | None = None
    ) -> tuple[Provider, ...]:
        """Providers of a subscription, or of one group."""
        group = f"/resourceGroups/{quote(resource_group, safe='')}" if resource_group else ""
        path = f"{_sub(subscription)}{group}{_NAMESPACE}/attestationProviders"
        return await self._providers(path, "list the attestation providers")

    async def provider(self, subscription: str, resource_group: str, name: str) -> Provider:
        """One provider by name."""
        path = _path(subscription, resource_group, name)
        return await self._one("GET", path, "read the attestation provider", None)

    async def create(self, new: NewProvider) -> Provider:
        """Make a provider; it is ready when this returns."""
        properties: dict[str, object] = {
            "publicNetworkAccess": new.public_network_access,
            "tpmAttestationAuthentication": new.tpm_attestation_authentication,
        }
        if new.signing_certificates:
            keys = [_jwk(certificate) for certificate in new.signing_certificates]
            properties["policySigningCertificates"] = {"keys": keys}
        body = {"location": new.location, "tags": dict(new.tags), "properties": properties}
        path = _path(new.subscription, new.resource_group, new.name)
        return await self._one("PUT", path, "create the attestation provider", body)

    async def update(
        self,
        provider: Provider,
        *,
        tags: Mapping[str, str] | None = None,
        public_network_access: str | None = None,
        tpm_attestation_authentication: str | None = None,
    ) -> Provider:
        """Change what is given, keep the rest."""
        properties = {
            "publicNetworkAccess": public_network_access,
            "tpmAttestationAuthentication": tpm_attestation_authentication,
        }
        given = {name: value for name, value in properties.items() if value is not None}
        body: dict[str, object] = {"properties": given} if given else {}
        if tags is not None:
            body["tags"] = dict(tags)
        return await self._one(
            "PATCH", provider.resource_id, "change the attestation provider", body
        )

    async def delete(self, provider: Provider) -> None:
        """Delete for good; nothing happens when it is gone."""
        url = self._url(provider.resource_id)
        try:
            await self._send("DELETE", url, "delete the attestation provider", None)
        except RejectedError as error:
            if error.status != _NOT_FOUND:
                raise

    async def default_providers(self, subscription: str) -> tuple[Provider, ...]:
        """The shared providers."""
        path = f"{_sub(subscription)}{_NAMESPACE}/defaultProviders"
        return await self._providers(path, "list the shared providers", shared=True)

    async def default_provider(self, subscription: str, location: str) -> Provider:
        """The shared provider of a location."""
        place = quote(location, safe="")
        path = f"{_sub(subscription)}{_NAMESPACE}/locations/{place}/defaultProvider"
        return await self._one("GET", path, "read the shared provider", None, shared=True)

    async def private_endpoint_connections(
        self, provider: Provider
    ) -> tuple[PrivateEndpointConnection, ...]:
        """Private endpoint connections."""
        url = self._url(f"{provider.resource_id}/privateEndpointConnections")
        values = await self._list(url, "list the private endpoint connections")
        return tuple(_connection(value) for value in values)

    async def set_private_endpoint_connection(
        self, provider: Provider, connection: PrivateEndpointConnection
    ) -> PrivateEndpointConnection:
        """Approve or reject a connection: its `status` and `description` are sent."""
        name = quote(connection.name, safe="")
        url = self._url(f"{provider.resource_id}/privateEndpointConnections/{name}")
        state = {"status": connection.status, "description": connection.description}
        properties: dict[str, object] = {"privateLinkServiceConnectionState": state}
        if connection.endpoint_id:
            properties["privateEndpoint"] = {"id": connection.endpoint_id}
        what = "change the private endpoint connection"
        answer = await self._send("PUT", url, what, {"properties": properties})
        return _connection(read_json(answer, what))

    async def actions(self, provider: Provider) -> tuple[ActionGrant, ...]:
        """What roles give the caller at this provider (ARM permissions, listed for a resource)."""
        path = f"{provider.resource_id}/providers/Microsoft.Authorization/permissions"
        values = await self._list(self._url(path, _ROLES_VERSION), "read what this account may do")
        return tuple(
            ActionGrant(
                tuple(text(each) for each in items(member(value, "actions"))),
                tuple(text(each) for each in items(member(value, "notActions"))),
            )
            for value in values
        )

    async def delete_private_endpoint_connection(self, provider: Provider, name: str) -> None:
        """Remove a private endpoint connection."""
        path = f"{provider.resource_id}/privateEndpointConnections/{quote(name, safe='')}"
        await self._send("DELETE", self._url(path), "remove the private endpoint connection", None)

    async def private_link_resources(self, provider: Provider) -> tuple[str, ...]:
        """Group ids that a private endpoint may link to."""
        url = self._url(f"{provider.resource_id}/privateLinkResources")
        values = await self._list(url, "list the private link resources")
        return tuple(text(member(value, "properties", "groupId")) for value in values)

    def _url(self, path: str, version: str = _VERSION) -> str:
        return f"{self._endpoint}{path}?api-version={version}"

    async def _providers(
        self, path: str, what: str, *, shared: bool = False
    ) -> tuple[Provider, ...]:
        values = await self._list(self._url(path), what)
        found = (_provider(value, self._cloud, shared=shared) for value in values)
        return tuple(provider for provider in found if provider is not None)

    async def _one(
        self,
        method: str,
        path: str,
        what: str,
        body: Mapping[str, object] | None,
        *,
        shared: bool = False,
    ) -> Provider:
        answer = await self._send(method, self._url(path), what, body)
        provider = _provider(read_json(answer, what), self._cloud, shared=shared)
        if provider is None:
            raise bad_answer(answer, "The answer describes no attestation provider.")
        return provider

    async def _get(self, url: str, what: str) -> object:
        return read_json(await self._send("GET", url, what, None), what)

    async def _list(self, url: str, what: str) -> list[object]:
        """All pages. A next link to another host is refused: the bearer token would go with it."""
        found: list[object] = []
        for _ in range(_MAX_PAGES):
            answer = await self._send("GET", url, what, None)
            value = read_json(answer, what)
            found += items(member(value, "value"))
            url = text(member(value, "nextLink"))
            if not url:
                break
            if urlsplit(url)[:2] != urlsplit(self._endpoint)[:2]:
                raise bad_answer(answer, "The next page of the answer is on another host.")
        return found

    async def _send(
        self, method: str, url: str, what: str, body: Mapping[str, object] | None
    ) -> HttpResponse:
        data = b"" if body is None else json.dumps(body).encode("utf-8")
        kind = "application/json" if body is not None else ""
        # PUT, PATCH and DELETE of ARM are idempotent (RFC 9110 section 9.2.2, and ARM's own rules).
        safe = method != "POST"
        return await self._exchange.send(Call(method, url, what, data, kind, safe, timeout=_SLOW))


def _sub(subscription: str) -> str:
    return f"/subscriptions/{quote(subscription, safe='')}"


def _path(subscription: str, resource_group: str, name: str) -> str:
    group, last = quote(resource_group, safe=""), quote(name, safe="")
    return f"{_sub(subscription)}/resourceGroups/{group}{_NAMESPACE}/attestationProviders/{last}"


def _jwk(certificate: bytes) -> Mapping[str, object]:
    x5c = [base64.b64encode(certificate).decode("ascii")]
    return {"alg": "RS256", "kty": "RSA", "use": "sig", "x5c": x5c}


def _provider(value: object, cloud: str, *, shared: bool) -> Provider | None:
    resource_id, uri = text(member(value, "id")), text(member(value, "properties", "attestUri"))
    if not uri:
        return None
    parts = _id_parts(resource_id)
    properties = member(value, "properties")
    # The id of a shared provider names no subscription: every cloud has a `sharedweu` (8.5).
    own = "subscriptions" in parts
    return Provider(
        id=f"/{resource_id.strip('/')}".lower() if own else uri.rstrip("/").lower(),
        name=text(member(value, "name")),
        attest_uri=uri.rstrip("/"),
        trust_model=_trust_model(text(member(properties, "trustModel")), shared=shared),
        location=text(member(value, "location")),
        status=text(member(properties, "status")),
        cloud=cloud,
        resource_id=resource_id,
        subscription=parts.get("subscriptions", ""),
        resource_group=parts.get("resourcegroups", ""),
        tags=texts(member(value, "tags")),
        public_network_access=text(member(properties, "publicNetworkAccess")) or "Enabled",
        tpm_attestation_authentication=(
            text(member(properties, "tpmAttestationAuthentication")) or "Enabled"
        ),
        created=moment(member(value, "systemData", "createdAt")),
        modified=moment(member(value, "systemData", "lastModifiedAt")),
    )


def _id_parts(resource_id: str) -> dict[str, str]:
    parts = resource_id.strip("/").split("/")
    return {name.lower(): value for name, value in zip(parts[::2], parts[1::2], strict=False)}


def _trust_model(word: str, *, shared: bool) -> TrustModel:
    if shared:
        # ARM says AAD of them, but they take no policy from anyone (spec rest-api, 6.1).
        return TrustModel.SHARED
    return TrustModel.ISOLATED if word.lower() == "isolated" else TrustModel.AAD


def _connection(value: object) -> PrivateEndpointConnection:
    state = member(value, "properties", "privateLinkServiceConnectionState")
    return PrivateEndpointConnection(
        id=text(member(value, "id")),
        name=text(member(value, "name")),
        status=text(member(state, "status")),
        description=text(member(state, "description")),
        endpoint_id=text(member(value, "properties", "privateEndpoint", "id")),
        provisioning_state=text(member(value, "properties", "provisioningState")),
    )
