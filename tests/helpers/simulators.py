"""Ports in memory, and services over them: no network, no files, no secret store.

world = World()
services = world.services()          # three providers: shared, open (AAD), isolated
world.isolated.faults.cut_after("set_policy")
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256

from helpers.issuing import certificate, rsa_key
from helpers.simulated_identity import (
    CLOUD,
    MemoryCredentials,
    NoNetwork,
    SimulatedIdentity,
)
from helpers.simulated_provider import SimulatedCloud, SimulatedProvider
from sealwright.errors import KeyMaterialError, StorageError, UsageError
from sealwright.evidence.synthetic.roots import SandboxRoots, new_roots
from sealwright.services.account_list import AccountList
from sealwright.services.accounts import AccountsService
from sealwright.services.activity import ActivityService
from sealwright.services.attest import AttestService
from sealwright.services.backup.restore import Restorer
from sealwright.services.backup.service import BackupService
from sealwright.services.bundle import Services
from sealwright.services.cases import CasesService
from sealwright.services.certificates import describe_certificate
from sealwright.services.clone import CloneService
from sealwright.services.connection import ConnectionService
from sealwright.services.documents import DocumentsService
from sealwright.services.dry_run import DryRunService
from sealwright.services.endpoints import EndpointsService
from sealwright.services.evidence import EvidenceService
from sealwright.services.exports.service import ExportService
from sealwright.services.first_start import FirstStart
from sealwright.services.fleet.service import FleetPorts, FleetService
from sealwright.services.key_archive import KeyArchive
from sealwright.services.keys import KeysService
from sealwright.services.model import (
    ActivityEntry,
    Draft,
    HistoryEntry,
    NewActivity,
    Provider,
    SavedCase,
    SigningKey,
    TrustModel,
    VaultStatus,
)
from sealwright.services.network import NetworkService
from sealwright.services.policies import PoliciesService
from sealwright.services.ports.fleet import FleetEntry, FleetRecord
from sealwright.services.providers import ProviderPorts, ProvidersService
from sealwright.services.reach import Clouds
from sealwright.services.recent_tokens import RecentTokens
from sealwright.services.reference import Reference
from sealwright.services.regions import RegionsService
from sealwright.services.rights import RightsService
from sealwright.services.run import RunTools
from sealwright.services.shelf import TokenShelf
from sealwright.services.signers import SignersService
from sealwright.services.token_batch import SLICE, Judge
from sealwright.services.token_rules import RulesBook
from sealwright.services.tokens import TokenParts, TokensService
from sealwright.services.trust import SignerMemory

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.evidence.trust import TrustAnchor
    from sealwright.secret import Secret
    from sealwright.services.network import NetworkSettings
    from sealwright.services.ports import (
        Cloud,
        CloudSettings,
        NewKey,
        PretendedMachines,
        SavedKeySet,
        Signer,
    )

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


class SetClock:
    """A clock that a test moves."""

    def __init__(self, now: datetime = START) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def advance(self, **parts: float) -> None:
        self.time += timedelta(**parts)


class MemoryDirectory:
    """Providers in a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, Provider] = {}

    async def providers(self) -> tuple[Provider, ...]:
        return tuple(self.kept.values())

    async def provider(self, provider_id: str) -> Provider | None:
        return self.kept.get(provider_id)

    async def put(self, provider: Provider) -> None:
        self.kept[provider.id] = provider

    async def remove(self, provider_id: str) -> None:
        self.kept.pop(provider_id, None)

    async def change(self, put: Sequence[Provider], removed: Sequence[str]) -> None:
        for provider_id in removed:
            await self.remove(provider_id)
        for provider in put:
            await self.put(provider)


