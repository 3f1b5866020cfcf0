"""Hostile requests to attest at a served sandbox: refused as the service does, at little cost."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from helpers.hostile_requests import Hostile, compact, hostile_requests
from helpers.served_sandbox import ServedSandbox, served_sandbox
from sealwright.tokens.jose import b64_decode_lenient, b64url_encode
from sealwright.tokens.policy_jws import unsecured_policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

VERSION = {"api-version": "2025-06-01"}
DENY_ALL = (
    'version=1.2;configurationrules{=> issueproperty(type="require_valid_aik_cert", value=false);};'
    "authorizationrules{=> deny();};"
)
CODES = {"InvalidParameter", "InvalidOperation", "InvalidRequestContent", "PolicyEvaluationError"}
MOST_MEMORY = 100 << 20
FAR_TOO_LONG = 10.0
"""Seconds of CPU: ten times what a request may cost, which no load of the machine explains."""


@dataclass
class Target:
    """A sandbox in a process of its own, and a client of it."""

    served: ServedSandbox
    http: httpx.Client

    def uri(self, operation: str) -> str:
        # A shared provider attests no TPMs.
        name = "plain" if operation == "Tpm" else "sharedlocal"
        return f"{self.served.attest_uri(name)}/attest/{operation}"

    def post(self, request: Hostile) -> httpx.Response:
        headers = {"content-encoding": request.encoding} if request.encoding else {}
        uri = self.uri(request.operation)
        return self.http.post(uri, content=request.body, params=VERSION, headers=headers)

    def challenge(self) -> tuple[bytes, str]:
        """What the TPM protocol begins with."""
        asked = compact({"data": b64url_encode(b'{"payload":{"type":"aikcert"}}')})
        answer = self.http.post(self.uri("Tpm"), content=asked, params=VERSION)
        found: dict[str, Any] = json.loads(b64_decode_lenient(answer.json()["data"]))["payload"]
        return b64_decode_lenient(found["challenge"]), found["service_context"]


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    home = tmp_path_factory.mktemp("hostile")
    with (
        served_sandbox(home, "--open", "--provider", "plain:AAD") as served,
        httpx.Client(verify=served.tls(), timeout=120) as http,
    ):
        uri = f"{served.attest_uri('plain')}/policies/Tpm"
        stored = http.put(uri, content=unsecured_policy(DENY_ALL), params=VERSION)
        assert stored.status_code == 200
        yield Target(served, http)


@contextmanager
def measured(process: int) -> Iterator[None]:
    """See that what happens meanwhile costs that process little memory and time (Linux)."""
    folder = Path("/proc", str(process))
    if not os.access(folder / "clear_refs", os.W_OK):
        yield
        return
    (folder / "clear_refs").write_text("5", "ascii")
    held, before = _memory(folder, "VmRSS"), _seconds(folder)
    yield
    assert _memory(folder, "VmHWM") - held < MOST_MEMORY
    assert _seconds(folder) - before < FAR_TOO_LONG


def _memory(folder: Path, name: str) -> int:
    lines = (folder / "status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(f"{name}:"))


def _seconds(folder: Path) -> float:
    words = (folder / "stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def refused(target: Target, requests: Sequence[Hostile]) -> None:
    for request in requests:
        with measured(target.served.process.pid):
            answer = target.post(request)
        assert answer.status_code == 400, (request.name, answer.text[:400])
        assert set(answer.json()) == {"error"}, request.name
        error = answer.json()["error"]
        assert set(error) <= {"code", "message", "details", "innererror"}, request.name
        assert error["code"] in CODES, request.name
        assert answer.headers["x-ms-error-code"] == error["code"], request.name
        assert 0 < len(error["message"]) < 1000, request.name
    # Whoever was asked all that still answers.
    assert len(target.challenge()[0]) == 16


def test_hostile_requests_are_refused_and_cost_little(target: Target) -> None:
    refused(target, list(hostile_requests(*target.challenge(), every=11)))


@pytest.mark.long
def test_odd_values_of_every_member_are_refused(target: Target) -> None:
    refused(target, list(hostile_requests(*target.challenge(), every=1)))
