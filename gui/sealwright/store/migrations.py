"""Numbered changes of the database's schema, and the copy that is kept before each.

A released migration is never edited: the next change is a new one at the end.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sealwright.errors import StorageError
from sealwright.store.files import file_error

if TYPE_CHECKING:
    from pathlib import Path

_FIRST: Final = """
CREATE TABLE provider (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, attest_uri TEXT NOT NULL, trust_model TEXT NOT NULL,
    location TEXT NOT NULL, status TEXT NOT NULL, cloud TEXT NOT NULL, resource_id TEXT NOT NULL,
    subscription TEXT NOT NULL, resource_group TEXT NOT NULL, tags TEXT NOT NULL,
    public_network_access TEXT NOT NULL, tpm_attestation_authentication TEXT NOT NULL,
    created TEXT, modified TEXT, last_seen TEXT
) STRICT;
CREATE TABLE policy_text (sha256 TEXT PRIMARY KEY, data BLOB NOT NULL) STRICT;
CREATE TABLE policy_history (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, provider_id TEXT NOT NULL,
    attestation_type TEXT NOT NULL, text_id TEXT NOT NULL REFERENCES policy_text (sha256),
    policy_hash TEXT NOT NULL, token_hash TEXT NOT NULL, origin TEXT NOT NULL, signer TEXT NOT NULL
) STRICT;
CREATE INDEX policy_history_place ON policy_history (provider_id, attestation_type, seq);
CREATE INDEX policy_history_hash ON policy_history (policy_hash);
CREATE TABLE activity (
    seq INTEGER PRIMARY KEY, time TEXT NOT NULL, who TEXT NOT NULL, place TEXT NOT NULL,
    what TEXT NOT NULL, result TEXT NOT NULL, request_id TEXT NOT NULL, before TEXT NOT NULL,
    after TEXT NOT NULL, detail TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL
) STRICT;
CREATE TABLE activity_end (
    one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, hash TEXT NOT NULL
) STRICT;
CREATE TABLE draft (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, data BLOB NOT NULL, saved TEXT NOT NULL,
    provider_id TEXT NOT NULL, attestation_type TEXT, path TEXT NOT NULL
) STRICT;
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE signing_key (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, algorithm TEXT NOT NULL,
    bits INTEGER NOT NULL, created TEXT NOT NULL, kept_in TEXT NOT NULL
) STRICT;
CREATE TABLE signing_key_certificate (
    key_id TEXT NOT NULL REFERENCES signing_key (id) ON DELETE CASCADE,
    place INTEGER NOT NULL, der BLOB NOT NULL, PRIMARY KEY (key_id, place)
) STRICT;
CREATE TABLE secret_name (
    name TEXT NOT NULL, kept_in TEXT NOT NULL, noted TEXT NOT NULL, PRIMARY KEY (kept_in, name)
) STRICT;
"""

_TEST_CASES: Final = """
CREATE TABLE test_case (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, attestation_type TEXT, claims TEXT NOT NULL,
    decision TEXT NOT NULL, saved TEXT NOT NULL
) STRICT;
"""

_KEY_SETS: Final = """
CREATE TABLE key_set (
    issuer TEXT NOT NULL, key_ids TEXT NOT NULL, first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL, url TEXT NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (issuer, key_ids)
) STRICT;
"""

_FLEET: Final = """
CREATE TABLE fleet_run (
    id TEXT PRIMARY KEY, workspace TEXT NOT NULL, started TEXT NOT NULL, finished TEXT
) STRICT;
CREATE INDEX fleet_run_workspace ON fleet_run (workspace, started);
CREATE TABLE fleet_target (
    run_id TEXT NOT NULL REFERENCES fleet_run (id) ON DELETE CASCADE, place INTEGER NOT NULL,
    provider_id TEXT NOT NULL, attestation_type TEXT NOT NULL, wanted TEXT NOT NULL,
    wanted_hash TEXT NOT NULL, state TEXT NOT NULL, detail TEXT NOT NULL,
    request_id TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
    PRIMARY KEY (run_id, provider_id, attestation_type)
) STRICT;
"""

_SUBSCRIPTION_NAMES: Final = """
ALTER TABLE provider ADD COLUMN subscription_name TEXT NOT NULL DEFAULT '';
"""

MIGRATIONS: Final = (_FIRST, _TEST_CASES, _KEY_SETS, _FLEET, _SUBSCRIPTION_NAMES)
"""SQL scripts; number n brings a database from version n to n + 1."""


def migrate(connection: sqlite3.Connection, backups: Path) -> None:
    """Bring the database to the newest version, a copy kept before each step.

    The caller holds the home's database lock.

    Raises:
        StorageError: a newer program made it, or the copy cannot be kept.
    """
    version = _version(connection)
    if version > len(MIGRATIONS):
        raise StorageError(
            "The local database was made by a newer Sealwright.",
            hint="Update Sealwright, or choose another home with --home.",
            details={"version": str(version), "known": str(len(MIGRATIONS))},
        )
    for number in range(version, len(MIGRATIONS)):
        # A database that is being made has nothing to keep yet.
        if version:
            _keep_copy(connection, backups, number)
        script = f"BEGIN IMMEDIATE; {MIGRATIONS[number]} PRAGMA user_version = {number + 1}; COMMIT"
        _run(connection, script)


def _version(connection: sqlite3.Connection) -> int:
    row = connection.execute("PRAGMA user_version").fetchone()
    return int(row[0])


def _run(connection: sqlite3.Connection, script: str) -> None:
    try:
        connection.executescript(script)
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _keep_copy(connection: sqlite3.Connection, backups: Path, version: int) -> None:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    try:
        backups.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise file_error("A copy of the database cannot be kept", error) from error
    path = backups / f"sealwright-version-{version}-{stamp}.db"
    # The connection's own read transaction sees a whole database, also beside other processes.
    connection.execute("VACUUM INTO ?", (str(path),))