class MemoryHistory:
    """Texts in a list."""

    def __init__(self, clock: SetClock) -> None:
        self._clock = clock
        self.rows: list[HistoryEntry] = []

    async def record(  # noqa: PLR0913 - the port's signature
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
        known = await self.entries(provider_id, attestation_type)
        if known and (known[0].text, known[0].origin) == (text, origin):
            return known[0]
        entry = HistoryEntry(
            seq=len(self.rows) + 1,
            time=self._clock.now(),
            provider_id=provider_id,
            attestation_type=attestation_type,
            text=text,
            policy_hash=policy_hash,
            token_hash=token_hash,
            origin=origin,
            signer=signer,
        )
        self.rows.append(entry)
        return entry

    async def entries(
        self, provider_id: str, attestation_type: AttestationType
    ) -> tuple[HistoryEntry, ...]:
        place = (provider_id, attestation_type)
        found = [row for row in self.rows if (row.provider_id, row.attestation_type) == place]
        return tuple(reversed(found))

    async def find(self, policy_hash: str) -> tuple[HistoryEntry, ...]:
        return tuple(row for row in self.rows if row.policy_hash == policy_hash)


class MemoryActivity:
    """Rows in a list, chained as the real log chains them."""

    def __init__(self, clock: SetClock) -> None:
        self._clock = clock
        self.rows: list[ActivityEntry] = []

    async def append(self, entry: NewActivity) -> ActivityEntry:
        previous = self.rows[-1].hash if self.rows else "0" * 64
        row = ActivityEntry(
            seq=len(self.rows) + 1,
            time=self._clock.now(),
            who=entry.who,
            where=entry.where,
            what=entry.what,
            result=entry.result,
            request_id=entry.request_id,
            before=entry.before,
            after=entry.after,
            detail=entry.detail,
            previous=previous,
            hash="",
        )
        row = replace(row, hash=_digest(row))
        self.rows.append(row)
        return row

    async def entries(
        self, *, limit: int = 1000, before: int | None = None
    ) -> tuple[ActivityEntry, ...]:
        found = [row for row in reversed(self.rows) if before is None or row.seq < before]
        return tuple(found[:limit])

    async def verify(self) -> int | None:
        return next(
            (row.seq for row in self.rows if _digest(replace(row, hash="")) != row.hash), None
        )


def _digest(row: ActivityEntry) -> str:
    return hashlib.sha256(repr(row).encode()).hexdigest()


class MemoryDrafts:
    """Drafts in a dict; `full` makes the disk full."""

    def __init__(self) -> None:
        self.kept: dict[str, Draft] = {}
        self.full = False

    async def save(self, draft: Draft) -> None:
        if self.full:
            raise StorageError("The disk is full.", hint="Free some space.")
        self.kept[draft.id] = draft

    async def drafts(self) -> tuple[Draft, ...]:
        return tuple(sorted(self.kept.values(), key=lambda draft: draft.saved))

    async def discard(self, draft_id: str) -> None:
        self.kept.pop(draft_id, None)


class MemoryCases:
    """The port CaseStore."""

    def __init__(self) -> None:
        self.kept: dict[str, SavedCase] = {}

    async def save(self, case: SavedCase) -> None:
        self.kept[case.id] = case

    async def cases(self) -> tuple[SavedCase, ...]:
        return tuple(sorted(self.kept.values(), key=lambda case: case.name.lower()))

    async def discard(self, case_id: str) -> None:
        self.kept.pop(case_id, None)


class MemorySettings:
    """Settings in a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def get(self, name: str) -> str | None:
        return self.kept.get(name)

    async def put(self, name: str, value: str) -> None:
        self.kept[name] = value


class MemoryKeySets:
    """The port KeySetStore."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, tuple[str, ...]], SavedKeySet] = {}

    async def save(self, saved: SavedKeySet) -> None:
        place = (saved.issuer, saved.key_ids)
        older = self.kept.get(place)
        first = min(older.first_seen, saved.first_seen) if older else saved.first_seen
        self.kept[place] = replace(saved, first_seen=first)

    async def of(self, issuer: str) -> tuple[SavedKeySet, ...]:
        found = [saved for saved in self.kept.values() if saved.issuer == issuer]
        return tuple(sorted(found, key=lambda saved: saved.last_seen, reverse=True))


class PlainSealer:
    """The port Sealer without a cipher; `lost` forgets the key."""

    def __init__(self) -> None:
        self.lost = False

    async def seal(self, data: bytes) -> str:
        return "sealed:" + data.hex()

    async def unseal(self, sealed: str) -> bytes | None:
        return None if self.lost else bytes.fromhex(sealed.removeprefix("sealed:"))


class PlainJudges:
    """The port TokenJudges without processes."""

    async def judge(
        self, setup: str, lines: Sequence[str], tell: Callable[[Sequence[str]], Awaitable[None]]
    ) -> None:
        judge = Judge(setup)
        for at in range(0, len(lines), SLICE):
            await tell([judge.answer(line) for line in lines[at : at + SLICE]])


class MemoryFiles:
    """Files in a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.full = False

    async def read(self, path: str, *, limit: int) -> bytes:
        if path not in self.kept:
            raise StorageError(f"`{path}` is not there.")
        if len(self.kept[path]) > limit:
            raise StorageError(f"`{path}` is too large.")
        return self.kept[path]

    async def find(self, folder: str, ending: str) -> tuple[str, ...]:
        start = f"{folder}/"
        return tuple(
            sorted(
                path.removeprefix(start)
                for path in self.kept
                if path.startswith(start) and path.endswith(ending)
            )
        )

    async def write(self, path: str, data: bytes, *, parents: bool = False) -> None:
        del parents
        if self.full:
            raise StorageError("The disk is full.", hint="Free some space.")
        self.kept[path] = data


class MemoryFleetJournal:
    """Applies in a list, the newest last."""

    def __init__(self) -> None:
        self.records: list[FleetRecord] = []
        self.noted: Callable[[], None] | None = None
        """Called after a target was noted."""

    async def begin(
        self, run_id: str, workspace: str, started: datetime, entries: tuple[FleetEntry, ...]
    ) -> None:
        self.records.append(FleetRecord(run_id, workspace, started, None, entries))

    async def note(self, run_id: str, entry: FleetEntry) -> None:
        place = (entry.provider_id, entry.attestation_type)
        record = self._of(run_id)
        entries = tuple(
            entry if (each.provider_id, each.attestation_type) == place else each
            for each in record.entries
        )
        self.records[self.records.index(record)] = replace(record, entries=entries)
        if self.noted is not None:
            self.noted()

    async def finish(self, run_id: str, finished: datetime) -> None:
        record = self._of(run_id)
        self.records[self.records.index(record)] = replace(record, finished=finished)

    async def last(self, workspace: str) -> FleetRecord | None:
        return next((each for each in self.records[::-1] if each.workspace == workspace), None)

    def _of(self, run_id: str) -> FleetRecord:
        return next(each for each in self.records if each.id == run_id)


class MemorySigner:
    """Signs with a key of the tests."""

    algorithm = "RS256"

    def __init__(self, label: str, chain: tuple[bytes, ...]) -> None:
        self._label = label
        self.certificate_chain = chain

    async def sign(self, data: bytes) -> bytes:
        return rsa_key(self._label).sign(data, padding.PKCS1v15(), SHA256())


def policy_certificate(label: str, **members: object) -> bytes:
    """A self-signed CA certificate over the key of `label`."""
    del members
    return certificate(rsa_key(label), label, ca=True)


class MemoryVault:
    """Keys made once in a test run, by name; `broken` is what every use raises."""

    def __init__(self) -> None:
        self._keys: dict[str, tuple[str, SigningKey]] = {}
        self.broken: StorageError | None = None

    def hold(self, name: str, *, chain: tuple[bytes, ...] = (), label: str = "") -> SigningKey:
        label = label or name
        chain = chain or (policy_certificate(label),)
        described = describe_certificate(chain[0])
        key = SigningKey(name, "RSA", 2048, described, chain, START)
        self._keys[name] = (label, key)
        return key

    async def keys(self) -> tuple[SigningKey, ...]:
        return tuple(key for _, (_, key) in sorted(self._keys.items()))

    async def generate(self, new: NewKey) -> SigningKey:
        if self.broken is not None:
            raise self.broken
        if new.name in self._keys:
            raise UsageError(f"A key is named `{new.name}` already.")
        return self.hold(new.name)

    async def import_key(
        self, name: str, data: bytes, *, certificates: bytes = b"", passphrase: Secret[str] | None
    ) -> SigningKey:
        del certificates, passphrase
        if not data.startswith(b"key:"):
            raise KeyMaterialError("This is no key.")
        return self.hold(name, label=data.decode().removeprefix("key:"))

    async def export_key(self, name: str, *, form: str, passphrase: Secret[str]) -> bytes:
        del passphrase
        return f"{form}:{name}".encode()

    async def rename(self, old: str, new: str) -> SigningKey:
        label, key = self._keys.pop(old)
        self._keys[new] = (label, replace(key, name=new))
        return self._keys[new][1]

    async def delete(self, name: str) -> None:
        del self._keys[name]

    async def signer(self, name: str) -> Signer:
        if self.broken is not None:
            raise self.broken
        label, key = self._keys[name]
        return MemorySigner(label, key.chain)

    async def status(self) -> VaultStatus:
        problem, hint = (self.broken.summary, self.broken.hint) if self.broken else ("", "")
        return VaultStatus("memory only", "memory", not problem, problem, hint)

    async def choose(self, kind: str, passphrase: Secret[str] | None = None) -> VaultStatus:
        del kind, passphrase
        return await self.status()

    async def purge(self) -> tuple[str, ...]:
        self._keys.clear()
        return ()


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


__all__ = ["START", "MemoryVault", "SetClock", "SimulatedProvider", "World", "policy_certificate"]
