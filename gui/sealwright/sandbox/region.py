"""The one region and its pair."""

from __future__ import annotations

from sealwright.sandbox import keys
from sealwright.sandbox.refusals import RefusalError


class Region:
    """After a failure the pair serves the data plane with its own key, and ARM is refused."""

    def __init__(self) -> None:
        self.failed_over = False

    @property
    def signing_key(self) -> str:
        """Name of the key that signs now."""
        return keys.PAIR if self.failed_over else keys.REGION

    def require_management(self) -> None:
        """Let a call to ARM through.

        Raises:
            RefusalError: 503 while the region is down.
        """
        if self.failed_over:
            raise RefusalError(
                503,
                "ServiceUnavailable",
                "The region is down; its pair answers for attestation only.",
                headers={"retry-after": "30"},
            )
