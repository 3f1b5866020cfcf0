"""Who may do what: the bearer token of a call, and the role it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.sandbox.bearer import ATTESTATION_AUDIENCES, MANAGEMENT_AUDIENCES
from sealwright.sandbox.refusals import forbidden, not_signed_in, unauthorized
from sealwright.sandbox.roles import EVERYBODY, may

if TYPE_CHECKING:
    from sealwright.sandbox.accounts import Accounts
    from sealwright.sandbox.bearer import AccessTokens
    from sealwright.sandbox.records import ProviderRecord
    from sealwright.sandbox.refusals import RefusalError
    from sealwright.sandbox.roles import Principal
    from sealwright.sandbox.wire import Addresses, Call


class Access:
    """The door of ARM and of the data plane.

    Args:
        open_to_all: answer without tokens; a token that comes is not looked at.
    """

    def __init__(
        self,
        accounts: Accounts,
        tokens: AccessTokens,
        addresses: Addresses,
        *,
        tenant: str,
        open_to_all: bool,
    ) -> None:
        self._accounts = accounts
        self._tokens = tokens
        self._addresses = addresses
        self._tenant = tenant
        self._open = open_to_all

    def _tenant_uri(self) -> str:
        return f"{self._addresses.authority}/{self._tenant}"

    def manager(self, call: Call) -> Principal:
        """Who calls ARM.

        Raises:
            RefusalError: 401, no token or not a good one.
        """
        if self._open:
            return EVERYBODY
        audiences = (*MANAGEMENT_AUDIENCES, self._addresses.management)
        principal = self._tokens.check(call.headers.get("authorization", ""), audiences)
        if principal is None:
            raise not_signed_in(self._tenant_uri())
        return principal

    def allowed(self, principal: Principal, action: str, scope: str) -> bool:
        """Whether a principal has a role for an action on a scope."""
        return may(principal, action, scope, self._accounts.assignments())

    def require(self, call: Call, action: str, scope: str) -> Principal:
        """Who calls ARM, with a role for the action.

        Raises:
            RefusalError: 401, or 403 without a role.
        """
        principal = self.manager(call)
        if not self.allowed(principal, action, scope):
            raise forbidden(principal.client_id, principal.object_id, action, scope)
        return principal

    def require_signed_in(self, call: Call) -> None:
        """Let a data-plane call through that needs no role.

        Raises:
            RefusalError: 401.
        """
        if not self._open and self._attester(call) is None:
            raise self._unauthorized(call)

    def _attester(self, call: Call) -> Principal | None:
        return self._tokens.check(call.headers.get("authorization", ""), ATTESTATION_AUDIENCES)

    def _unauthorized(self, call: Call) -> RefusalError:
        return unauthorized(call.path, self._tenant_uri(), ATTESTATION_AUDIENCES[0])

    def require_attestation(self, call: Call, action: str, provider: ProviderRecord) -> None:
        """Let a data-plane call through.

        Raises:
            RefusalError: 401 for a missing token and for a missing role alike.
        """
        if self._open:
            return
        principal = self._attester(call)
        if principal is None or not self.allowed(principal, action, provider.resource_id):
            raise self._unauthorized(call)
