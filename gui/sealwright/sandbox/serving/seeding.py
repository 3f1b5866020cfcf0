"""Providers made without ARM: those that `sandbox serve --provider` asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from sealwright.errors import UsageError
from sealwright.sandbox.arm.providers import PROVIDER_NAME
from sealwright.sandbox.records import GROUP, LOCATION, ProviderRecord, Stamp, Trust

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.sandbox.core import Core

_SIGNER_BITS: Final = 3072
_SIGNER_LIFE: Final = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A provider that somebody asked for."""

    name: str
    trust: Trust


def wanted(text: str) -> Wanted:
    """Read `NAME:TRUSTMODEL`.

    Raises:
        UsageError: not a name or not a trust model.
    """
    name, _, word = text.partition(":")
    trust = next((item for item in Trust if item.value.lower() == word.strip().lower()), None)
    if trust is None or not PROVIDER_NAME.fullmatch(name):
        raise UsageError(
            f"`{text}` does not name a provider.",
            hint="Write NAME:Shared, NAME:AAD or NAME:Isolated; names have 3 to 24 letters, "
            "digits and hyphens.",
        )
    return Wanted(name, trust)


def ensure_provider(core: Core, asked: Wanted, certificates: Sequence[bytes]) -> ProviderRecord:
    """The provider, made when it is not there; `certificates` are trusted by a new isolated one.

    Raises:
        UsageError: it is there with another trust model.
    """
    with core.state.writing():
        found = core.directory.by_name(asked.name)
        if found is not None:
            return _same_trust(found, asked)
        shared = asked.trust is Trust.SHARED
        stamp = Stamp("sandbox", "Application", core.clock.text())
        made = core.directory.create(
            ProviderRecord(
                key=0,
                name=asked.name,
                subscription="" if shared else core.subscription,
                group="" if shared else GROUP,
                trust=asked.trust,
                location=LOCATION,
                tags={},
                public_network_access="Enabled",
                tpm_authentication="Enabled",
                created=stamp,
                modified=stamp,
            )
        )
        for der in certificates:
            core.holdings.add_certificate(made, der)
    return made


def _same_trust(found: ProviderRecord, asked: Wanted) -> ProviderRecord:
    if found.trust is not asked.trust:
        raise UsageError(
            f"The sandbox has a provider `{found.name}` already, and its trust model is "
            f"{found.trust}.",
            hint="Choose another name, or start over with `sealwright sandbox reset`.",
        )
    return found


def signer_of(core: Core, name: str) -> tuple[bytes, bytes]:
    """Key and certificate (PEM) of the first signer of a provider that `serve` made."""
    fact = f"signer:{name.lower()}"
    kept = core.state.fact(fact) or _new_signer(core, fact, name)
    key, _, certificate = kept.partition(b"\0")
    return key, certificate


def _new_signer(core: Core, fact: str, name: str) -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=_SIGNER_BITS)
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, f"Sandbox policy signer of {name}")]
    )
    now = core.clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + _SIGNER_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    kept = pem + b"\0" + certificate.public_bytes(Encoding.PEM)
    core.state.put_fact(fact, kept)
    return kept
