"""A served fleet ends in the time of one provider, not of all of them one after the other."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import uvicorn

from sealwright.sandbox.serving import listeners

if TYPE_CHECKING:
    import pytest

    from sealwright.sandbox.directory import Directory

PORTS = 5
PATIENCE = 60


def test_every_server_says_goodbye_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async def app(scope: object, receive: object, send: object) -> None:
        raise AssertionError((scope, receive, send))

    async def serve() -> None:
        everybody = asyncio.Barrier(PORTS)

        async def say_goodbye(server: object) -> None:
            del server
            # Nobody gets past before all are here.
            await everybody.wait()

        monkeypatch.setattr(listeners._Listener, "drop_idle_connections", say_goodbye)  # noqa: SLF001 - what a server does when it stops
        served = listeners.Listeners(cast("Directory", None), "127.0.0.1")
        for _ in range(PORTS):
            served.bind_front(0)
        await served.start(uvicorn.Config(app, lifespan="off", log_config=None))
        await asyncio.wait_for(served.stop(), PATIENCE)

    asyncio.run(serve())
