"""Making, checking and restoring backups."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import anyio
import anyio.to_thread

from sealwright.claims.attestation_type import MAIN_TYPES, AttestationType
from sealwright.errors import AppError, BadAnswerError, TokenError, UsageError
from sealwright.evidence.basis.checks import CheckStatus, judge, warn
from sealwright.services.backup.archive import (
    Backup,
    SavedPolicy,
    SavedProvider,
    SavedSigner,
    manifest_of,
    pack,
    unpack,
    wrong_members,
)
from sealwright.services.certificates import describe_certificate
from sealwright.services.model import NewActivity, PolicyState, TrustModel
from sealwright.tokens.jose import split
from sealwright.tokens.policy_jws import assemble, signed_document_input
from sealwright.tokens.verification.signature import check_request

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sealwright.evidence.basis.checks import Check
    from sealwright.services.backup.archive import ReadArchive
    from sealwright.services.model import Certificate, Provider
    from sealwright.services.policies.policies import PoliciesService
    from sealwright.services.ports import ActivityLog, Clock, KeyVault, Settings
    from sealwright.services.providers.providers import ProvidersService
    from sealwright.services.reaching.overview import DeployedPolicy
    from sealwright.services.signers import SignersService

_PROVIDERS_AT_ONCE: Final = 16
"""Of hundreds, one after the other would take minutes."""
_TYPES_AT_ONCE: Final = 8
_ODD: Final = re.compile(r"[^A-Za-z0-9._-]+")
_LAST: Final = "backup.rehearsed"
REHEARSE_AFTER: Final = timedelta(days=90)
"""A backup that was never restored is a hope: after this time the program says so."""


@dataclass(frozen=True, slots=True)
class MadeBackup:
    """An archive and what it holds. `missing` names what could not be read."""

    data: bytes
    providers: int
    policies: int
    signers: int
    signed_by: str
    """Subject of the signer; empty when unsigned."""
    missing: tuple[str, ...]

    @property
    def words(self) -> str:
        """What it holds, as a sentence."""
        return (
            f"{_counted(self.providers, 'provider', 'providers')},"
            f" {_counted(self.policies, 'policy', 'policies')},"
            f" {_counted(self.signers, 'signer', 'signers')}."
        )


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


@dataclass(frozen=True, slots=True)
class BackupReport:
    """An archive and what was checked of it."""

    backup: Backup
    checks: tuple[Check, ...]
    signed_by: str
    signer: str = ""
    """SHA-256 of the certificate that signed it: anybody can write any subject into one."""

    @property
    def valid(self) -> bool:
        """Whether nothing failed; an unsigned one is whole, but anybody may have made it."""
        return all(check.status is not CheckStatus.FAIL for check in self.checks)


class BackupService:
    """Keeps what providers apply outside of them."""

    def __init__(  # noqa: PLR0913 - the use cases and ports it needs
        self,
        providers: ProvidersService,
        policies: PoliciesService,
        signers: SignersService,
        *,
        vault: KeyVault,
        log: ActivityLog,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._providers = providers
        self._policies = policies
        self._signers = signers
        self._vault = vault
        self._log = log
        self._settings = settings
        self._clock = clock

    async def create(
        self,
        providers: Sequence[Provider],
        key: str = "",
        on_read: Callable[[int], None] = lambda _count: None,
    ) -> MadeBackup:
        """Read everything of these providers; `key` is the name of the key that signs the archive.

        `on_read` hears how many were read. Whoever has kept the archive says so with `kept`.

        Raises:
            UsageError: no provider is named, or there is no such key.
            StorageError: the secret store does not give the key.
        """
        if not providers:
            raise UsageError("No provider is named.", hint="Refresh the list of providers first.")
        signer = await self._vault.signer(key) if key else None
        members: dict[str, bytes] = {}
        saved = await self._save_all(providers, members, on_read)
        now = self._clock.now()
        backup = Backup("", saved, members)
        manifest = await anyio.to_thread.run_sync(manifest_of, now, backup)
        signature, subject = "", ""
        if signer is not None:
            data = signed_document_input(manifest, signer.certificate_chain)
            signature = assemble(data, await signer.sign(data))
            subject = describe_certificate(signer.certificate_chain[0]).subject
        archive = await anyio.to_thread.run_sync(pack, manifest, signature, members)
        return MadeBackup(
            data=archive,
            providers=len(saved),
            policies=sum(bool(policy.text) for each in saved for policy in each.policies),
            signers=sum(len(each.signers) for each in saved),
            signed_by=subject,
            missing=tuple(f"{each.name}: {word}" for each in saved for word in each.missing),
        )

    async def kept(self, providers: Sequence[Provider], made: MadeBackup, place: str) -> None:
        """Note that the archive lies at `place`; one that could not be written is no backup."""
        if await self._settings.get(_LAST) is None:
            await self.rehearsed()
        names = ", ".join(each.name for each in providers[:3])
        where = names if len(providers) <= 3 else f"{names} …"  # noqa: PLR2004 - three names
        who = (await self._providers.session(providers[0].id)).account
        detail = f"{made.words} {place}"
        await self._log.append(NewActivity(who, where, "Back up", "done", detail=detail))

    async def read(self, providers: Sequence[Provider]) -> BackupReport:
        """What these providers apply now, as a backup that is kept nowhere.

        Raises:
            BadAnswerError: something of them could not be read.
        """
        members: dict[str, bytes] = {}
        saved = await self._save_all(providers, members)
        missing = [f"{each.name}, {word}" for each in saved for word in each.missing]
        if missing:
            raise BadAnswerError(f"Not everything could be read: {missing[0]}", hint="Try again.")
        return BackupReport(Backup("", saved, members), (), "")

    async def verify(self, data: bytes) -> BackupReport:
        """Check an archive: every member against the manifest, the manifest against its signature.

        Raises:
            UsageError: it is no archive of ours, or damaged beyond reading.
        """
        read = await anyio.to_thread.run_sync(unpack, data)
        checks, signer = await anyio.to_thread.run_sync(_checks, read)
        if signer is None:
            return BackupReport(read.backup, checks, "")
        return BackupReport(read.backup, checks, signer.subject, signer.sha256)

    async def rehearsal_due(self) -> bool:
        """Whether backups were made and none was restored or rehearsed for a long time."""
        text = await self._settings.get(_LAST)
        if text is None:
            return False
        return self._clock.now() - datetime.fromisoformat(text.strip('"')) > REHEARSE_AFTER

    async def rehearsed(self) -> None:
        """A restore was made or tried: the reminder begins anew."""
        now = self._clock.now().astimezone(UTC).isoformat()
        await self._settings.put(_LAST, f'"{now}"')

    # --- inside ---------------------------------------------------------------------------------

    async def _save_all(
        self,
        providers: Sequence[Provider],
        members: dict[str, bytes],
        on_read: Callable[[int], None] = lambda _count: None,
    ) -> tuple[SavedProvider, ...]:
        found: dict[int, SavedProvider] = {}
        gate = anyio.CapacityLimiter(_PROVIDERS_AT_ONCE)

        async def one(at: int, provider: Provider) -> None:
            async with gate:
                # Providers of different groups and clouds may have one name.
                folder = f"{_ODD.sub('-', provider.name)}-{at}"
                found[at] = await self._save(provider, folder, members)
            on_read(len(found))

        async with anyio.create_task_group() as group:
            for at, provider in enumerate(providers):
                group.start_soon(one, at, provider)
        return tuple(found[at] for at in range(len(providers)))

    async def _save(
        self, provider: Provider, folder: str, members: dict[str, bytes]
    ) -> SavedProvider:
        found: dict[AttestationType, SavedPolicy] = {}
        missing: list[str] = []
        gate = anyio.CapacityLimiter(_TYPES_AT_ONCE)

        async def one(kind: AttestationType) -> None:
            async with gate:
                try:
                    deployed = await self._policies.deployed(provider.id, kind)
                    deployed.require()
                except AppError as error:
                    missing.append(f"{kind.value}: {error.summary}")
                    return
            found[kind] = _saved(deployed, folder, members)

        async with anyio.create_task_group() as group:
            for kind in MAIN_TYPES:
                group.start_soon(one, kind)
        signers = await self._save_signers(provider, folder, members, missing)
        return SavedProvider(
            id=provider.id,
            name=provider.name,
            cloud=provider.cloud,
            attest_uri=provider.attest_uri,
            trust_model=provider.trust_model.value,
            location=provider.location,
            subscription=provider.subscription,
            resource_group=provider.resource_group,
            tags=dict(provider.tags),
            public_network_access=provider.public_network_access,
            tpm_attestation_authentication=provider.tpm_attestation_authentication,
            policies=tuple(found[kind] for kind in MAIN_TYPES if kind in found),
            signers=signers,
            missing=tuple(missing),
        )

    async def _save_signers(
        self, provider: Provider, folder: str, members: dict[str, bytes], missing: list[str]
    ) -> tuple[SavedSigner, ...]:
        if provider.trust_model is not TrustModel.ISOLATED:
            return ()
        try:
            listed = await self._signers.list(provider.id)
        except AppError as error:
            missing.append(f"signers: {error.summary}")
            return ()
        saved = []
        for each in listed.signers:
            name = f"{folder}/signers/{each.certificate.sha256}.der"
            members[name] = each.certificate.der
            saved.append(SavedSigner(each.certificate.sha256, each.certificate.subject, name))
        return tuple(saved)


def _saved(deployed: DeployedPolicy, folder: str, members: dict[str, bytes]) -> SavedPolicy:
    kind = deployed.attestation_type.value
    text = jws = ""
    if deployed.state is PolicyState.CUSTOM:
        text, jws = f"{folder}/policies/{kind}.policy", f"{folder}/policies/{kind}.jws"
        members[text] = deployed.text.encode("utf-8")
        members[jws] = deployed.jws.encode("utf-8")
    return SavedPolicy(
        type=kind,
        state=deployed.state.value,
        policy_hash=deployed.policy_hash,
        token_hash=deployed.token_hash,
        signer=deployed.signer.sha256 if deployed.signer else "",
        text=text,
        jws=jws,
    )


def _checks(read: ReadArchive) -> tuple[tuple[Check, ...], Certificate | None]:
    wrong = wrong_members(read)
    whole = judge(
        "members",
        "Every file is what the manifest says",
        f"Not as named: {', '.join(wrong[:5])}.",
        passed=not wrong,
        expected=f"{len(read.named)} files",
        actual=f"{len(read.backup.members)} files, {len(wrong)} wrong",
    )
    signed, signer = _signature(read)
    return (whole, signed), signer


def _signature(read: ReadArchive) -> tuple[Check, Certificate | None]:
    id_, title = "signature", "The manifest is signed"
    if not read.signature:
        why = "Nobody signed it: whoever had the file could have changed all of it."
        return warn(id_, title, why), None
    try:
        jws = split(read.signature)
        signer = check_request(jws)
    except TokenError as error:
        return judge(id_, title, error.summary, passed=False), None
    certificate = describe_certificate(signer.chain[0])
    same = jws.payload == read.manifest
    why = "The signature is for another manifest."
    return judge(id_, title, why, passed=same, actual=certificate.subject), (
        certificate if same else None
    )
