"""The services as one bundle, built once by the composition root on the background loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealwright.services.accounts.accounts import AccountsService
    from sealwright.services.activity import ActivityService
    from sealwright.services.attestation.attest import AttestService
    from sealwright.services.backup.restore import Restorer
    from sealwright.services.backup.service import BackupService
    from sealwright.services.clone import CloneService
    from sealwright.services.documents import DocumentsService
    from sealwright.services.evidence.evidence import EvidenceService
    from sealwright.services.exports.service import ExportService
    from sealwright.services.first_start.first_start import FirstStart
    from sealwright.services.fleet.service import FleetService
    from sealwright.services.keys import KeysService
    from sealwright.services.making import MakingService
    from sealwright.services.network import NetworkService
    from sealwright.services.policies.cases import CasesService
    from sealwright.services.policies.dry_run import DryRunService
    from sealwright.services.policies.policies import PoliciesService
    from sealwright.services.ports import Files, Settings, VaultChoice
    from sealwright.services.providers.connection import ConnectionService
    from sealwright.services.providers.endpoints import EndpointsService
    from sealwright.services.providers.providers import ProvidersService
    from sealwright.services.providers.regions import RegionsService
    from sealwright.services.providers.rights import RightsService
    from sealwright.services.reference import Reference
    from sealwright.services.removal import RemovalService
    from sealwright.services.signers import SignersService
    from sealwright.services.tokens.tokens import TokensService


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that the window and the command line can ask for."""

    providers: ProvidersService
    connection: ConnectionService
    accounts: AccountsService
    network: NetworkService
    policies: PoliciesService
    signers: SignersService
    keys: KeysService
    tokens: TokensService
    attest: AttestService
    evidence: EvidenceService
    activity: ActivityService
    documents: DocumentsService
    cases: CasesService
    fleet: FleetService
    backup: BackupService
    restorer: Restorer
    clones: CloneService
    making: MakingService
    removal: RemovalService
    exports: ExportService
    rights: RightsService
    endpoints: EndpointsService
    regions: RegionsService
    dry_run: DryRunService
    reference: Reference
    settings: Settings
    first_start: FirstStart
    files: Files
    vault: VaultChoice
    close: Callable[[], Awaitable[None]]
    """Close connections and the database; nothing may be called afterwards."""
