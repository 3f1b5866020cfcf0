"""Policy signers of a provider: which certificates it trusts, adding and removing them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.errors import KeyMaterialError, UsageError
from sealwright.services.certificates import describe_certificate, read_certificates
from sealwright.services.changes.signer_run import SignerChange, SignerRun
from sealwright.services.model import TrustModel
from sealwright.services.reaching.overview import PolicySigner, PolicySigners
from sealwright.services.reaching.trust import signs_for

if TYPE_CHECKING:
    from sealwright.services.changes.run import RunTools
    from sealwright.services.model import Certificate, Provider, SigningKey
    from sealwright.services.ports import KeyVault
    from sealwright.services.providers.providers import ProvidersService
    from sealwright.services.reaching.reach import ProviderSession, TrustedSet
    from sealwright.services.reaching.trust import SignerMemory

__all__ = ["PolicySigner", "PolicySigners", "SignerRun", "SignersService"]


class SignersService:
    """Reads and changes the certificates that a provider trusts."""

    def __init__(
        self, providers: ProvidersService, vault: KeyVault, memory: SignerMemory, tools: RunTools
    ) -> None:
        self._providers = providers
        self._vault = vault
        self._memory = memory
        self._tools = tools

    async def list(self, provider_id: str) -> PolicySigners:
        """Read and verify the trusted certificates; empty for Shared and AAD providers.

        Raises:
            ServiceError: refused, rejected, unreachable, or an answer that does not verify.
        """
        session = await self._providers.session(provider_id)
        trusted = await session.trusted_set()
        await self._memory.remember(provider_id, trusted.certificates)
        return _listed(session.provider, trusted, await self._vault.keys())

    def read_certificates(self, data: bytes) -> tuple[Certificate, ...]:
        """Certificates in PEM, DER or PKCS#7, in their order.

        Raises:
            KeyMaterialError: there is none, or one of them cannot be read.
        """
        return read_certificates(data)

    def read_signer(self, data: bytes) -> Certificate:
        """The one certificate in a file: a bundle does not say which of its own shall be trusted.

        Raises:
            UsageError: there are several.
            KeyMaterialError: there is none, or it cannot be read.
        """
        found = read_certificates(data)
        if len(found) != 1:
            raise UsageError(
                f"The file holds {len(found)} certificates; one is added at a time.",
                hint="Give the signer's own certificate, without its chain.",
            )
        return found[0]

    async def add(self, provider_id: str, certificate: bytes, *, signing_key: str) -> SignerRun:
        """Prepare adding a certificate (DER), signed with a trusted key of the vault.

        Raises:
            UsageError: the provider takes no signers, or does not trust that key.
            KeyMaterialError: the certificate cannot sign policies.
        """
        session = await self._session(provider_id)
        described = describe_certificate(certificate)
        _require_signer(described)
        trusted = await session.trusted_set()
        return await self._run(session, described, trusted, signing_key, adding=True)

    async def remove(
        self, provider_id: str, sha256: str, *, signing_key: str, typed_name: str = ""
    ) -> SignerRun:
        """Prepare removing a certificate.

        Raises:
            UsageError: it is the last one, or the last one whose key is here and `typed_name` is
                not the provider's name.
        """
        session = await self._session(provider_id)
        trusted = await session.trusted_set()
        found = [each for each in trusted.certificates if each.sha256 == sha256.lower()]
        if not found:
            raise UsageError(
                f"`{session.provider.name}` does not trust that certificate.",
                hint="Refresh the list of signers.",
            )
        if len(trusted.certificates) == 1:
            raise UsageError(
                f"This is the last signer of `{session.provider.name}`; it cannot be removed.",
                hint="Add another signer first: without one, nobody could change its policies.",
            )
        listed = _listed(session.provider, trusted, await self._vault.keys())
        if _is_last_here(listed, found[0].sha256) and typed_name != session.provider.name:
            raise UsageError(
                "This is the last signer whose key is on this computer: afterwards no policy of "
                f"`{session.provider.name}` can be changed from here.",
                hint="To remove it all the same, give the provider's name.",
            )
        return await self._run(session, found[0], trusted, signing_key, adding=False)

    async def needs_typed_name(self, provider_id: str, sha256: str) -> bool:
        """Whether removing it takes away the last signer whose key is on this computer."""
        return _is_last_here(await self.list(provider_id), sha256.lower())

    async def _session(self, provider_id: str) -> ProviderSession:
        session = await self._providers.session(provider_id)
        model = session.provider.trust_model
        if model is not TrustModel.ISOLATED:
            raise UsageError(
                f"`{session.provider.name}` has trust model {model.value} and takes no signers.",
                hint="Only providers that were created with signing certificates have them.",
            )
        return session

    async def _run(
        self,
        session: ProviderSession,
        certificate: Certificate,
        trusted: TrustedSet,
        signing_key: str,
        *,
        adding: bool,
    ) -> SignerRun:
        keys = {key.name: key for key in await self._vault.keys()}
        key = keys.get(signing_key)
        if key is None:
            raise UsageError(f"There is no key `{signing_key}` here.")
        accepted, reason = signs_for(key, trusted.certificates, self._tools.clock.now())
        if not accepted:
            raise UsageError(reason, hint="Sign with the key of a certificate it already trusts.")
        signer = await self._vault.signer(signing_key)
        change = SignerChange(certificate, adding, signer, signing_key, trusted)
        return SignerRun(change, session, self._tools)


def _listed(provider: Provider, trusted: TrustedSet, keys: tuple[SigningKey, ...]) -> PolicySigners:
    here = {key.certificate.sha256: key.name for key in keys}
    return PolicySigners(
        provider=provider,
        signers=tuple(
            PolicySigner(each, here.get(each.sha256, "")) for each in trusted.certificates
        ),
        read_at=trusted.read_at,
        request_id=trusted.request_id,
        checks=trusted.checks,
    )


def _is_last_here(listed: PolicySigners, sha256: str) -> bool:
    return [signer.certificate.sha256 for signer in listed.keys_here] == [sha256]


def _require_signer(certificate: Certificate) -> None:
    """Refuse what the service would store but never accept a signature of (spec rest-api, 6.2)."""
    if not certificate.algorithm.startswith("RSA"):
        raise KeyMaterialError(
            f"A policy signer needs an RSA key; this certificate has {certificate.algorithm}.",
            hint="Generate an RSA key of 3072 bits.",
        )
    bits = certificate.algorithm.removeprefix("RSA").strip()
    if bits.isdecimal() and int(bits) < 2048:  # noqa: PLR2004 - spec rest-api, 6.2
        raise KeyMaterialError(
            f"The key of this certificate has {bits} bits; 2048 are the least.",
            hint="Generate an RSA key of 3072 bits.",
        )
    if not certificate.is_ca:
        raise KeyMaterialError(
            "This is no CA certificate; the service would not accept its signatures.",
            hint="Make one with basic constraints CA:TRUE; keys generated here have it.",
        )
