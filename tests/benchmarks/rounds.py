"""Interleaved rounds: each times every case once, in shuffled order; ratios are taken per round."""

from __future__ import annotations

import gc
import random
import statistics
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def measure(cases: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each case in each round."""
    found: dict[str, list[float]] = {name: [] for name in cases}
    names = list(cases)
    for _ in range(rounds):
        random.shuffle(names)
        for name in names:
            gc.collect()
            started = time.perf_counter()
            cases[name]()
            found[name].append(time.perf_counter() - started)
    return found


def report(found: Mapping[str, list[float]], case: str, peer: str, goal: float) -> None:
    """Print the median of the per-round ratios, its spread, and the goal."""
    ratios = sorted(mine / its for mine, its in zip(found[case], found[peer], strict=True))
    median = statistics.median(ratios)
    mine, its = (statistics.median(found[name]) * 1e3 for name in (case, peer))
    verdict = "met" if median <= goal else "MISSED"
    sys.stdout.write(
        f"{case} / {peer}: {median:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}), goal {goal}: "
        f"{verdict}  [{mine:.3f} ms, {its:.3f} ms]\n"
    )
