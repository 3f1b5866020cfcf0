"""How ARM shows providers and private endpoint connections (spec rest-api, 8.3 to 8.5)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sealwright.sandbox.arm.arm import OLD_VERSION
from sealwright.sandbox.records import LOCATION_DISPLAY, PROVIDER_TYPE, Trust

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.sandbox.records import ProviderRecord
    from sealwright.tokens.jose import JsonObject, JsonValue


def shown_provider(
    provider: ProviderRecord,
    attest_uri: str,
    connections: Sequence[JsonValue],
    *,
    version: str,
) -> JsonObject:
    """The provider object; a shared one shows its location's display name and trust `AAD`."""
    shared = provider.trust is Trust.SHARED
    properties: JsonObject = {
        "trustModel": (Trust.AAD if shared else provider.trust).value,
        "status": "Ready",
        "attestUri": attest_uri,
    }
    if not shared:
        properties["privateEndpointConnections"] = list(connections)
    if not shared and version != OLD_VERSION:
        properties["publicNetworkAccess"] = provider.public_network_access
        properties["tpmAttestationAuthentication"] = provider.tpm_authentication
    body: JsonObject = {
        "id": provider.resource_id,
        "name": provider.name,
        "type": PROVIDER_TYPE,
        "location": LOCATION_DISPLAY if shared else provider.location,
        "properties": properties,
    }
    if not shared:
        body["tags"] = dict(provider.tags)
        body["systemData"] = _system_data(provider)
    return body


def _system_data(provider: ProviderRecord) -> JsonObject:
    return {
        "createdBy": provider.created.who,
        "createdByType": provider.created.kind,
        "createdAt": provider.created.time,
        "lastModifiedBy": provider.modified.who,
        "lastModifiedByType": provider.modified.kind,
        "lastModifiedAt": provider.modified.time,
    }


def shown_connection(provider: ProviderRecord, name: str, properties: str) -> JsonObject:
    """A private endpoint connection; `properties` is the JSON that is kept."""
    return {
        "id": f"{provider.resource_id}/privateEndpointConnections/{name}",
        "name": name,
        "type": f"{PROVIDER_TYPE}/privateEndpointConnections",
        "properties": json.loads(properties),
    }
