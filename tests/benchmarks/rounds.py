"""Interleaved rounds: each times every case once, in shuffled order; ratios are taken per round.

`SEALWRIGHT_BENCH_ROUNDS` sets the number of rounds of every measurement, 1 to see that it runs.
"""

from __future__ import annotations

import gc
import os
import random
import statistics
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def rounds_wanted(usual: int) -> int:
    """How many rounds are to be made."""
    return int(os.environ.get("SEALWRIGHT_BENCH_ROUNDS", usual))


def measure(cases: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each case in each round."""
    found: dict[str, list[float]] = {name: [] for name in cases}
    names = list(cases)
    for _ in range(rounds_wanted(rounds)):
        random.shuffle(names)
        for name in names:
            gc.collect()
            started = time.perf_counter()
            cases[name]()
            found[name].append(time.perf_counter() - started)
    return found


def repeated(call: Callable[[], object], times: int) -> Callable[[], None]:
    """The call many times, so that the clock can tell."""

    def run() -> None:
        for _ in range(times):
            call()

    return run


def say(line: str) -> None:
    """Print a line of the report."""
    sys.stdout.write(f"\n{line}")
    sys.stdout.flush()


def report(found: Mapping[str, list[float]], case: str, peer: str, goal: float) -> None:
    """Print the median of the per-round ratios, its spread, and the goal."""
    ratios = sorted(mine / its for mine, its in zip(found[case], found[peer], strict=True))
    median = statistics.median(ratios)
    mine, its = (statistics.median(found[name]) * 1e3 for name in (case, peer))
    say(
        f"{case} / {peer}: {median:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}), goal {goal}: "
        f"{'met' if median <= goal else 'MISSED'}  [{mine:.3f} ms, {its:.3f} ms]"
    )


def report_times(name: str, seconds: list[float]) -> None:
    """Print the median, the 95th percentile and the longest time."""
    ordered = sorted(seconds)
    late = ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)]
    middle = statistics.median(ordered)
    say(f"{name}: {middle * 1e3:.1f} ms, p95 {late * 1e3:.1f}, longest {ordered[-1] * 1e3:.1f}")


def say_steps(name: str, rounds: Sequence[Mapping[str, float]], goal: float) -> None:
    """Print the longest gaps, in ms, of a script of steps that was played in several rounds.

    A gap that the program makes comes at the same step in every round; what a host that takes its
    cores away makes comes anywhere. So a step counts with the median, and the quickest, of rounds.
    """
    medians = {step: statistics.median(each[step] for each in rounds) for step in rounds[0]}
    quickest = {step: min(each[step] for each in rounds) for step in rounds[0]}
    usual, least = (max(found, key=found.__getitem__) for found in (medians, quickest))
    single = max(max(each.values()) for each in rounds)
    say(
        f"{name}, {len(medians)} steps in {len(rounds)} rounds: worst step by its median"
        f" {medians[usual]:.1f} ms ({usual}), by its quickest round {quickest[least]:.1f} ms"
        f" ({least}), goal {goal:.0f}: {'met' if medians[usual] <= goal else 'MISSED'};"
        f" half of the steps {statistics.median(medians.values()):.1f}; worst single {single:.0f}"
    )


def machine_words(seconds: float = 5) -> str:
    """How long work of one millisecond can take here.

    A virtual machine loses its cores to its host unseen, and no window is steadier than that.
    """
    took = []
    end = time.perf_counter() + seconds
    while (begun := time.perf_counter()) < end:
        sum(range(30_000))
        took.append(time.perf_counter() - begun)
    took.sort()
    usual, longest = took[len(took) // 2] * 1e3, took[-1] * 1e3
    return f"the machine by itself: a loop of {usual:.1f} ms took {longest:.0f} ms at longest"


def say_machine() -> None:
    """Print it."""
    say(machine_words())
