"""Attestation providers: their data plane, ARM, and the cloud they are in."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol

from sealwright.errors import BadAnswerError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.errors import ServiceError
    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.services.exchanges import Message
    from sealwright.services.model import Provider

OPEN: Final = "Enabled"
CLOSED: Final = "Disabled"
"""Public network access (spec rest-api, 8.2)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A data-plane answer: the token as it came, and which request it answers."""

    token: str
    request_id: str
    elapsed: float
    """Seconds on the wire."""
    server_time: datetime | None
    """The `Date` header."""


@dataclass(frozen=True, slots=True)
class KeyDocument:
    """The document of a provider's keys as it came; `tokens.keyset` reads it."""

    url: str
    raw: bytes = field(repr=False)
    server_time: datetime | None = None
    """The `Date` header."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """`/.well-known/openid-configuration`, as much as is read of it."""

    issuer: str
    jwks_uri: str
    raw: bytes = field(repr=False, default=b"")


@dataclass(frozen=True, slots=True)
class AttestAnswer:
    """What an attest call came to: the message, and the error when the answer is a refusal."""

    message: Message
    error: ServiceError | None = None

    def result(self, member: str) -> str:
        """The text at `member` of the answer: `token`, or `data` of the Tpm protocol.

        Raises:
            ServiceError: the service refused.
            BadAnswerError: there is no such text in it.
        """
        if self.error is not None:
            raise self.error
        return answered_text(self.message, member)


def answered_text(message: Message, member: str) -> str:
    """The text of a member of an answer, its name in any case (spec rest-api, 2.2).

    Raises:
        BadAnswerError: there is none.
    """
    try:
        value = json.loads(message.response)
    except (ValueError, RecursionError):
        value = None
    members = value if isinstance(value, dict) else {}
    found = next((item for name, item in members.items() if name.lower() == member), None)
    if not isinstance(found, str) or not found:
        raise BadAnswerError(
            f"The answer holds no `{member}`.",
            hint="Something between here and the service may have changed the answer.",
            status=message.status,
            request_id=message.request_id,
        )
    return found


class AttestationApi(Protocol):
    """The data plane of one provider, as far as use cases need it (spec rest-api, 3.1).

    Raises:
        UnreachableError, RefusedError, RejectedError, BadAnswerError
    """

    @property
    def attest_uri(self) -> str:
        """The provider's address, without a trailing slash."""
        ...

    async def get_policy(self, attestation_type: AttestationType) -> Answer:
        """`GET /policies/{type}`."""
        ...

    async def set_policy(self, attestation_type: AttestationType, jws: str) -> Answer:
        """`PUT /policies/{type}` with a policy JWS."""
        ...

    async def reset_policy(self, attestation_type: AttestationType, jws: str) -> Answer:
        """`POST /policies/{type}:reset` with a reset JWS."""
        ...

    async def get_certificates(self) -> Answer:
        """`GET /certificates`."""
        ...

    async def add_certificate(self, jws: str) -> Answer:
        """`POST /certificates:add` with a certificate JWS."""
        ...

    async def remove_certificate(self, jws: str) -> Answer:
        """`POST /certificates:remove` with a certificate JWS."""
        ...

    async def attest(
        self, attestation_type: AttestationType, body: Mapping[str, object]
    ) -> AttestAnswer:
        """`POST /attest/{type}`; a refusal is an answer too, so that it can be kept and shown."""
        ...

    async def signing_keys(self, url: str) -> KeyDocument:
        """`GET` of the key document at `url`, anonymous; who asks has judged the address."""
        ...

    async def metadata(self) -> Metadata:
        """`GET /.well-known/openid-configuration`, anonymous."""
        ...


@dataclass(frozen=True, slots=True)
class Subscription:
    """An Azure subscription."""

    id: str
    name: str
    state: str
    tenant_id: str


@dataclass(frozen=True, slots=True)
class Tenant:
    """A directory that an account can use."""

    id: str
    name: str
    domain: str


@dataclass(frozen=True, slots=True)
class NewProvider:
    """What ARM needs to make a provider (spec rest-api, 8.2)."""

    subscription: str
    resource_group: str
    name: str
    location: str
    signing_certificates: tuple[bytes, ...] = ()
    """DER; one or more makes an Isolated provider."""
    tags: Mapping[str, str] = field(default_factory=dict)
    public_network_access: str = OPEN
    tpm_attestation_authentication: str = "Enabled"

    @property
    def closed(self) -> bool:
        """Whether its data plane shall not be reached over the public network."""
        return self.public_network_access == CLOSED

    def opened(self) -> NewProvider:
        """The same, to be reached over the public network."""
        return replace(self, public_network_access=OPEN)


