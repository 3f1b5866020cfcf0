"""Reads all of one provider, part by part: a part that fails never holds another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from sealwright.claims.attestation_type import MAIN_TYPES
from sealwright.errors import AppError
from sealwright.services.model import PolicyState, TrustModel
from sealwright.services.reaching.overview import PolicyCell, ProviderOverview, SignerSummary

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.services.model import HistoryEntry
    from sealwright.services.ports import KeyVault, PolicyHistory
    from sealwright.services.reaching.overview import DeployedPolicy, OverviewListener, OverviewPart
    from sealwright.services.reaching.reach import ProviderSession
    from sealwright.services.reaching.trust import SignerMemory


class Survey:
    """One reading of one provider."""

    def __init__(
        self,
        session: ProviderSession,
        history: PolicyHistory,
        vault: KeyVault,
        memory: SignerMemory,
        on_part: OverviewListener | None,
    ) -> None:
        self._session = session
        self._history = history
        self._vault = vault
        self._memory = memory
        self._on_part = on_part

    async def run(self, types: Sequence[AttestationType], now: datetime) -> ProviderOverview:
        """Read the policies of `types` and the signers, all at once."""
        cells: dict[AttestationType, PolicyCell] = {}
        summary = SignerSummary(0, None, 0)

        async def read_cell(kind: AttestationType) -> None:
            cells[kind] = await self._cell(kind)
            self._tell(cells[kind])

        async def read_signers() -> None:
            nonlocal summary
            summary = await self._signers()
            self._tell(summary)

        # One fetch for all; what is wrong with the keys shows at each part.
        try:
            await self._session.keys()
        except AppError as error:
            return self._nothing(types, now, error.kept())
        async with anyio.create_task_group() as group:
            group.start_soon(read_signers)
            for kind in types:
                group.start_soon(read_cell, kind)
        return ProviderOverview(
            self._session.provider, tuple(cells[kind] for kind in types), summary, now
        )

    def _nothing(
        self, types: Sequence[AttestationType], now: datetime, error: AppError
    ) -> ProviderOverview:
        cells = tuple(PolicyCell(kind, PolicyState.UNREADABLE, problem=error) for kind in types)
        summary = SignerSummary(0, None, 0, problem=error)
        parts: tuple[OverviewPart, ...] = (*cells, summary)
        for part in parts:
            self._tell(part)
        return ProviderOverview(self._session.provider, cells, summary, now)

    def _tell(self, part: OverviewPart) -> None:
        if self._on_part is not None:
            self._on_part(self._session.provider.id, part)

    async def _cell(self, kind: AttestationType) -> PolicyCell:
        try:
            deployed = await self._session.policy(kind)
            deployed.require()
            entries = await self._entries(kind)
            drifted = is_drifted(entries, deployed.policy_hash)
            if not _is_newest(entries, deployed):
                await remember(self._history, deployed)
        except AppError as error:
            return PolicyCell(kind, PolicyState.UNREADABLE, problem=error.kept())
        return PolicyCell(
            attestation_type=kind,
            state=deployed.state,
            policy_hash=deployed.policy_hash,
            drifted=drifted,
            signed=deployed.signer is not None,
            signer=deployed.signer.subject if deployed.signer else "",
        )

    async def _entries(self, kind: AttestationType) -> tuple[HistoryEntry, ...]:
        return await self._history.entries(self._session.provider.id, kind)

    async def _signers(self) -> SignerSummary:
        if self._session.provider.trust_model is not TrustModel.ISOLATED:
            return SignerSummary(0, None, 0)
        try:
            trusted = (await self._session.trusted_set()).certificates
            await self._memory.remember(self._session.provider.id, trusted)
            here = {key.certificate.sha256 for key in await self._vault.keys()}
        except AppError as error:
            return SignerSummary(0, None, 0, problem=error.kept())
        return SignerSummary(
            count=len(trusted),
            next_expiry=min((each.not_after for each in trusted), default=None),
            here=sum(each.sha256 in here for each in trusted),
        )


def is_drifted(entries: Sequence[HistoryEntry], deployed_hash: str) -> bool:
    """Whether the last change made from here, and seen to hold, does not stand any more."""
    seen: set[str] = set()
    for entry in entries:
        if entry.origin == "seen":
            seen.add(entry.policy_hash)
        elif entry.policy_hash in seen:
            return entry.policy_hash != deployed_hash
    return False


def _is_newest(entries: Sequence[HistoryEntry], deployed: DeployedPolicy) -> bool:
    """Whether the history ends with just this: a list of many providers writes nothing then."""
    signer = deployed.signer.sha256 if deployed.signer else ""
    seen = (deployed.text, deployed.token_hash, signer, "seen")
    newest = entries[0] if entries else None
    return newest is not None and seen == (
        newest.text,
        newest.token_hash,
        newest.signer,
        newest.origin,
    )


async def remember(history: PolicyHistory, deployed: DeployedPolicy, origin: str = "seen") -> None:
    """Keep a text that was read from a provider."""
    await history.record(
        deployed.provider.id,
        deployed.attestation_type,
        deployed.text,
        policy_hash=deployed.policy_hash,
        token_hash=deployed.token_hash,
        origin=origin,
        signer=deployed.signer.sha256 if deployed.signer else "",
    )


async def backed_up(session: ProviderSession, history: PolicyHistory) -> str:
    """Keep every policy of a provider that is about to go; says what could not be kept."""
    missing: list[str] = []
    for kind in MAIN_TYPES:
        try:
            deployed = await session.policy(kind)
            deployed.require()
        except AppError as error:
            missing.append(f"{kind.label} ({error.summary})")
            continue
        await remember(history, deployed)
    if missing:
        return f"Policies kept in history, except: {'; '.join(missing)}"
    return "Its policies were kept in history."
