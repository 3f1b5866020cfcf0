"""A cloud with one subscription in memory: the providers, and ARM over them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from helpers.simulated_provider import SimulatedProvider
from sealwright.errors import RejectedError, UnreachableError
from sealwright.services.model import Provider, TrustModel
from sealwright.services.ports import (
    ActionGrant,
    CloudPlaces,
    NewProvider,
    PrivateEndpointConnection,
    Subscription,
    Tenant,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.errors import AppError, ServiceError
    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.services.ports import AttestationApi, Clock, ManagementApi

SUBSCRIPTION = "6e1b7c3a-0d5f-4a57-9c1e-2f4c8a9d0b11"
GROUP = "tests"


class SimulatedCloud:
    """A cloud with one subscription; ARM as far as the services use it."""

    name = "Simulated"
    account = "tester"
    anchors: tuple[TrustAnchor, ...] = ()

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.known: dict[str, SimulatedProvider] = {}
        self.groups = [GROUP]
        self.deletes_nothing = False
        self.connections: dict[str, dict[str, PrivateEndpointConnection]] = {}
        self.grants: tuple[ActionGrant, ...] = (ActionGrant(("*",), ()),)
        self.subscription = SUBSCRIPTION
        self.unlisted: AppError | None = None
        """Why the providers of the subscription cannot be listed."""
        self.first_fault: tuple[str, ServiceError] | None = None
        """An operation that fails once at the next provider that is made."""
        self.failed_over = False
        """Resource Manager refuses what concerns a provider; the pair serves attestation."""

    def start_over(self) -> None:
        """Empty, under a new subscription: as a sandbox that was thrown away."""
        self.known.clear()
        self.subscription = SUBSCRIPTION[::-1]

    def provider(
        self, name: str, model: TrustModel, certificates: tuple[bytes, ...] = ()
    ) -> SimulatedProvider:
        root = f"/subscriptions/{self.subscription}/resourceGroups/{GROUP}/providers"
        resource_id = f"{root}/Microsoft.Attestation/attestationProviders/{name}"
        provider = Provider(
            id=resource_id.lower(),
            name=name,
            attest_uri=f"https://{name}.tst.attest.azure.net",
            trust_model=model,
            location="tst",
            status="Ready",
            cloud=self.name,
            resource_id=resource_id,
            subscription=self.subscription,
            resource_group=GROUP,
            created=datetime(2026, 1, 1, tzinfo=UTC),
        )
        self.known[name] = SimulatedProvider(provider, self._clock, certificates)
        return self.known[name]

    @property
    def places(self) -> CloudPlaces:
        return CloudPlaces(
            "https://login.tst.example",
            "https://arm.tst.example",
            "https://arm.tst.example",
            "https://attest.tst.example",
        )

    def accounts(self) -> tuple[SimulatedCloud, ...]:
        return (self,)

    def acting_for(self, subscription: str) -> SimulatedCloud:
        del subscription
        return self

    async def authorize(self, *, management: bool = False) -> str:
        del management
        return self.account

    async def note(self, subscriptions: tuple[str, ...]) -> None:
        del subscriptions

    def serves(self, attest_uri: str) -> bool:
        return attest_uri.endswith(".tst.attest.azure.net")

    def attestation(self, attest_uri: str) -> AttestationApi:
        return next(each for each in self.known.values() if each.attest_uri == attest_uri)

    def management(self) -> ManagementApi:
        return SimulatedManagement(self)


class SimulatedManagement:
    """ARM over the providers of a simulated cloud."""

    def __init__(self, cloud: SimulatedCloud) -> None:
        self._cloud = cloud

    async def tenants(self) -> tuple[Tenant, ...]:
        return (Tenant("tenant", "Tests", "tests.example"),)

    async def subscriptions(self) -> tuple[Subscription, ...]:
        return (Subscription(self._cloud.subscription, "Tests", "Enabled", "tenant"),)

    async def resource_groups(self, subscription: str) -> tuple[str, ...]:
        del subscription
        return tuple(self._cloud.groups)

    async def create_resource_group(self, subscription: str, name: str, location: str) -> None:
        del subscription, location
        self._cloud.groups.append(name)

    async def locations(self, subscription: str) -> tuple[tuple[str, str], ...]:
        del subscription
        return (("tst", "Test"),)

    async def registration_state(self, subscription: str) -> str:
        del subscription
        return "Registered"

    async def register(self, subscription: str) -> str:
        return await self.registration_state(subscription)

    async def providers(
        self, subscription: str, resource_group: str | None = None
    ) -> tuple[Provider, ...]:
        del subscription, resource_group
        if self._cloud.unlisted is not None:
            raise self._cloud.unlisted
        return self._of(shared=False)

    async def provider(self, subscription: str, resource_group: str, name: str) -> Provider:
        del subscription, resource_group
        self._require_region()
        if name not in self._cloud.known:
            raise RejectedError("Not there.", status=404, service_code="ResourceNotFound")
        return self._cloud.known[name].provider

    async def create(self, new: NewProvider) -> Provider:
        model = TrustModel.ISOLATED if new.signing_certificates else TrustModel.AAD
        made = self._cloud.provider(new.name, model, new.signing_certificates)
        if self._cloud.first_fault is not None:
            made.faults.fail_before(*self._cloud.first_fault)
            self._cloud.first_fault = None
        made.provider = replace(
            made.provider,
            tags=dict(new.tags),
            public_network_access=new.public_network_access,
            tpm_attestation_authentication=new.tpm_attestation_authentication,
        )
        return made.provider

    async def update(
        self,
        provider: Provider,
        *,
        tags: Mapping[str, str] | None = None,
        public_network_access: str | None = None,
        tpm_attestation_authentication: str | None = None,
    ) -> Provider:
        self._require_region()
        changed = replace(
            provider,
            tags=provider.tags if tags is None else tags,
            public_network_access=public_network_access or provider.public_network_access,
            tpm_attestation_authentication=(
                tpm_attestation_authentication or provider.tpm_attestation_authentication
            ),
        )
        if provider.name in self._cloud.known:
            self._cloud.known[provider.name].provider = changed
        return changed

    def _require_region(self) -> None:
        if self._cloud.failed_over:
            raise UnreachableError("The region is down.", status=503)

    async def delete(self, provider: Provider) -> None:
        self._require_region()
        if not self._cloud.deletes_nothing:
            self._cloud.known.pop(provider.name, None)

    async def default_providers(self, subscription: str) -> tuple[Provider, ...]:
        del subscription
        return self._of(shared=True)

    async def private_endpoint_connections(
        self, provider: Provider
    ) -> tuple[PrivateEndpointConnection, ...]:
        self._require_region()
        return tuple(self._cloud.connections.get(provider.name, {}).values())

    async def set_private_endpoint_connection(
        self, provider: Provider, connection: PrivateEndpointConnection
    ) -> PrivateEndpointConnection:
        self._cloud.connections.setdefault(provider.name, {})[connection.name] = connection
        return connection

    async def actions(self, provider: Provider) -> tuple[ActionGrant, ...]:
        del provider
        self._require_region()
        return self._cloud.grants

    async def delete_private_endpoint_connection(self, provider: Provider, name: str) -> None:
        self._cloud.connections.get(provider.name, {}).pop(name, None)

    def _of(self, *, shared: bool) -> tuple[Provider, ...]:
        providers = [each.provider for each in self._cloud.known.values()]
        return tuple(
            each for each in providers if (each.trust_model is TrustModel.SHARED) is shared
        )
