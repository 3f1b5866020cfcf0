"""Policies: what is deployed, reviewing a change, making it, going back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sealwright.claims.attestation_type import AttestationType
    from sealwright.services.model import HistoryEntry
    from sealwright.services.overview import DeployedPolicy
    from sealwright.services.review import Review
    from sealwright.services.upload import UploadRun


class PoliciesService:
    """Reads and changes the policies of providers."""

    async def deployed(self, provider_id: str, attestation_type: AttestationType) -> DeployedPolicy:
        """Read and verify the deployed policy; it goes to history when it is trusted.

        Raises:
            ServiceError: refused, rejected, unreachable.
            BadAnswerError: the answer is no policy token at all.
        """
        raise NotImplementedError

    async def review(
        self, data: bytes, provider_id: str, attestation_type: AttestationType
    ) -> Review:
        """What an upload of this document would change and need."""
        raise NotImplementedError

    async def review_reset(self, provider_id: str, attestation_type: AttestationType) -> Review:
        """What a reset to the default would change and need."""
        raise NotImplementedError

    async def review_roll_back(self, entry: HistoryEntry) -> Review:
        """What an upload of an earlier text would change and need."""
        raise NotImplementedError

    def start(self, review: Review, signer: str | None) -> UploadRun:
        """The run that makes the reviewed change; `signer` is the name of a key, None for unsigned.

        Raises:
            UsageError: the review says that the change cannot be made so.
        """
        raise NotImplementedError

    async def history(
        self, provider_id: str, attestation_type: AttestationType
    ) -> tuple[HistoryEntry, ...]:
        """Every text seen on or sent to the provider, newest first."""
        raise NotImplementedError

    async def known_as(self, policy_hash: str) -> tuple[HistoryEntry, ...]:
        """Where a text with this `x-ms-policy-hash` was seen."""
        raise NotImplementedError
