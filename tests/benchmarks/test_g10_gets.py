"""G10: the longest gap of a 1 ms ticker while 1,500 GETs run, beside a plain Python loop."""

from __future__ import annotations

import gc
import os
import statistics
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

import anyio

from benchmarks.rounds import say
from benchmarks.test_g9_fleet_read import GETS, IN_FLIGHT, hosts, spread
from helpers.tls import make_tls
from sealwright.azure.attestation import AttestationClient
from sealwright.azure.exchange import Exchange
from sealwright.azure.http import HttpxTransport
from sealwright.azure.route import HttpOptions
from sealwright.identity.anonymous import Anonymous
from sealwright.store.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

TICK: Final = 0.001
ROUNDS: Final = 7


Work = Callable[[threading.Event], object]


def longest_gap(work: Work) -> float:
    """The longest time between two ticks of this thread while another works."""
    begun = threading.Event()
    worker = threading.Thread(target=work, args=(begun,))
    worker.start()
    begun.wait()
    worst, last = 0.0, time.perf_counter()
    while worker.is_alive():
        time.sleep(TICK)
        now = time.perf_counter()
        worst, last = max(worst, now - last), now
    worker.join()
    return worst


def gets(ca: str, targets: Sequence[str], begun: threading.Event) -> None:
    """Read all of them; whom to trust is settled before, as in a program that runs already."""

    async def read() -> None:
        transport = HttpxTransport(SystemClock(), HttpOptions(ca_files=(ca,)))
        exchange = Exchange(transport, Anonymous(), "scope")
        gate = anyio.CapacityLimiter(IN_FLIGHT)

        async def one(uri: str) -> None:
            async with gate:
                await AttestationClient(uri, exchange).metadata()

        await one(targets[0])
        begun.set()
        async with anyio.create_task_group() as group:
            for uri in targets:
                group.start_soon(one, uri)
        await transport.aclose()

    anyio.run(read)


def plain_loop(begun: threading.Event) -> None:
    """Nothing but Python, for about as long."""
    begun.set()
    end, number = time.perf_counter() + 1.5, 0
    while time.perf_counter() < end:
        for _ in range(1000):
            number += 1


def test_g10_gets(tmp_path: Path) -> None:
    files = make_tls(tmp_path)
    # As in the window, whose garbage is collected on its own thread.
    gc.disable()
    with hosts(files, 0) as uris:
        targets = spread(uris, GETS)
        pairs = [
            (longest_gap(partial(gets, str(files.ca), targets)), longest_gap(plain_loop))
            for _ in range(int(os.environ.get("SEALWRIGHT_BENCH_ROUNDS", ROUNDS)))
        ]
    gc.enable()
    ratios = sorted(mine / its for mine, its in pairs)
    median = statistics.median(ratios)
    mine, its = (statistics.median(each) * 1e3 for each in zip(*pairs, strict=True))
    say(
        f"longest gap over {GETS} GETs / plain loop: {median:.2f} ({ratios[0]:.2f} to"
        f" {ratios[-1]:.2f}), goal 2: {'met' if median <= 2 else 'MISSED'}"
        f"  [{mine:.1f} ms, {its:.1f} ms]"
    )
