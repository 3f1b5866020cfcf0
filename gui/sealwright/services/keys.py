"""My keys: generate, import, export, rename, delete, and what they sign for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sealwright.secret import Secret
    from sealwright.services.model import Provider, SigningKey, VaultStatus
    from sealwright.services.ports import NewKey, Signer


@dataclass(frozen=True, slots=True)
class KeyUse:
    """A key and the providers known to trust its certificate."""

    key: SigningKey
    signs_for: tuple[Provider, ...]


class KeysService:
    """The policy signing keys of this home."""

    async def list(self) -> tuple[KeyUse, ...]:
        """All keys by name, with what they were last seen to sign for; no network, no prompt."""
        raise NotImplementedError

    async def status(self) -> VaultStatus:
        """Which secret store is in use and whether it works."""
        raise NotImplementedError

    async def generate(self, new: NewKey) -> SigningKey:
        """Make a key and its self-signed certificate; seconds for 4096 bits."""
        raise NotImplementedError

    async def import_key(
        self,
        name: str,
        data: bytes,
        *,
        certificates: bytes = b"",
        passphrase: Secret[str] | None = None,
    ) -> SigningKey:
        """Keep a key from PEM, DER or PKCS#12.

        Raises:
            KeyMaterialError: says which rule refused it.
        """
        raise NotImplementedError

    async def export_key(self, name: str, *, form: str, passphrase: Secret[str]) -> bytes:
        """The key, encrypted; `form` is `pkcs8` or `pkcs12`."""
        raise NotImplementedError

    async def rename(self, old: str, new: str) -> SigningKey:
        """Give a key another name."""
        raise NotImplementedError

    async def delete(self, name: str) -> None:
        """Forget the key for good; `signs_for` of `list` says what that means."""
        raise NotImplementedError

    async def signer(self, name: str) -> Signer:
        """The signer behind a key; unlocks nothing yet."""
        raise NotImplementedError
