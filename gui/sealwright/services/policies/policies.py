"""Policies: what is deployed, reviewing a change, making it, going back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio.to_thread

from sealwright.errors import AppError, ServiceError
from sealwright.policy.digest import policy_hash
from sealwright.services.changes.upload import PolicyChange, UploadRun
from sealwright.services.model import TrustModel
from sealwright.services.policies import judgement
from sealwright.services.policies.review import Review, SignerChoice, SignerNeed
from sealwright.services.policies.textdiff import diff_texts
from sealwright.services.reaching.survey import remember
from sealwright.services.reaching.trust import signs_for

if TYPE_CHECKING:
    from sealwright.claims.attestation_type import AttestationType
    from sealwright.policy.diagnostics import Diagnostic
    from sealwright.services.changes.run import RunTools
    from sealwright.services.model import Certificate, HistoryEntry
    from sealwright.services.policies.review import Obstacle
    from sealwright.services.policies.textdiff import TextDiff
    from sealwright.services.ports import KeyVault, PolicyHistory, Signer
    from sealwright.services.providers.providers import ProvidersService
    from sealwright.services.reaching.overview import DeployedPolicy
    from sealwright.services.reaching.reach import ProviderSession
    from sealwright.services.reference import Reference


@dataclass(frozen=True, slots=True)
class _Asked:
    """A change that is to be reviewed; `obstacles` are those of its bytes."""

    text: str
    attestation_type: AttestationType
    obstacles: tuple[Obstacle, ...] = ()
    reset: bool = False
    origin: str = "sent"


class PoliciesService:
    """Reads and changes the policies of providers."""

    def __init__(
        self,
        providers: ProvidersService,
        vault: KeyVault,
        history: PolicyHistory,
        tools: RunTools,
        reference: Reference,
    ) -> None:
        self._providers = providers
        self._reference = reference
        self._vault = vault
        self._history = history
        self._tools = tools

    async def deployed(self, provider_id: str, attestation_type: AttestationType) -> DeployedPolicy:
        """Read and verify the deployed policy; it goes to history when it is trusted.

        Raises:
            ServiceError: refused, rejected, unreachable.
            BadAnswerError: the answer is no policy token at all.
        """
        found = await (await self._providers.session(provider_id)).policy(attestation_type)
        if found.trusted:
            await remember(self._history, found)
        return found

    async def review(
        self, data: bytes, provider_id: str, attestation_type: AttestationType
    ) -> Review:
        """What an upload of this document would change and need."""
        text, obstacles = judgement.read(data)
        return await self._review(provider_id, _Asked(text, attestation_type, obstacles))

    async def review_reset(self, provider_id: str, attestation_type: AttestationType) -> Review:
        """What a reset to the default would change and need."""
        return await self._review(provider_id, _Asked("", attestation_type, reset=True))

    async def review_roll_back(self, entry: HistoryEntry) -> Review:
        """What an upload of an earlier text would change and need."""
        asked = _Asked(entry.text, entry.attestation_type, origin="rolled-back")
        return await self._review(entry.provider_id, asked)

    async def start(self, review: Review, signer: str | None) -> UploadRun:
        """The run that makes the reviewed change; `signer` is the name of a key, None for unsigned.

        Raises:
            UsageError: the review says that the change cannot be made so.
        """
        judgement.require_possible(review, signer)
        behind = await self._vault.signer(signer) if signer else None
        return await self.start_signed(review, behind, signer or "")

    async def start_signed(self, review: Review, signer: Signer | None, name: str) -> UploadRun:
        """Like `start`, with a signer that is not in the vault, such as a key file."""
        blocked = next((each for each in review.obstacles if each.certain), None)
        if signer is not None:
            blocked = judgement.of_key_file(review)
        if blocked is not None:
            raise judgement.refusal(blocked)
        session = await self._providers.session(review.provider.id)
        change = PolicyChange(
            attestation_type=review.attestation_type,
            text=review.text,
            policy_hash=review.policy_hash,
            reset=review.reset,
            signer=signer,
            signer_name=name,
            baseline=review.deployed,
            origin=review.origin,
        )
        return UploadRun(change, session, self._history, self._tools)

    async def choices(self, provider_id: str) -> tuple[SignerChoice, ...]:
        """The keys here for an Isolated provider, best first; none where no signature is needed."""
        session = await self._providers.session(provider_id)
        if session.provider.trust_model is not TrustModel.ISOLATED:
            return ()
        trusted, obstacles = await _trusted(session)
        return await self._choices(TrustModel.ISOLATED, trusted, known=not obstacles, last=None)

    async def history(
        self, provider_id: str, attestation_type: AttestationType
    ) -> tuple[HistoryEntry, ...]:
        """Every text seen on or sent to the provider, newest first."""
        return await self._history.entries(provider_id, attestation_type)

    # --- inside ---------------------------------------------------------------------------------

    async def _review(self, provider_id: str, asked: _Asked) -> Review:
        session = await self._providers.session(provider_id)
        provider, kind = session.provider, asked.attestation_type
        deployed, problem = await self._try_deployed(session, kind)
        trusted, unread = await _trusted(session)
        last = deployed.signer if deployed is not None else None
        choices = await self._choices(provider.trust_model, trusted, known=not unread, last=last)
        need = judgement.NEEDS[provider.trust_model]
        diagnostics, said = await self._judged(asked)
        return Review(
            provider=provider,
            attestation_type=kind,
            text=asked.text,
            reset=asked.reset,
            policy_hash="" if asked.reset else policy_hash(asked.text),
            diagnostics=diagnostics,
            deployed=deployed,
            deployed_problem=problem,
            diff=await _difference(deployed, asked),
            need=need,
            choices=choices,
            obstacles=(
                *asked.obstacles,
                *judgement.of_trust_model(provider, need, choices, known=not unread),
                *unread,
                *judgement.of_deployed(problem),
                *said,
            ),
            afterwards=judgement.afterwards(provider, kind, deployed, reset=asked.reset),
            origin=asked.origin,
        )

    async def _judged(self, asked: _Asked) -> tuple[tuple[Diagnostic, ...], tuple[Obstacle, ...]]:
        """What the editor says of the text, and what of it the provider will refuse."""
        # Of bytes that are no text that is said once, and nothing of their replacement.
        unread = any(each.code == judgement.NOT_UTF_8 for each in asked.obstacles)
        if unread or asked.reset:
            return (), ()
        text, kind = asked.text, asked.attestation_type
        found = await anyio.to_thread.run_sync(judgement.diagnose, text, kind, self._reference)
        return found, judgement.of_text(text, found, kind)

    async def _try_deployed(
        self, session: ProviderSession, kind: AttestationType
    ) -> tuple[DeployedPolicy | None, AppError | None]:
        try:
            found = await session.policy(kind)
            found.require()
        except AppError as error:
            return None, error
        await remember(self._history, found)
        return found, None

    async def _choices(
        self,
        model: TrustModel,
        trusted: tuple[Certificate, ...],
        *,
        known: bool,
        last: Certificate | None,
    ) -> tuple[SignerChoice, ...]:
        """The keys, best first: what is expired comes behind, who signed `last` before others."""
        keys, now = await self._vault.keys(), self._tools.clock.now()
        if model is not TrustModel.ISOLATED:
            reason = "A provider of trust model AAD takes any signature, or none."
            return tuple(SignerChoice(key, accepted=True, reason=reason) for key in keys)
        if not known:
            reason = "The provider's signers could not be read."
            return tuple(SignerChoice(key, accepted=False, reason=reason) for key in keys)
        judged = ((key, *signs_for(key, trusted, now)) for key in keys)
        choices = [SignerChoice(key, accepted, reason) for key, accepted, reason in judged]

        def rank(choice: SignerChoice) -> tuple[bool, bool, bool]:
            own = choice.key.certificate
            return not choice.accepted, own.not_after <= now, own != last

        return tuple(sorted(choices, key=rank))


async def _difference(deployed: DeployedPolicy | None, asked: _Asked) -> TextDiff | None:
    if deployed is None or asked.reset:
        return None
    return await anyio.to_thread.run_sync(diff_texts, deployed.text, asked.text)


async def _trusted(
    session: ProviderSession,
) -> tuple[tuple[Certificate, ...], tuple[Obstacle, ...]]:
    if session.provider.trust_model is not TrustModel.ISOLATED:
        return (), ()
    try:
        return (await session.trusted_set()).certificates, ()
    except ServiceError as error:
        return (), (judgement.of_signers(error),)


__all__ = ["PoliciesService", "SignerNeed"]
