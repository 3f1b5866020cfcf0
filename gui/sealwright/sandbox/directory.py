"""Subscriptions, groups and providers as the sandbox keeps them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sealwright.sandbox.records import GroupRecord, ProviderRecord, Stamp, SubscriptionRecord, Trust

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from sealwright.sandbox.state import State

_PROVIDER = "SELECT * FROM providers"


class Directory:
    """Reads and writes what ARM knows. Names are compared without regard to case."""

    def __init__(self, state: State) -> None:
        self._state = state

    # --- subscriptions and groups -----------------------------------------------------------

    def subscriptions(self) -> tuple[SubscriptionRecord, ...]:
        """All of them, by name."""
        with self._state.reading() as db:
            rows = db.execute(
                "SELECT id, name, registration, tenant FROM subscriptions ORDER BY name"
            )
            return tuple(SubscriptionRecord(*row) for row in rows)

    def subscription(self, subscription: str) -> SubscriptionRecord | None:
        """The subscription with this id."""
        wanted = subscription.lower()
        return next((item for item in self.subscriptions() if item.id == wanted), None)

    def put_subscription(self, record: SubscriptionRecord) -> None:
        """Add or replace."""
        with self._state.writing() as db:
            db.execute(
                "INSERT INTO subscriptions VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE"
                " SET name = excluded.name, registration = excluded.registration",
                (record.id, record.name, record.registration, record.tenant),
            )

    def groups(self, subscription: str) -> tuple[GroupRecord, ...]:
        """The groups of a subscription, by name."""
        query = "SELECT * FROM groups WHERE subscription = ? ORDER BY name"
        with self._state.reading() as db:
            rows = db.execute(query, (subscription.lower(),))
            return tuple(GroupRecord(row[0], row[1], row[2], json.loads(row[3])) for row in rows)

    def group(self, subscription: str, name: str) -> GroupRecord | None:
        """One group."""
        wanted = name.lower()
        return next(
            (item for item in self.groups(subscription) if item.name.lower() == wanted), None
        )

    def put_group(self, record: GroupRecord) -> None:
        """Add a group, or change its tags."""
        with self._state.writing() as db:
            db.execute(
                "INSERT INTO groups VALUES (?, ?, ?, ?) ON CONFLICT (subscription, name)"
                " DO UPDATE SET tags = excluded.tags",
                (record.subscription, record.name, record.location, json.dumps(dict(record.tags))),
            )

    # --- providers --------------------------------------------------------------------------

    def providers(self) -> tuple[ProviderRecord, ...]:
        """All providers in the order of their creation."""
        with self._state.reading() as db:
            return tuple(_provider(row) for row in db.execute(f"{_PROVIDER} ORDER BY key"))

    def by_name(self, name: str) -> ProviderRecord | None:
        """The provider with this name, wherever it is."""

        def read(db: sqlite3.Connection) -> ProviderRecord | None:
            row = db.execute(f"{_PROVIDER} WHERE name = ?", (name,)).fetchone()
            return None if row is None else _provider(row)

        return self._state.remembered(("provider", name), read)

    def create(self, record: ProviderRecord) -> ProviderRecord:
        """Add a provider; the key in `record` is ignored, the result has the real one."""
        with self._state.writing() as db:
            cursor = db.execute(
                "INSERT INTO providers VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    record.name,
                    record.subscription,
                    record.group,
                    record.trust.value,
                    record.location,
                    json.dumps(dict(record.tags)),
                    record.public_network_access,
                    record.tpm_authentication,
                    *_stamp_values(record.created),
                    *_stamp_values(record.modified),
                ),
            )
            row = db.execute(f"{_PROVIDER} WHERE key = ?", (cursor.lastrowid,)).fetchone()
        return _provider(row)

    def update(
        self,
        provider: ProviderRecord,
        stamp: Stamp,
        *,
        tags: Mapping[str, str],
        public_network_access: str,
        tpm_authentication: str,
    ) -> ProviderRecord:
        """Change what ARM lets people change."""
        with self._state.writing() as db:
            db.execute(
                "UPDATE providers SET tags = ?, public_network_access = ?, tpm_authentication = ?,"
                " modified_by = ?, modified_kind = ?, modified_at = ? WHERE key = ?",
                (
                    json.dumps(dict(tags)),
                    public_network_access,
                    tpm_authentication,
                    *_stamp_values(stamp),
                    provider.key,
                ),
            )
            row = db.execute(f"{_PROVIDER} WHERE key = ?", (provider.key,)).fetchone()
        return _provider(row)

    def delete(self, provider: ProviderRecord) -> None:
        """Forget a provider with all that it holds."""
        with self._state.writing() as db:
            db.execute("DELETE FROM providers WHERE key = ?", (provider.key,))

    # --- ports ------------------------------------------------------------------------------

    def port(self, provider: ProviderRecord) -> int:
        """The port kept for a provider's own address, 0 when there is none yet."""
        with self._state.reading() as db:
            row = db.execute(
                "SELECT port FROM ports WHERE provider = ?", (provider.key,)
            ).fetchone()
        return 0 if row is None else int(row[0])

    def put_port(self, provider: ProviderRecord, port: int) -> None:
        """Keep a port."""
        with self._state.writing() as db:
            db.execute("INSERT OR REPLACE INTO ports VALUES (?, ?)", (provider.key, port))

    # --- private endpoint connections -------------------------------------------------------

    def connections(self, provider: ProviderRecord) -> dict[str, str]:
        """Properties (JSON text) of the private endpoint connections by name."""
        query = "SELECT name, properties FROM connections WHERE provider = ? ORDER BY name"
        with self._state.reading() as db:
            return dict(db.execute(query, (provider.key,)).fetchall())

    def put_connection(self, provider: ProviderRecord, name: str, properties: str) -> None:
        """Add or replace a private endpoint connection."""
        with self._state.writing() as db:
            db.execute(
                "INSERT OR REPLACE INTO connections VALUES (?, ?, ?)",
                (provider.key, name, properties),
            )

    def delete_connection(self, provider: ProviderRecord, name: str) -> bool:
        """Remove one; False when it was not there."""
        with self._state.writing() as db:
            cursor = db.execute(
                "DELETE FROM connections WHERE provider = ? AND name = ?", (provider.key, name)
            )
            return cursor.rowcount > 0

    # --- diagnostic settings ----------------------------------------------------------------

    def diagnostic_settings(self, provider: ProviderRecord) -> dict[str, str]:
        """Properties (JSON text) of the diagnostic settings by name."""
        query = "SELECT name, properties FROM diagnostic_settings WHERE provider = ? ORDER BY name"
        with self._state.reading() as db:
            return dict(db.execute(query, (provider.key,)).fetchall())

    def put_diagnostic_setting(self, provider: ProviderRecord, name: str, properties: str) -> None:
        """Add or replace a diagnostic setting."""
        with self._state.writing() as db:
            db.execute(
                "INSERT OR REPLACE INTO diagnostic_settings VALUES (?, ?, ?)",
                (provider.key, name, properties),
            )

    def delete_diagnostic_setting(self, provider: ProviderRecord, name: str) -> bool:
        """Remove one; False when it was not there."""
        with self._state.writing() as db:
            cursor = db.execute(
                "DELETE FROM diagnostic_settings WHERE provider = ? AND name = ?",
                (provider.key, name),
            )
            return cursor.rowcount > 0


def _stamp_values(stamp: Stamp) -> tuple[str, str, str]:
    return stamp.who, stamp.kind, stamp.time


def _provider(row: sqlite3.Row | tuple[object, ...]) -> ProviderRecord:
    texts = [str(value) for value in row]
    return ProviderRecord(
        key=int(texts[0]),
        name=texts[1],
        subscription=texts[2],
        group=texts[3],
        trust=Trust(texts[4]),
        location=texts[5],
        tags=json.loads(texts[6]),
        public_network_access=texts[7],
        tpm_authentication=texts[8],
        created=Stamp(*texts[9:12]),
        modified=Stamp(*texts[12:15]),
    )
