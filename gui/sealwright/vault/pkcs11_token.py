"""Reads and uses a key on a PKCS#11 token; blocking, and in a process of its own.

The maker's library is loaded into that process: where it crashes or hangs, the program does not.
Source: PKCS#11 version 2.40.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from pkcs11 import (
    PROTECTED_AUTH,
    Attribute,
    Mechanism,
    ObjectClass,
    TokenFlag,
    exceptions,
    lib,
)

from sealwright.errors import KeyMaterialError, PinError, StorageError
from sealwright.vault.signing import verify_with

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pkcs11 import Session, Token
    from pkcs11._pkcs11 import lib as Library  # noqa: N812 - the class hides behind a function

    from sealwright.secret import Secret
    from sealwright.services.ports.hardware import Pkcs11Key

_MAX_CHAIN: Final = 6
_MAX_NAMED: Final = 8
_SLOT: Final = "slot:"
_WRONG: Final = (exceptions.PinIncorrect, exceptions.PinInvalid, exceptions.PinLenRange)


class SigningKey(Protocol):
    """What is used of a private key of the library."""

    @property
    def label(self) -> str:
        """Its label; may be empty."""
        ...

    @property
    def id(self) -> bytes:
        """What it has in common with its certificate."""
        ...

    def __getitem__(self, attribute: Attribute) -> object:
        """One of its attributes."""
        ...

    def sign(self, data: bytes, *, mechanism: Mechanism, pin: str | None) -> bytes:
        """Sign `data`."""
        ...


def chain_of(place: Pkcs11Key, pin: Secret[str] | None) -> tuple[bytes, ...]:
    """The certificates of a key, leaf first, as far as the token holds them.

    Raises:
        PinError, StorageError, KeyMaterialError: as `Pkcs11Keys.signer` says.
    """
    with _Opened(place, pin) as (session, name):
        _, chain = _found(session, place, name)
        return chain


def sign(place: Pkcs11Key, pin: Secret[str] | None, data: bytes) -> bytes:
    """RSASSA-PKCS1-v1_5 with SHA-256, verified with the certificate before it is returned.

    Raises:
        PinError, StorageError, KeyMaterialError: as `Pkcs11Keys.signer` says.
    """
    with _Opened(place, pin) as (session, name):
        key, chain = _found(session, place, name)
        again = pin.reveal() if pin is not None and _asks_each_time(key) else None
        signature = key.sign(data, mechanism=Mechanism.SHA256_RSA_PKCS, pin=again)
        verify_with(chain[0], signature, data, _words(key))
        return signature


class _Opened:
    """A session on the token, logged in; the token's own errors come out as ours."""

    def __init__(self, place: Pkcs11Key, pin: Secret[str] | None) -> None:
        self._library = _library(place.module)
        self._token = _token(self._library, place)
        self._pin = pin
        self._session: Session | None = None

    def __enter__(self) -> tuple[Session, str]:
        name = self._token.label
        try:
            self._session = self._token.open(user_pin=_proof(self._token, self._pin))
        except exceptions.PinLocked as error:
            raise _locked(name) from error
        except _WRONG as error:
            raise _wrong(name, _flags(self._library, self._token)) from error
        except exceptions.PKCS11Error as error:
            raise _failed(name, error) from error
        return self._session, name

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if self._session is not None:
            self._session.close()
        if isinstance(error, exceptions.PKCS11Error):
            raise _failed(self._token.label, error) from error


def _library(path: str) -> Library:
    try:
        return lib(path)
    except exceptions.PKCS11Error as error:
        raise StorageError(
            f"`{path}` cannot be used as a PKCS#11 module.",
            hint="Give the path of the library that came with the token, such as opensc-pkcs11.so.",
            details={"reason": str(error)[:300] or type(error).__name__},
        ) from error


def _token(library: Library, place: Pkcs11Key) -> Token:
    try:
        present = [slot.get_token() for slot in library.get_slots(token_present=True)]
    except exceptions.PKCS11Error as error:
        raise _failed(place.token, error) from error
    ready = [one for one in present if TokenFlag.TOKEN_INITIALIZED in one.flags]
    if not ready:
        raise StorageError(
            "No token is present.", hint="Plug it in or put the card into its reader, then repeat."
        )
    found = [one for one in ready if place.token in ("", *_names(one))]
    if len(found) == 1:
        return found[0]
    present_names = _listed([one.label for one in ready])
    if not place.token:
        raise StorageError(f"{len(ready)} tokens are present.", hint=f"Say which: {present_names}.")
    raise StorageError(
        f"{'More than one' if found else 'No'} token `{place.token}` is present.",
        hint=f"Present: {present_names}. Where labels are the same, give a serial number.",
    )


def _names(token: Token) -> tuple[str, ...]:
    serial = token.serial
    return token.label, serial.decode("utf-8", "replace").strip(), f"{_SLOT}{token.slot.slot_id}"


def _proof(token: Token, pin: Secret[str] | None) -> object:
    """What `open` takes as PIN."""
    if TokenFlag.LOGIN_REQUIRED not in token.flags:
        return None
    if TokenFlag.PROTECTED_AUTHENTICATION_PATH in token.flags:
        return PROTECTED_AUTH  # It is typed at the device itself.
    if TokenFlag.USER_PIN_LOCKED in token.flags:
        raise _locked(token.label)
    if pin is None:
        raise PinError(
            f"The token `{token.label}` wants its PIN.",
            hint="Sign in again under Accounts, or with `sealwright account renew`: it asks for"
            " the PIN.",
        )
    return pin.reveal()


