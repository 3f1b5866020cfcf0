"""The vault's ports in memory, over keys that are made once in a test run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256

from helpers.issuing import certificate, rsa_key
from helpers.memory_stores import START
from sealwright.errors import KeyMaterialError, StorageError, UsageError
from sealwright.services.certificates import describe_certificate
from sealwright.services.model import (
    SigningKey,
    VaultStatus,
)

if TYPE_CHECKING:
    from sealwright.secret import Secret
    from sealwright.services.ports import (
        NewKey,
        Signer,
    )


class MemorySigner:
    """Signs with a key of the tests."""

    algorithm = "RS256"

    def __init__(self, label: str, chain: tuple[bytes, ...]) -> None:
        self._label = label
        self.certificate_chain = chain

    async def sign(self, data: bytes) -> bytes:
        return rsa_key(self._label).sign(data, padding.PKCS1v15(), SHA256())


def policy_certificate(label: str, **members: object) -> bytes:
    """A self-signed CA certificate over the key of `label`."""
    del members
    return certificate(rsa_key(label), label, ca=True)


class MemoryVault:
    """Keys made once in a test run, by name; `broken` is what every use raises."""

    def __init__(self) -> None:
        self._keys: dict[str, tuple[str, SigningKey]] = {}
        self.broken: StorageError | None = None

    def hold(self, name: str, *, chain: tuple[bytes, ...] = (), label: str = "") -> SigningKey:
        label = label or name
        chain = chain or (policy_certificate(label),)
        described = describe_certificate(chain[0])
        key = SigningKey(name, "RSA", 2048, described, chain, START)
        self._keys[name] = (label, key)
        return key

    async def keys(self) -> tuple[SigningKey, ...]:
        return tuple(key for _, (_, key) in sorted(self._keys.items()))

    async def generate(self, new: NewKey) -> SigningKey:
        if self.broken is not None:
            raise self.broken
        if new.name in self._keys:
            raise UsageError(f"A key is named `{new.name}` already.")
        return self.hold(new.name)

    async def import_key(
        self, name: str, data: bytes, *, certificates: bytes = b"", passphrase: Secret[str] | None
    ) -> SigningKey:
        del certificates, passphrase
        if not data.startswith(b"key:"):
            raise KeyMaterialError("This is no key.")
        return self.hold(name, label=data.decode().removeprefix("key:"))

    async def export_key(self, name: str, *, form: str, passphrase: Secret[str]) -> bytes:
        del passphrase
        return f"{form}:{name}".encode()

    async def rename(self, old: str, new: str) -> SigningKey:
        label, key = self._keys.pop(old)
        self._keys[new] = (label, replace(key, name=new))
        return self._keys[new][1]

    async def delete(self, name: str) -> None:
        del self._keys[name]

    async def signer(self, name: str) -> Signer:
        if self.broken is not None:
            raise self.broken
        label, key = self._keys[name]
        return MemorySigner(label, key.chain)

    async def status(self) -> VaultStatus:
        problem, hint = (self.broken.summary, self.broken.hint) if self.broken else ("", "")
        return VaultStatus("memory only", "memory", not problem, problem, hint)

    async def choose(self, kind: str, passphrase: Secret[str] | None = None) -> VaultStatus:
        del kind, passphrase
        return await self.status()

    async def purge(self) -> tuple[str, ...]:
        self._keys.clear()
        return ()
