"""Roles, what they allow, and who has them (spec rest-api, 1.5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.sandbox.records import Assignment

_PROVIDERS: Final = "Microsoft.Attestation/attestationProviders"

PROVIDER_READ: Final = f"{_PROVIDERS}/read"
PROVIDER_WRITE: Final = f"{_PROVIDERS}/write"
PROVIDER_DELETE: Final = f"{_PROVIDERS}/delete"
CONNECTION_READ: Final = f"{_PROVIDERS}/privateEndpointConnections/read"
CONNECTION_WRITE: Final = f"{_PROVIDERS}/privateEndpointConnections/write"
CONNECTION_DELETE: Final = f"{_PROVIDERS}/privateEndpointConnections/delete"
LINK_READ: Final = f"{_PROVIDERS}/privateLinkResources/read"
ATTESTATION_READ: Final = f"{_PROVIDERS}/attestation/read"
ATTESTATION_WRITE: Final = f"{_PROVIDERS}/attestation/write"
ATTESTATION_DELETE: Final = f"{_PROVIDERS}/attestation/delete"
GROUP_READ: Final = "Microsoft.Resources/subscriptions/resourceGroups/read"
GROUP_WRITE: Final = "Microsoft.Resources/subscriptions/resourceGroups/write"
ASSIGNMENT_READ: Final = "Microsoft.Authorization/roleAssignments/read"
DIAGNOSTIC_READ: Final = "Microsoft.Insights/diagnosticSettings/read"
DIAGNOSTIC_WRITE: Final = "Microsoft.Insights/diagnosticSettings/write"
DIAGNOSTIC_DELETE: Final = "Microsoft.Insights/diagnosticSettings/delete"
REGISTER: Final = "Microsoft.Attestation/register/action"


class Role(StrEnum):
    """Built-in roles by the names that Azure gives them."""

    OWNER = "Owner"
    CONTRIBUTOR = "Contributor"
    READER = "Reader"
    ATTESTATION_CONTRIBUTOR = "Attestation Contributor"
    ATTESTATION_READER = "Attestation Reader"


DEFINITIONS: Final = {
    Role.OWNER: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    Role.CONTRIBUTOR: "b24988ac-6180-42a0-ab88-20f7382dd24c",
    Role.READER: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    Role.ATTESTATION_CONTRIBUTOR: "bbf86eb8-f7b4-4cce-96e4-18cddf81d86e",
    Role.ATTESTATION_READER: "fd1bd22b-8476-40bc-a0bc-69b95687b9f3",
}

_ATTESTATION_ACTIONS: Final = frozenset(
    {ATTESTATION_READ, ATTESTATION_WRITE, ATTESTATION_DELETE, PROVIDER_READ}
)


ACTIONS: Final[Mapping[Role, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    Role.OWNER: (("*",), ()),
    Role.CONTRIBUTOR: (
        ("*",),
        ("Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"),
    ),
    Role.READER: (("*/read",), ()),
    Role.ATTESTATION_CONTRIBUTOR: (
        (ATTESTATION_READ, ATTESTATION_WRITE, ATTESTATION_DELETE, PROVIDER_READ),
        (),
    ),
    Role.ATTESTATION_READER: ((ATTESTATION_READ, PROVIDER_READ), ()),
}
"""(actions, notActions) of each role, as its definition lists them."""


def allows(role: Role, action: str) -> bool:
    """Whether a role covers an action."""
    match role:
        case Role.OWNER | Role.CONTRIBUTOR:
            return True
        case Role.READER:
            return action.endswith("/read")
        case Role.ATTESTATION_CONTRIBUTOR:
            return action in _ATTESTATION_ACTIONS
        case Role.ATTESTATION_READER:
            return action in (ATTESTATION_READ, PROVIDER_READ)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls. `unrestricted` is the caller of a sandbox that was opened to everybody."""

    client_id: str
    object_id: str
    name: str
    unrestricted: bool = False
    tenant: str = ""
    session: int | None = None
    """The person's session that the token belongs to; None for an application."""
    contexts: tuple[str, ...] = ()
    """Authentication contexts that the sign-in satisfied (claim `acrs`)."""

    @property
    def person(self) -> bool:
        """Whether somebody signed in, and not an application."""
        return self.session is not None


EVERYBODY: Final = Principal("", "", "everybody", unrestricted=True)
"""The caller without a token where tokens are not asked for."""


def may(principal: Principal, action: str, scope: str, assignments: tuple[Assignment, ...]) -> bool:
    """Whether a principal may do something at a scope or below a scope where a role was given."""
    return principal.unrestricted or any(
        allows(Role(item.role), action)
        for item in assignments
        if item.principal == principal.object_id and covers(item.scope, scope)
    )


def covers(outer: str, inner: str) -> bool:
    """Whether a role at `outer` holds at `inner`: the same scope, or one below it."""
    wide, narrow = outer.rstrip("/").lower(), inner.rstrip("/").lower()
    return narrow == wide or narrow.startswith(f"{wide}/")
