"""A region is judged by whether its planes answer, not by what they answer."""

from __future__ import annotations

import anyio

from helpers.simulators import World
from sealwright.errors import RefusedError, UnreachableError


def test_a_plane_that_refuses_is_there() -> None:
    async def scene() -> None:
        world = World()
        look = world.services().regions.look
        world.open.faults.fail_before("metadata", RefusedError("No role.", status=401))
        assert (await look(world.open.provider)).whole
        world.open.faults.fail_before("metadata", UnreachableError("Down.", status=503))
        state = await look(world.open.provider)
        assert not state.whole
        assert "do not answer, while Resource Manager does" in state.words

    anyio.run(scene)


def test_a_failed_call_is_explained_by_its_region_only_where_that_fails() -> None:
    async def scene() -> None:
        world = World()
        regions, provider = world.services().regions, world.open.provider
        failed = UnreachableError("It failed.", status=503, request_id="00-7")
        assert await regions.explained(provider, failed) is failed, "the region is whole"
        world.cloud.failed_over = True
        told = await regions.explained(provider, failed)
        assert told.summary.startswith("tst has failed over")
        assert (told.status, told.request_id) == (503, "00-7")
        assert told.details["call"] == "It failed."
        throttled = UnreachableError("Later.", status=429)
        assert await regions.explained(provider, throttled) is throttled

    anyio.run(scene)
