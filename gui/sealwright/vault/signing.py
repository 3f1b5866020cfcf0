"""RSASSA-PKCS1-v1_5 with SHA-256, each signature verified before it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.errors import KeyMaterialError, StorageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from sealwright.services.ports import KeyRecord
    from sealwright.vault.stores import SecretStores

ALGORITHM: Final = "RS256"


class StoredKeySigner:
    """The port `Signer` over a key of the vault; the key is in memory only while it signs."""

    def __init__(self, stores: SecretStores, record: KeyRecord, entry: str) -> None:
        self._stores = stores
        self._record = record
        self._entry = entry

    @property
    def certificate_chain(self) -> tuple[bytes, ...]:
        """DER certificates, leaf first."""
        return self._record.key.chain

    @property
    def algorithm(self) -> str:
        """JOSE name."""
        return ALGORITHM

    async def sign(self, data: bytes) -> bytes:
        """Sign, and verify with the certificate before returning.

        Raises:
            StorageError: the secret store is locked, denied or gone.
            KeyMaterialError: the stored key does not match its certificate.
        """
        from anyio import to_thread  # noqa: PLC0415 - after the first paint

        name = self._record.key.name
        pkcs8 = await self._stores.read(self._entry, self._record.kept_in)
        if pkcs8 is None:
            raise missing_half(name)
        return await to_thread.run_sync(sign_once, name, pkcs8, self.certificate_chain[0], data)


def missing_half(name: str) -> StorageError:
    """The key is listed, but its private half is nowhere."""
    return StorageError(
        f"The private half of the key `{name}` is not in the secret store any more.",
        hint="Import the key again, or delete it here.",
    )


def sign_once(name: str, pkcs8: bytes, certificate: bytes, data: bytes) -> bytes:
    """Load a key of ours, sign, verify and drop the key; blocking.

    Raises:
        KeyMaterialError: the key is damaged or does not match its certificate.
    """
    return sign_checked(name, load_own_key(name, pkcs8), certificate, data)


def load_own_key(name: str, pkcs8: bytes) -> RSAPrivateKey:
    """A key that was checked in full when it came into the vault, loaded without the check.

    The check holds the interpreter lock for up to 250 ms; a key that changed since then is
    caught by verifying its signature.

    Raises:
        KeyMaterialError: these bytes are no RSA key any more.
    """
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.serialization import load_der_private_key  # noqa: PLC0415 - as above

    try:
        key = load_der_private_key(pkcs8, None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError) as error:
        raise _damaged(name) from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise _damaged(name)
    return key


def sign_checked(name: str, key: RSAPrivateKey, certificate: bytes, data: bytes) -> bytes:
    """Sign with a loaded key and verify with the certificate; blocking.

    Raises:
        KeyMaterialError: the signature does not verify.
    """
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415 - heavy

    try:
        signature = key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    except ValueError as error:
        raise _damaged(name) from error
    verify_with(certificate, signature, data, name)
    return signature


def verify_with(certificate: bytes, signature: bytes, data: bytes, name: str) -> None:
    """See that the certificate of the key `name` verifies a signature.

    Raises:
        KeyMaterialError: it does not.
    """
    from cryptography import x509  # noqa: PLC0415 - heavy
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415 - heavy

    try:
        public = x509.load_der_x509_certificate(certificate).public_key()
        if not isinstance(public, rsa.RSAPublicKey):
            raise _damaged(name)
        public.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError) as error:
        raise _damaged(name) from error


def _damaged(name: str) -> KeyMaterialError:
    return KeyMaterialError(
        f"The private half of the key `{name}` does not match its certificate.",
        hint="Something else changed it. Import the key again; nothing was signed.",
    )
