"""Whose address the keys of a provider may come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest

from helpers.simulators import World
from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import BadAnswerError
from sealwright.services.reaching.published_keys import published_keys
from sealwright.services.tokens.key_source import KeyOrigin, KeySource

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


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
