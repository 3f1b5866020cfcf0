"""Opens a home: database, secret stores, sandbox, clouds, and the services over them.

Runs on the background loop; everything heavy is imported here and not before.
"""

from __future__ import annotations

import json
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from anyio import CancelScope, to_thread

from sealwright.composition.vendors import pinned_anchors
from sealwright.services.activity import ActivityService
from sealwright.services.attest import AttestService
from sealwright.services.backup.restore import Restorer
from sealwright.services.backup.service import BackupService
from sealwright.services.bundle import Services
from sealwright.services.cases import CasesService
from sealwright.services.documents import DocumentsService
from sealwright.services.dry_run import DryRunService
from sealwright.services.evidence import EvidenceService
from sealwright.services.first_start import FirstStart
from sealwright.services.fleet.service import FleetPorts, FleetService
from sealwright.services.key_archive import KeyArchive
from sealwright.services.keys import KeysService
from sealwright.services.policies import PoliciesService
from sealwright.services.providers import ProviderPorts, ProvidersService
from sealwright.services.reach import Clouds
from sealwright.services.recent_tokens import RecentTokens
from sealwright.services.reference import Reference
from sealwright.services.run import RunTools
from sealwright.services.shelf import TokenShelf
from sealwright.services.signers import SignersService
from sealwright.services.token_rules import RulesBook
from sealwright.services.tokens import TokenParts, TokensService
from sealwright.services.trust import SignerMemory
from sealwright.store.activity import StoredActivity
from sealwright.store.cases import StoredCases
from sealwright.store.clock import SystemClock
from sealwright.store.database import Database
from sealwright.store.drafts import StoredDrafts
from sealwright.store.files import LocalFiles, write_atomically
from sealwright.store.fleet import StoredFleet
from sealwright.store.history import StoredHistory
from sealwright.store.key_sets import StoredKeySets
from sealwright.store.keys import StoredKeyIndex
from sealwright.store.providers import StoredProviders
from sealwright.store.resources import resource
from sealwright.store.settings import StoredSettings
from sealwright.vault.credentials import StoredCredentials
from sealwright.vault.keys import StoredKeys
from sealwright.vault.sealing import VaultSealer
from sealwright.vault.stores import SecretStores

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from sealwright.azure.http import HttpxTransport
    from sealwright.evidence.trust import TrustAnchor
    from sealwright.identity.client_credentials import Application
    from sealwright.sandbox.sandbox import Sandbox
    from sealwright.services.ports import Clock, Cloud, HttpTransport, Settings, TokenSource
    from sealwright.store.home import Home

SANDBOX: Final = "Sandbox"
_SUFFIX: Final = "sandbox.invalid"
_NETWORK: Final = "network"


@dataclass(frozen=True, slots=True)
class Kept:
    """What a home keeps: the database's ports and the secret stores."""

    database: Database
    clock: Clock
    settings: Settings
    stores: SecretStores


def kept_in(home: Home) -> Kept:
    """The ports over a home's files; nothing is opened yet."""
    database, clock = Database(home), SystemClock()
    settings, index = StoredSettings(database), StoredKeyIndex(database)
    stores = SecretStores(
        home_id=home.id,
        guard=home.exclusive,
        vault_file=home.vault_file,
        write=write_atomically,
        settings=settings,
        index=index,
        clock=clock,
    )
    return Kept(database, clock, settings, stores)


async def open_services(home: Home) -> Services:
    """Open a home. `Services.close` closes what was opened.

    Raises:
        StorageError: the home cannot be used.
    """
    kept = kept_in(home)
    sandbox, vouched = await to_thread.run_sync(_open_sandbox, home, kept.clock)
    try:
        transport = await _transport(kept.settings, sandbox)
    except BaseException:
        with CancelScope(shield=True):
            await to_thread.run_sync(sandbox.close)
            await kept.database.close()
        raise

    async def close() -> None:
        await transport.aclose()
        await to_thread.run_sync(sandbox.close)
        await kept.database.close()

    parts = _Parts(kept, Clouds(_clouds(sandbox, vouched, transport, os.environ)))
    return parts.services(close)


@asynccontextmanager
async def services_of(home: Home) -> AsyncIterator[Services]:
    """The services of a home for as long as the context lasts."""
    services = await open_services(home)
    try:
        yield services
    finally:
        with CancelScope(shield=True):
            await services.close()


def _open_sandbox(home: Home, clock: Clock) -> tuple[Sandbox, TrustAnchor]:
    from sealwright.composition.vendors import vendors  # noqa: PLC0415 - heavy
    from sealwright.sandbox.issuing import anchor_of  # noqa: PLC0415 - heavy
    from sealwright.sandbox.sandbox import open_sandbox  # noqa: PLC0415 - heavy

    home.sandbox.mkdir(mode=0o700, exist_ok=True)
    sandbox = open_sandbox(home.sandbox / "sandbox.db", clock, vendors=vendors())
    return sandbox, anchor_of(sandbox.core.state)


async def _transport(settings: Settings, sandbox: Sandbox) -> HttpxTransport:
    from sealwright.azure.http import HttpOptions, HttpxTransport  # noqa: PLC0415 - heavy

    network = _strings(await settings.get(_NETWORK))
    return HttpxTransport(
        HttpOptions(
            ca_file=network.get("caFile", ""),
            proxy=network.get("proxy", ""),
            apps={_SUFFIX: sandbox.app},
        )
    )


def _bundled(name: str) -> bytes:
    return resource(name).read_bytes()


