"""Providers: those known here, their state, and making and deleting them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.errors import AppError
    from sealwright.services.model import Provider
    from sealwright.services.overview import OverviewListener, ProviderOverview
    from sealwright.services.ports import NewProvider


@dataclass(frozen=True, slots=True)
class CloudInfo:
    """A cloud that can be used from here."""

    name: str
    account: str
    signed_in: bool


@dataclass(frozen=True, slots=True)
class Location:
    """Where a provider can be made."""

    name: str
    display_name: str


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh found. A cloud that failed keeps its known providers."""

    providers: tuple[Provider, ...]
    problems: tuple[tuple[str, AppError], ...]
    """(cloud name, what went wrong)."""


@dataclass(frozen=True, slots=True)
class ConnectionCheck:
    """One step of the connection test: reach, metadata, keys, policy."""

    id: str
    title: str
    status: str
    """`pass`, `fail` or `skip`."""
    detail: str
    seconds: float


class ProvidersService:
    """Finds, reads, makes and deletes attestation providers."""

    def clouds(self) -> tuple[CloudInfo, ...]:
        """Clouds that can be used, the sandbox first."""
        raise NotImplementedError

    async def known(self) -> tuple[Provider, ...]:
        """What the local directory holds; no network."""
        raise NotImplementedError

    async def find(self, name_or_uri: str) -> Provider:
        """The provider of this name, id or attest URI.

        Raises:
            UsageError: no such provider, or several of that name.
        """
        raise NotImplementedError

    async def refresh(self) -> Refreshed:
        """Ask every cloud for its providers and put them into the directory."""
        raise NotImplementedError

    async def overview(
        self,
        provider_id: str,
        on_part: OverviewListener | None = None,
        types: Sequence[AttestationType] = (),
    ) -> ProviderOverview:
        """Read policies and signers; `on_part` hears of each as it comes in."""
        raise NotImplementedError

    async def check(self, provider_id: str) -> tuple[ConnectionCheck, ...]:
        """Where the way to the provider stops."""
        raise NotImplementedError

    async def subscriptions(self, cloud: str) -> tuple[tuple[str, str], ...]:
        """Subscriptions as (id, name)."""
        raise NotImplementedError

    async def resource_groups(self, cloud: str, subscription: str) -> tuple[str, ...]:
        """Names of the groups."""
        raise NotImplementedError

    async def locations(self, cloud: str, subscription: str) -> tuple[Location, ...]:
        """Where providers can be made."""
        raise NotImplementedError

    async def create(self, cloud: str, new: NewProvider) -> Provider:
        """Make a provider and its group where that is missing; read back before it is shown."""
        raise NotImplementedError

    async def update(
        self,
        provider_id: str,
        *,
        tags: dict[str, str] | None = None,
        public_network_access: str | None = None,
        tpm_attestation_authentication: str | None = None,
    ) -> Provider:
        """Change what is given, keep the rest."""
        raise NotImplementedError

    async def delete(self, provider_id: str, *, typed_name: str) -> None:
        """Delete for good, after its policies were kept in history.

        Raises:
            UsageError: `typed_name` is not the provider's name, or it is a shared one.
        """
        raise NotImplementedError

    async def defaults(self, cloud: str, subscription: str) -> tuple[Provider, ...]:
        """The shared providers."""
        raise NotImplementedError
