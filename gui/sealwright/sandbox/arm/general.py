"""ARM outside the attestation namespace, as far as an administrator of attestation needs it.

Source: spec rest-api, 8.7.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sealwright.sandbox.arm.arm import (
    NAMESPACE,
    PROVIDER_VERSIONS,
    group_scope,
    required_version,
    subscription_scope,
    tags_of,
    the_group,
    the_provider,
    the_subscription,
)
from sealwright.sandbox.azure_regions import OWN
from sealwright.sandbox.records import (
    PROVIDER_TYPE,
    GroupRecord,
)
from sealwright.sandbox.refusals import arm_error, no_resource
from sealwright.sandbox.roles import (
    ACTIONS,
    ASSIGNMENT_READ,
    DEFINITIONS,
    GROUP_READ,
    GROUP_WRITE,
    REGISTER,
    Role,
    covers,
)
from sealwright.sandbox.wire import Reply, route

if TYPE_CHECKING:
    from sealwright.sandbox.core import Core
    from sealwright.sandbox.records import Assignment, SubscriptionRecord, TenantRecord
    from sealwright.sandbox.wire import Call, Route
    from sealwright.tokens.jose import JsonObject, JsonValue

PAGE: Final = 4
"""Groups on one page: few, so that every client meets a `nextLink`."""

_SUB: Final = "/subscriptions/{subscription}"
_NAMESPACE: Final = f"{_SUB}/providers/{NAMESPACE}"


class GeneralManagement:
    """Tenants, subscriptions, groups, locations, registration, role assignments."""

    def __init__(self, core: Core) -> None:
        self._directory = core.directory
        self._accounts = core.accounts
        self._people = core.people
        self._access = core.access
        self._tenant = core.tenant

    def routes(self) -> tuple[Route, ...]:
        """Where it answers."""
        group = f"{_SUB}/resourceGroups/{{group}}"
        provider = f"{group}/providers/{NAMESPACE}/attestationProviders/{{name}}"
        return (
            route("GET", "/tenants", self._tenants),
            route("GET", "/subscriptions", self._subscriptions),
            route("GET", _SUB, self._subscription),
            route("GET", f"{_SUB}/locations", self._locations),
            route("GET", f"{_SUB}/resourceGroups", self._groups),
            route("GET", group, self._group),
            route("PUT", group, self._put_group),
            route("GET", _NAMESPACE, self._namespace),
            route("POST", f"{_NAMESPACE}/register", self._register),
            route(
                "GET",
                f"{provider}/providers/Microsoft.Authorization/roleAssignments",
                self._assignments,
            ),
            route(
                "GET",
                f"{provider}/providers/Microsoft.Authorization/permissions",
                self._permissions,
            ),
        )

    def _permissions(self, call: Call) -> Reply:
        """What the caller's roles give at the provider; whoever is signed in may ask."""
        required_version(call)
        caller = self._access.manager(call)
        scope = the_provider(self._directory, call).resource_id
        if not self._access.sees(caller, scope):
            raise no_resource(PROVIDER_TYPE, call.arguments["name"], call.arguments["group"])
        if caller.unrestricted:
            return Reply(200, {"value": [_grant(Role.OWNER)]})
        roles_there = [
            Role(given.role)
            for given in self._accounts.assignments()
            if given.principal == caller.object_id and covers(given.scope, scope)
        ]
        return Reply(200, {"value": [_grant(role) for role in roles_there]})

    def _tenants(self, call: Call) -> Reply:
        required_version(call)
        caller = self._access.manager(call)
        found = self._people.tenants_of(caller.object_id)
        if not found:
            # An application is at home in one tenant only.
            found = tuple(one for one in self._people.tenants() if one.id == self._tenant)
        return Reply(200, {"value": [_tenant(one, self._tenant) for one in found]})

    def _subscriptions(self, call: Call) -> Reply:
        """Those in which the caller can read anything at all."""
        required_version(call)
        caller = self._access.manager(call)
        assignments = self._accounts.assignments()
        visible = [
            item
            for item in self._directory.subscriptions()
            if self._access.sees(caller, subscription_scope(item.id))
            and (
                caller.unrestricted
                or any(
                    given.principal == caller.object_id and _within(given, item.id)
                    for given in assignments
                )
            )
        ]
        return Reply(200, {"value": [self._shown(item) for item in visible]})

    def _subscription(self, call: Call) -> Reply:
        required_version(call)
        found = the_subscription(self._directory, call)
        self._access.require(call, GROUP_READ, subscription_scope(found.id))
        return Reply(200, self._shown(found))

    def _shown(self, item: SubscriptionRecord) -> JsonValue:
        return {
            "id": subscription_scope(item.id),
            "subscriptionId": item.id,
            "tenantId": item.tenant or self._tenant,
            "displayName": item.name,
            "state": "Enabled",
            "subscriptionPolicies": {"spendingLimit": "Off"},
        }

    def _locations(self, call: Call) -> Reply:
        required_version(call)
        found = the_subscription(self._directory, call)
        scope = subscription_scope(found.id)
        self._access.require(call, GROUP_READ, scope)
        shown: list[JsonValue] = [
            {
                "id": f"{scope}/locations/{name}",
                "name": name,
                "type": "Region",
                "displayName": display,
                "regionalDisplayName": display,
            }
            for name, display in OWN.items()
        ]
        return Reply(200, {"value": shown})

    def _groups(self, call: Call) -> Reply:
        version = required_version(call)
        found = the_subscription(self._directory, call)
        scope = subscription_scope(found.id)
        self._access.require(call, GROUP_READ, scope)
        groups = self._directory.groups(found.id)
        begin = _number(call.query.get("$skiptoken"), 0)
        size = min(_number(call.query.get("$top"), PAGE), PAGE)
        body: JsonObject = {"value": [_group(item) for item in groups[begin : begin + size]]}
        if begin + size < len(groups):
            body["nextLink"] = (
                f"{call.site.uri}{scope}/resourcegroups?api-version={version}"
                f"&%24skiptoken={begin + size}"
            )
        return Reply(200, body)

    def _group(self, call: Call) -> Reply:
        required_version(call)
        found = the_group(self._directory, call)
        self._access.require(call, GROUP_READ, group_scope(found.subscription, found.name))
        return Reply(200, _group(found))

    def _put_group(self, call: Call) -> Reply:
        required_version(call)
        subscription = the_subscription(self._directory, call)
        name, body = call.arguments["group"], call.json()
        self._access.require(call, GROUP_WRITE, group_scope(subscription.id, name))
        location, existing = body.get("location"), self._directory.group(subscription.id, name)
        if not isinstance(location, str) or not location:
            raise arm_error(
                400, "LocationRequired", "The location property is required for this definition."
            )
        record = GroupRecord(
            subscription.id,
            existing.name if existing else name,
            existing.location if existing else location.replace(" ", "").lower(),
            tags_of(body.get("tags")),
        )
        self._directory.put_group(record)
        return Reply(200 if existing else 201, _group(record))

    def _namespace(self, call: Call) -> Reply:
        required_version(call)
        found = the_subscription(self._directory, call)
        self._access.require(call, GROUP_READ, subscription_scope(found.id))
        answer = Reply(200, _registration(found))
        if found.registration == "Registering":
            # Whoever polls sees the state change: the next answer says Registered.
            self._directory.put_subscription(replace(found, registration="Registered"))
        return answer

    def _register(self, call: Call) -> Reply:
        required_version(call)
        found = the_subscription(self._directory, call)
        self._access.require(call, REGISTER, subscription_scope(found.id))
        if found.registration != "Registered":
            found = replace(found, registration="Registering")
            self._directory.put_subscription(found)
        return Reply(200, _registration(found))

    def _assignments(self, call: Call) -> Reply:
        required_version(call)
        provider = the_provider(self._directory, call)
        scope = provider.resource_id
        self._access.require(call, ASSIGNMENT_READ, scope)
        shown: list[JsonValue] = [
            _assignment(item, person=self._people.user(item.principal) is not None)
            for item in self._accounts.assignments()
            if f"{scope.lower()}/".startswith(f"{item.scope.lower().rstrip('/')}/")
        ]
        return Reply(200, {"value": shown})


