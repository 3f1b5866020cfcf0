"""The sandbox's own signing keys: made when they are first needed, kept in its file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from sealwright.errors import StorageError

if TYPE_CHECKING:
    from sealwright.sandbox.state import State

REGION: Final = "region"
"""Signs every provider's tokens: one key for the whole region (spec rest-api, 3.7)."""
PAIR: Final = "pair"
"""The same for the region that takes over after a failure."""
FOREIGN: Final = "foreign"
"""Belongs to nobody: signs tokens for the fault that no client may accept."""
AUTHORITY: Final = "authority"
"""Signs access tokens."""

_BITS: Final = 2048


class Keys:
    """RSA keys by name."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._loaded: dict[str, rsa.RSAPrivateKey] = {}

    def get(self, name: str) -> rsa.RSAPrivateKey:
        """The key; made on first use, the same for every process on the file from then on."""
        key = self._loaded.get(name)
        if key is None:
            key = self._loaded.setdefault(name, self._load(name))
        return key

    def _load(self, name: str) -> rsa.RSAPrivateKey:
        kept = self._state.fact(f"key:{name}")
        if kept is None:
            kept = self._make(name)
        # Made here and never edited: the full check of an RSA key costs a thousand times more.
        key = load_der_private_key(kept, None, unsafe_skip_rsa_key_validation=True)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise StorageError(f"The sandbox's key `{name}` is damaged.")
        return key

    def _make(self, name: str) -> bytes:
        made = rsa.generate_private_key(public_exponent=65537, key_size=_BITS).private_bytes(
            Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
        )
        with self._state.writing():
            kept = self._state.fact(f"key:{name}")
            if kept is None:
                self._state.put_fact(f"key:{name}", made)
        return kept or made
