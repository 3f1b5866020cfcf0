"""Reading keys out of files: which forms are taken, and the reason for each refusal.

Everything here blocks, and loading a key holds the interpreter lock for its whole check (36 ms for
2048 bits, 250 ms for 4096): the application calls it in a child process, see `check_key`.
`details["check"]` of every refusal names its rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sealwright.errors import KeyMaterialError
from sealwright.services.certificates import MAX_BUNDLE, certificates_in, key_words
from sealwright.vault.chain import chain_for
from sealwright.vault.containers import Container, look_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from sealwright.secret import Secret

MIN_BITS: Final = 2048
MAX_BITS: Final = 16384
"""OpenSSL verifies nothing larger."""


@dataclass(frozen=True, slots=True)
class Material:
    """A checked key: PKCS#8 DER, and its certificates as DER, leaf first."""

    pkcs8: bytes
    chain: tuple[bytes, ...]
    bits: int

    def __repr__(self) -> str:
        """Show nothing of the key."""
        return f"Material({self.bits} bits)"


def read_material(
    data: bytes, certificates: bytes = b"", passphrase: Secret[str] | None = None
) -> Material:
    """Read a key and its certificates, and check the key in full.

    Raises:
        KeyMaterialError: says which rule refused it.
    """
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - heavy
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    key, found = read_key(data, passphrase)
    if certificates:
        found += certificates_in(certificates)
    chain = chain_for(key.public_key(), found)
    pkcs8 = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return Material(pkcs8, chain, key.key_size)


def read_key(
    data: bytes, passphrase: Secret[str] | None
) -> tuple[RSAPrivateKey, tuple[bytes, ...]]:
    """The RSA key in a file and the certificates (DER) that are in it too.

    Raises:
        KeyMaterialError: says which rule refused it.
    """
    if len(data) > MAX_BUNDLE:
        raise refused("size", "This file is too large to be a key.", "Choose the right file.")
    container = look_at(data)
    password = None if passphrase is None else passphrase.reveal().encode("utf-8")
    if container.kind == "pkcs12":
        key, found = _from_pkcs12(container.key, password)
    else:
        key, found = _load(container, password), container.certificates
    return _accepted(key), found


def _load(container: Container, password: bytes | None) -> object:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - heavy

    load = (
        serialization.load_pem_private_key
        if container.kind == "pem"
        else serialization.load_der_private_key
    )
    return _decrypted(lambda given: load(container.key, given), password, container)


def _decrypted(
    load: Callable[[bytes | None], object], password: bytes | None, container: Container
) -> object:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - heavy

    if container.encrypted and not password:
        raise refused(
            "passphrase-missing", "This key is protected by a passphrase.", "Give the passphrase."
        )
    try:
        return load(password if container.encrypted else None)
    except UnsupportedAlgorithm as error:
        raise refused(
            "form",
            "This key is kept in a way that cannot be read here.",
            "Convert it to PKCS#8 or PKCS#12 with a current cipher.",
        ) from error
    except (ValueError, TypeError) as error:
        raise _unreadable(container, str(error)) from error


def _unreadable(container: Container, reason: str) -> KeyMaterialError:
    if container.encrypted:
        return refused(
            "passphrase-wrong",
            "The passphrase does not open this key.",
            "Check it and try again; a damaged file does not open either.",
        )
    return KeyMaterialError(
        "This key is damaged: it does not pass its check.",
        hint="Export it again from where it came from.",
        details={"check": "damaged", "reason": reason},
    )


def _from_pkcs12(data: bytes, password: bytes | None) -> tuple[object, tuple[bytes, ...]]:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.serialization import pkcs12  # noqa: PLC0415 - heavy

    try:
        content = pkcs12.load_pkcs12(data, password)
    except UnsupportedAlgorithm as error:
        raise refused(
            "form",
            "This PKCS#12 file is protected in a way that cannot be read here.",
            "Export it again with AES-256 and SHA-256.",
        ) from error
    except (ValueError, TypeError) as error:
        check = "passphrase-wrong" if password else "passphrase-missing"
        raise refused(
            check,
            "The passphrase does not open this PKCS#12 file."
            if password
            else "This PKCS#12 file is protected by a passphrase.",
            "Check the passphrase and try again; a damaged file does not open either.",
        ) from error
    if content.key is None:
        raise refused(
            "no-key", "This PKCS#12 file holds no private key.", "Export it with its private key."
        )
    found = [content.cert, *content.additional_certs]
    return content.key, tuple(_der(one.certificate) for one in found if one is not None)


def _der(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415 - heavy

    return certificate.public_bytes(Encoding.DER)


def _accepted(key: object) -> RSAPrivateKey:
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - heavy

    if not isinstance(key, rsa.RSAPrivateKey):
        public = getattr(key, "public_key", None)
        words = key_words(public()) if callable(public) else "other"
        raise refused(
            "kind",
            f"This key is {words}. Policies are signed with RSA keys only.",
            "Generate or import an RSA key of at least 2048 bits.",
        )
    if key.key_size < MIN_BITS:
        raise refused(
            "bits",
            f"This RSA key has {key.key_size} bits. At least {MIN_BITS} are needed.",
            "Generate a new key.",
        )
    if key.key_size > MAX_BITS:
        raise refused("bits", f"This RSA key has {key.key_size} bits. At most {MAX_BITS} work.", "")
    return key


def refused(check: str, summary: str, hint: str) -> KeyMaterialError:
    """A refusal; `check` is the name of the rule."""
    return KeyMaterialError(summary, hint=hint, details={"check": check})
