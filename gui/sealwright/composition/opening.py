"""Opens a home: database, secret stores, sandbox, clouds, and the services over them.

Runs on the background loop; everything heavy is imported here and not before.
"""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anyio import CancelScope, to_thread

from sealwright.composition.judging import ProcessJudges
from sealwright.composition.reaching import SANDBOX, reach
from sealwright.services.activity import ActivityService
from sealwright.services.attestation.attest import AttestService
from sealwright.services.backup.restore import Restorer
from sealwright.services.backup.service import BackupService
from sealwright.services.bundle import Services
from sealwright.services.changes.run import RunTools
from sealwright.services.clone import CloneService
from sealwright.services.documents import DocumentsService
from sealwright.services.evidence.evidence import EvidenceService
from sealwright.services.exports.service import ExportService
from sealwright.services.first_start.example_attestations import ExampleAttestations
from sealwright.services.first_start.first_start import FirstStart
from sealwright.services.fleet.service import FleetPorts, FleetService
from sealwright.services.keys import KeysService
from sealwright.services.making import MakingService
from sealwright.services.policies.cases import CasesService
from sealwright.services.policies.dry_run import DryRunService
from sealwright.services.policies.policies import PoliciesService
from sealwright.services.providers.connection import ConnectionService
from sealwright.services.providers.endpoints import EndpointsService
from sealwright.services.providers.providers import ProviderPorts, ProvidersService
from sealwright.services.providers.regions import RegionsService
from sealwright.services.providers.rights import RightsService
from sealwright.services.reaching.key_archive import KeyArchive
from sealwright.services.reaching.trust import SignerMemory
from sealwright.services.reference import Reference
from sealwright.services.removal import RemovalService
from sealwright.services.shelf import TokenShelf
from sealwright.services.signers import SignersService
from sealwright.services.tokens.recent import RecentTokens
from sealwright.services.tokens.rules import RulesBook
from sealwright.services.tokens.tokens import TokenParts, TokensService
from sealwright.store.activity import StoredActivity
from sealwright.store.backups import StoredBackups
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
    from collections.abc import AsyncIterator, Awaitable, Callable

    from sealwright.composition.reaching import Reaching
    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.sandbox.sandbox import Sandbox
    from sealwright.secret import Secret
    from sealwright.services.model import VaultStatus
    from sealwright.services.network import NetworkService
    from sealwright.services.ports import Clock, PretendedMachines, Settings
    from sealwright.store.home import Home


@dataclass(frozen=True, slots=True)
class Kept:
    """What a home keeps: the database's ports and the secret stores."""

    database: Database
    clock: Clock
    settings: Settings
    stores: SecretStores
    backups: StoredBackups


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
    backups = StoredBackups(home.deleted_providers, clock)
    return Kept(database, clock, settings, stores, backups)


async def open_services(home: Home) -> Services:
    """Open a home. `Services.close` closes what was opened.

    Raises:
        StorageError: the home cannot be used.
    """
    kept = kept_in(home)
    local = await to_thread.run_sync(_open_sandbox, home, kept.clock)
    try:
        log, vault = StoredActivity(kept.database, kept.clock), StoredKeys(kept.stores)
        reaching = await reach(
            kept.settings,
            kept.stores,
            keys=vault,
            log=log,
            local=local,
            environ=os.environ,
            clock=kept.clock,
        )
    except BaseException:
        with CancelScope(shield=True):
            await to_thread.run_sync(local[0].close)
            await kept.database.close()
        raise

    async def close() -> None:
        await reaching.transport.aclose()
        await to_thread.run_sync(local[0].close)
        await kept.database.close()

    return _Parts(kept, reaching, log, vault, local[0].machines).services(close)


