"""Policy signers of a provider: which certificates it trusts, adding and removing them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from sealwright.services.model import Certificate, Check, Provider
    from sealwright.services.steps import RunOutcome, Step, StepListener


@dataclass(frozen=True, slots=True)
class PolicySigner:
    """A certificate that a provider trusts."""

    certificate: Certificate
    key_here: str
    """Name of the key in the vault that belongs to it; empty when the key is elsewhere."""


@dataclass(frozen=True, slots=True)
class PolicySigners:
    """The trusted certificates of a provider, in its order."""

    provider: Provider
    signers: tuple[PolicySigner, ...]
    read_at: datetime
    request_id: str
    checks: tuple[Check, ...]

    @property
    def keys_here(self) -> tuple[PolicySigner, ...]:
        """Those whose key is on this computer."""
        return tuple(signer for signer in self.signers if signer.key_here)


class SignerRun:
    """One change of the trusted certificates, made as `UploadRun` makes a policy change."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps as they stand."""
        raise NotImplementedError

    @property
    def outcome(self) -> RunOutcome:
        """How the run stands."""
        raise NotImplementedError

    async def run(self, on_step: StepListener | None = None) -> RunOutcome:
        """Go on until proven or stopped; a failed step is in the outcome, not raised."""
        raise NotImplementedError


class SignersService:
    """Reads and changes the certificates that a provider trusts."""

    async def list(self, provider_id: str) -> PolicySigners:
        """Read and verify the trusted certificates; empty for Shared and AAD providers.

        Raises:
            ServiceError: refused, rejected, unreachable, or an answer that does not verify.
        """
        raise NotImplementedError

    def read_certificates(self, data: bytes) -> tuple[Certificate, ...]:
        """Certificates in PEM, DER or PKCS#7, in their order.

        Raises:
            KeyMaterialError: there is none, or one of them cannot be read.
        """
        raise NotImplementedError

    async def add(self, provider_id: str, certificate: bytes, *, signing_key: str) -> SignerRun:
        """Prepare adding a certificate (DER), signed with a trusted key of the vault.

        Raises:
            UsageError: the provider takes no signers, or does not trust that key.
            KeyMaterialError: the certificate cannot sign policies.
        """
        raise NotImplementedError

    async def remove(
        self, provider_id: str, sha256: str, *, signing_key: str, typed_name: str = ""
    ) -> SignerRun:
        """Prepare removing a certificate.

        Raises:
            UsageError: it is the last one, or the last one whose key is here and `typed_name` is
                not the provider's name.
        """
        raise NotImplementedError

    async def needs_typed_name(self, provider_id: str, sha256: str) -> bool:
        """Whether removing it takes away the last signer whose key is on this computer."""
        raise NotImplementedError
