"""Ports in memory, and services over them: no network, no files, no secret store.

world = World()
services = world.services()          # three providers: shared, open (AAD), isolated
world.isolated.faults.cut_after("set_policy")
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from helpers.memory_stores import (
    MemoryActivity,
    MemoryBackups,
    MemoryCases,
    MemoryDirectory,
    MemoryDrafts,
    MemoryFiles,
    MemoryFleetJournal,
    MemoryHistory,
    MemoryKeySets,
    MemorySettings,
    PlainJudges,
    PlainSealer,
    SetClock,
)
from helpers.memory_vault import MemoryVault, policy_certificate
from helpers.simulated_cloud import SimulatedCloud
from helpers.simulated_identity import (
    CLOUD,
    MemoryCredentials,
    NoNetwork,
    SimulatedIdentity,
)
from sealwright.evidence.synthetic.roots import SandboxRoots, new_roots
from sealwright.services.accounts.account_list import AccountList
from sealwright.services.accounts.accounts import AccountsService
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
from sealwright.services.first_start.first_start import FirstStart
from sealwright.services.fleet.service import FleetPorts, FleetService
from sealwright.services.keys import KeysService
from sealwright.services.making import MakingService
from sealwright.services.model import (
    TrustModel,
)
from sealwright.services.network import NetworkService
from sealwright.services.policies.cases import CasesService
from sealwright.services.policies.dry_run import DryRunService
from sealwright.services.policies.policies import PoliciesService
from sealwright.services.providers.connection import ConnectionService
from sealwright.services.providers.endpoints import EndpointsService
from sealwright.services.providers.providers import ProviderPorts, ProvidersService
from sealwright.services.providers.regions import RegionsService
from sealwright.services.providers.rights import RightsService
from sealwright.services.reaching.key_archive import KeyArchive
from sealwright.services.reaching.reach import Clouds
from sealwright.services.reaching.trust import SignerMemory
from sealwright.services.reference import Reference
from sealwright.services.removal import RemovalService
from sealwright.services.shelf import TokenShelf
from sealwright.services.signers import SignersService
from sealwright.services.tokens.recent import RecentTokens
from sealwright.services.tokens.rules import RulesBook
from sealwright.services.tokens.tokens import TokenParts, TokensService

if TYPE_CHECKING:
    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.secret import Secret
    from sealwright.services.network import NetworkSettings
    from sealwright.services.ports import (
        Cloud,
        CloudSettings,
        PretendedMachines,
    )


def bundled(name: str) -> bytes:
    """A file of this checkout's resources."""
    return (Path(__file__).resolve().parents[2] / "resources" / name).read_bytes()


class SimulatedMachines:
    """Pretended machines that all tests of a process share: their keys take time to make."""

    _roots: SandboxRoots | None = None

    def roots(self) -> SandboxRoots:
        if SimulatedMachines._roots is None:
            SimulatedMachines._roots = new_roots()
        return SimulatedMachines._roots

    def anchors(self) -> tuple[TrustAnchor, ...]:
        return SimulatedMachines._roots.anchors() if SimulatedMachines._roots else ()

    def certificates(self) -> tuple[bytes, ...]:
        return SimulatedMachines._roots.certificates() if SimulatedMachines._roots else ()


