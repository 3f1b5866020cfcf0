"""ARM: attestation providers, made, read, changed and deleted (spec rest-api, 8)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sealwright.sandbox.arm.arm import (
    NAMESPACE,
    group_scope,
    provider_version,
    subscription_scope,
    tags_of,
    the_group,
    the_provider,
    the_subscription,
)
from sealwright.sandbox.arm.shapes import shown_connection, shown_provider
from sealwright.sandbox.azure_regions import region
from sealwright.sandbox.records import (
    LOCATION,
    PROVIDER_TYPE,
    ProviderRecord,
    Stamp,
    Trust,
)
from sealwright.sandbox.refusals import arm_error, no_resource, not_registered
from sealwright.sandbox.roles import PROVIDER_DELETE, PROVIDER_READ, PROVIDER_WRITE
from sealwright.sandbox.signing_certificates import signing_certificates
from sealwright.sandbox.wire import Reply, member, route

if TYPE_CHECKING:
    from sealwright.sandbox.core import Core
    from sealwright.sandbox.records import GroupRecord
    from sealwright.sandbox.roles import Principal
    from sealwright.sandbox.wire import Call, Route
    from sealwright.tokens.jose import JsonObject, JsonValue

PROVIDER_NAME: Final = re.compile(r"[a-zA-Z0-9-]{3,24}")
_SWITCH: Final = ("Enabled", "Disabled")
_SUB: Final = "/subscriptions/{subscription}"


class ProviderManagement:
    """The `attestationProviders` resource and the default providers."""

    def __init__(self, core: Core) -> None:
        self._state = core.state
        self._directory = core.directory
        self._holdings = core.holdings
        self._access = core.access
        self._addresses = core.addresses
        self._clock = core.clock

    def routes(self) -> tuple[Route, ...]:
        """Where it answers."""
        namespace = f"providers/{NAMESPACE}"
        group = f"{_SUB}/resourceGroups/{{group}}/{namespace}/attestationProviders"
        return (
            route("GET", f"{_SUB}/{namespace}/attestationProviders", self._list),
            route("GET", f"{_SUB}/{namespace}/defaultProviders", self._defaults),
            route("GET", f"{_SUB}/{namespace}/locations/{{location}}/defaultProvider", self._near),
            route("GET", group, self._list_group),
            route("GET", f"{group}/{{name}}", self._get),
            route("PUT", f"{group}/{{name}}", self._put),
            route("PATCH", f"{group}/{{name}}", self._patch),
            route("DELETE", f"{group}/{{name}}", self._delete),
        )

    # --- reading ----------------------------------------------------------------------------

    def _list(self, call: Call) -> Reply:
        version = provider_version(call)
        subscription = the_subscription(self._directory, call)
        self._access.require(call, PROVIDER_READ, subscription_scope(subscription.id))
        found = [item for item in self._owned() if item.subscription == subscription.id]
        return Reply(200, {"value": [self._shown(item, version) for item in found]})

    def _list_group(self, call: Call) -> Reply:
        version = provider_version(call)
        group = the_group(self._directory, call)
        self._access.require(call, PROVIDER_READ, group_scope(group.subscription, group.name))
        wanted = (group.subscription, group.name.lower())
        found = [
            item for item in self._owned() if (item.subscription, item.group.lower()) == wanted
        ]
        return Reply(200, {"value": [self._shown(item, version) for item in found]})

    def _owned(self) -> tuple[ProviderRecord, ...]:
        found = self._directory.providers()
        return tuple(item for item in found if item.trust is not Trust.SHARED)

    def _shared(self) -> tuple[ProviderRecord, ...]:
        return tuple(item for item in self._directory.providers() if item.trust is Trust.SHARED)

    def _shown(self, provider: ProviderRecord, version: str) -> JsonValue:
        connections = [
            shown_connection(provider, name, properties)
            for name, properties in self._directory.connections(provider).items()
        ]
        return shown_provider(
            provider, self._addresses.attest_uri(provider), connections, version=version
        )

    def _get(self, call: Call) -> Reply:
        version = provider_version(call)
        self._access.require(call, PROVIDER_READ, _scope(call))
        return Reply(200, self._shown(the_provider(self._directory, call), version))

    def _defaults(self, call: Call) -> Reply:
        version = provider_version(call)
        subscription = the_subscription(self._directory, call)
        self._access.require(call, PROVIDER_READ, subscription_scope(subscription.id))
        return Reply(200, {"value": [self._shown(item, version) for item in self._shared()]})

    def _near(self, call: Call) -> Reply:
        version = provider_version(call)
        subscription = the_subscription(self._directory, call)
        self._access.require(call, PROVIDER_READ, subscription_scope(subscription.id))
        wanted, shared = call.arguments["location"], self._shared()
        if not region(wanted) or not shared:
            raise no_resource("Microsoft.Attestation/defaultProviders", wanted, "")
        return Reply(200, self._shown(shared[0], version))

    # --- changing ---------------------------------------------------------------------------

    def _put(self, call: Call) -> Reply:
        version = provider_version(call)
        caller = self._access.require(call, PROVIDER_WRITE, _scope(call))
        group, name = the_group(self._directory, call), self._free_name(call)
        self._require_registration(call)
        body = call.json()
        if not isinstance(member(body, "properties"), dict):
            raise arm_error(400, "InvalidRequestContent", "The member 'properties' is required.")
        location = _location(body)
        # One transaction: two creates with one name cannot both win.
        with self._state.writing():
            existing = self._directory.by_name(name)
            if existing is None:
                made = self._create(group, name, location, caller, body)
            else:
                _require_same_place(existing, location)
                made = self._change(existing, caller, body, keep_tags=False)
        if existing is None:
            self._addresses.opened(made)
        headers = {} if existing else {"location": f"{self._addresses.attest_uri(made)}/"}
        return Reply(200 if existing else 201, self._shown(made, version), headers)

    def _create(
        self, group: GroupRecord, name: str, location: str, caller: Principal, body: JsonObject
    ) -> ProviderRecord:
        properties = _properties(body)
        certificates = signing_certificates(member(properties, "policySigningCertificates"))
        stamp = self._stamp(caller)
        made = self._directory.create(
            ProviderRecord(
                key=0,
                name=name,
                subscription=group.subscription,
                group=group.name,
                trust=Trust.ISOLATED if certificates else Trust.AAD,
                location=location,
                tags=tags_of(member(body, "tags")),
                public_network_access=_switch(properties, "publicNetworkAccess", "Enabled"),
                tpm_authentication=_switch(properties, "tpmAttestationAuthentication", "Enabled"),
                created=stamp,
                modified=stamp,
            )
        )
        for der in certificates:
            self._holdings.add_certificate(made, der)
        return made

    def _change(
        self,
        provider: ProviderRecord,
        caller: Principal,
        body: JsonObject,
        *,
        keep_tags: bool,
    ) -> ProviderRecord:
        tags, properties = member(body, "tags"), _properties(body)
        network, tpm = provider.public_network_access, provider.tpm_authentication
        return self._directory.update(
            provider,
            self._stamp(caller),
            tags=provider.tags if tags is None and keep_tags else tags_of(tags),
            public_network_access=_switch(properties, "publicNetworkAccess", network),
            tpm_authentication=_switch(properties, "tpmAttestationAuthentication", tpm),
        )

    def _stamp(self, caller: Principal) -> Stamp:
        if caller.person:
            return Stamp(caller.name, "User", self._clock.text())
        return Stamp(caller.client_id or caller.name, "Application", self._clock.text())

    def _patch(self, call: Call) -> Reply:
        version = provider_version(call)
        caller = self._access.require(call, PROVIDER_WRITE, _scope(call))
        provider, body = the_provider(self._directory, call), call.json()
        changed = self._change(provider, caller, body, keep_tags=True)
        return Reply(200, self._shown(changed, version))

    def _delete(self, call: Call) -> Reply:
        provider_version(call)
        self._access.require(call, PROVIDER_DELETE, _scope(call))
        group = the_group(self._directory, call)
        found = self._directory.by_name(call.arguments["name"])
        if found is None or found.trust is Trust.SHARED or not _lives_in(found, group):
            return Reply(204)
        self._directory.delete(found)
        self._addresses.closed(found)
        return Reply(200)

    # --- what must hold ---------------------------------------------------------------------

    def _free_name(self, call: Call) -> str:
        """The name of the path, unless somebody else has it.

        Raises:
            RefusalError: not a name, reserved, or taken.
        """
        name, group = call.arguments["name"], the_group(self._directory, call)
        if not PROVIDER_NAME.fullmatch(name):
            raise arm_error(
                400,
                "InvalidResourceName",
                f"Resource name '{name[:60]}' is invalid. The name can be 3 to 24 letters, digits "
                "and hyphens.",
            )
        if self._addresses.reserved(name):
            raise arm_error(400, "ReservedResourceName", f"The name '{name}' is reserved.")
        existing = self._directory.by_name(name)
        if existing is not None and not _lives_in(existing, group):
            raise arm_error(
                409, "Conflict", f"An attestation provider named '{name}' exists already."
            )
        return name

    def _require_registration(self, call: Call) -> None:
        subscription = the_subscription(self._directory, call)
        if subscription.registration != "Registered":
            raise not_registered(subscription.id)


def _location(body: JsonObject) -> str:
    """The region of a body.

    Raises:
        RefusalError: there is none, or it is nowhere.
    """
    location = member(body, "location")
    if not isinstance(location, str) or not location:
        raise arm_error(
            400, "LocationRequired", "The location property is required for this definition."
        )
    found = region(location)
    if not found:
        raise arm_error(
            400,
            "LocationNotAvailableForResourceType",
            f"The provided location '{location[:60]}' is not available for resource type "
            f"'{PROVIDER_TYPE}'. List of available regions for the resource type is "
            f"'{LOCATION}'.",
        )
    return found


def _require_same_place(provider: ProviderRecord, location: str) -> None:
    """See that a provider stays where it is.

    Raises:
        RefusalError: it would move.
    """
    if location != provider.location:
        raise arm_error(
            409,
            "InvalidResourceLocation",
            f"The resource '{provider.name}' already exists in location '{provider.location}' in "
            f"resource group '{provider.group}'. A resource with the same name cannot be created "
            f"in location '{location}'. Please select a new resource name.",
        )


def _scope(call: Call) -> str:
    names = call.arguments
    group = group_scope(names["subscription"], names["group"])
    return f"{group}/providers/{PROVIDER_TYPE}/{names['name']}"


def _lives_in(provider: ProviderRecord, group: GroupRecord) -> bool:
    return (provider.subscription, provider.group.lower()) == (
        group.subscription,
        group.name.lower(),
    )


def _properties(body: JsonObject) -> JsonObject:
    properties = member(body, "properties")
    return properties if isinstance(properties, dict) else {}


def _switch(properties: JsonObject, name: str, default: str) -> str:
    value = member(properties, name)
    if value is None:
        return default
    found = next(
        (item for item in _SWITCH if isinstance(value, str) and item.lower() == value.lower()), None
    )
    if found is None:
        raise arm_error(400, "InvalidParameter", f"'{name}' is neither Enabled nor Disabled.")
    return found
