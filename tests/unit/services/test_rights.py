"""What roles give, as ARM writes it: patterns, what is taken out again, and roles that add up."""

from __future__ import annotations

import anyio
import pytest

from helpers.simulators import World
from sealwright.errors import RefusedError
from sealwright.services.ports import ActionGrant
from sealwright.services.providers.rights import DELETE, MANAGE, READ, RESET, WRITE, Rights

ALL = frozenset({READ, WRITE, RESET, MANAGE, DELETE})


@pytest.mark.parametrize(
    ("grants", "allowed"),
    [
        ((), frozenset()),
        ((ActionGrant(("*",), ()),), ALL),
        ((ActionGrant(("*/read",), ()),), {READ}),
        ((ActionGrant(("microsoft.attestation/*",), ("*/Delete",)),), {READ, WRITE, MANAGE}),
        ((ActionGrant((READ,), ()), ActionGrant((WRITE.upper(),), ())), {READ, WRITE}),
        ((ActionGrant(("*",), ("*",)), ActionGrant((RESET,), ())), {RESET}),
        ((ActionGrant(("[Mm]icrosoft.*", "Microsoft?Attestation/*"), ()),), frozenset()),
    ],
)
def test_roles_are_read_as_arm_means_them(
    grants: tuple[ActionGrant, ...], allowed: frozenset[str]
) -> None:
    async def scene() -> Rights:
        world = World()
        world.cloud.grants = grants
        return await world.services().rights.of(world.open.provider)

    found = anyio.run(scene)
    assert found.allowed == allowed
    for action in ALL:
        assert found.may(action) is (action in allowed)
        assert bool(found.refusal(action)) is (action not in allowed)


def test_what_cannot_be_read_forbids_nothing() -> None:
    found = Rights("me", frozenset(), RefusedError("No role.", status=403))
    assert found.may(WRITE)
    assert "not known: No role." in found.words


def test_a_shared_provider_can_only_be_read() -> None:
    async def scene() -> Rights:
        world = World()
        return await world.services().rights.of(world.shared.provider)

    assert anyio.run(scene).allowed == {READ}
