"""What the Review sheet shows before an upload."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sealwright.claims.attestation_type import AttestationType
    from sealwright.errors import AppError
    from sealwright.policy.diagnostics import Diagnostic
    from sealwright.services.model import Provider, SigningKey
    from sealwright.services.policies.textdiff import TextDiff
    from sealwright.services.reaching.overview import DeployedPolicy


class SignerNeed(StrEnum):
    """Whether the change has to be signed."""

    OPTIONAL = "optional"
    REQUIRED = "required"
    IMPOSSIBLE = "impossible"
    """The provider takes no policy from anyone, signed or not."""


@dataclass(frozen=True, slots=True)
class SignerChoice:
    """A key in the vault and whether the provider takes its signature."""

    key: SigningKey
    accepted: bool
    reason: str
    """Why, in one sentence."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that will be refused, here (`certain`) or probably by the provider."""

    code: str
    message: str
    hint: str
    certain: bool
    cause: AppError | None = None
    """What failed, where it is not the change itself that is refused."""


@dataclass(frozen=True, slots=True)
class Review:
    """A change before it is made."""

    provider: Provider
    attestation_type: AttestationType
    text: str
    reset: bool
    policy_hash: str
    diagnostics: tuple[Diagnostic, ...]
    deployed: DeployedPolicy | None
    deployed_problem: AppError | None
    diff: TextDiff | None
    need: SignerNeed
    choices: tuple[SignerChoice, ...]
    obstacles: tuple[Obstacle, ...]
    afterwards: tuple[str, ...]
    """What holds after the change and how to go back, as sentences."""
    origin: str = "sent"
    """What history calls the text: `sent` or `rolled-back`."""

    @property
    def possible(self) -> bool:
        """Whether the change can be sent at all."""
        return not any(obstacle.certain for obstacle in self.obstacles)

    @property
    def unchanged(self) -> bool:
        """Whether the provider has this very text already."""
        return self.diff is not None and self.diff.equal and not self.reset
