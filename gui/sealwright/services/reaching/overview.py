"""What the provider list shows: policies and signers of a provider, as far as it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.errors import AppError, BadAnswerError
    from sealwright.services.model import Certificate, Check, PolicyState, Provider


@dataclass(frozen=True, slots=True)
class DeployedPolicy:
    """The policy that a provider says it applies. Trust it only when `trusted`."""

    provider: Provider
    attestation_type: AttestationType
    state: PolicyState
    text: str
    policy_hash: str
    token_hash: str
    """`x-ms-policy-token-hash` of the stored JWS."""
    jws: str
    """The stored JWS as it was uploaded."""
    signer: Certificate | None
    read_at: datetime
    request_id: str
    checks: tuple[Check, ...]
    """The verification of the answer, against the provider's own keys."""
    problem: BadAnswerError | None = None
    """Why the answer is not proven; None when every check was made and none failed."""

    @property
    def trusted(self) -> bool:
        """Signature, time and issuer of the answer were checked and nothing failed."""
        return self.problem is None

    def require(self) -> None:
        """Refuse an answer that is not proven.

        Raises:
            BadAnswerError: with the reason.
        """
        if self.problem is not None:
            raise self.problem


@dataclass(frozen=True, slots=True)
class PolicyCell:
    """One attestation type of a provider in the list."""

    attestation_type: AttestationType
    state: PolicyState
    policy_hash: str = ""
    drifted: bool = False
    """What is deployed is not what this computer sent or saw last."""
    signed: bool = False
    signer: str = ""
    """Subject of the signer certificate."""
    problem: AppError | None = None


@dataclass(frozen=True, slots=True)
class SignerSummary:
    """Policy signers of a provider in the list."""

    count: int
    next_expiry: datetime | None
    here: int
    """How many of them have their key on this computer."""
    problem: AppError | None = None


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


@dataclass(frozen=True, slots=True)
class ProviderOverview:
    """All that was read of one provider."""

    provider: Provider
    cells: tuple[PolicyCell, ...]
    signers: SignerSummary
    read_at: datetime


if TYPE_CHECKING:
    OverviewPart = PolicyCell | SignerSummary
    OverviewListener = Callable[[str, OverviewPart], None]
    """Told (provider id, part) as each answer comes in; on the event loop."""
