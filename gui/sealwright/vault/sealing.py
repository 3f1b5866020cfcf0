"""Encrypts what is too large for a keyring with a key that is kept there."""

from __future__ import annotations

import base64
import binascii
import os
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sealwright.secret import Secret

if TYPE_CHECKING:
    from sealwright.services.ports import CredentialVault

_KEY_NAME: Final = "seal"
_KEY_SIZE: Final = 32
_NONCE: Final = 12


class VaultSealer:
    """The port `Sealer`: AES-256-GCM, a fresh nonce each time, the purpose bound as data."""

    def __init__(self, credentials: CredentialVault, purpose: str) -> None:
        self._credentials = credentials
        self._purpose = purpose.encode("utf-8")

    async def seal(self, data: bytes) -> str:
        """The data encrypted, as text."""
        key = await self._key()
        if key is None:
            key = os.urandom(_KEY_SIZE)
            text = base64.b64encode(key).decode("ascii")
            await self._credentials.put(_KEY_NAME, Secret(text))
        nonce = os.urandom(_NONCE)
        sealed = AESGCM(key).encrypt(nonce, data, self._purpose)
        return base64.b64encode(nonce + sealed).decode("ascii")

    async def unseal(self, sealed: str) -> bytes | None:
        """The data again; None when its key is gone or the text was changed."""
        key = await self._key()
        if key is None:
            return None
        try:
            raw = base64.b64decode(sealed, validate=True)
            return AESGCM(key).decrypt(raw[:_NONCE], raw[_NONCE:], self._purpose)
        except (binascii.Error, InvalidTag, ValueError):
            return None

    async def forget(self) -> None:
        """Remove the key; the next thing to seal gets a new one."""
        await self._credentials.remove(_KEY_NAME)

    async def _key(self) -> bytes | None:
        kept = await self._credentials.get(_KEY_NAME)
        if kept is None:
            return None
        try:
            key = base64.b64decode(kept.reveal(), validate=True)
        except binascii.Error:
            return None
        return key if len(key) == _KEY_SIZE else None
