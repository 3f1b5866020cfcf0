"""Keys that stay on a device: smart cards and security modules behind PKCS#11."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sealwright.secret import Secret
    from sealwright.services.ports.keys import Signer


@dataclass(frozen=True, slots=True)
class Pkcs11Key:
    """Where a key is (PKCS#11 sections 2.4 and 4)."""

    module: str
    """Path of the library that the device's maker gives."""
    token: str = ""
    """Label or serial number of the token, or `slot:N`; empty where only one is present."""
    key: str = ""
    """Label of the key, or its id in hex; empty where one only has a certificate."""


class Pkcs11Keys(Protocol):
    """Keys behind PKCS#11. A PIN is tried once: a token locks itself after a few wrong ones."""

    async def signer(self, place: Pkcs11Key, pin: Secret[str] | None) -> Signer:
        """The signer behind a key, with the certificate that lies beside it; logs in once.

        Raises:
            PinError: the token wants a PIN, or another one.
            StorageError: no such module or token, or it failed.
            KeyMaterialError: no such key, no certificate, or not of RSA.
        """
        ...
