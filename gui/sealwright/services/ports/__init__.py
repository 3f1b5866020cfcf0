"""The ports: what use cases need from the outside world, as Protocols.

Invariants
- Every port raises only children of `AppError` and lets cancellation through.
- Nothing here imports an adapter, Qt or a network library.
- Blocking work (keyring, files, SQLite) is done by the adapter off the event loop.
"""

from __future__ import annotations

from sealwright.services.ports.accounts import (
    PERSONAL,
    AccountBook,
    AccountProfile,
    CloudSettings,
    Identity,
    Method,
    Prompt,
)
from sealwright.services.ports.evidence import PretendedMachines
from sealwright.services.ports.hardware import Pkcs11Key, Pkcs11Keys
from sealwright.services.ports.keys import (
    CredentialVault,
    KeyIndex,
    KeyRecord,
    KeyVault,
    NewKey,
    Sealer,
    Signer,
    VaultChoice,
)
from sealwright.services.ports.network import (
    NOT_SIGNED_IN,
    Clock,
    HttpRequest,
    HttpResponse,
    HttpTransport,
    Network,
    TokenSource,
    WayOut,
)
from sealwright.services.ports.providers import (
    CLOSED,
    OPEN,
    ActionGrant,
    Answer,
    AttestAnswer,
    AttestationApi,
    Cloud,
    CloudPlaces,
    KeyDocument,
    ManagementApi,
    Metadata,
    NewProvider,
    PrivateEndpointConnection,
    Subscription,
    Tenant,
)
from sealwright.services.ports.state import (
    ActivityLog,
    BackupShelf,
    CaseStore,
    DraftStore,
    Files,
    KeySetStore,
    PolicyHistory,
    ProviderDirectory,
    SavedKeySet,
    Settings,
)

__all__ = [
    "CLOSED",
    "NOT_SIGNED_IN",
    "OPEN",
    "PERSONAL",
    "AccountBook",
    "AccountProfile",
    "ActionGrant",
    "ActivityLog",
    "Answer",
    "AttestAnswer",
    "AttestationApi",
    "BackupShelf",
    "CaseStore",
    "Clock",
    "Cloud",
    "CloudPlaces",
    "CloudSettings",
    "CredentialVault",
    "DraftStore",
    "Files",
    "HttpRequest",
    "HttpResponse",
    "HttpTransport",
    "Identity",
    "KeyDocument",
    "KeyIndex",
    "KeyRecord",
    "KeySetStore",
    "KeyVault",
    "ManagementApi",
    "Metadata",
    "Method",
    "Network",
    "NewKey",
    "NewProvider",
    "Pkcs11Key",
    "Pkcs11Keys",
    "PolicyHistory",
    "PretendedMachines",
    "PrivateEndpointConnection",
    "Prompt",
    "ProviderDirectory",
    "SavedKeySet",
    "Sealer",
    "Settings",
    "Signer",
    "Subscription",
    "Tenant",
    "TokenSource",
    "VaultChoice",
    "WayOut",
]
