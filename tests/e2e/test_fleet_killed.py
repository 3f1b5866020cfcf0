"""A real `fleet apply` is killed at each of its steps, begun again, and every target is proven.

The sandbox holds one call, before it is made or before it is answered; the process is killed while
it waits, so that every kill falls just there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from helpers.served_sandbox import ServedSandbox, served_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 120.0
HOLD = {"kind": "latency", "seconds": PATIENCE, "times": 1, "path": "/policies/SgxEnclave"}
COUNT = {**HOLD, "seconds": 0, "times": 1000, "method": "PUT", "after": True}
PROVIDERS = ("one", "two")
POLICY = """version= 1.0;
authorizationrules{{=> permit();}};
issuancerules{{=> issue(type="round", value="{}");}};
"""
WORKSPACE = """version: 1
apply: {parallel: 1}
assignments:
- providers: [one, two]
  policies: {sgx: policy.txt}
"""


@dataclass(frozen=True)
class Operator:
    """The sandbox's other face."""

    served: ServedSandbox

    def arm(self, *faults: dict[str, object]) -> None:
        self._call("PUT", {"faults": list(faults)})

    def left(self) -> int:
        """How many faults have not been met yet."""
        found = self._call("GET")["faults"]
        assert isinstance(found, list)
        return len(found)

    def count(self) -> int:
        """How many uploads were answered since `counting`."""
        found = self._call("GET")["faults"]
        return 1000 - int(found[0]["times"])

    def _call(self, method: str, body: object = None) -> dict[str, Any]:
        ready = self.served.ready
        answer = httpx.request(
            method,
            f"{ready['armEndpoint']}/_sandbox/faults",
            headers={"X-Sandbox-Operator": ready["operatorKey"]},
            json=body,
            verify=self.served.tls(),
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


class Pipeline:
    """`sealwright …` as a pipeline runs it: the account comes from the environment."""

    def __init__(self, home: Path, served: ServedSandbox) -> None:
        ready = served.ready
        self._home = home
        self._env = os.environ | {
            "AZURE_TENANT_ID": ready["tenant"],
            "AZURE_CLIENT_ID": ready["clientId"],
            "AZURE_CLIENT_SECRET": ready["clientSecret"],
            "AZURE_AUTHORITY_HOST": ready["authority"],
        }

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        line = [sys.executable, "-m", "sealwright", f"--home={self._home}", "--format=json"]
        pipe = subprocess.PIPE
        return subprocess.Popen([*line, *words], env=self._env, stdout=pipe, stderr=pipe)

    def __call__(self, *words: str) -> dict[str, Any]:
        process = self.start(*words)
        out, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, out + errors
        found: dict[str, Any] = json.loads(out)
        return found


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSandbox]:
    made = [f"--provider={name}:AAD" for name in PROVIDERS]
    with served_sandbox(tmp_path_factory.mktemp("cloud"), "--operator", *made) as running:
        yield running


@pytest.fixture(scope="module")
def pipeline(served: ServedSandbox, tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    ready = served.ready
    program = Pipeline(tmp_path_factory.mktemp("home"), served)
    program("network", "set", "--ca-file", served.ca_file)
    program(
        *("cloud", "add", "Lab", "--authority", ready["authority"]),
        *("--arm-endpoint", ready["armEndpoint"], "--suffix", "127.0.0.1"),
    )
    program("provider", "list", "--refresh")
    return program


def kill_while_held(process: subprocess.Popen[bytes], operator: Operator) -> None:
    late = time.monotonic() + PATIENCE
    while operator.left():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < late, "the call to hold never came"
        time.sleep(0.05)
    process.kill()
    process.communicate()


@dataclass(frozen=True)
class Step:
    """Where the process is killed, and how many targets had been changed by then."""

    provider: str
    method: str
    changed: int
    after: bool = False
    skip: int = 0

    def hold(self) -> dict[str, object]:
        more = {"skip": self.skip} if self.skip else {}
        return {
            **HOLD,
            **more,
            "provider": self.provider,
            "method": self.method,
            "after": self.after,
        }


STEPS = {
    "before the first upload": Step("one", "PUT", 0),
    "after the first upload": Step("one", "PUT", 1, after=True),
    "reading the first back": Step("one", "GET", 1, skip=3),
    "after the second upload": Step("two", "PUT", 2, after=True),
}
MORE = {
    "planning": Step("one", "GET", 0),
    "before the second upload": Step("two", "PUT", 1),
    "reading the second back": Step("two", "GET", 2, skip=3),
}


@pytest.mark.parametrize(
    "step",
    [
        *(pytest.param(step, id=name) for name, step in STEPS.items()),
        *(pytest.param(step, id=name, marks=pytest.mark.long) for name, step in MORE.items()),
    ],
)
def test_an_apply_that_is_killed_goes_on(
    served: ServedSandbox, pipeline: Pipeline, tmp_path: Path, step: Step
) -> None:
    folder, operator = tmp_path / "workspace", Operator(served)
    folder.mkdir()
    (folder / "sealwright.yaml").write_text(WORKSPACE, encoding="utf-8")
    (folder / "policy.txt").write_text(POLICY.format(folder), encoding="utf-8")

    operator.arm(step.hold())
    kill_while_held(pipeline.start("fleet", "apply", str(folder), "--yes"), operator)
    operator.arm(COUNT)
    again = pipeline("fleet", "apply", str(folder), "--yes")

    # What had been made is not made again, and each has its proof.
    assert operator.count() == len(PROVIDERS) - step.changed
    operator.arm()
    assert {each["provider"]: each["state"] for each in again["items"]} == dict.fromkeys(
        PROVIDERS, "proven"
    )
    assert pipeline("fleet", "drift", str(folder))["alike"] is True
    wanted = again["items"][0]["after"]
    rows = pipeline("activity", "list")["items"]
    proofs = [one["where"] for one in rows if (one["result"], one["after"]) == ("proven", wanted)]
    assert sorted(proofs) == list(PROVIDERS)
