"""Restoring: what of a backup is missing at a provider, and bringing it back, proven.

Invariants
- Only a backup that verified is restored.
- Signers come first: the policies may be signed by one of them.
- Every change is a verified one; what the provider has already is not sent again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio.to_thread

from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import AppError, BadAnswerError, UsageError
from sealwright.services.model import PolicyState, TrustModel
from sealwright.services.policies.textdiff import diff_texts, lines
from sealwright.services.ports import CLOSED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from sealwright.services.backup.archive import SavedPolicy, SavedProvider
    from sealwright.services.backup.service import BackupReport
    from sealwright.services.changes.run import ChangeRun
    from sealwright.services.changes.steps import RunOutcome
    from sealwright.services.model import Provider
    from sealwright.services.policies.policies import PoliciesService
    from sealwright.services.policies.review import SignerChoice
    from sealwright.services.policies.textdiff import TextDiff
    from sealwright.services.providers.providers import ProvidersService
    from sealwright.services.reaching.overview import DeployedPolicy
    from sealwright.services.signers import SignersService

_STANDS = {PolicyState.DEFAULT: "the default", PolicyState.NONE: "none"}


@dataclass(frozen=True, slots=True)
class RestoreItem:
    """One thing to bring back. `make` prepares its change; None changes settings by itself."""

    kind: str
    """`settings`, `signer` or `policy`."""
    what: str
    """In words: the type of the policy, the subject of the signer, the settings that differ."""
    make: Callable[[str], Awaitable[ChangeRun | None]]
    """Given the name of the signing key, or an empty one."""
    change: str
    """In words: what will be there instead of what."""
    diff: TextDiff | None = None
    """From the deployed policy to the one of the backup; None for everything else."""


@dataclass(frozen=True, slots=True)
class RestorePlan:
    """What a restore to `target` changes; `same` is what stands there already."""

    source: SavedProvider
    target: Provider
    items: tuple[RestoreItem, ...]
    same: tuple[str, ...]
    choices: tuple[SignerChoice, ...] = ()
    """The keys here that can sign for an Isolated target, best first."""


@dataclass(frozen=True, slots=True)
class Restored:
    """How one item ended."""

    item: RestoreItem
    outcome: RunOutcome | None = None
    error: AppError | None = None

    @property
    def proven(self) -> bool:
        """Whether it was made and read back."""
        return self.error is None and (self.outcome is None or self.outcome.proven)


class Restorer:
    """Brings a provider back to what a backup holds of it, or of another."""

    def __init__(
        self,
        providers: ProvidersService,
        policies: PoliciesService,
        signers: SignersService,
    ) -> None:
        self._providers = providers
        self._policies = policies
        self._signers = signers

    async def plan(self, report: BackupReport, name: str, target: Provider) -> RestorePlan:
        """What of the provider called `name` in the backup is missing at `target`.

        Raises:
            UsageError: the backup does not verify, or holds no such provider.
            ServiceError: the target cannot be read.
        """
        if not report.valid:
            raise UsageError(
                "The backup does not verify, so nothing of it is restored.",
                hint="`sealwright backup verify` says what is wrong with it.",
            )
        found = [each for each in report.backup.providers if name in (each.name, each.id)]
        if len(found) != 1:
            known = ", ".join(each.name for each in report.backup.providers)
            raise UsageError(f"The backup holds no provider `{name}`.", hint=f"It holds: {known}.")
        source = found[0]
        if target.trust_model is TrustModel.SHARED:
            raise UsageError(f"`{target.name}` is a shared provider; nobody can change it.")
        same: list[str] = []
        settings = self._settings(source, target, same)
        items = [
            *await self._missing_signers(report, source, target, same),
            *await self._missing_policies(report, source, target, same),
        ]
        # Nothing is sent through a door that was closed before.
        closes = source.public_network_access == CLOSED
        items = [*items, *settings] if closes else [*settings, *items]
        choices = await self._policies.choices(target.id)
        return RestorePlan(source, target, tuple(items), tuple(same), choices)

    async def run(
        self, plan: RestorePlan, key: str, on_item: Callable[[Restored], None] | None = None
    ) -> tuple[Restored, ...]:
        """Make the changes in order; the first that fails ends it."""
        done: list[Restored] = []
        for item in plan.items:
            result = await _make(item, key)
            done.append(result)
            if on_item is not None:
                on_item(result)
            if not result.proven:
                break
        return tuple(done)

    # --- inside ---------------------------------------------------------------------------------

    def _settings(
        self, source: SavedProvider, target: Provider, same: list[str]
    ) -> list[RestoreItem]:
        if not target.resource_id:
            return []
        wanted = _settings_of(source)
        there = _settings_of(target)
        if wanted == there:
            same.append("settings")
            return []

        async def make(key: str) -> None:
            del key
            made = await self._providers.update(
                target.id,
                tags=wanted[0],
                public_network_access=wanted[1],
                tpm_attestation_authentication=wanted[2],
            )
            if wanted != _settings_of(made):
                raise BadAnswerError(f"The settings of `{target.name}` are not as they were sent.")

        names = ("tags", "network access", "TPM authentication")
        pairs = list(zip(names, _in_words(wanted), _in_words(there), strict=True))
        differ = [name for name, new, old in pairs if new != old]
        changes = [f"{name}: {new} instead of {old}" for name, new, old in pairs if new != old]
        return [RestoreItem("settings", ", ".join(differ), make, "; ".join(changes))]

    async def _missing_signers(
        self, report: BackupReport, source: SavedProvider, target: Provider, same: list[str]
    ) -> list[RestoreItem]:
        if target.trust_model is not TrustModel.ISOLATED or not source.signers:
            return []
        listed = await self._signers.list(target.id)
        there = {each.certificate.sha256 for each in listed.signers}
        items = []
        for saved in source.signers:
            if saved.sha256 in there:
                same.append(f"signer {saved.subject}")
                continue
            der = report.backup.members[saved.certificate]

            async def make(key: str, der: bytes = der) -> ChangeRun:
                return await self._signers.add(target.id, der, signing_key=key)

            change = f"{saved.sha256[:16]} … will be trusted"
            items.append(RestoreItem("signer", saved.subject, make, change))
        return items

    async def _missing_policies(
        self, report: BackupReport, source: SavedProvider, target: Provider, same: list[str]
    ) -> list[RestoreItem]:
        items = []
        for saved in source.policies:
            kind = AttestationType(saved.type)
            deployed = await self._policies.deployed(target.id, kind)
            deployed.require()
            custom = deployed.state is PolicyState.CUSTOM
            if saved.policy_hash == deployed.policy_hash or not (saved.text or custom):
                same.append(saved.type)
                continue
            make = self._policy(report, saved, target)
            if not saved.text:
                change = "reset to the default; the custom policy goes"
                items.append(RestoreItem("policy", saved.type, make, change))
                continue
            wanted = report.backup.members[saved.text].decode("utf-8")
            diff = await anyio.to_thread.run_sync(diff_texts, deployed.text, wanted)
            items.append(RestoreItem("policy", saved.type, make, _change(deployed, diff), diff))
        return items

    def _policy(
        self, report: BackupReport, saved: SavedPolicy, target: Provider
    ) -> Callable[[str], Awaitable[ChangeRun]]:
        kind = AttestationType(saved.type)

        async def make(key: str) -> ChangeRun:
            if saved.text:
                data = report.backup.members[saved.text]
                review = await self._policies.review(data, target.id, kind)
            else:
                review = await self._policies.review_reset(target.id, kind)
            signed = key if target.trust_model is TrustModel.ISOLATED else None
            return await self._policies.start(review, signed or None)

        return make


def _change(deployed: DeployedPolicy, diff: TextDiff) -> str:
    if deployed.state is not PolicyState.CUSTOM:
        return f"custom policy instead of {_STANDS[deployed.state]}"
    if diff.only_line_ends:
        return "only line ends differ"
    return f"{lines(diff.removed)} gone, {lines(diff.added)} new"


def _in_words(settings: tuple[dict[str, str], str, str]) -> tuple[str, str, str]:
    tags, access, sign_in = settings
    words = ", ".join(f"{name}={value}" for name, value in sorted(tags.items()))
    return words or "none", access or "none", sign_in or "none"


def _settings_of(provider: Provider | SavedProvider) -> tuple[dict[str, str], str, str]:
    return (
        dict(provider.tags),
        provider.public_network_access,
        provider.tpm_attestation_authentication,
    )


async def _make(item: RestoreItem, key: str) -> Restored:
    try:
        run = await item.make(key)
        if run is None:
            return Restored(item)
        outcome = await run.run()
    except AppError as error:
        return Restored(item, error=error)
    failed = outcome.failed
    return Restored(item, outcome, failed.error if failed is not None else None)


def all_proven(plan: RestorePlan, done: Sequence[Restored]) -> bool:
    """Whether everything of the plan was made and read back."""
    return len(done) == len(plan.items) and all(each.proven for each in done)
