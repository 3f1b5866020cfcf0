"""Whose address the keys of a provider may come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest

from helpers.simulators import World
from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import BadAnswerError, UnreachableError
from sealwright.services.reaching.published_keys import published_keys
from sealwright.services.tokens.key_source import KeyOrigin, KeySource

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealwright.services.ports import KeyDocument
    from sealwright.services.reaching.overview import DeployedPolicy


SGX = AttestationType.SGX_ENCLAVE


def in_world(scene: Callable[[World], Awaitable[None]]) -> None:
    async def run() -> None:
        await scene(World())

    anyio.run(run)


@pytest.mark.parametrize(
    "change", [str, str.upper, lambda uri: uri.replace("/certs", ":443/k?v=2")]
)
def test_the_metadata_say_where_the_keys_are(change: Callable[[str], str]) -> None:
    async def scene(world: World) -> None:
        named = change(f"{world.open.attest_uri}/certs").replace("HTTPS", "https")
        world.open.faults.jwks_uri = named
        keys, _ = await published_keys(world.open)
        assert keys.url == named
        assert len(keys.entries) == 1
        assert world.open.calls == ["metadata", "signing_keys"]

    in_world(scene)


@pytest.mark.parametrize(
    "address",
    [
        "https://stranger.invalid/certs",
        "https://stranger.invalid/{uri}/certs",
        "{uri}.stranger.invalid/certs",
        "{uri}:444/certs",
        "{uri}:port/certs",
        "{uri}@stranger.invalid/certs",
        "https://user@{host}/certs",
        "http://{host}/certs",
        "//{host}/certs",
        "/certs",
        "https://[/certs",
    ],
)
def test_keys_at_another_place_are_refused_and_not_fetched(address: str) -> None:
    async def scene(world: World) -> None:
        uri = world.open.attest_uri
        named = address.format(uri=uri, host=uri.removeprefix("https://"))
        world.open.faults.jwks_uri = named
        with pytest.raises(BadAnswerError) as caught:
            await world.services().tokens.examine(
                (await world.shared.get_policy(SGX)).token, KeySource(KeyOrigin.PROVIDER, "open")
            )
        assert uri in caught.value.summary
        assert named in caught.value.summary
        assert "signing_keys" not in world.open.calls

    in_world(scene)


def test_many_answers_under_a_new_key_fetch_the_keys_once() -> None:
    async def scene(world: World) -> None:
        session = await world.services().providers.session(world.open.provider.id)
        await session.keys()
        world.open.renew_key()
        read: list[DeployedPolicy] = []

        async def read_policy() -> None:
            read.append(await session.policy(SGX))

        async with anyio.create_task_group() as tasks:
            for _ in range(40):
                tasks.start_soon(read_policy)
        assert [each.problem for each in read] == [None] * 40
        assert world.open.calls.count("signing_keys") == 2

    in_world(scene)


def test_who_waited_for_keys_that_cannot_be_fetched_does_not_try_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scene(world: World) -> None:
        session = await world.services().providers.session(world.open.provider.id)
        gone, may_answer = UnreachableError("The provider is away."), anyio.Event()
        world.open.faults.fail_before("signing_keys", gone)
        fetch = world.open.signing_keys

        async def slowly(url: str) -> KeyDocument:
            await may_answer.wait()
            return await fetch(url)

        monkeypatch.setattr(world.open, "signing_keys", slowly)
        refused: list[UnreachableError] = []

        async def read_keys() -> None:
            try:
                await session.keys()
            except UnreachableError as error:
                refused.append(error)

        async with anyio.create_task_group() as tasks:
            for _ in range(40):
                tasks.start_soon(read_keys)
            await anyio.wait_all_tasks_blocked()
            may_answer.set()
        assert refused == [gone] * 40
        assert world.open.calls.count("signing_keys") == 1
        assert (await session.keys()).entries

    in_world(scene)
