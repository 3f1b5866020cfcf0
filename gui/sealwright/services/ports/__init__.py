"""The ports: what use cases need from the outside world, as Protocols.

Invariants
- Every port raises only children of `AppError` and lets cancellation through.
- Nothing here imports an adapter, Qt or a network library.
- Blocking work (keyring, files, SQLite) is done by the adapter off the event loop.
"""

from __future__ import annotations

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
    Clock,
    HttpRequest,
    HttpResponse,
    HttpTransport,
    TokenSource,
)
from sealwright.services.ports.providers import (
    Answer,
    AttestAnswer,
    AttestationApi,
    Cloud,
    KeySet,
    ManagementApi,
    Metadata,
    NewProvider,
    PrivateEndpointConnection,
    Subscription,
)
from sealwright.services.ports.state import (
    ActivityLog,
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
    "ActivityLog",
    "Answer",
    "AttestAnswer",
    "AttestationApi",
    "CaseStore",
    "Clock",
    "Cloud",
    "CredentialVault",
    "DraftStore",
    "Files",
    "HttpRequest",
    "HttpResponse",
    "HttpTransport",
    "KeyIndex",
    "KeyRecord",
    "KeySet",
    "KeySetStore",
    "KeyVault",
    "ManagementApi",
    "Metadata",
    "NewKey",
    "NewProvider",
    "PolicyHistory",
    "PrivateEndpointConnection",
    "ProviderDirectory",
    "SavedKeySet",
    "Sealer",
    "Settings",
    "Signer",
    "Subscription",
    "TokenSource",
    "VaultChoice",
]
