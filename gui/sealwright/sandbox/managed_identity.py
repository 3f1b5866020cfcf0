"""What a workload finds on the machine that it runs on: identity endpoints and federated tokens.

The endpoint of App Service (environment variables `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`) and
that of virtual machines (`AZURE_POD_IDENTITY_AUTHORITY_HOST` names it to clients).
"""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING, Final

from sealwright.sandbox.bearer import ATTESTATION_AUDIENCES, LIFETIME, MANAGEMENT_AUDIENCES
from sealwright.sandbox.refusals import RefusalError
from sealwright.sandbox.wire import Reply, route

if TYPE_CHECKING:
    from sealwright.sandbox.core import Core
    from sealwright.sandbox.wire import Call, Route

PATH: Final = "/_identity/token"
MACHINE_PATH: Final = "/metadata/identity/oauth2/token"
NAME: Final = "Sandbox managed identity"
SUBJECT: Final = "system:serviceaccount:sandbox:workload"
"""The federated subject that the managed identity's application trusts."""
_FACT: Final = "identity-header"


class ManagedIdentity:
    """Gives tokens to whoever knows the machine's header: no secret changes hands."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def routes(self) -> tuple[Route, ...]:
        """Where it answers."""
        return (
            route("GET", PATH, self._app_service),
            route("GET", MACHINE_PATH, self._machine),
        )

    def _app_service(self, call: Call) -> Reply:
        given = call.headers.get("x-identity-header", "")
        if not hmac.compare_digest(given.encode(), identity_header(self._core).encode()):
            raise RefusalError(401, "Unauthorized", "The header X-IDENTITY-HEADER is wrong.")
        return self._token(call)

    def _machine(self, call: Call) -> Reply:
        if call.headers.get("metadata", "").lower() != "true":
            raise RefusalError(400, "invalid_request", "Required metadata header not specified")
        return self._token(call)

    def _token(self, call: Call) -> Reply:
        accounts = self._core.accounts
        own = next((one for one in accounts.applications() if one.name == NAME), None)
        asked = call.query.get("client_id", "")
        if own is None or asked.lower() not in ("", own.client_id):
            raise RefusalError(400, "invalid_request", "Identity not found")
        resource = call.query.get("resource", "")
        known = (*ATTESTATION_AUDIENCES, *MANAGEMENT_AUDIENCES, self._core.addresses.management)
        if resource.rstrip("/") not in known:
            raise RefusalError(400, "invalid_resource", f"AADSTS500011: {resource[:120]}")
        issuer = f"{self._core.addresses.authority}/{self._core.tenant}/v2.0"
        token = self._core.tokens.issue(own, resource, issuer, self._core.tenant)
        ends = self._core.clock.timestamp() + LIFETIME
        return Reply(
            200,
            {
                "access_token": token,
                "client_id": own.client_id,
                "expires_in": str(LIFETIME),
                "expires_on": str(ends),
                "resource": resource,
                "token_type": "Bearer",
            },
            headers={"cache-control": "no-store"},
        )


def identity_header(core: Core) -> str:
    """The value that proves a caller to run on the machine; made once for a sandbox's file."""
    with core.state.writing():
        kept = core.state.fact(_FACT)
        if kept is None:
            kept = secrets.token_hex(16).upper().encode()
            core.state.put_fact(_FACT, kept)
    return kept.decode()
