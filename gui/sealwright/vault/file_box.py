"""Secrets in one file under a passphrase: scrypt (RFC 7914) and AES-256-GCM.

Invariants
- The whole content is sealed again, under a fresh nonce, with every change; the header is
  authenticated with it.
- The file is written atomically while other processes are kept out.
- The passphrase itself is not kept, only the key derived from it, and only in memory.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sealwright.errors import StorageError
from sealwright.secret import Secret
from sealwright.services.model import VaultStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

FORMAT: Final = "sealwright-vault-1"
MIN_PASSPHRASE: Final = 8
"""Characters."""
_COST: Final = 2**17
"""scrypt N; with r = 8 each guess costs 128 MB."""
_MAX_COST: Final = 2**20
"""What a file may ask for: more would be an attack on this computer's memory."""
_BLOCK: Final = 8
_NONCE: Final = 12
_SALT: Final = 16
_LIMIT: Final = 64 * 2**20
"""Bytes of a vault file."""
_OPEN_IT: Final = (
    "Give its passphrase and try again; on the command line with --vault-passphrase-file FILE."
)


@dataclass(frozen=True, slots=True)
class _Sealed:
    salt: bytes
    cost: int
    nonce: bytes
    data: bytes

    @property
    def header(self) -> bytes:
        return f"{FORMAT}:{self.cost}:{self.salt.hex()}".encode("ascii")


class FileBox:
    """The vault file as a `Box`; locked until a passphrase is given."""

    kind = "file"

    def __init__(
        self,
        path: Path,
        guard: Callable[[str], AbstractContextManager[None]],
        write: Callable[[Path, bytes], None],
        *,
        cost: int = _COST,
    ) -> None:
        self._path = path
        self._guard = guard
        self._write_file = write
        self._cost = cost
        self._key: Secret[bytes] | None = None
        self._salt = b""
        self._key_cost = cost

    def unlock(self, passphrase: Secret[str]) -> None:
        """Open the file with its passphrase, or make it with this one.

        Raises:
            StorageError: wrong passphrase, too short for a new file, or not a vault file.
        """
        with self._guard("vault"):
            sealed = self._load()
            if sealed is None:
                self._begin(passphrase)
                return
            key = _derive(passphrase, sealed.salt, sealed.cost)
            _open(sealed, key)
        self._key, self._salt, self._key_cost = key, sealed.salt, sealed.cost

    def lock(self) -> None:
        """Forget the key; the next use asks for the passphrase."""
        self._key = None

    def read(self, name: str) -> bytes | None:
        """The secret, or None."""
        text = self._values().get(name)
        return None if text is None else base64.b64decode(text)

    def write(self, name: str, data: bytes) -> None:
        """Keep a secret; the old value stays whole until the new one is."""
        with self._guard("vault"):
            values = self._values()
            self._seal({**values, name: base64.b64encode(data).decode("ascii")})

    def remove(self, name: str) -> None:
        """Forget a secret; nothing happens when it is not there."""
        with self._guard("vault"):
            values = self._values()
            if values.pop(name, None) is not None:
                self._seal(values)

    def probe(self) -> VaultStatus:
        """Whether the file opens with the passphrase that was given."""
        try:
            self._values()
        except StorageError as error:
            return VaultStatus(
                backend="vault file",
                kind=self.kind,
                usable=False,
                problem=error.summary,
                hint=error.hint,
            )
        return VaultStatus(backend="vault file", kind=self.kind, usable=True)

    def _begin(self, passphrase: Secret[str]) -> None:
        if len(passphrase.reveal()) < MIN_PASSPHRASE:
            raise StorageError(
                f"The passphrase is shorter than {MIN_PASSPHRASE} characters.",
                hint="Choose a longer one: it alone protects the vault file.",
            )
        self._salt, self._key_cost = os.urandom(_SALT), self._cost
        self._key = _derive(passphrase, self._salt, self._cost)
        self._seal({})

    def _values(self) -> dict[str, str]:
        if self._key is None:
            raise StorageError("The vault file is locked.", hint=_OPEN_IT)
        sealed = self._load()
        if sealed is None:
            raise StorageError(
                "The vault file is gone.",
                hint="Restore it from a backup, or choose the vault again to make a new one.",
            )
        if (sealed.salt, sealed.cost) != (self._salt, self._key_cost):
            self._key = None
            raise StorageError(
                "The vault file was replaced by another one.", hint="Give its passphrase."
            )
        return _open(sealed, self._key)

    def _seal(self, values: dict[str, str]) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - heavy

        if self._key is None:
            raise StorageError("The vault file is locked.", hint=_OPEN_IT)
        sealed = _Sealed(self._salt, self._key_cost, os.urandom(_NONCE), b"")
        plain = json.dumps(values).encode("ascii")
        data = AESGCM(self._key.reveal()).encrypt(sealed.nonce, plain, sealed.header)
        document = {
            "format": FORMAT,
            "cost": sealed.cost,
            "salt": base64.b64encode(sealed.salt).decode("ascii"),
            "nonce": base64.b64encode(sealed.nonce).decode("ascii"),
            "data": base64.b64encode(data).decode("ascii"),
        }
        self._write_file(self._path, json.dumps(document).encode("ascii"))

    def _load(self) -> _Sealed | None:
        try:
            with self._path.open("rb") as file:
                raw = file.read(_LIMIT)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError(
                "The vault file cannot be read.",
                hint="Check its permissions.",
                details={"reason": str(error)},
            ) from error
        return _parse(raw)


def _parse(raw: bytes) -> _Sealed:
    try:
        document = json.loads(raw)
        if document["format"] != FORMAT:
            raise _no_vault()
        sealed = _Sealed(
            salt=base64.b64decode(document["salt"], validate=True),
            cost=int(document["cost"]),
            nonce=base64.b64decode(document["nonce"], validate=True),
            data=base64.b64decode(document["data"], validate=True),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise _no_vault() from error
    power = sealed.cost & (sealed.cost - 1) == 0
    if not (power and 1 < sealed.cost <= _MAX_COST and len(sealed.nonce) == _NONCE):
        raise _no_vault()
    return sealed


def _derive(passphrase: Secret[str], salt: bytes, cost: int) -> Secret[bytes]:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt  # noqa: PLC0415 - heavy

    kdf = Scrypt(salt=salt, length=32, n=cost, r=_BLOCK, p=1)
    return Secret(kdf.derive(passphrase.reveal().encode("utf-8")))


def _open(sealed: _Sealed, key: Secret[bytes]) -> dict[str, str]:
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - heavy

    try:
        plain = AESGCM(key.reveal()).decrypt(sealed.nonce, sealed.data, sealed.header)
    except InvalidTag as error:
        raise StorageError(
            "The passphrase does not open the vault file.",
            hint="Check it and try again; a damaged file does not open either.",
        ) from error
    values = json.loads(plain)
    return {str(name): str(value) for name, value in values.items()}


def _no_vault() -> StorageError:
    return StorageError(
        "The vault file is damaged, or is not one.", hint="Restore it from a backup."
    )
