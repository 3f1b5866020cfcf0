"""What an account may do at a provider, read from its roles before anything fails.

Attestation's data plane is guarded by control-plane actions, and a missing role is told as 401
(spec rest-api, 1.5): without this, nobody would know why.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

import anyio

from sealwright.errors import AppError, UnreachableError
from sealwright.services.model import TrustModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.services.model import Provider
    from sealwright.services.ports import ActionGrant
    from sealwright.services.reaching.reach import Clouds

PATIENCE: Final = 10.0
"""Seconds that the answer may take; it is advice, and nobody waits for it."""
_PROVIDER: Final = "Microsoft.Attestation/attestationProviders"
READ: Final = f"{_PROVIDER}/attestation/read"
WRITE: Final = f"{_PROVIDER}/attestation/write"
RESET: Final = f"{_PROVIDER}/attestation/delete"
MANAGE: Final = f"{_PROVIDER}/write"
DELETE: Final = f"{_PROVIDER}/delete"
_WORDS: Final = {
    READ: "read policies and signers",
    WRITE: "set policies and change signers",
    RESET: "reset policies",
    MANAGE: "change the provider",
    DELETE: "delete the provider",
}


@dataclass(frozen=True, slots=True)
class Rights:
    """What the account may do. Nothing is known when `problem` says why."""

    account: str
    allowed: frozenset[str]
    problem: AppError | None = None

    @property
    def known(self) -> bool:
        """Whether the roles could be read."""
        return self.problem is None

    def may(self, action: str) -> bool:
        """Whether nothing speaks against the action: what is not known is not forbidden."""
        return not self.known or action in self.allowed

    @property
    def words(self) -> str:
        """One sentence for the details of a provider."""
        if self.problem is not None:
            return f"What {self.account} may do here is not known: {self.problem.summary}"
        may = [words for action, words in _WORDS.items() if action in self.allowed]
        if not may:
            return f"{self.account} has no role here."
        lacking = [words for action, words in _WORDS.items() if action not in self.allowed]
        sentence = f"{self.account} may {_listed(may)}"
        return f"{sentence}, but not {_listed(lacking)}." if lacking else f"{sentence}."

    def refusal(self, action: str) -> str:
        """Why an action will be refused, and what to do; empty when nothing speaks against it."""
        if self.may(action):
            return ""
        role = "Attestation Reader" if action == READ else "Attestation Contributor"
        if action in (MANAGE, DELETE):
            role = "Contributor"
        return (
            f"{self.account} may not {_WORDS[action]} here. Ask for the role {role} on the"
            " provider, or activate it where roles are activated for a time."
        )


class RightsService:
    """Reads roles as far as they can be read."""

    def __init__(self, clouds: Clouds, patience: float = PATIENCE) -> None:
        self._clouds = clouds
        self._patience = patience

    async def of(self, provider: Provider) -> Rights:
        """The account's rights at a provider; a failure to read them is in the answer."""
        cloud = self._clouds.of(provider)
        if provider.trust_model is TrustModel.SHARED:
            return Rights(cloud.account, frozenset({READ}))
        if not provider.resource_id:
            problem = AppError("It is known by its address only, without a resource id.")
            return Rights(cloud.account, frozenset(), problem)
        try:
            # Signing in may take a minute, by Microsoft's programs: that is not the service.
            await cloud.authorize(management=True)
            with anyio.fail_after(self._patience):
                grants = await cloud.management().actions(provider)
        except TimeoutError:
            late = UnreachableError(f"No answer within {self._patience:.0f} seconds.")
            return Rights(cloud.account, frozenset(), late)
        except AppError as error:
            return Rights(cloud.account, frozenset(), error)
        allowed = frozenset(action for action in _WORDS if _granted(action, grants))
        return Rights(cloud.account, allowed)


def _granted(action: str, grants: Sequence[ActionGrant]) -> bool:
    """A role grants what it lists and does not take out; roles add up."""
    return any(
        _matches(action, grant.actions) and not _matches(action, grant.not_actions)
        for grant in grants
    )


def _matches(action: str, patterns: Sequence[str]) -> bool:
    lower = action.lower()
    return any(fnmatchcase(lower, _literal(pattern.lower())) for pattern in patterns)


def _literal(pattern: str) -> str:
    """Only `*` is a wildcard in ARM's patterns."""
    return pattern.replace("[", "[[]").replace("?", "[?]")


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
