"""Speed and size of the window over a fleet: 500 providers in a sandbox of its own, over TLS.

Timings are reported. The sandbox and the window are processes of their own. The host of a machine
takes its cores away unseen, so a single long gap says nothing of us: a script of steps is played in
several rounds, and a step counts with the median of them; what the machine makes stands beside it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import anyio
import pytest

from benchmarks.rounds import say, say_machine, say_steps
from helpers.served_sandbox import ServedSandbox, served_sandbox
from sealwright.services.model import Provider, TrustModel
from sealwright.store.database import Database
from sealwright.store.home import find_home
from sealwright.store.providers import StoredProviders

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PROVIDERS: Final = int(os.environ.get("SEALWRIGHT_BENCH_PROVIDERS", "500"))
MANY: Final = 5000
_WINDOW: Final = Path(__file__).with_name("fleet_window.py")
GOAL: Final = 16
"""Milliseconds of a step that recurs; one that does not is the host's."""
LEAST_PRIORITY: Final = 19
IDLE: Final = 30
SOAK: Final = float(os.environ.get("SEALWRIGHT_BENCH_SOAK", "600"))
"""Seconds; the goal is about ten minutes, from the third on."""

pytestmark = pytest.mark.skipif(not Path("/proc").exists(), reason="counts in /proc")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSandbox]:
    made = [f"--provider=fleet-{number:03d}:AAD" for number in range(PROVIDERS)]
    with served_sandbox(tmp_path_factory.mktemp("cloud"), *made) as running:
        give_way(running.process.pid)
        yield running


def give_way(process: int) -> None:
    """A provider runs on cores of its own: what stands in for 500 takes those that are free."""
    for task in Path(f"/proc/{process}/task").iterdir():
        os.setpriority(os.PRIO_PROCESS, int(task.name), LEAST_PRIORITY)


def environment(ready: Mapping[str, Any]) -> dict[str, str]:
    return os.environ | {
        "AZURE_TENANT_ID": ready["tenant"],
        "AZURE_CLIENT_ID": ready["clientId"],
        "AZURE_CLIENT_SECRET": ready["clientSecret"],
        "AZURE_AUTHORITY_HOST": ready["authority"],
        "QT_QPA_PLATFORM": "offscreen",
    }


@pytest.fixture
def home(served: ServedSandbox, tmp_path: Path) -> Path:
    """A home as a session before left it: it knows the cloud and the names of its providers."""
    ready, place = served.ready, tmp_path / "home"
    cloud = ("--authority", ready["authority"], "--arm-endpoint", ready["armEndpoint"])
    for line in (
        ("network", "set", "--ca-file", served.ca_file),
        ("cloud", "add", "Lab", *cloud, "--suffix", "127.0.0.1"),
        ("sandbox", "example"),
        ("provider", "list", "--refresh"),
    ):
        command = [sys.executable, "-m", "sealwright", f"--home={place}", *line]
        subprocess.run(command, check=True, env=environment(ready), capture_output=True)
    return place


