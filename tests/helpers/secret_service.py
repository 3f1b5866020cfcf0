"""A real Secret Service for tests: GNOME Keyring on a private bus, unlocked, nothing shared.

Where the programs are missing the tests are skipped, saying so; with SEALWRIGHT_REQUIRE_KEYRING=1,
as the test set-up runs them, they fail instead.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from helpers.private_session import REQUIRED, PrivateSession, missing_programs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keyring.backend import KeyringBackend


def require_programs() -> None:
    """Skip, or fail where the keyring is required, when its programs are not installed."""
    missing = missing_programs(*REQUIRED)
    if not missing:
        return
    words = f"no real Secret Service here: {', '.join(missing)} not installed"
    if os.environ.get("SEALWRIGHT_REQUIRE_KEYRING") == "1":
        pytest.fail(words)
    pytest.skip(words)


@pytest.fixture(scope="module")
def secret_service_session() -> Iterator[PrivateSession]:
    """The session with its keyring, one a test module."""
    require_programs()
    with PrivateSession() as session:
        yield session


@pytest.fixture
def secret_service(
    secret_service_session: PrivateSession, monkeypatch: pytest.MonkeyPatch
) -> KeyringBackend:
    """keyring's backend for that session."""
    from keyring.backends.SecretService import Keyring  # noqa: PLC0415 - Linux only

    address = secret_service_session.env["DBUS_SESSION_BUS_ADDRESS"]
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    return Keyring()  # type: ignore[no-untyped-call]  # keyring has no type there


def lock_collection() -> None:
    """Lock the default collection of the session in the environment."""
    import secretstorage  # noqa: PLC0415 - Linux only

    connection = secretstorage.dbus_init()
    try:
        secretstorage.get_default_collection(connection).lock()
    finally:
        connection.close()
