"""Who may do what: the bearer token of a call, and the role it needs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sealwright.sandbox.bearer import ATTESTATION_AUDIENCES, MANAGEMENT_AUDIENCES
from sealwright.sandbox.refusals import (
    challenged,
    forbidden,
    not_signed_in,
    ran_out,
    unauthorized,
    wrong_tenant,
)
from sealwright.sandbox.roles import EVERYBODY, may

if TYPE_CHECKING:
    from sealwright.sandbox.accounts import Accounts
    from sealwright.sandbox.bearer import AccessTokens
    from sealwright.sandbox.clock import AdjustableClock
    from sealwright.sandbox.directory import Directory
    from sealwright.sandbox.people import People
    from sealwright.sandbox.records import ProviderRecord
    from sealwright.sandbox.refusals import RefusalError
    from sealwright.sandbox.roles import Principal
    from sealwright.sandbox.wire import Addresses, Call

_SUBSCRIPTIONS: Final = "subscriptions"


class Access:
    """The door of ARM and of the data plane.

    Args:
        tenant: the sandbox's own.
        open_to_all: answer without tokens; a token that comes is not looked at.
    """

    def __init__(  # noqa: PLR0913 - the parts of one sandbox
        self,
        accounts: Accounts,
        people: People,
        directory: Directory,
        *,
        tokens: AccessTokens,
        addresses: Addresses,
        clock: AdjustableClock,
        tenant: str,
        open_to_all: bool,
    ) -> None:
        self._accounts = accounts
        self._people = people
        self._directory = directory
        self._tokens = tokens
        self._addresses = addresses
        self._clock = clock
        self._tenant = tenant
        self._open = open_to_all
        self.wanted_context = ""
        """Authentication context that ARM asks people for; empty for none."""

    def _tenant_uri(self, tenant: str = "") -> str:
        return f"{self._addresses.authority}/{tenant or self._tenant}"

    def manager(self, call: Call, scope: str = "") -> Principal:
        """Who calls ARM; a refusal names the tenant that the scope is in.

        Raises:
            RefusalError: 401, no token, not a good one, or one that claims are asked of.
        """
        if self._open:
            return EVERYBODY
        audiences = (*MANAGEMENT_AUDIENCES, self._addresses.management)
        given = call.headers.get("authorization", "")
        principal = self._tokens.check(given, audiences)
        if principal is None:
            tenant = self._tenant_uri(self.tenant_of(scope))
            ended = self._tokens.ran_out(given, audiences)
            raise ran_out(tenant, ended, self._clock.now()) if ended else not_signed_in(tenant)
        claims = self._challenge(principal)
        if claims:
            raise challenged(self._tenant_uri(principal.tenant), claims)
        return principal

    def _challenge(self, principal: Principal) -> str:
        """The claims that the principal's token lacks, as JSON; empty when it lacks none."""
        if principal.session is None:
            return ""
        user = self._people.user(principal.object_id)
        if user is None or user.session != principal.session:
            time = {"essential": True, "value": str(self._clock.timestamp())}
            return json.dumps({"access_token": {"nbf": time}})
        if self.wanted_context and self.wanted_context not in principal.contexts:
            context = {"essential": True, "value": self.wanted_context}
            return json.dumps({"access_token": {"acrs": context}})
        return ""

    def tenant_of(self, scope: str) -> str:
        """The tenant that an ARM scope is in; empty for what is in none."""
        parts = scope.lower().strip("/").split("/")
        if parts[0] != _SUBSCRIPTIONS or len(parts) == 1:
            return ""
        found = self._directory.subscription(parts[1])
        return (found.tenant or self._tenant) if found else ""

    def sees(self, principal: Principal, scope: str) -> bool:
        """Whether a scope is in the tenant of a principal's token, or in none."""
        return principal.unrestricted or self.tenant_of(scope) in ("", principal.tenant)

    def allowed(self, principal: Principal, action: str, scope: str) -> bool:
        """Whether a principal has a role for an action on a scope."""
        return self.sees(principal, scope) and may(
            principal, action, scope, self._accounts.assignments()
        )

    def require(self, call: Call, action: str, scope: str) -> Principal:
        """Who calls ARM, with a role for the action.

        Raises:
            RefusalError: 401, or 403 without a role.
        """
        principal = self.manager(call, scope)
        if not self.sees(principal, scope):
            raise wrong_tenant(
                self._tenant_uri(principal.tenant), self._tenant_uri(self.tenant_of(scope))
            )
        if not self.allowed(principal, action, scope):
            raise forbidden(principal.client_id, principal.object_id, action, scope)
        return principal

    def require_signed_in(self, call: Call) -> None:
        """Let a data-plane call through that needs no role.

        Raises:
            RefusalError: 401.
        """
        if not self._open and self._attester(call) is None:
            raise self._unauthorized(call, "")

    def _attester(self, call: Call) -> Principal | None:
        return self._tokens.check(call.headers.get("authorization", ""), ATTESTATION_AUDIENCES)

    def _unauthorized(self, call: Call, scope: str) -> RefusalError:
        """Asks for a token of the tenant that the scope is in; clients go there."""
        tenant = self._tenant_uri(self.tenant_of(scope))
        return unauthorized(call.path, tenant, ATTESTATION_AUDIENCES[0])

    def require_attestation(self, call: Call, action: str, provider: ProviderRecord) -> None:
        """Let a data-plane call through.

        Raises:
            RefusalError: 401 for a missing token and for a missing role alike.
        """
        if self._open:
            return
        principal = self._attester(call)
        if principal is None or not self.allowed(principal, action, provider.resource_id):
            raise self._unauthorized(call, provider.resource_id)
