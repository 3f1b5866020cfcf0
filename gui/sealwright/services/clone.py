"""Cloning: a new provider, in another region or with another trust model, that applies the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sealwright.services.backup.restore import all_proven

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealwright.services.backup.restore import Restored, Restorer
    from sealwright.services.backup.service import BackupService
    from sealwright.services.model import Provider
    from sealwright.services.ports import NewProvider
    from sealwright.services.providers.providers import ProvidersService


@dataclass(frozen=True, slots=True)
class Cloned:
    """The new provider, what was brought over, and whether all of it is proven."""

    provider: Provider
    done: tuple[Restored, ...]
    proven: bool


class CloneService:
    """Makes a provider like another."""

    def __init__(
        self, providers: ProvidersService, backup: BackupService, restorer: Restorer
    ) -> None:
        self._providers = providers
        self._backup = backup
        self._restorer = restorer

    async def clone(
        self,
        source: Provider,
        cloud: str,
        new: NewProvider,
        key: str = "",
        on_item: Callable[[Restored], None] | None = None,
    ) -> Cloned:
        """Make `new` and give it the policies and signers of `source`; `key` signs for it.

        Raises:
            UsageError: the name is taken or not possible.
            ServiceError: the source cannot be read, or the new one cannot be made.
        """
        # Read first: a source that does not answer must not leave an empty clone behind.
        kept = await self._backup.read((source,))
        # Its settings, also that nobody reaches it over the public network, are brought over last.
        provider = await self._providers.create(cloud, new.opened())
        plan = await self._restorer.plan(kept, source.name, provider)
        done = await self._restorer.run(plan, key, on_item)
        return Cloned(provider, done, all_proven(plan, done))
