"""ARM: diagnostic settings of a provider.

Source: spec rest-api, 8.7. Kept and shown as they were put; the sandbox writes no logs to them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sealwright.sandbox import roles
from sealwright.sandbox.arm.arm import NAMESPACE, group_scope, required_version, the_provider
from sealwright.sandbox.records import PROVIDER_TYPE
from sealwright.sandbox.refusals import arm_error, no_resource
from sealwright.sandbox.wire import Reply, member, route

if TYPE_CHECKING:
    from sealwright.sandbox.core import Core
    from sealwright.sandbox.records import ProviderRecord
    from sealwright.sandbox.wire import Call, Route
    from sealwright.tokens.jose import JsonObject, JsonValue

LOG_CATEGORIES: Final = ("Operational", "AuditEvent", "NotProcessed")
_KIND: Final = "Microsoft.Insights/diagnosticSettings"
_PLACE: Final = (
    "/subscriptions/{subscription}/resourceGroups/{group}"
    f"/providers/{NAMESPACE}/attestationProviders/{{name}}/providers/{_KIND}"
)
_TARGETS: Final = (
    "workspaceId",
    "storageAccountId",
    "eventHubAuthorizationRuleId",
    "marketplacePartnerId",
)
_MOST: Final = 5
"""Settings that a resource may have at most."""


class DiagnosticSettings:
    """Where a provider's logs shall go."""

    def __init__(self, core: Core) -> None:
        self._directory = core.directory
        self._access = core.access

    def routes(self) -> tuple[Route, ...]:
        """Where it answers."""
        one = f"{_PLACE}/{{setting}}"
        return (
            route("GET", _PLACE, self._list),
            route("GET", one, self._get),
            route("PUT", one, self._put),
            route("DELETE", one, self._delete),
        )

    def _provider(self, call: Call, action: str) -> ProviderRecord:
        required_version(call)
        self._access.require(call, action, _scope(call))
        return the_provider(self._directory, call)

    def _list(self, call: Call) -> Reply:
        provider = self._provider(call, roles.DIAGNOSTIC_READ)
        found = self._directory.diagnostic_settings(provider)
        return Reply(200, {"value": [_shown(provider, name, text) for name, text in found.items()]})

    def _get(self, call: Call) -> Reply:
        provider = self._provider(call, roles.DIAGNOSTIC_READ)
        wanted = call.arguments["setting"]
        for name, text in self._directory.diagnostic_settings(provider).items():
            if name.lower() == wanted.lower():
                return Reply(200, _shown(provider, name, text))
        raise no_resource(_KIND, wanted, provider.group)

    def _put(self, call: Call) -> Reply:
        provider = self._provider(call, roles.DIAGNOSTIC_WRITE)
        name, text = call.arguments["setting"], json.dumps(_properties(call.json()))
        held = {each.lower() for each in self._directory.diagnostic_settings(provider)}
        if len(held | {name.lower()}) > _MOST:
            raise arm_error(409, "Conflict", f"A resource has at most {_MOST} diagnostic settings.")
        self._directory.put_diagnostic_setting(provider, name, text)
        return Reply(200, _shown(provider, name, text))

    def _delete(self, call: Call) -> Reply:
        provider = self._provider(call, roles.DIAGNOSTIC_DELETE)
        there = self._directory.delete_diagnostic_setting(provider, call.arguments["setting"])
        return Reply(200 if there else 204)


def _scope(call: Call) -> str:
    names = call.arguments
    group = group_scope(names["subscription"], names["group"])
    return f"{group}/providers/{PROVIDER_TYPE}/{names['name']}"


def _shown(provider: ProviderRecord, name: str, text: str) -> JsonValue:
    return {
        "id": f"{provider.resource_id}/providers/{_KIND}/{name}",
        "type": _KIND,
        "name": name,
        "location": None,
        "kind": None,
        "tags": None,
        "properties": json.loads(text),
        "identity": None,
    }


def _properties(body: JsonObject) -> JsonObject:
    """What is kept of a setting: where logs go, and which.

    Raises:
        RefusalError: no target, or a category that a provider does not have.
    """
    given = member(body, "properties")
    properties = given if isinstance(given, dict) else {}
    targets = {name: member(properties, name) for name in _TARGETS}
    if not any(isinstance(value, str) and value for value in targets.values()):
        raise arm_error(
            400,
            "BadRequest",
            "At least one data sink needs to be specified: a workspace, a storage account, an "
            "event hub or a partner solution.",
        )
    logs = member(properties, "logs")
    return {
        **targets,
        "logs": [_log(each) for each in logs] if isinstance(logs, list) else [],
        "metrics": [],
    }


def _log(value: JsonValue) -> JsonValue:
    entry = value if isinstance(value, dict) else {}
    category, group = member(entry, "category"), member(entry, "categoryGroup")
    if category not in LOG_CATEGORIES and group not in ("allLogs", "audit"):
        raise arm_error(400, "BadRequest", f"Category '{category}' is not supported.")
    return {"category": category, "categoryGroup": group, "enabled": bool(member(entry, "enabled"))}
