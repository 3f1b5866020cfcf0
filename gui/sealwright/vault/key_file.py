"""A signer over a key file, for pipelines that keep their key outside the vault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.services.certificates import certificates_in
from sealwright.vault.chain import chain_for
from sealwright.vault.material import read_key
from sealwright.vault.signing import ALGORITHM, sign_checked

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from sealwright.secret import Secret


class KeyFileSigner:
    """The port `Signer` over a key in memory; never waits, so no event loop is needed."""

    def __init__(self, key: RSAPrivateKey, chain: tuple[bytes, ...]) -> None:
        self._key = key
        self._chain = chain

    @property
    def certificate_chain(self) -> tuple[bytes, ...]:
        """DER certificates, leaf first."""
        return self._chain

    @property
    def algorithm(self) -> str:
        """JOSE name."""
        return ALGORITHM

    async def sign(self, data: bytes) -> bytes:
        """Sign, and verify with the certificate before returning.

        Raises:
            KeyMaterialError: the key does not match its certificate.
        """
        return sign_checked("key file", self._key, self._chain[0], data)


def read_key_file(
    key: bytes, certificates: bytes = b"", passphrase: Secret[str] | None = None
) -> KeyFileSigner:
    """The signer of a key file and its certificates; blocking, and checks the key in full.

    Raises:
        KeyMaterialError: says which rule refused it.
    """
    private, found = read_key(key, passphrase)
    if certificates:
        found += certificates_in(certificates)
    return KeyFileSigner(private, chain_for(private.public_key(), found))
