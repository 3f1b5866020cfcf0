"""The ports: what use cases need from the outside world, as Protocols.

Invariants
- Every port raises only children of `AppError` and lets cancellation through.
- Nothing here imports an adapter, Qt or a network library.
- Blocking work (keyring, files, SQLite) is done by the adapter off the event loop.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.evidence.trust import TrustAnchor
    from sealwright.secret import Secret
    from sealwright.services.model import (
        ActivityEntry,
        Draft,
        HistoryEntry,
        NewActivity,
        Provider,
        SigningKey,
        VaultStatus,
    )


class Clock(Protocol):
    """The time of day."""

    def now(self) -> datetime:
        """Now, aware, in UTC."""
        ...


# --- network ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request. `headers` may hold a bearer token: it is never logged or shown."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    timeout: float = 60.0
    """Seconds for the whole exchange."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """One answer; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class HttpTransport(Protocol):
    """The one way out: proxy, trust, limits and time-outs are the same for all callers."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send and read the answer whole; any status is an answer, redirects are not followed.

        Raises:
            UnreachableError: name, connection, TLS or time-out.
        """
        ...


class TokenSource(Protocol):
    """Gives bearer tokens for a scope."""

    async def bearer(self, scope: str) -> Secret[str] | None:
        """A fresh access token, or None when nobody is signed in and calls go out anonymously."""
        ...

    @property
    def account(self) -> str:
        """Who calls, for the activity log; `not signed in` when nobody."""
        ...


# --- secrets and keys ---------------------------------------------------------------------------


