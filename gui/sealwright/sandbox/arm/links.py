"""ARM: private endpoint connections, link resources and the list of operations.

Source: spec rest-api, 8.4 and 8.6. The sandbox has no network of its own, so a connection is a
record that changes state; nothing is routed through it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sealwright.sandbox import roles
from sealwright.sandbox.arm.arm import NAMESPACE, group_scope, provider_version, the_provider
from sealwright.sandbox.arm.diagnostics import LOG_CATEGORIES
from sealwright.sandbox.arm.shapes import shown_connection
from sealwright.sandbox.records import PROVIDER_TYPE
from sealwright.sandbox.refusals import arm_error, no_resource
from sealwright.sandbox.wire import Reply, member, route

if TYPE_CHECKING:
    from sealwright.sandbox.core import Core
    from sealwright.sandbox.wire import Call, Route
    from sealwright.tokens.jose import JsonObject, JsonValue

_PROVIDER: Final = (
    "/subscriptions/{subscription}/resourceGroups/{group}"
    f"/providers/{NAMESPACE}/attestationProviders/{{name}}"
)
_STATES: Final = ("Pending", "Approved", "Rejected")

_OPERATIONS: Final = (
    (roles.PROVIDER_READ, "Attestation Providers", "Get or list attestation providers."),
    (roles.PROVIDER_WRITE, "Attestation Providers", "Add or change an attestation provider."),
    (roles.PROVIDER_DELETE, "Attestation Providers", "Delete an attestation provider."),
    (roles.ATTESTATION_READ, "Attestation", "Read policies and policy certificates."),
    (roles.ATTESTATION_WRITE, "Attestation", "Set policies, add or remove policy certificates."),
    (roles.ATTESTATION_DELETE, "Attestation", "Reset a policy to its default."),
    (roles.CONNECTION_READ, "Private Endpoint Connections", "Get or list connections."),
    (roles.CONNECTION_WRITE, "Private Endpoint Connections", "Approve or reject a connection."),
    (roles.CONNECTION_DELETE, "Private Endpoint Connections", "Remove a connection."),
    (roles.LINK_READ, "Private Link Resources", "List what a private endpoint may link to."),
    (roles.REGISTER, "Subscription", "Register the namespace in a subscription."),
)


class LinkManagement:
    """What hangs on a provider besides its properties."""

    def __init__(self, core: Core) -> None:
        self._directory = core.directory
        self._access = core.access

    def routes(self) -> tuple[Route, ...]:
        """Where it answers."""
        one = f"{_PROVIDER}/privateEndpointConnections/{{connection}}"
        return (
            route("GET", f"/providers/{NAMESPACE}/operations", self._operations),
            route("GET", f"{_PROVIDER}/privateEndpointConnections", self._connections),
            route("GET", one, self._connection),
            route("PUT", one, self._put_connection),
            route("DELETE", one, self._delete_connection),
            route("GET", f"{_PROVIDER}/privateLinkResources", self._resources),
        )

    def _operations(self, call: Call) -> Reply:
        provider_version(call)
        self._access.manager(call)
        return Reply(200, {"value": [_operation(*item) for item in _OPERATIONS]})

    def _connections(self, call: Call) -> Reply:
        provider_version(call)
        self._access.require(call, roles.CONNECTION_READ, _scope(call))
        provider = the_provider(self._directory, call)
        found = self._directory.connections(provider)
        return Reply(
            200,
            {"value": [shown_connection(provider, name, text) for name, text in found.items()]},
        )

    def _connection(self, call: Call) -> Reply:
        provider_version(call)
        self._access.require(call, roles.CONNECTION_READ, _scope(call))
        provider, wanted = the_provider(self._directory, call), call.arguments["connection"]
        for name, text in self._directory.connections(provider).items():
            if name.lower() == wanted.lower():
                return Reply(200, shown_connection(provider, name, text))
        kind = f"{PROVIDER_TYPE}/{provider.name}/privateEndpointConnections"
        raise no_resource(kind, wanted, provider.group)

    def _put_connection(self, call: Call) -> Reply:
        provider_version(call)
        self._access.require(call, roles.CONNECTION_WRITE, _scope(call))
        provider, name = the_provider(self._directory, call), call.arguments["connection"]
        properties = _connection_properties(call.json())
        text = json.dumps(properties)
        self._directory.put_connection(provider, name, text)
        return Reply(200, shown_connection(provider, name, text))

    def _delete_connection(self, call: Call) -> Reply:
        provider_version(call)
        self._access.require(call, roles.CONNECTION_DELETE, _scope(call))
        provider = the_provider(self._directory, call)
        there = self._directory.delete_connection(provider, call.arguments["connection"])
        return Reply(200 if there else 204)

    def _resources(self, call: Call) -> Reply:
        version = provider_version(call)
        self._access.require(call, roles.LINK_READ, _scope(call))
        if version == "2020-10-01":
            raise arm_error(404, "InvalidResourceType", "This api-version has no link resources.")
        provider = the_provider(self._directory, call)
        resource: JsonObject = {
            "id": f"{provider.resource_id}/privateLinkResources/tenant",
            "name": "tenant",
            "type": f"{PROVIDER_TYPE}/privateLinkResources",
            "properties": {
                "groupId": "standard",
                "requiredMembers": ["default"],
                "requiredZoneNames": ["privatelink.attest.azure.net"],
            },
        }
        return Reply(200, {"value": [resource]})


def _scope(call: Call) -> str:
    names = call.arguments
    group = group_scope(names["subscription"], names["group"])
    return f"{group}/providers/{PROVIDER_TYPE}/{names['name']}"


def _connection_properties(body: JsonObject) -> JsonObject:
    given = member(body, "properties")
    properties = given if isinstance(given, dict) else {}
    state = member(properties, "privateLinkServiceConnectionState")
    if not isinstance(state, dict):
        raise arm_error(
            400,
            "InvalidRequestContent",
            "The member 'privateLinkServiceConnectionState' is required.",
        )
    status = member(state, "status")
    if status not in _STATES:
        raise arm_error(400, "InvalidParameter", "'status' is not a state of a connection.")
    kept: JsonObject = {
        "privateLinkServiceConnectionState": {
            "status": status,
            "description": _text(member(state, "description")),
            "actionsRequired": _text(member(state, "actionsRequired")),
        },
        "provisioningState": "Succeeded",
    }
    endpoint = member(properties, "privateEndpoint")
    if isinstance(endpoint, dict):
        kept["privateEndpoint"] = {"id": _text(member(endpoint, "id"))}
    return kept


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


def _operation(name: str, resource: str, description: str) -> JsonValue:
    specifications: list[JsonValue] = [
        {"name": category, "displayName": category} for category in LOG_CATEGORIES
    ]
    shown: JsonObject = {
        "name": name,
        "display": {
            "provider": "Microsoft Attestation",
            "resource": resource,
            "operation": name.rpartition("/")[2].capitalize(),
            "description": description,
        },
    }
    if name == roles.PROVIDER_READ:
        shown["properties"] = {"serviceSpecification": {"logSpecifications": specifications}}
    return shown
