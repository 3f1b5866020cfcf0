"""Providers known on this computer, in the database."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sealwright.errors import StorageError
from sealwright.services.model import Provider, TrustModel
from sealwright.store.timestamps import to_optional_text, to_optional_time

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from sealwright.store.database import Database

_COLUMNS: Final = (
    "id, name, attest_uri, trust_model, location, status, cloud, resource_id, subscription,"
    " resource_group, tags, public_network_access, tpm_attestation_authentication, created,"
    " modified, last_seen, subscription_name"
)
_SELECT: Final = (
    f"SELECT {_COLUMNS} FROM provider ORDER BY cloud, subscription, resource_group, name, id"  # noqa: S608 - constants
)
_ONE: Final = f"SELECT {_COLUMNS} FROM provider WHERE id = ?"  # noqa: S608 - constants
_REMOVE: Final = "DELETE FROM provider WHERE id = ?"
_PUT: Final = f"INSERT OR REPLACE INTO provider ({_COLUMNS}) VALUES ({', '.join('?' * 17)})"  # noqa: S608 - constants


class StoredProviders:
    """The port `ProviderDirectory` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def providers(self) -> tuple[Provider, ...]:
        """All of them, by cloud, subscription, group and name."""
        return await self._database.read(_all)

    async def provider(self, provider_id: str) -> Provider | None:
        """The one of this id."""

        def query(connection: sqlite3.Connection) -> Provider | None:
            row = connection.execute(_ONE, (provider_id,)).fetchone()
            return None if row is None else _provider(row)

        return await self._database.read(query)

    async def put(self, provider: Provider) -> None:
        """Add or replace by id."""
        await self.change((provider,), ())

    async def remove(self, provider_id: str) -> None:
        """Forget it; its history stays."""
        await self.change((), (provider_id,))

    async def change(self, put: Sequence[Provider], removed: Sequence[str]) -> None:
        """Add, replace and forget many, in one transaction."""

        def change(connection: sqlite3.Connection) -> None:
            connection.executemany(_REMOVE, [(each,) for each in removed])
            connection.executemany(_PUT, [_row(provider) for provider in put])

        await self._database.write(change)


def _all(connection: sqlite3.Connection) -> tuple[Provider, ...]:
    return tuple(_provider(row) for row in connection.execute(_SELECT))


def _row(provider: Provider) -> tuple[str | None, ...]:
    return (
        provider.id,
        provider.name,
        provider.attest_uri,
        provider.trust_model.value,
        provider.location,
        provider.status,
        provider.cloud,
        provider.resource_id,
        provider.subscription,
        provider.resource_group,
        json.dumps(dict(provider.tags), ensure_ascii=False),
        provider.public_network_access,
        provider.tpm_attestation_authentication,
        to_optional_text(provider.created),
        to_optional_text(provider.modified),
        to_optional_text(provider.last_seen),
        provider.subscription_name,
    )


def _provider(row: tuple[str, ...]) -> Provider:
    (id_, name, uri, model, location, status, cloud, resource_id, subscription, group, *rest) = row
    tags, access, tpm, created, modified, seen, subscription_name = rest
    return Provider(
        id=id_,
        name=name,
        attest_uri=uri,
        trust_model=TrustModel(model),
        location=location,
        status=status,
        cloud=cloud,
        resource_id=resource_id,
        subscription=subscription,
        subscription_name=subscription_name,
        resource_group=group,
        tags=_tags(tags),
        public_network_access=access,
        tpm_attestation_authentication=tpm,
        created=to_optional_time(created),
        modified=to_optional_time(modified),
        last_seen=to_optional_time(seen),
    )


def _tags(text: str) -> dict[str, str]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise StorageError("The local database is damaged.", hint="Restore it from a backup.")
    return {str(name): str(value) for name, value in found.items()}
