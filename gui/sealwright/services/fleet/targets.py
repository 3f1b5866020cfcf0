"""From assignments and known providers to targets: one provider, one type, one wanted policy.

Invariants
- No place has two wanted policies: assignments that contradict each other are refused.
- The order of targets is that of the file, then by provider name: the order in which they apply.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sealwright.errors import UsageError
from sealwright.policy.digest import policy_hash
from sealwright.services.fleet.workspace import DEFAULT_WORD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.services.fleet.workspace import Assignment, Workspace
    from sealwright.services.model import Provider


@dataclass(frozen=True, slots=True)
class Wanted:
    """What shall stand at a target. `data` is the document's bytes; None means the default."""

    path: str
    data: bytes | None
    policy_hash: str = ""

    @property
    def default(self) -> bool:
        """Whether the provider's own default policy is wanted."""
        return self.data is None


@dataclass(frozen=True, slots=True)
class Target:
    """One place of the fleet and what shall stand there."""

    provider: Provider
    attestation_type: AttestationType
    wanted: Wanted
    key: str = ""

    @property
    def place(self) -> tuple[str, str]:
        """Provider id and type: no two targets share it."""
        return self.provider.id, self.attestation_type.value


@dataclass(frozen=True, slots=True)
class Targets:
    """All targets, and the entries of the file that mean no known provider."""

    targets: tuple[Target, ...]
    empty: tuple[str, ...] = ()


def resolve(
    workspace: Workspace, providers: Sequence[Provider], documents: Mapping[str, bytes]
) -> Targets:
    """Match the assignments with the providers; `documents` are the named files by path.

    Raises:
        UsageError: two assignments want different policies at one place.
    """
    wanted = {path: _wanted(path, data) for path, data in documents.items()}
    wanted[DEFAULT_WORD] = Wanted(DEFAULT_WORD, None)
    found: dict[tuple[str, str], Target] = {}
    empty: list[str] = []
    by_name = sorted(providers, key=lambda each: (each.name.lower(), each.id))
    for assignment in workspace.assignments:
        taken = [each for each in by_name if assignment.selector.takes(each)]
        if not taken:
            empty.append(", ".join(assignment.selector.providers))
        for target in _targets(assignment, taken, wanted):
            known = found.setdefault(target.place, target)
            if known.wanted.path != target.wanted.path:
                raise _contradiction(known, target)
    return Targets(tuple(found.values()), tuple(empty))


def _targets(
    assignment: Assignment, taken: Sequence[Provider], wanted: Mapping[str, Wanted]
) -> list[Target]:
    return [
        Target(provider, kind, wanted[path], assignment.key)
        for kind, path in assignment.policies.items()
        for provider in taken
    ]


def _wanted(path: str, data: bytes) -> Wanted:
    try:
        return Wanted(path, data, policy_hash(data.decode("utf-8")))
    except UnicodeDecodeError:
        raise UsageError(
            f"The policy `{path}` is not UTF-8.", hint="Save it as UTF-8, without a signature."
        ) from None


def _contradiction(known: Target, other: Target) -> UsageError:
    return UsageError(
        f"Two assignments want different policies at `{known.provider.name}`"
        f" {known.attestation_type.value}: `{known.wanted.path}` and `{other.wanted.path}`.",
        hint="Narrow one of them with `where`, or name its providers.",
    )
