"""Says of a change in Resource Manager that failed, whether its region fails."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sealwright.errors import UnreachableError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sealwright.services.bundle import Services
    from sealwright.services.model import Provider


@asynccontextmanager
async def in_region(services: Services, provider: Provider) -> AsyncIterator[None]:
    """What fails inside is told in the words of the provider's region, where that is the cause."""
    try:
        yield
    except UnreachableError as error:
        raise await services.regions.explained(provider, error) from error


@asynccontextmanager
async def at_location(services: Services, cloud: str, location: str) -> AsyncIterator[None]:
    """The same for a place where nothing is yet: a known provider there shows how it stands."""
    try:
        yield
    except UnreachableError as error:
        for each in await services.providers.known():
            place = each.location.casefold()
            if each.cloud == cloud and place == location.casefold() and each.subscription:
                raise await services.regions.explained(each, error) from error
        raise
