"""Nobody is signed in: calls go out without a token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.services.ports import NOT_SIGNED_IN

if TYPE_CHECKING:
    from sealwright.secret import Secret


class Anonymous:
    """`TokenSource` that has no token for any scope."""

    @property
    def account(self) -> str:
        """Nobody."""
        return NOT_SIGNED_IN

    async def bearer(self, scope: str, claims: str = "") -> Secret[str] | None:  # noqa: ARG002 - the port's signature
        """No token."""
        return None
