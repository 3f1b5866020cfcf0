"""Describes what is deployed now as a workspace: the way to begin with one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import anyio

from sealwright.claims.attestation_type import MAIN_TYPES
from sealwright.errors import UsageError
from sealwright.services.fleet.workspace import (
    DEFAULT_WORD,
    FILE_NAME,
    Assignment,
    Selector,
    Workspace,
    workspace_text,
)
from sealwright.services.model import PolicyState, TrustModel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.services.model import Provider
    from sealwright.services.policies.policies import PoliciesService
    from sealwright.services.reaching.overview import DeployedPolicy

_AT_ONCE: Final = 8
_ODD: Final = re.compile(r"[^a-z0-9]+")


async def capture(providers: Sequence[Provider], policies: PoliciesService) -> Mapping[str, bytes]:
    """The files of a workspace by path: what all these providers apply now.

    Raises:
        UsageError: only shared providers are named, whose policies nobody can change.
        ServiceError: a policy cannot be read.
    """
    own = [each for each in providers if each.trust_model is not TrustModel.SHARED]
    if not own:
        raise UsageError("Policies of shared providers cannot be changed, so nothing is described.")
    found = await _read(own, policies)
    files: dict[str, bytes] = {}
    assignments = []
    for provider in own:
        wanted: dict[AttestationType, str] = {}
        for kind in MAIN_TYPES:
            deployed = found[provider.id, kind]
            if deployed.state is PolicyState.CUSTOM:
                wanted[kind] = _place(files, deployed)
            else:
                wanted[kind] = DEFAULT_WORD
        assignments.append(Assignment(_only(provider, own), wanted))
    files[FILE_NAME] = workspace_text(Workspace("", _together(assignments)))
    return files


async def _read(
    providers: Sequence[Provider], policies: PoliciesService
) -> dict[tuple[str, AttestationType], DeployedPolicy]:
    found: dict[tuple[str, AttestationType], DeployedPolicy] = {}
    gate = anyio.CapacityLimiter(_AT_ONCE)

    async def one(provider: Provider, kind: AttestationType) -> None:
        async with gate:
            deployed = await policies.deployed(provider.id, kind)
        deployed.require()
        found[provider.id, kind] = deployed

    try:
        async with anyio.create_task_group() as group:
            for provider in providers:
                for kind in MAIN_TYPES:
                    group.start_soon(one, provider, kind)
    except ExceptionGroup as several:
        raise several.exceptions[0] from None
    return found


def _place(files: dict[str, bytes], deployed: DeployedPolicy) -> str:
    """The path of this text: one file for equal texts of one type."""
    data = deployed.text.encode("utf-8")
    kind = _ODD.sub("-", deployed.attestation_type.value.lower())
    for path, known in files.items():
        if known == data and path.startswith(f"policies/{kind}"):
            return path
    name = _ODD.sub("-", deployed.provider.name.lower()).strip("-")
    path = f"policies/{kind}-{name}.policy"
    files[path] = data
    return path


def _only(provider: Provider, providers: Sequence[Provider]) -> Selector:
    """Its name, or its address where several have that name."""
    names = [each.name.lower() for each in providers]
    if names.count(provider.name.lower()) == 1:
        return Selector((provider.name,))
    return Selector((provider.attest_uri,))


def _together(assignments: Sequence[Assignment]) -> tuple[Assignment, ...]:
    """Providers that apply the same share an entry."""
    merged: dict[tuple[tuple[AttestationType, str], ...], tuple[str, ...]] = {}
    for each in assignments:
        wanted = tuple(each.policies.items())
        merged[wanted] = (*merged.get(wanted, ()), *each.selector.providers)
    return tuple(Assignment(Selector(names), dict(wanted)) for wanted, names in merged.items())
