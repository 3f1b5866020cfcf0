"""What the sandbox remembers, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

LOCATION: Final = "sandbox"
"""ARM name of the region that providers are made in, and that can fail."""

LOCATION_DISPLAY: Final = "Local"

PAIR: Final = "sandboxpair"
"""ARM name of the region that answers for it then."""

PAIR_DISPLAY: Final = "Local pair"

GROUP: Final = "sandbox"
"""The resource group of a new sandbox."""

PROVIDER_TYPE: Final = "Microsoft.Attestation/attestationProviders"


class Trust(StrEnum):
    """Who may change the policies of a provider (spec rest-api, 6.1)."""

    SHARED = "Shared"
    AAD = "AAD"
    ISOLATED = "Isolated"


@dataclass(frozen=True, slots=True)
class SubscriptionRecord:
    """An Azure subscription; `registration` is the state of `Microsoft.Attestation` in it."""

    id: str
    name: str
    registration: str
    tenant: str = ""
    """Empty for the sandbox's own."""


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """A resource group."""

    subscription: str
    name: str
    location: str
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who did something and when (RFC 3339, milliseconds)."""

    who: str
    kind: str
    time: str


@dataclass(frozen=True, slots=True)
class ProviderRecord:
    """An attestation provider; a shared one has no subscription and no group."""

    key: int
    name: str
    subscription: str
    group: str
    trust: Trust
    location: str
    tags: Mapping[str, str]
    public_network_access: str
    tpm_authentication: str
    created: Stamp
    modified: Stamp

    @property
    def resource_id(self) -> str:
        """ARM id; that of a shared provider has no leading slash (spec rest-api, 8.5)."""
        tail = f"providers/{PROVIDER_TYPE}/{self.name}"
        if not self.subscription:
            return tail
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.group}/{tail}"


@dataclass(frozen=True, slots=True)
class TenantRecord:
    """A directory of people and applications."""

    id: str
    name: str
    domain: str


@dataclass(frozen=True, slots=True)
class UserRecord:
    """A person, at home in one tenant. `session` grows when all sign-ins are revoked."""

    object_id: str
    tenant: str
    upn: str
    name: str
    session: int = 0


@dataclass(frozen=True, slots=True)
class ApplicationRecord:
    """An application; without a secret it cannot sign in with one."""

    client_id: str
    object_id: str
    name: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role given to a principal on a scope."""

    id: str
    principal: str
    """Object id."""
    role: str
    scope: str


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """The uploaded JWS as it was sent; empty means that the default holds."""

    jws: str
    previous: str
    """What stood before the last change, for the fault that reads back a stale policy."""
