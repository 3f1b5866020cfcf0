"""Plain values that services, adapters, the window and the command line share.

This module imports nothing heavy: the window reads it before its first paint.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from sealwright.evidence.basis.checks import Check, CheckStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.claims.claim import Claim

__all__ = [
    "ActivityEntry",
    "Certificate",
    "Check",
    "CheckStatus",
    "Draft",
    "HistoryEntry",
    "NewActivity",
    "PolicyState",
    "Provider",
    "SavedCase",
    "SigningKey",
    "TrustModel",
    "VaultStatus",
]


class TrustModel(StrEnum):
    """Who may change the policies of a provider (spec rest-api, 6.1)."""

    SHARED = "Shared"
    AAD = "AAD"
    ISOLATED = "Isolated"


@dataclass(frozen=True, slots=True)
class Provider:
    """An attestation provider as it is kept in the local directory.

    `id` is the ARM resource id in lower case, or the attest URI where no ARM id is known.
    """

    id: str
    name: str
    attest_uri: str
    trust_model: TrustModel
    location: str
    status: str
    cloud: str
    resource_id: str = ""
    subscription: str = ""
    subscription_name: str = ""
    resource_group: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    public_network_access: str = "Enabled"
    tpm_attestation_authentication: str = "Enabled"
    created: datetime | None = None
    modified: datetime | None = None
    last_seen: datetime | None = None


class PolicyState(StrEnum):
    """What stands at one provider and type, as far as it could be read."""

    DEFAULT = "default"
    CUSTOM = "custom"
    NONE = "none"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a list shows of an X.509 certificate. `der` is the certificate itself."""

    der: bytes
    subject: str
    issuer: str
    serial: str
    sha256: str
    """Lower-case hex SHA-256 of the DER."""
    thumbprint: str
    """Upper-case hex SHA-1 of the DER, as the service prints it."""
    not_before: datetime
    not_after: datetime
    algorithm: str
    """Key kind and size, such as `RSA 3072`."""
    is_ca: bool
    self_signed: bool


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Public metadata of a policy signing key; the private half stays in the vault."""

    name: str
    algorithm: str
    bits: int
    certificate: Certificate
    chain: tuple[bytes, ...]
    """Certificates as DER, leaf first; `chain[0] == certificate.der`."""
    created: datetime


@dataclass(frozen=True, slots=True)
class VaultStatus:
    """Which secret store is in use and whether it answers."""

    backend: str
    """Words for people: `Secret Service (GNOME Keyring)`, `vault file`, `memory only`."""
    kind: str
    """`keyring`, `file`, `memory` or `none`."""
    usable: bool
    problem: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One policy text seen on, or sent to, a provider."""

    seq: int
    time: datetime
    provider_id: str
    attestation_type: AttestationType
    text: str
    policy_hash: str
    token_hash: str
    origin: str
    """`seen`, `sent`, `rolled-back`, or `reset` for what a reset led to."""
    signer: str
    """SHA-256 of the signer certificate, empty when unsigned."""


@dataclass(frozen=True, slots=True)
class ActivityEntry:
    """A row of the hash-chained activity log. Never holds a secret or a token."""

    seq: int
    time: datetime
    who: str
    where: str
    what: str
    result: str
    """`done`, `proven`, `failed`, `refused` or `cancelled`."""
    request_id: str
    before: str
    after: str
    detail: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class ChainState:
    """Whether the rows are as they were written."""

    holds: bool
    rows: int
    first_broken: int | None


class LogForm(StrEnum):
    """Forms of an exported log."""

    CSV = "csv"
    JSON = "json"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class NewActivity:
    """What the caller of the activity log supplies; the log adds number, time and hashes."""

    who: str
    where: str
    what: str
    result: str
    request_id: str = ""
    before: str = ""
    after: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """An edited, not yet uploaded document, kept as bytes so that nothing of it changes."""

    id: str
    title: str
    data: bytes
    saved: datetime
    provider_id: str = ""
    attestation_type: AttestationType | None = None
    path: str = ""
    """The file the document came from, empty when it has none."""


@dataclass(frozen=True, slots=True)
class SavedCase:
    """A named set of claims, and what a policy is expected to decide on it."""

    id: str
    name: str
    attestation_type: AttestationType | None
    """None when the case is for every type."""
    claims: tuple[Claim, ...]
    decision: str
    """`permit`, `deny` or `error`."""
    saved: datetime