class World:
    """Three providers and everything around them, all in memory."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.directory = MemoryDirectory()
        self.history = MemoryHistory(self.clock)
        self.log = MemoryActivity(self.clock)
        self.vault = MemoryVault()
        self.settings = MemorySettings()
        self.drafts = MemoryDrafts()
        self.cases = MemoryCases()
        self.reference = Reference(bundled)
        self.files = MemoryFiles()
        self.backups = MemoryBackups()
        self.fleet_journal = MemoryFleetJournal()
        self.shelf = TokenShelf()
        self.machines: PretendedMachines = SimulatedMachines()
        self.sealer = PlainSealer()
        self.key_sets = MemoryKeySets()
        self.archive = KeyArchive(self.key_sets, self.clock)
        self.pauses: list[float] = []
        self.identity = SimulatedIdentity()
        self.account_clouds: tuple[CloudSettings, ...] = (CLOUD,)
        self.credentials = MemoryCredentials()
        self.network = NoNetwork()
        self.applied: list[tuple[NetworkSettings, Secret[str] | None]] = []
        self.proxy_script = ""
        self.vault.hold("root")
        self.cloud = SimulatedCloud(self.clock)
        self.shared = self.cloud.provider("shared", TrustModel.SHARED)
        self.open = self.cloud.provider("open", TrustModel.AAD)
        self.isolated = self.cloud.provider(
            "isolated", TrustModel.ISOLATED, (policy_certificate("root"),)
        )
        for simulated in (self.shared, self.open, self.isolated):
            self.directory.kept[simulated.provider.id] = simulated.provider

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def services(self, cloud: Cloud | None = None) -> Services:
        """Over the simulated cloud, or over another."""
        clouds, memory = Clouds([cloud or self.cloud]), SignerMemory(self.settings)
        tools = RunTools(self.log, self.clock, self.shelf, self.pause)
        ports = ProviderPorts(
            self.directory,
            clouds,
            self.history,
            self.log,
            self.vault,
            memory,
            self.clock,
            self.archive,
        )
        providers = ProvidersService(ports)
        self.accounts = AccountList(self.identity, self.settings, self.account_clouds)
        policies = PoliciesService(providers, self.vault, self.history, tools, self.reference)
        signers = SignersService(providers, self.vault, memory, tools)
        keys = KeysService(self.vault, self.vault, self.directory, memory, self.log)
        backup = BackupService(
            providers,
            policies,
            signers,
            vault=self.vault,
            log=self.log,
            settings=self.settings,
            clock=self.clock,
        )
        restorer = Restorer(providers, policies, signers)
        evidence = EvidenceService(providers, self.files, self.clock, self.machines)
        return Services(
            providers=providers,
            connection=ConnectionService(providers, clouds, self.network),
            accounts=AccountsService(
                self.accounts, self.identity, clouds, self.log, lambda _: self.cloud
            ),
            network=NetworkService(
                self.settings, self.credentials, self._apply_network, self._proxy_script
            ),
            policies=policies,
            signers=signers,
            keys=keys,
            tokens=TokensService(self._token_parts(providers)),
            attest=AttestService(providers, DryRunService(self.reference), tools, self.machines),
            evidence=evidence,
            activity=ActivityService(self.log),
            documents=DocumentsService(self.drafts, self.files, self.clock),
            cases=CasesService(self.cases, self.reference, self.clock),
            backup=backup,
            restorer=restorer,
            clones=CloneService(providers, backup, restorer),
            making=MakingService(providers, policies, self.reference),
            removal=RemovalService(providers, backup, self.backups),
            exports=ExportService(policies, signers),
            rights=RightsService(clouds),
            endpoints=EndpointsService(clouds, self.log),
            regions=RegionsService(clouds, self.clock),
            fleet=FleetService(
                providers,
                policies,
                self.reference,
                evidence,
                FleetPorts(self.files, self.fleet_journal, self.log, self.clock),
            ),
            dry_run=DryRunService(self.reference),
            reference=self.reference,
            settings=self.settings,
            first_start=FirstStart(self.cloud.name, providers, policies, keys, self.settings),
            files=self.files,
            vault=self.vault,
            close=self._close,
        )

    def _token_parts(self, providers: ProvidersService) -> TokenParts:
        return TokenParts(
            providers=providers,
            history=self.history,
            archive=self.archive,
            shelf=self.shelf,
            reference=self.reference,
            clock=self.clock,
            rules=RulesBook(self.settings),
            recent=RecentTokens(self.settings, self.sealer),
            judges=PlainJudges(),
        )

    async def _apply_network(self, settings: NetworkSettings, password: Secret[str] | None) -> None:
        self.applied.append((settings, password))

    async def _proxy_script(self) -> str:
        return self.proxy_script

    async def _close(self) -> None:
        """Nothing to close."""