def _strings(text: str | None) -> Mapping[str, str]:
    value = json.loads(text or "{}")
    return {str(k): v for k, v in value.items() if isinstance(v, str)} if value else {}


def _clouds(
    sandbox: Sandbox, vouched: TrustAnchor, transport: HttpTransport, environ: Mapping[str, str]
) -> tuple[Cloud, ...]:
    from sealwright.azure.clouds import (  # noqa: PLC0415 - with the transport
        ELSEWHERE,
        KNOWN,
        AzureCloud,
        CloudSettings,
    )
    from sealwright.identity.anonymous import Anonymous  # noqa: PLC0415 - as above
    from sealwright.identity.client_credentials import (  # noqa: PLC0415 - as above
        Application,
        ClientCredentials,
    )

    who = sandbox.identity
    local = CloudSettings(
        name=SANDBOX,
        authority=who.authority,
        arm_endpoint=who.management,
        arm_scope="https://management.azure.com/.default",
        attest_scope="https://attest.azure.net/.default",
        suffix=_SUFFIX,
        # The sandbox's root vouches for the sandbox only, and no other for it.
        anchors=(vouched,),
    )
    pinned = pinned_anchors()
    owner = Application(
        authority=who.authority,
        tenant=who.tenant,
        client_id=who.client_id,
        secret=who.client_secret,
        name="Sandbox owner",
    )
    signed_in: dict[str, TokenSource] = {}
    found = _application_of(environ)
    if found is not None:
        signed_in[found.authority] = ClientCredentials(found, transport)
    return (
        AzureCloud(local, transport, ClientCredentials(owner, transport)),
        *(
            AzureCloud(
                replace(settings, anchors=pinned),
                transport,
                signed_in.get(settings.authority) or Anonymous(),
            )
            for settings in KNOWN
        ),
        AzureCloud(replace(ELSEWHERE, anchors=pinned), transport, Anonymous()),
    )


def _application_of(environ: Mapping[str, str]) -> Application | None:
    """The application that a pipeline signs in with, named as Microsoft's own tools name it."""
    from sealwright.azure.clouds import PUBLIC  # noqa: PLC0415 - with the transport
    from sealwright.identity.client_credentials import Application  # noqa: PLC0415 - as above
    from sealwright.secret import Secret  # noqa: PLC0415 - as above

    names = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")
    tenant, client_id, secret = (environ.get(name, "").strip() for name in names)
    if not (tenant and client_id and secret):
        return None
    authority = environ.get("AZURE_AUTHORITY_HOST", "").strip().rstrip("/") or PUBLIC.authority
    if not authority.startswith("https://"):
        authority = f"https://{authority}"
    return Application(authority, tenant, client_id, Secret(secret))


class _Parts:
    """Builds the services over the ports."""

    def __init__(self, kept: Kept, clouds: Clouds) -> None:
        database, clock = kept.database, kept.clock
        self._kept = kept
        self._archive = KeyArchive(StoredKeySets(database), clock)
        self._log = StoredActivity(database, clock)
        self._history = StoredHistory(database, clock)
        self._directory = StoredProviders(database)
        self._vault = StoredKeys(kept.stores)
        self._memory = SignerMemory(kept.settings)
        self._shelf = TokenShelf()
        self._tools = RunTools(self._log, clock, self._shelf)
        self._providers = ProvidersService(
            ProviderPorts(
                directory=self._directory,
                clouds=clouds,
                history=self._history,
                log=self._log,
                vault=self._vault,
                memory=self._memory,
                clock=clock,
                archive=self._archive,
            )
        )

    def _token_parts(self, reference: Reference) -> TokenParts:
        kept = self._kept
        sealer = VaultSealer(StoredCredentials(kept.stores), "recent tokens")
        return TokenParts(
            providers=self._providers,
            history=self._history,
            archive=self._archive,
            shelf=self._shelf,
            reference=reference,
            clock=kept.clock,
            rules=RulesBook(kept.settings),
            recent=RecentTokens(kept.settings, sealer),
        )

    def services(self, close: Callable[[], Awaitable[None]]) -> Services:
        kept, providers, vault = self._kept, self._providers, self._vault
        policies = PoliciesService(providers, vault, self._history, self._tools)
        signers = SignersService(providers, vault, self._memory, self._tools)
        keys = KeysService(vault, kept.stores, self._directory, self._memory, self._log)
        reference = Reference(_bundled)
        dry_run = DryRunService(reference)
        return Services(
            providers=providers,
            policies=policies,
            signers=signers,
            keys=keys,
            tokens=TokensService(self._token_parts(reference)),
            attest=AttestService(providers, dry_run, self._tools),
            evidence=EvidenceService(providers, LocalFiles(), kept.clock),
            activity=ActivityService(self._log),
            documents=DocumentsService(StoredDrafts(kept.database), LocalFiles(), kept.clock),
            cases=CasesService(StoredCases(kept.database), reference, kept.clock),
            dry_run=dry_run,
            backup=BackupService(
                providers,
                policies,
                signers,
                vault=vault,
                log=self._log,
                settings=kept.settings,
                clock=kept.clock,
            ),
            restorer=Restorer(providers, policies, signers),
            fleet=FleetService(
                providers,
                policies,
                reference,
                FleetPorts(LocalFiles(), StoredFleet(kept.database), self._log, kept.clock),
            ),
            reference=reference,
            settings=kept.settings,
            first_start=FirstStart(SANDBOX, providers, policies, keys, kept.settings),
            files=LocalFiles(),
            vault=kept.stores,
            close=close,
        )
