"""The connection test: every step in order, and where it stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from helpers.simulators import World
from sealwright.errors import SignInError, UnreachableError
from sealwright.services.model import CheckStatus

if TYPE_CHECKING:
    from sealwright.services.providers.connection import ConnectionCheck


class Way:
    """A way out whose steps a test breaks."""

    def __init__(self, broken: str = "", proxy: str = "") -> None:
        self.broken = broken
        self.proxy = proxy
        self.closed = False

    async def _step(self, name: str) -> str:
        if self.broken == name:
            raise UnreachableError(f"{name} stops", hint="Do this.", details={"issued by": "X"})
        return f"{name} works"

    async def resolve(self) -> str:
        return await self._step("dns")

    async def connect(self) -> str:
        return await self._step("tcp")

    async def pass_proxy(self) -> str:
        return await self._step("proxy")

    async def secure(self) -> str:
        return await self._step("tls")

    async def aclose(self) -> None:
        self.closed = True


class Network:
    def __init__(self, way: Way) -> None:
        self._way = way

    async def way_to(self, url: str) -> Way:
        assert url.startswith("https://open.")
        return self._way


def checked(world: World) -> tuple[ConnectionCheck, ...]:
    async def scene() -> tuple[ConnectionCheck, ...]:
        heard: list[ConnectionCheck] = []
        made = await world.services().connection.check(world.open.provider.id, heard.append)
        assert tuple(heard) == made
        return made

    return anyio.run(scene)


def states(checks: tuple[ConnectionCheck, ...]) -> dict[str, str]:
    return {check.id: check.status.value for check in checks}


def over(way: Way) -> World:
    world = World()
    world.network = Network(way)  # type: ignore[assignment] # a test's own network
    return world


def test_what_runs_in_this_process_has_no_network_steps() -> None:
    assert states(checked(World())) == {"metadata": "pass", "token": "pass", "policy": "pass"}


def test_every_step_passes_and_the_way_is_closed() -> None:
    way = Way(proxy="proxy.example:3128")
    found = states(checked(over(way)))
    assert list(found) == ["dns", "tcp", "proxy", "tls", "metadata", "token", "policy"]
    assert set(found.values()) == {"pass"}
    assert way.closed


def test_without_a_proxy_its_step_is_passed_over() -> None:
    assert states(checked(over(Way())))["proxy"] == "skip"


def test_it_stops_where_it_breaks_and_says_why() -> None:
    for at, name in enumerate(("dns", "tcp", "proxy", "tls")):
        way = Way(name, proxy="proxy.example:3128")
        found = checked(over(way))
        assert found[at].status is CheckStatus.FAIL
        assert found[at].detail == f"{name} stops"
        assert found[at].hint == "Do this."
        assert found[at].facts == {"issued by": "X"}
        assert {check.status for check in found[at + 1 :]} == {CheckStatus.SKIP}
        assert way.closed


def test_a_refused_sign_in_stops_at_the_token() -> None:
    world = World()

    async def refused(*, management: bool = False) -> str:
        del management
        raise SignInError("Conditional Access blocks this sign-in.", hint="Ask.")

    world.cloud.authorize = refused  # type: ignore[method-assign] # a test's own refusal
    assert states(checked(world)) == {"metadata": "pass", "token": "fail", "policy": "skip"}


def test_an_unreadable_policy_is_the_last_stop() -> None:
    world = World()
    world.open.faults.fail_before("get_policy", UnreachableError("cut"))
    assert states(checked(world)) == {"metadata": "pass", "token": "pass", "policy": "fail"}