class _Unlocking:
    """`VaultChoice`: what opens the vault also gives the proxy its password, which lies in it."""

    def __init__(self, stores: SecretStores, network: NetworkService) -> None:
        self._stores = stores
        self._network = network

    async def choose(self, kind: str, passphrase: Secret[str] | None = None) -> VaultStatus:
        """Use another store from now on."""
        status = await self._stores.choose(kind, passphrase)
        await self._network.renew()
        return status

    async def purge(self) -> tuple[str, ...]:
        """Remove every secret of this home."""
        return await self._stores.purge()


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
    sandbox = open_sandbox(home.sandbox / "sandbox.db", clock, vendors=vendors(home))
    return sandbox, anchor_of(sandbox.core.state)


def _bundled(name: str) -> bytes:
    return resource(name).read_bytes()


class _Parts:
    """Builds the services over the ports."""

    def __init__(
        self,
        kept: Kept,
        reaching: Reaching,
        log: StoredActivity,
        vault: StoredKeys,
        machines: PretendedMachines,
    ) -> None:
        database, clock = kept.database, kept.clock
        self._kept = kept
        self._machines = machines
        self._reaching = reaching
        self._archive = KeyArchive(StoredKeySets(database), clock)
        self._log = log
        self._history = StoredHistory(database, clock)
        self._directory = StoredProviders(database)
        self._vault = vault
        self._memory = SignerMemory(kept.settings)
        self._shelf = TokenShelf()
        self._tools = RunTools(self._log, clock, self._shelf)
        self._providers = ProvidersService(
            ProviderPorts(
                directory=self._directory,
                clouds=reaching.clouds,
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
            judges=ProcessJudges(),
        )

    def services(self, close: Callable[[], Awaitable[None]]) -> Services:
        kept, providers, vault = self._kept, self._providers, self._vault
        reference = Reference(_bundled)
        policies = PoliciesService(providers, vault, self._history, self._tools, reference)
        signers = SignersService(providers, vault, self._memory, self._tools)
        keys = KeysService(vault, kept.stores, self._directory, self._memory, self._log)
        dry_run = DryRunService(reference)
        attest = AttestService(providers, dry_run, self._tools, self._machines)
        evidence = EvidenceService(providers, LocalFiles(), kept.clock, self._machines)
        backup = BackupService(
            providers,
            policies,
            signers,
            vault=vault,
            log=self._log,
            settings=kept.settings,
            clock=kept.clock,
        )
        restorer = Restorer(providers, policies, signers)
        return Services(
            providers=providers,
            connection=ConnectionService(providers, self._reaching.clouds, self._reaching.ways),
            accounts=self._reaching.accounts,
            network=self._reaching.network,
            policies=policies,
            signers=signers,
            keys=keys,
            tokens=TokensService(self._token_parts(reference)),
            attest=attest,
            evidence=evidence,
            activity=ActivityService(self._log),
            documents=DocumentsService(StoredDrafts(kept.database), LocalFiles(), kept.clock),
            cases=CasesService(StoredCases(kept.database), reference, kept.clock),
            dry_run=dry_run,
            backup=backup,
            restorer=restorer,
            clones=CloneService(providers, backup, restorer),
            making=MakingService(providers, policies, reference),
            removal=RemovalService(providers, backup, kept.backups),
            exports=ExportService(policies, signers),
            rights=RightsService(self._reaching.clouds),
            endpoints=EndpointsService(self._reaching.clouds, self._log),
            regions=RegionsService(self._reaching.clouds, kept.clock),
            fleet=FleetService(
                providers,
                policies,
                reference,
                evidence,
                FleetPorts(LocalFiles(), StoredFleet(kept.database), self._log, kept.clock),
            ),
            reference=reference,
            settings=kept.settings,
            first_start=FirstStart(
                SANDBOX,
                providers,
                policies,
                keys,
                kept.settings,
                attestations=ExampleAttestations(attest, evidence),
            ),
            files=LocalFiles(),
            vault=_Unlocking(kept.stores, self._reaching.network),
            close=close,
        )