class Signer(Protocol):
    """A policy signing key that can be used once it has been unlocked."""

    @property
    def certificate_chain(self) -> tuple[bytes, ...]:
        """DER certificates, leaf first."""
        ...

    @property
    def algorithm(self) -> str:
        """JOSE name; `RS256`."""
        ...

    async def sign(self, data: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 SHA-256 over `data`, verified with the certificate before return.

        Raises:
            StorageError: the secret store is locked, denied or gone.
            KeyMaterialError: the stored key does not match its certificate.
        """
        ...


@dataclass(frozen=True, slots=True)
class NewKey:
    """How to make a key and its self-signed certificate."""

    name: str
    bits: int = 3072
    subject: str = ""
    """RFC 4514 name; empty means `CN=` and the key's name."""
    valid_days: int = 730


class KeyVault(Protocol):
    """Policy signing keys. Listing asks the secret store for nothing."""

    async def keys(self) -> tuple[SigningKey, ...]:
        """All keys, by name."""
        ...

    async def generate(self, new: NewKey) -> SigningKey:
        """Make a key pair and a self-signed CA certificate, and keep both."""
        ...

    async def import_key(
        self, name: str, data: bytes, *, certificates: bytes = b"", passphrase: Secret[str] | None
    ) -> SigningKey:
        """Keep a key from PEM (PKCS#1, PKCS#8, encrypted), DER or PKCS#12 with its certificates.

        Raises:
            KeyMaterialError: says which rule refused it (kind, size, match, passphrase, form).
        """
        ...

    async def export_key(self, name: str, *, form: str, passphrase: Secret[str]) -> bytes:
        """The key, encrypted; `form` is `pkcs8` (PEM) or `pkcs12`."""
        ...

    async def rename(self, old: str, new: str) -> SigningKey:
        """Give a key another name."""
        ...

    async def delete(self, name: str) -> None:
        """Forget the key for good."""
        ...

    async def signer(self, name: str) -> Signer:
        """The signer behind a key; unlocks nothing yet."""
        ...

    async def status(self) -> VaultStatus:
        """Write, read and remove a canary, and name the backend in use."""
        ...


class CredentialVault(Protocol):
    """Client secrets, token caches and other small secrets by name."""

    async def get(self, name: str) -> Secret[str] | None:
        """The secret, or None."""
        ...

    async def put(self, name: str, value: Secret[str]) -> None:
        """Keep a secret; the old value stays whole until the new one is."""
        ...

    async def remove(self, name: str) -> None:
        """Forget it; nothing happens when it is not there."""
        ...


class VaultChoice(Protocol):
    """Which secret store takes new secrets. Old ones stay where they were put."""

    async def choose(self, kind: str, passphrase: Secret[str] | None = None) -> VaultStatus:
        """Use `keyring`, `file` (makes or unlocks the vault file) or `memory` from now on.

        Raises:
            StorageError: the store does not work, or the passphrase is wrong or missing.
        """
        ...

    async def purge(self) -> tuple[str, ...]:
        """Remove every secret of this home; the names of those that could not be removed."""
        ...


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A signing key in the index: where its private half is kept, and under which name."""

    id: str
    kept_in: str
    """Kind of secret store: `keyring` or `file`."""
    key: SigningKey


class KeyIndex(Protocol):
    """Public metadata of keys, and the names of all secrets, so that none is ever lost sight of."""

    async def records(self) -> tuple[KeyRecord, ...]:
        """All keys, by name in any case."""
        ...

    async def add(self, record: KeyRecord) -> None:
        """Add a key.

        Raises:
            UsageError: a key has this name already.
        """
        ...

    async def rename(self, key_id: str, name: str) -> None:
        """Give a key another name.

        Raises:
            UsageError: another key has it.
        """
        ...

    async def remove(self, key_id: str) -> None:
        """Forget a key; nothing happens when it is not there."""
        ...

    async def note_secret(self, name: str, kept_in: str, noted: datetime) -> None:
        """Remember the name of a secret, before the secret itself is put."""
        ...

    async def forget_secret(self, name: str, kept_in: str) -> None:
        """Forget the name of a secret, after the secret itself was removed."""
        ...

    async def secrets(self) -> tuple[tuple[str, str, datetime], ...]:
        """Every noted secret as (name, kept in, when it was noted)."""
        ...


# --- local state --------------------------------------------------------------------------------


class ProviderDirectory(Protocol):
    """Providers known on this computer."""

    async def providers(self) -> tuple[Provider, ...]:
        """All of them, by cloud, subscription, group and name."""
        ...

    async def put(self, provider: Provider) -> None:
        """Add or replace by id."""
        ...

    async def remove(self, provider_id: str) -> None:
        """Forget it."""
        ...


class PolicyHistory(Protocol):
    """Every policy text ever seen on or sent to a provider, by hash."""

    async def record(  # noqa: PLR0913 - the columns of one row
        self,
        provider_id: str,
        attestation_type: AttestationType,
        text: str,
        *,
        policy_hash: str,
        token_hash: str,
        origin: str,
        signer: str = "",
    ) -> HistoryEntry:
        """Keep a text; the newest row again when it is the same text from the same origin."""
        ...

    async def entries(
        self, provider_id: str, attestation_type: AttestationType
    ) -> tuple[HistoryEntry, ...]:
        """Newest first."""
        ...

    async def find(self, policy_hash: str) -> tuple[HistoryEntry, ...]:
        """Where a text with this `x-ms-policy-hash` was seen."""
        ...


class ActivityLog(Protocol):
    """Every change and every refusal, each row chained to the one before by hash."""

    async def append(self, entry: NewActivity) -> ActivityEntry:
        """Add a row, durable when this returns."""
        ...

    async def entries(
        self, *, limit: int = 1000, before: int | None = None
    ) -> tuple[ActivityEntry, ...]:
        """Newest first; `before` is a sequence number to page by."""
        ...

    async def verify(self) -> int | None:
        """None when the chain holds, else the sequence number of the first row that does not."""
        ...


class DraftStore(Protocol):
    """Documents that are being edited."""

    async def save(self, draft: Draft) -> None:
        """Keep the draft, durable when this returns.

        Raises:
            StorageError: disk full or read-only; the previous version is still there.
        """
        ...

    async def drafts(self) -> tuple[Draft, ...]:
        """All drafts, oldest first."""
        ...

    async def discard(self, draft_id: str) -> None:
        """Forget a draft."""
        ...


class Settings(Protocol):
    """Small JSON values by name: window state, theme, recent choices."""

    async def get(self, name: str) -> str | None:
        """The JSON text kept under `name`."""
        ...

    async def put(self, name: str, value: str) -> None:
        """Keep a JSON text."""
        ...


class Files(Protocol):
    """Files that belong to the user."""

    async def read(self, path: str, *, limit: int) -> bytes:
        """The whole file; refuses more than `limit` bytes.

        Raises:
            StorageError: not there, not readable, a folder, or too large.
        """
        ...

    async def write(self, path: str, data: bytes) -> None:
        """Write atomically: temporary file, fsync, rename.

        Raises:
            StorageError: disk full, read-only, no such folder; the old file is untouched.
        """
        ...


# --- providers ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """A data-plane answer: the token as it came, and which request it answers."""

    token: str
    request_id: str
    service_version: str
    elapsed: float
    """Seconds on the wire."""
    server_time: datetime | None
    """The `Date` header."""


@dataclass(frozen=True, slots=True)
class KeySet:
    """`/certs`: keys by id, each with its certificates as DER, leaf first."""

    keys: tuple[tuple[str, tuple[bytes, ...]], ...]
    url: str
    raw: bytes = field(repr=False, default=b"")


@dataclass(frozen=True, slots=True)
class Metadata:
    """`/.well-known/openid-configuration`, as much as is read of it."""

    issuer: str
    jwks_uri: str
    raw: bytes = field(repr=False, default=b"")


class AttestationApi(Protocol):
    """The data plane of one provider (spec rest-api, 3.1 rows 1-8).

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

    async def signing_keys(self) -> KeySet:
        """`GET /certs`, anonymous."""
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
class NewProvider:
    """What ARM needs to make a provider (spec rest-api, 8.2)."""

    subscription: str
    resource_group: str
    name: str
    location: str
    signing_certificates: tuple[bytes, ...] = ()
    """DER; one or more makes an Isolated provider."""
    tags: Mapping[str, str] = field(default_factory=dict)
    public_network_access: str = "Enabled"
    tpm_attestation_authentication: str = "Enabled"


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

    async def operations(self) -> tuple[str, ...]:
        """Names of the operations that roles can grant."""
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

    async def default_provider(self, subscription: str, location: str) -> Provider:
        """The shared provider of a location."""
        ...

    async def private_endpoint_connections(
        self, provider: Provider
    ) -> tuple[PrivateEndpointConnection, ...]:
        """Private endpoint connections."""
        ...

    async def delete_private_endpoint_connection(self, provider: Provider, name: str) -> None:
        """Remove a private endpoint connection."""
        ...

    async def private_link_resources(self, provider: Provider) -> tuple[str, ...]:
        """Group ids that a private endpoint may link to."""
        ...


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
    def account(self) -> str:
        """Who calls."""
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
