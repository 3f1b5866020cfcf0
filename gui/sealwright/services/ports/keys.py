"""Policy signing keys and other secrets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from sealwright.secret import Secret
    from sealwright.services.model import (
        SigningKey,
        VaultStatus,
    )


class Signer(Protocol):
    """A policy signing key that can be used once it has been unlocked."""

    @property
    def certificate_chain(self) -> tuple[bytes, ...]:
        """DER certificates, leaf first."""
        ...

    @property
    def algorithm(self) -> str:
        """JOSE name; `RS256`."""
        ...

    async def sign(self, data: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 SHA-256 over `data`, verified with the certificate before return.

        Raises:
            StorageError: the secret store is locked, denied or gone.
            KeyMaterialError: the stored key does not match its certificate.
        """
        ...


@dataclass(frozen=True, slots=True)
class NewKey:
    """How to make a key and its self-signed certificate."""

    name: str
    bits: int = 3072
    subject: str = ""
    """RFC 4514 name; empty means `CN=` and the key's name."""
    valid_days: int = 730


class KeyVault(Protocol):
    """Policy signing keys. Listing asks the secret store for nothing."""

    async def keys(self) -> tuple[SigningKey, ...]:
        """All keys, by name."""
        ...

    async def generate(self, new: NewKey) -> SigningKey:
        """Make a key pair and a self-signed CA certificate, and keep both."""
        ...

    async def import_key(
        self, name: str, data: bytes, *, certificates: bytes = b"", passphrase: Secret[str] | None
    ) -> SigningKey:
        """Keep a key from PEM (PKCS#1, PKCS#8, encrypted), DER or PKCS#12 with its certificates.

        Raises:
            KeyMaterialError: says which rule refused it (kind, size, match, passphrase, form).
        """
        ...

    async def export_key(self, name: str, *, form: str, passphrase: Secret[str]) -> bytes:
        """The key, encrypted; `form` is `pkcs8` (PEM) or `pkcs12`."""
        ...

    async def rename(self, old: str, new: str) -> SigningKey:
        """Give a key another name."""
        ...

    async def delete(self, name: str) -> None:
        """Forget the key for good."""
        ...

    async def signer(self, name: str) -> Signer:
        """The signer behind a key; unlocks nothing yet."""
        ...

    async def status(self) -> VaultStatus:
        """Write, read and remove a canary, and name the backend in use."""
        ...


class CredentialVault(Protocol):
    """Client secrets, token caches and other small secrets by name."""

    async def get(self, name: str) -> Secret[str] | None:
        """The secret, or None."""
        ...

    async def put(self, name: str, value: Secret[str]) -> None:
        """Keep a secret; the old value stays whole until the new one is."""
        ...

    async def remove(self, name: str) -> None:
        """Forget it; nothing happens when it is not there."""
        ...


class Sealer(Protocol):
    """Encrypts small things with a key that the secret store holds."""

    async def seal(self, data: bytes) -> str:
        """The data encrypted, as text.

        Raises:
            StorageError: the secret store is locked, denied or gone.
        """
        ...

    async def unseal(self, sealed: str) -> bytes | None:
        """The data again; None when its key is gone or the text was changed.

        Raises:
            StorageError: the secret store is locked, denied or gone.
        """
        ...

    async def forget(self) -> None:
        """Remove the key: whatever copy there is of what was encrypted, nobody reads it again.

        Raises:
            StorageError: the secret store is locked, denied or gone.
        """
        ...


class VaultChoice(Protocol):
    """Which secret store takes new secrets. Old ones stay where they were put."""

    async def choose(self, kind: str, passphrase: Secret[str] | None = None) -> VaultStatus:
        """Use `keyring`, `file` (makes or unlocks the vault file) or `memory` from now on.

        Raises:
            StorageError: the store does not work, or the passphrase is wrong or missing.
        """
        ...

    async def purge(self) -> tuple[str, ...]:
        """Remove every secret of this home; the names of those that could not be removed."""
        ...


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A signing key in the index: where its private half is kept, and under which name."""

    id: str
    kept_in: str
    """Kind of secret store: `keyring` or `file`."""
    key: SigningKey


class KeyIndex(Protocol):
    """Public metadata of keys, and the names of all secrets, so that none is ever lost sight of."""

    async def records(self) -> tuple[KeyRecord, ...]:
        """All keys, by name in any case."""
        ...

    async def add(self, record: KeyRecord) -> None:
        """Add a key.

        Raises:
            UsageError: a key has this name already.
        """
        ...

    async def rename(self, key_id: str, name: str) -> None:
        """Give a key another name.

        Raises:
            UsageError: another key has it.
        """
        ...

    async def remove(self, key_id: str) -> None:
        """Forget a key; nothing happens when it is not there."""
        ...

    async def note_secret(self, name: str, kept_in: str, noted: datetime) -> None:
        """Remember the name of a secret, before the secret itself is put."""
        ...

    async def forget_secret(self, name: str, kept_in: str) -> None:
        """Forget the name of a secret, after the secret itself was removed."""
        ...

    async def secrets(self) -> tuple[tuple[str, str, datetime], ...]:
        """Every noted secret as (name, kept in, when it was noted)."""
        ...