def _tenant(item: TenantRecord, home: str) -> JsonValue:
    return {
        "id": f"/tenants/{item.id}",
        "tenantId": item.id,
        "displayName": item.name,
        "defaultDomain": item.domain,
        "domains": [item.domain],
        "tenantCategory": "Home" if item.id == home else "ProjectedBy",
    }


def _within(given: Assignment, subscription: str) -> bool:
    scope = subscription_scope(subscription)
    return given.scope == "/" or f"{given.scope.lower()}/".startswith(f"{scope}/")


def _number(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() else default


def _group(item: GroupRecord) -> JsonValue:
    return {
        "id": group_scope(item.subscription, item.name),
        "name": item.name,
        "type": "Microsoft.Resources/resourceGroups",
        "location": item.location,
        "tags": dict(item.tags),
        "properties": {"provisioningState": "Succeeded"},
    }


def _registration(item: SubscriptionRecord) -> JsonValue:
    kinds = ("attestationProviders", "defaultProviders", "locations/defaultProvider", "operations")
    return {
        "id": f"{subscription_scope(item.id)}/providers/{NAMESPACE}",
        "namespace": NAMESPACE,
        "registrationPolicy": "RegistrationRequired",
        "registrationState": item.registration,
        "resourceTypes": [
            {
                "resourceType": kind,
                "locations": list(OWN.values()),
                "apiVersions": list(reversed(PROVIDER_VERSIONS)),
            }
            for kind in kinds
        ],
    }


def _assignment(item: Assignment, *, person: bool) -> JsonValue:
    kind = "Microsoft.Authorization/roleAssignments"
    definition = DEFINITIONS[Role(item.role)]
    return {
        "id": f"{item.scope.rstrip('/')}/providers/{kind}/{item.id}",
        "name": item.id,
        "type": kind,
        "properties": {
            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{definition}",
            "principalId": item.principal,
            "principalType": "User" if person else "ServicePrincipal",
            "scope": item.scope,
        },
    }


def _grant(role: Role) -> JsonValue:
    actions, not_actions = ACTIONS[role]
    return {
        "actions": list(actions),
        "notActions": list(not_actions),
        "dataActions": [],
        "notDataActions": [],
    }