def window(
    home: Path, environ: Mapping[str, str], scenario: str, seconds: float = 0
) -> dict[str, Any]:
    command = [sys.executable, str(_WINDOW), str(home), scenario, str(seconds)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def gaps(name: str, found: Mapping[str, Any]) -> None:
    say(
        f"{name}: UI gap p99 {found['p99']:.1f} ms (goal 16), by time {found['frames_p99']:.1f},"
        f" worst {found['worst']:.0f} ms (goal 50), {found['ticks']} ticks; the longest:"
    )
    for gap in found["longest"]:
        parts = {part: f"{gap[part] * 1000:.0f}" for part in ("wall", "ran", "queued", "asleep")}
        say(
            f"  {parts['wall']} ms: {parts['ran']} at work, {parts['queued']} in line for a core,"
            f" {parts['asleep']} waiting for another thread or the kernel; other threads of the"
            f" window were at work for {gap['others'] * 1000:.0f}. {gap['seen']}"
        )


def scripts(found: Mapping[str, Any], where: str) -> None:
    """Say what each script of steps made wait: what recurs is ours, and that meets the goal."""
    for name, rounds in found["played"].items():
        say_steps(f"{name} {where}", [each["steps"] for each in rounds], GOAL)
        say(f"  p99 of the ticks {max(each['p99'] for each in rounds):.1f} in the worst round")


def test_a_full_refresh(served: ServedSandbox, home: Path) -> None:
    found = window(home, environment(served.ready), "refresh")
    say(
        f"refresh of {found['rows']} providers: first rows {found['first_rows']:.0f} ms"
        f" (goal 500), whole {found['whole'] / 1000:.1f} s"
    )
    gaps("full refresh", found["gaps"])
    say_machine()


def test_a_filter_typed_while_all_is_read(served: ServedSandbox, home: Path) -> None:
    found = window(home, environment(served.ready), "typed")
    scripts(found, f"of {PROVIDERS} providers while they are read")
    say_machine()


def test_a_list_of_thousands(tmp_path: Path) -> None:
    home = tmp_path / "home"
    command = [sys.executable, "-m", "sealwright", f"--home={home}", "sandbox", "example"]
    subprocess.run(command, check=True, capture_output=True)
    fill(home, MANY)
    found = window(home, dict(os.environ), "list")
    scripts(found, f"{found['rows']} rows")
    say_machine()


def fill(home: Path, count: int) -> None:
    """Providers of a cloud that is not connected any more: nothing is asked over the network."""
    made = [
        Provider(
            id=f"/fleet/{number}/fleet-{number:05d}",
            name=f"fleet-{number:05d}",
            attest_uri=f"https://fleet-{number:05d}.weu.attest.azure.net",
            trust_model=TrustModel.AAD,
            location="westeurope",
            status="Ready",
            cloud="Earlier cloud",
            resource_id=f"/fleet/{number}/fleet-{number:05d}",
            subscription=f"sub-{number % 7}",
            subscription_name=f"Production {number % 7}",
            resource_group=f"rg-{number % 50}",
            tags={"environment": "production"},
        )
        for number in range(count)
    ]

    async def put() -> None:
        database = Database(find_home(str(home)))
        await StoredProviders(database).change(made, ())
        await database.close()

    anyio.run(put)


def test_idle(served: ServedSandbox, home: Path) -> None:
    command = [sys.executable, str(_WINDOW), str(home), "idle", str(IDLE + 5)]
    with subprocess.Popen(
        command, env=environment(served.ready), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        while process.stdout.readline().strip() != "idle":
            pass
        before = wake_ups(process.pid)
        time.sleep(IDLE)
        after = wake_ups(process.pid)
        process.communicate()
    say(
        f"idle: {sum(after.values()) - sum(before.values())} wake-ups in {IDLE} s (goal {2 * IDLE})"
    )
    for name, count in sorted(after.items(), key=lambda item: before.get(item[0], 0) - item[1])[:5]:
        say(f"  {name}: {count - before.get(name, 0)}")


def wake_ups(process: int) -> dict[str, int]:
    """Voluntary switches of every thread, by its number and name."""
    found = {}
    for task in Path(f"/proc/{process}/task").iterdir():
        status = (task / "status").read_text()
        switches = next(line for line in status.splitlines() if line.startswith("voluntary"))
        found[f"{task.name} {(task / 'comm').read_text().strip()}"] = int(switches.split()[1])
    return found


def test_memory_over_refreshes(served: ServedSandbox, home: Path) -> None:
    found = window(home, environment(served.ready), "soak", SOAK)
    rounds = found["rounds"]
    early = min(one["rss"] for one in rounds if one["at"] >= SOAK * 0.3)
    late = max(one["rss"] for one in rounds if one["at"] >= SOAK * 0.7)
    first = next(one["rss"] for one in rounds if one["at"] >= SOAK * 0.3)
    last = rounds[-1]["rss"]
    say(
        f"{len(rounds) - 1} refreshes in {rounds[-1]['at']:.0f} s: {first:.0f} MB after 30 % of the"
        f" time, {last:.0f} MB at the end: {(last / first - 1) * 100:+.1f} % (goal under 5);"
        f" least then {early:.0f}, most late {late:.0f}"
    )
