"""`sandbox reset`: its state goes, and what this computer remembered of its providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from sealwright.composition.reaching import SANDBOX
from sealwright.sandbox.serving.serve import reset
from sealwright.store.database import Database
from sealwright.store.providers import StoredProviders

if TYPE_CHECKING:
    from sealwright.store.home import Home


def reset_sandbox(home: Home) -> None:
    """Throw the sandbox of a home away.

    Raises:
        StorageError: somebody uses it, or a file cannot be changed.
    """
    reset(home.sandbox)
    if home.database.exists():
        anyio.run(_forget_providers, home)


async def _forget_providers(home: Home) -> None:
    database = Database(home)
    try:
        known = StoredProviders(database)
        gone = [each.id for each in await known.providers() if each.cloud == SANDBOX]
        await known.change((), gone)
    finally:
        await database.close()