@dataclass(frozen=True, slots=True)
class ActionGrant:
    """What one role gives: patterns of actions with `*`, less those that are taken out again."""

    actions: tuple[str, ...]
    not_actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PrivateEndpointConnection:
    """A private endpoint connection (spec rest-api, 8.4)."""

    id: str
    name: str
    status: str
    description: str
    endpoint_id: str
    provisioning_state: str


class ManagementApi(Protocol):
    """ARM, as far as attestation needs it (spec rest-api, 8). Raises like `AttestationApi`."""

    async def tenants(self) -> tuple[Tenant, ...]:
        """Directories that the account can use."""
        ...

    async def subscriptions(self) -> tuple[Subscription, ...]:
        """Subscriptions that the account can see."""
        ...

    async def resource_groups(self, subscription: str) -> tuple[str, ...]:
        """Names of the groups, all pages."""
        ...

    async def create_resource_group(self, subscription: str, name: str, location: str) -> None:
        """Make a group; nothing happens when it is there."""
        ...

    async def locations(self, subscription: str) -> tuple[tuple[str, str], ...]:
        """Locations as (name, display name)."""
        ...

    async def registration_state(self, subscription: str) -> str:
        """`Registered` when the namespace can be used."""
        ...

    async def register(self, subscription: str) -> str:
        """Register `Microsoft.Attestation`; the new state."""
        ...

    async def providers(
        self, subscription: str, resource_group: str | None = None
    ) -> tuple[Provider, ...]:
        """Providers of a subscription, or of one group."""
        ...

    async def provider(self, subscription: str, resource_group: str, name: str) -> Provider:
        """One provider by name."""
        ...

    async def create(self, new: NewProvider) -> Provider:
        """Make a provider; it is ready when this returns."""
        ...

    async def update(
        self,
        provider: Provider,
        *,
        tags: Mapping[str, str] | None = None,
        public_network_access: str | None = None,
        tpm_attestation_authentication: str | None = None,
    ) -> Provider:
        """Change what is given, keep the rest."""
        ...

    async def delete(self, provider: Provider) -> None:
        """Delete for good; nothing happens when it is gone."""
        ...

    async def default_providers(self, subscription: str) -> tuple[Provider, ...]:
        """The shared providers."""
        ...

    async def private_endpoint_connections(
        self, provider: Provider
    ) -> tuple[PrivateEndpointConnection, ...]:
        """Private endpoint connections."""
        ...

    async def set_private_endpoint_connection(
        self, provider: Provider, connection: PrivateEndpointConnection
    ) -> PrivateEndpointConnection:
        """Approve or reject a connection: its `status` and `description` are sent."""
        ...

    async def actions(self, provider: Provider) -> tuple[ActionGrant, ...]:
        """What roles give the caller at this provider (ARM permissions, listed for a resource)."""
        ...

    async def delete_private_endpoint_connection(self, provider: Provider, name: str) -> None:
        """Remove a private endpoint connection."""
        ...


@dataclass(frozen=True, slots=True)
class CloudPlaces:
    """Where a cloud is, for other tools that shall go there.

    An audience is what a token is asked for, as `https://attest.azure.net`.
    """

    authority: str
    arm: str
    arm_audience: str
    attest_audience: str

    @property
    def outside(self) -> bool:
        """Whether other programs can go there: names under `invalid` never resolve (RFC 6761)."""
        return not self.arm.endswith(".invalid")


class Cloud(Protocol):
    """One cloud with an account: where its APIs are and who calls them."""

    @property
    def name(self) -> str:
        """Words for people: `Azure public`, `Sandbox`."""
        ...

    @property
    def anchors(self) -> tuple[TrustAnchor, ...]:
        """Root keys that may vouch for the keys its providers sign with, and no other cloud's."""
        ...

    @property
    def places(self) -> CloudPlaces:
        """Where its APIs are."""
        ...

    @property
    def account(self) -> str:
        """Who calls."""
        ...

    def accounts(self) -> tuple[Cloud, ...]:
        """This cloud once for each account that is signed in; none when nobody is."""
        ...

    async def authorize(self, *, management: bool = False) -> str:
        """Get a token for the data plane, or for Resource Manager.

        Returns the account; empty where calls go out without one.

        Raises:
            SignInError: the authority gives none.
        """
        ...

    def acting_for(self, subscription: str) -> Cloud:
        """This cloud with the account that reaches a subscription; empty: the chosen account."""
        ...

    async def note(self, subscriptions: tuple[str, ...]) -> None:
        """Remember that the account reaches these subscriptions."""
        ...

    def serves(self, attest_uri: str) -> bool:
        """Whether a provider at this address is in this cloud, so that its token may go there."""
        ...

    def attestation(self, attest_uri: str) -> AttestationApi:
        """The data plane of the provider at `attest_uri`."""
        ...

    def management(self) -> ManagementApi:
        """ARM of this cloud."""
        ...
