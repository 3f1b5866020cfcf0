"""Secrets in the OS keyring: the backend in use, its limit, and whether it really works.

Invariants
- The service name is `sealwright/{home-id}`: no entry of another home is read or deleted.
- There is no plain-text fallback: a backend that does not encrypt is refused by name.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from sealwright.errors import StorageError
from sealwright.services.model import VaultStatus
from sealwright.vault.backend_names import backend_name
from sealwright.vault.keyring_errors import OTHER_WAYS, keyring_error
from sealwright.vault.sharding import ShardedEntries

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from keyring.backend import KeyringBackend

_WINDOWS_LIMIT: Final = 1280
"""UTF-16 units: CRED_MAX_CREDENTIAL_BLOB_SIZE is 2,560 bytes."""
_USUAL_LIMIT: Final = 65536
"""Characters; the other systems' own backends keep far more."""
_CAUTIOUS_LIMIT: Final = 1024
"""Characters; for a backend that did not take a longer canary."""

_KNOWN_LIMITS: Final = {
    "keyring.backends.Windows": _WINDOWS_LIMIT,
    "keyring.backends.macOS": _USUAL_LIMIT,
    "keyring.backends.SecretService": _USUAL_LIMIT,
    "keyring.backends.libsecret": _USUAL_LIMIT,
    "keyring.backends.kwallet": _USUAL_LIMIT,
}
_REFUSED_MODULES: Final = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")
_RECOMMENDED: Final = 1
"""keyring gives backends that do not protect what they keep a priority below this."""


class BackendEntries:
    """The port `Entries` of one backend and service, its exceptions mapped."""

    def __init__(self, backend: KeyringBackend, service: str) -> None:
        self._backend = backend
        self._service = service
        self._name = backend_name(backend)

    def get(self, name: str) -> str | None:
        """The text, or None."""
        try:
            return self._backend.get_password(self._service, name)
        except Exception as error:
            raise keyring_error(error, self._name) from error

    def put(self, name: str, text: str) -> None:
        """Keep a text."""
        try:
            self._backend.set_password(self._service, name, text)
        except Exception as error:
            raise keyring_error(error, self._name) from error

    def remove(self, name: str) -> bool:
        """Forget a text; False when it was not there."""
        # Backends say "not there" and "failed" with one exception: asking tells them apart.
        if self.get(name) is None:
            return False
        try:
            self._backend.delete_password(self._service, name)
        except Exception as error:
            raise keyring_error(error, self._name) from error
        return True


class KeyringBox:
    """The OS keyring as a `Box`."""

    kind = "keyring"

    def __init__(
        self,
        home_id: Callable[[], str],
        guard: Callable[[str], AbstractContextManager[None]],
        find: Callable[[], KeyringBackend] | None = None,
    ) -> None:
        self._home_id = home_id
        self._guard = guard
        self._find = find or system_backend
        self._found: tuple[KeyringBackend, ShardedEntries] | None = None

    def read(self, name: str) -> bytes | None:
        """The secret, or None."""
        return self._entries().read(name)

    def write(self, name: str, data: bytes) -> None:
        """Keep a secret; the old value stays whole until the new one is."""
        entries = self._entries()
        with self._guard("keyring"):
            entries.write(name, data)

    def remove(self, name: str) -> None:
        """Forget a secret; nothing happens when it is not there."""
        entries = self._entries()
        with self._guard("keyring"):
            entries.remove(name)

    def probe(self) -> VaultStatus:
        """Write, read and remove a canary, and name the backend."""
        name = "none"
        try:
            backend = self._acceptable()
            name = backend_name(backend)
            entries = BackendEntries(backend, self._service())
            with self._guard("keyring"):
                _canary(entries, 64)
        except StorageError as error:
            kind = "none" if name == "none" else self.kind
            return VaultStatus(
                backend=name, kind=kind, usable=False, problem=error.summary, hint=error.hint
            )
        return VaultStatus(backend=name, kind=self.kind, usable=True)

    def _service(self) -> str:
        return f"sealwright/{self._home_id()}"

    def _acceptable(self) -> KeyringBackend:
        try:
            found = self._find()
        except StorageError:
            raise
        except Exception as error:
            raise keyring_error(error, "none") from error
        return acceptable(found)

    def _entries(self) -> ShardedEntries:
        if self._found is None:
            backend = self._acceptable()
            entries = BackendEntries(backend, self._service())
            self._found = (backend, ShardedEntries(entries, self._limit(backend, entries)))
        return self._found[1]

    def _limit(self, backend: KeyringBackend, entries: BackendEntries) -> int:
        known = _known_limit(type(backend).__module__)
        if known is not None:
            return known
        with self._guard("keyring"):
            try:
                _canary(entries, _USUAL_LIMIT)
            except StorageError:
                _canary(entries, _CAUTIOUS_LIMIT)
                return _CAUTIOUS_LIMIT
        return _USUAL_LIMIT


def system_backend() -> KeyringBackend:
    """The backend that `keyring` chooses: environment, its settings file, or the best there is."""
    import keyring  # noqa: PLC0415 - 73 ms, in the worker thread that needs it

    return keyring.get_keyring()


def acceptable(backend: KeyringBackend) -> KeyringBackend:
    """The backend itself, or the first good one of a chain.

    Raises:
        StorageError: it keeps nothing, or keeps it in plain text.
    """
    if type(backend).__module__ == "keyring.backends.chainer":
        for member in getattr(backend, "backends", ()):
            if not _refusal(member):
                found: KeyringBackend = member
                return found
    refusal = _refusal(backend)
    if refusal:
        raise StorageError(
            refusal,
            hint=f"Install and start one (GNOME Keyring, KWallet, KeePassXC), or {OTHER_WAYS}.",
            details={"backend": f"{type(backend).__module__}.{type(backend).__qualname__}"},
        )
    return backend


def _refusal(backend: KeyringBackend) -> str:
    module = type(backend).__module__
    name = f"{module}.{type(backend).__qualname__}"
    if module.startswith("keyring.backends.fail"):
        return "No OS keyring was found on this computer."
    if module.startswith("keyring.backends.null"):
        return "The keyring of this computer is switched off: it would keep nothing."
    if module.startswith("keyring.backends.chainer"):
        return "No OS keyring was found on this computer."
    if module.startswith(_REFUSED_MODULES) or "plaintext" in name.lower():
        return f"The keyring in use (`{name}`) does not protect what it keeps."
    if _known_limit(module) is None and _priority(backend) < _RECOMMENDED:
        return f"The keyring in use (`{name}`) is not one that protects what it keeps."
    return ""


def _priority(backend: KeyringBackend) -> float:
    try:
        return float(type(backend).priority)
    except Exception:  # noqa: BLE001 - a backend computes it, and may raise anything
        return 0.0


def _known_limit(module: str) -> int | None:
    for known, limit in _KNOWN_LIMITS.items():
        if module == known or module.startswith(f"{known}."):
            return limit
    return None


def _canary(entries: BackendEntries, length: int) -> None:
    """Prove that the backend keeps what it is given: it may say yes and keep nothing.

    Raises:
        StorageError: it does not.
    """
    name = f"canary-{os.urandom(8).hex()}"
    value = os.urandom(length // 2).hex()
    entries.put(name, value)
    try:
        read = entries.get(name)
    finally:
        removed = entries.remove(name)
    if read != value or not removed:
        raise StorageError(
            "The OS keyring does not give back what it is given.",
            hint=f"Check it, or {OTHER_WAYS}.",
        )
