"""Whether a provider takes a key's signature, and which providers a key was seen to sign for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import anyio

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sealwright.services.model import Certificate, SigningKey
    from sealwright.services.ports import Settings

_SETTING: Final = "signers.seen"


def signs_for(key: SigningKey, trusted: Sequence[Certificate], now: datetime) -> tuple[bool, str]:
    """Whether a provider with these certificates takes the key's signature, and why.

    The chain may lead to a trusted CA certificate (spec rest-api, 6.2).
    """
    names = {certificate.sha256: certificate for certificate in trusted}
    if key.certificate.sha256 in names:
        return True, _dated(key.certificate, now, "The provider trusts its certificate.")
    parent = _trusted_parent(key, trusted)
    if parent is not None:
        return True, _dated(
            key.certificate, now, f"Its certificate was issued by the trusted `{parent.subject}`."
        )
    return False, f"The provider does not trust the certificate of `{key.name}`."


def _trusted_parent(key: SigningKey, trusted: Sequence[Certificate]) -> Certificate | None:
    issuers = {certificate.der for certificate in trusted if certificate.is_ca}
    for certificate in trusted:
        if certificate.der in issuers and certificate.der in key.chain[1:]:
            return certificate
        if certificate.der in issuers and _is_issued_by(key.chain[-1], certificate.der):
            return certificate
    return None


def _is_issued_by(child: bytes, parent: bytes) -> bool:
    # Heavy, and most keys match directly.
    from sealwright.evidence.basis.certificates import is_issued_by, load  # noqa: PLC0415 - heavy

    return is_issued_by(load(child), load(parent))


def _dated(certificate: Certificate, now: datetime, text: str) -> str:
    if now > certificate.not_after:
        return f"{text} It expired on {certificate.not_after:%Y-%m-%d}."
    if now < certificate.not_before:
        return f"{text} It is valid only from {certificate.not_before:%Y-%m-%d}."
    return text


class SignerMemory:
    """Which certificates each provider was last seen to trust; asks no network."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # Many providers are read at once, and all of them stand in one value.
        self._lock = anyio.Lock()

    async def seen(self) -> Mapping[str, tuple[str, ...]]:
        """SHA-256 of certificates by provider id."""
        try:
            value = json.loads(await self._settings.get(_SETTING) or "{}")
        except ValueError:
            return {}
        if not isinstance(value, dict):
            return {}
        return {str(name): tuple(map(str, names)) for name, names in value.items()}

    async def remember(self, provider_id: str, certificates: Iterable[Certificate]) -> None:
        """Keep what a provider trusts now."""
        found = tuple(certificate.sha256 for certificate in certificates)
        async with self._lock:
            known = dict(await self.seen())
            if known.get(provider_id, ()) == found:
                return
            known[provider_id] = found
            await self._settings.put(_SETTING, json.dumps(known, sort_keys=True))
