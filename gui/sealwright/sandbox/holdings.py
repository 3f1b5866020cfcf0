"""What a provider holds: trusted policy certificates, uploaded policies, default policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.sandbox.records import StoredPolicy

if TYPE_CHECKING:
    import sqlite3

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.sandbox.records import ProviderRecord
    from sealwright.sandbox.state import State


class Holdings:
    """Reads and writes the data-plane state of providers."""

    def __init__(self, state: State) -> None:
        self._state = state

    def certificates(self, provider: ProviderRecord) -> tuple[bytes, ...]:
        """Trusted policy certificates (DER) in the order in which they came."""
        query = "SELECT der FROM certificates WHERE provider = ? ORDER BY seq"
        with self._state.reading() as db:
            return tuple(bytes(row[0]) for row in db.execute(query, (provider.key,)))

    def add_certificate(self, provider: ProviderRecord, der: bytes) -> None:
        """Trust a certificate; nothing happens when it is trusted already."""
        with self._state.writing() as db:
            db.execute(
                "INSERT OR IGNORE INTO certificates SELECT ?, coalesce(max(seq), 0) + 1, ?"
                " FROM certificates WHERE provider = ?",
                (provider.key, der, provider.key),
            )

    def remove_certificate(self, provider: ProviderRecord, der: bytes) -> bool:
        """Stop trusting a certificate, unless it is the last one: then False."""
        with self._state.writing() as db:
            if self.certificates(provider) == (der,):
                return False
            db.execute(
                "DELETE FROM certificates WHERE provider = ? AND der = ?", (provider.key, der)
            )
        return True

    def policy(self, provider: ProviderRecord, kind: AttestationType) -> StoredPolicy:
        """The policy that was uploaded; empty texts when none was."""
        return self._state.remembered(
            ("policy", provider.key, kind), lambda db: _policy(db, provider, kind)
        )

    def ruling(self, provider: ProviderRecord, kind: AttestationType) -> tuple[str, str | None]:
        """The JWS that was uploaded, and the text in place of the usual default; read at once."""

        def read(db: sqlite3.Connection) -> tuple[str, str | None]:
            return _policy(db, provider, kind).jws, _default(db, provider, kind)

        return self._state.remembered(("ruling", provider.key, kind), read)

    def put_policy(self, provider: ProviderRecord, kind: AttestationType, jws: str) -> None:
        """Store a policy JWS verbatim; an empty one goes back to the default."""
        with self._state.writing() as db:
            previous = self.policy(provider, kind).jws
            db.execute(
                "INSERT OR REPLACE INTO policies VALUES (?, ?, ?, ?)",
                (provider.key, kind.value, jws, previous),
            )

    def default_policy(self, provider: ProviderRecord, kind: AttestationType) -> str | None:
        """The text that replaces the usual default on this provider."""
        return self._state.remembered(
            ("default policy", provider.key, kind), lambda db: _default(db, provider, kind)
        )

    def put_default_policy(
        self, provider: ProviderRecord, kind: AttestationType, text: str
    ) -> None:
        """Replace the usual default on this provider."""
        with self._state.writing() as db:
            db.execute(
                "INSERT OR REPLACE INTO default_policies VALUES (?, ?, ?)",
                (provider.key, kind.value, text),
            )


def _policy(
    db: sqlite3.Connection, provider: ProviderRecord, kind: AttestationType
) -> StoredPolicy:
    query = "SELECT jws, previous FROM policies WHERE provider = ? AND type = ?"
    row = db.execute(query, (provider.key, kind.value)).fetchone()
    return StoredPolicy("", "") if row is None else StoredPolicy(str(row[0]), str(row[1]))


def _default(db: sqlite3.Connection, provider: ProviderRecord, kind: AttestationType) -> str | None:
    query = "SELECT text FROM default_policies WHERE provider = ? AND type = ?"
    row = db.execute(query, (provider.key, kind.value)).fetchone()
    return None if row is None else str(row[0])
