"""A silence that the service asked for is said, once, beside the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from helpers.command_line import SimulatedCommandWorld
from helpers.scripted import Scripted, answer, refusal
from sealwright.azure.exchange import Call, Exchange
from sealwright.cli.context import Context
from sealwright.cli.options import Options
from sealwright.waits import waits_told

if TYPE_CHECKING:
    import pytest

    from sealwright.services.bundle import Services

READ = Call("GET", "https://one.attest.azure.net/certs", "read the keys", safe=True)


async def send(script: Scripted) -> None:
    await Exchange(script, script, "scope", pause=script.pause).send(READ)


def told(script: Scripted) -> list[float]:
    heard: list[float] = []

    async def scene() -> None:
        with waits_told(heard.append):
            await send(script)

    anyio.run(scene)
    return heard


def test_a_wait_is_told_before_it_begins() -> None:
    busy = refusal(503, "", "region is busy", retry_after="30")
    script = Scripted(busy, answer({}))
    assert told(script) == [30.0]
    assert script.pauses == [30.0]


def test_repeats_that_nobody_asked_to_delay_are_not_worth_a_word() -> None:
    script = Scripted(refusal(503, "", "down"), refusal(503, "", "down"), answer({}))
    assert told(script) == []
    assert len(script.pauses) == 2


def test_a_command_says_it_once_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    async def job(services: Services) -> None:
        del services
        # Many reads at a time are throttled together.
        async with anyio.create_task_group() as group:
            for _ in range(3):
                busy = refusal(429, "", "slow down", retry_after="12")
                group.start_soon(send, Scripted(busy, answer({})))

    Context(Options(), SimulatedCommandWorld()).with_services(job)

    seen = capsys.readouterr()
    assert seen.err == "The service asks to wait 12 s; trying again…\n"
    assert seen.out == ""


def test_less_than_a_second_is_no_silence(capsys: pytest.CaptureFixture[str]) -> None:
    async def job(services: Services) -> None:
        del services
        await send(Scripted(refusal(429, "", "slow down", retry_after="0"), answer({})))

    Context(Options(), SimulatedCommandWorld()).with_services(job)
    assert capsys.readouterr().err == ""
