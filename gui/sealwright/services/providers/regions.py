"""A region that fails: its pair answers for attestation under the same name, ARM refuses.

Invariants
- It is said once for each region, and once more when it is whole again.
- It is judged by asking both planes now, never by one failed call.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import anyio

from sealwright.errors import AppError, UnreachableError
from sealwright.services.reaching.reach import ProviderSession

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from sealwright.services.model import Provider
    from sealwright.services.ports import Clock
    from sealwright.services.reaching.reach import Clouds

PATIENCE: Final = 5.0
"""Seconds that a plane may take to answer; what takes longer does not work for anybody."""
_OUTAGE: Final = frozenset({None, 500, 502, 503, 504})
"""HTTP states that may mean a region, and not the call; None is no answer at all."""


@dataclass(frozen=True, slots=True)
class RegionState:
    """How both planes of a region answer."""

    cloud: str
    region: str
    looked_at: datetime
    attestation: AppError | None
    """Why the data plane does not answer; None when it does."""
    management: AppError | None
    """Why Resource Manager does not answer; None when it does."""

    @property
    def whole(self) -> bool:
        """Whether everything answers."""
        return self.attestation is None and self.management is None

    @property
    def failed_over(self) -> bool:
        """Whether it looks like the pair serves attestation while the region is down."""
        return self.attestation is None and self.management is not None

    @property
    def refusal(self) -> str:
        """Why making, changing and deleting providers is refused there now; empty if it is not."""
        if self.management is None:
            return ""
        cause = "has failed over" if self.failed_over else "does not answer"
        return (
            f"{self.region} {cause}: its providers cannot be made, changed or deleted until it is"
            " back. Nothing is queued."
        )

    @property
    def words(self) -> str:
        """What fails, what still works, what to do; one or two sentences."""
        if self.whole:
            return f"{self.region} answers again: policies, signers and providers can be changed."
        if self.failed_over:
            return (
                f"{self.region} has failed over: attestation, policies and signers are answered by"
                " its pair, with the pair's own signing key; making, changing and deleting"
                " providers there is refused until the region is back. Nothing is queued: repeat it"
                " then. A clone in another region can be made now."
            )
        if self.management is None:
            return (
                f"Providers in {self.region} do not answer, while Resource Manager does: tokens"
                " cannot be had there now. Use a provider in another region."
            )
        return f"Nothing in {self.region} answers. Check your own connection first."


class RegionsService:
    """Recognises a failed region and says so once."""

    def __init__(self, clouds: Clouds, clock: Clock, patience: float = PATIENCE) -> None:
        self._clouds = clouds
        self._clock = clock
        self._patience = patience
        self._said: dict[tuple[str, str], RegionState] = {}

    async def look(self, provider: Provider) -> RegionState:
        """Ask both planes of a provider's region now."""
        cloud = self._clouds.of(provider)
        session = ProviderSession(provider, cloud, self._clock)
        found: dict[str, AppError | None] = {"attestation": None, "management": None}
        # Signing in may take a minute, by Microsoft's programs: that is not the region.
        with suppress(AppError):
            await cloud.authorize(management=True)

        async def attestation() -> None:
            await session.api.metadata()

        async def management() -> None:
            if provider.resource_id and provider.subscription:
                await cloud.management().provider(
                    provider.subscription, provider.resource_group, provider.name
                )

        async def ask(plane: str, call: Callable[[], Awaitable[None]]) -> None:
            try:
                # Repeats and the service's wish to wait end with our patience.
                with anyio.fail_after(self._patience):
                    await call()
            except TimeoutError:
                found[plane] = UnreachableError(f"No answer within {self._patience:.0f} seconds.")
            except AppError as error:
                # A refusal is an answer: the plane is there.
                found[plane] = error if isinstance(error, UnreachableError) else None

        async with anyio.create_task_group() as group:
            group.start_soon(ask, "attestation", attestation)
            group.start_soon(ask, "management", management)
        return RegionState(
            provider.cloud,
            provider.location,
            self._clock.now(),
            found["attestation"],
            found["management"],
        )

    async def after(self, provider: Provider, error: AppError) -> RegionState | None:
        """What a failure says of its region; None when it is not the region, or was said."""
        status = error.status if isinstance(error, UnreachableError) else 0
        if status not in _OUTAGE:
            return None
        state = await self.look(provider)
        place = (state.cloud, state.region)
        if state.whole or place in self._said:
            return None
        self._said[place] = state
        return state

    async def explained(self, provider: Provider, error: UnreachableError) -> UnreachableError:
        """A failed call in the words of its region, where it is the region; else as it was."""
        if error.status not in _OUTAGE:
            return error
        state = await self.look(provider)
        if state.whole:
            return error
        return UnreachableError(
            state.words,
            status=error.status,
            service_code=error.service_code,
            request_id=error.request_id,
            details={"call": error.summary, **error.details},
        )

    async def recovered(self, provider: Provider) -> RegionState | None:
        """Whether a region that was said to fail is whole again; said once."""
        place = (provider.cloud, provider.location)
        if place not in self._said:
            return None
        state = await self.look(provider)
        if not state.whole:
            self._said[place] = state
            return None
        del self._said[place]
        return state

    def state_of(self, cloud: str, region: str) -> RegionState | None:
        """How a region fails, as far as is known; None while nothing speaks against it."""
        return self._said.get((cloud, region))

    def known(self) -> tuple[RegionState, ...]:
        """Regions that were said to fail and are not known to be whole."""
        return tuple(self._said.values())