def _locked(name: str) -> PinError:
    return PinError(
        f"The PIN of the token `{name}` is locked after too many wrong ones.",
        hint="Unlock it with the tool that came with it (its PUK or security officer).",
    )


def _flags(library: Library, token: Token) -> TokenFlag:
    """How the token feels now: what it said before does not count the try that just failed."""
    try:
        slots = library.get_slots(token_present=True)
        again = [slot.get_token() for slot in slots if slot.slot_id == token.slot.slot_id]
    except exceptions.PKCS11Error:
        return token.flags
    return again[0].flags if again else token.flags


def _wrong(name: str, flags: TokenFlag) -> PinError:
    """What the token tells of its tries; the standard knows no number (section 3.2)."""
    if TokenFlag.USER_PIN_LOCKED in flags:
        return _locked(name)
    if TokenFlag.USER_PIN_FINAL_TRY in flags:
        left = "One more wrong PIN locks it."
    elif TokenFlag.USER_PIN_COUNT_LOW in flags:
        left = "A wrong PIN was given at least once since it was last right; few tries are left."
    else:
        left = "The token does not say how many tries are left."
    return PinError(
        f"The PIN of the token `{name}` is wrong.",
        hint=f"{left} It was tried once and is not kept.",
    )


def _failed(name: str, error: exceptions.PKCS11Error) -> StorageError:
    return StorageError(
        f"The token `{name}` did not do it." if name else "The tokens cannot be listed.",
        hint="See whether it is still plugged in, then try again.",
        details={"reason": type(error).__name__, "text": str(error)[:300]},
    )


# --- keys and certificates --------------------------------------------------------------------


def _found(session: Session, place: Pkcs11Key, name: str) -> tuple[SigningKey, tuple[bytes, ...]]:
    """The key that is meant, and its certificates."""
    certificates = _certificates(session)
    leaves = dict(certificates)
    keys = list(_private_keys(session))
    meant = [key for key in keys if _is(key, place.key)]
    if not place.key:
        meant = [key for key in meant if key.id in leaves]
    if len(meant) != 1:
        raise _no_key(place, name, keys, meant)
    (key,) = meant
    leaf = leaves.get(key.id)
    if leaf is None:
        raise KeyMaterialError(
            f"The token `{name}` holds no certificate for the key `{_words(key)}`.",
            hint="Write the certificate to the token, with the same id as the key.",
        )
    if not isinstance(leaf.public_key(), rsa.RSAPublicKey):
        raise KeyMaterialError(
            f"The key `{_words(key)}` is not of RSA.",
            hint="Microsoft Entra ID takes certificates of RSA keys.",
        )
    return key, _chain(leaf, [one for _, one in certificates])


def _private_keys(session: Session) -> Iterator[SigningKey]:
    for one in session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}):
        # What a key can do is put together when it is found: its class does not tell.
        yield cast("SigningKey", one)


def _asks_each_time(key: SigningKey) -> bool:
    """Whether the key wants the PIN before every signature, as a PIV card's signing key does."""
    try:
        return bool(key[Attribute.ALWAYS_AUTHENTICATE])
    except exceptions.PKCS11Error:
        return False


def _certificates(session: Session) -> list[tuple[bytes, x509.Certificate]]:
    """Every certificate with its id; what cannot be read is not one."""
    found = []
    for one in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}):
        try:
            certificate = x509.load_der_x509_certificate(bytes(one[Attribute.VALUE]))
            found.append((bytes(one[Attribute.ID]), certificate))
        except (ValueError, exceptions.PKCS11Error):
            continue
    return found


def _is(key: SigningKey, wanted: str) -> bool:
    plain = wanted.replace(":", "").lower()
    return not wanted or key.label == wanted or key.id.hex() == plain


def _no_key(
    place: Pkcs11Key, name: str, keys: Sequence[SigningKey], meant: Sequence[SigningKey]
) -> KeyMaterialError:
    here = _listed([_words(key) for key in keys])
    if meant:
        return KeyMaterialError(
            f"{len(meant)} keys on the token `{name}` could be meant.",
            hint=f"Say which, by its label or id. Keys on it: {here}.",
        )
    if not keys:
        return KeyMaterialError(
            f"The token `{name}` holds no private key.", hint="Choose another token."
        )
    if place.key:
        return KeyMaterialError(
            f"The token `{name}` holds no key `{place.key}`.", hint=f"Keys on it: {here}."
        )
    return KeyMaterialError(
        f"No key on the token `{name}` has a certificate beside it.",
        hint=f"Keys on it: {here}. Write the certificate to the token, with the key's id.",
    )


def _words(key: SigningKey) -> str:
    return key.label or key.id.hex()


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MAX_NAMED} more" if len(names) > _MAX_NAMED else ""
    return ", ".join(f"`{one}`" for one in names[:_MAX_NAMED]) + more


def _chain(leaf: x509.Certificate, pool: Sequence[x509.Certificate]) -> tuple[bytes, ...]:
    """The leaf and its issuers, as far as the token holds them."""
    chain = [leaf]
    while len(chain) < _MAX_CHAIN and chain[-1].issuer != chain[-1].subject:
        above = next((one for one in pool if one.subject == chain[-1].issuer), None)
        if above is None:
            break
        chain.append(above)
    return tuple(one.public_bytes(Encoding.DER) for one in chain)
