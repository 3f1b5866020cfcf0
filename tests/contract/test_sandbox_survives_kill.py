"""A sandbox that is killed at any moment comes back with every change that it acknowledged."""

from __future__ import annotations

import random
import signal
import ssl
import subprocess
import sys
import threading
from contextlib import closing
from http.client import HTTPException, HTTPSConnection
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from helpers.administrator import claims_of
from helpers.served_sandbox import ServedSandbox, served_sandbox, start
from sealwright.tokens.policy_jws import unsecured_policy
from sealwright.tokens.unwrap import read_policy

if TYPE_CHECKING:
    from pathlib import Path

TYPES = ("SgxEnclave", "OpenEnclave", "Tpm", "SevSnpVm")
VERSION = {"api-version": "2022-08-01"}
ROUNDS = 4
PATIENCE = 60.0


def tls(served: ServedSandbox) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=served.ca_file)
    # Python 3.13 sets this by itself.
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def http(served: ServedSandbox) -> httpx.Client:
    return httpx.Client(verify=tls(served))


def numbered(number: int) -> str:
    return (
        "version= 1.0;authorizationrules{=> permit();};"
        f'issuancerules{{=> issue(type="number", value="{number}");}};'
    )


class Writer(threading.Thread):
    """Uploads one policy after the other until the server is gone.

    Over one connection, made while the server lives, and never another: `ssl` leaves a socket open
    that is reset between its connection and its handshake, and a pool would connect again.
    """

    def __init__(self, served: ServedSandbox, kind: str, first: int) -> None:
        super().__init__(daemon=True)
        parts = urlsplit(f"{served.attest_uri('one')}/policies/{kind}")
        self._connection = HTTPSConnection(parts.netloc, timeout=PATIENCE, context=tls(served))
        self._connection.auto_open = 0
        self._connection.connect()
        self._target = f"{parts.path}?{urlencode(VERSION)}"
        self.kind = kind
        self.sent = self.acknowledged = first
        self.wrote = threading.Event()

    def run(self) -> None:
        with closing(self._connection):
            while True:
                self.sent += 1
                try:
                    status = self._upload(unsecured_policy(numbered(self.sent)))
                except (HTTPException, OSError):
                    return
                assert status == 200
                self.acknowledged = self.sent
                self.wrote.set()

    def _upload(self, body: str) -> int:
        self._connection.request("PUT", self._target, body)
        with self._connection.getresponse() as answer:
            answer.read()
            return answer.status


def stored_number(served: ServedSandbox, kind: str) -> int:
    url = f"{served.attest_uri('one')}/policies/{kind}"
    with http(served) as client:
        claims = claims_of(client.get(url, params=VERSION).json())
    text = read_policy(str(claims["x-ms-policy"])).text
    return int(text.partition('value="')[2].partition('"')[0])


def test_no_acknowledged_policy_is_lost(tmp_path: Path) -> None:
    options = ("--provider", "one:AAD", "--open")
    numbers = dict.fromkeys(TYPES, 0)
    served = start(tmp_path, *options)
    address = served.attest_uri("one")
    try:
        for _ in range(ROUNDS):
            writers = [Writer(served, kind, numbers[kind]) for kind in TYPES]
            for writer in writers:
                writer.start()
            assert all(writer.wrote.wait(PATIENCE) for writer in writers)
            threading.Event().wait(random.uniform(0, 0.5))  # noqa: S311 - any moment will do
            served.kill()
            for writer in writers:
                writer.join()
            served = start(tmp_path, *options)
            assert served.attest_uri("one") == address
            for writer in writers:
                found = stored_number(served, writer.kind)
                assert writer.acknowledged <= found <= writer.sent, writer.kind
                numbers[writer.kind] = found
    finally:
        served.kill()


def test_a_provider_listens_before_its_creation_is_acknowledged(tmp_path: Path) -> None:
    with served_sandbox(tmp_path, "--open") as served:
        group = f"/subscriptions/{served.ready['subscription']}/resourceGroups/sandbox"
        path = f"{group}/providers/Microsoft.Attestation/attestationProviders/late"
        url = f"{served.ready['armEndpoint']}{path}?api-version=2021-06-01"
        with http(served) as client:
            made = client.put(url, json={"location": "sandbox", "properties": {}}).json()
            uri = made["properties"]["attestUri"]
            metadata = client.get(f"{uri}/.well-known/openid-configuration").json()
            client.delete(url)
        served.kill()
        again = start(tmp_path, "--open")
        names = [item["name"] for item in again.ready["providers"]]
        again.stop()

    assert metadata["issuer"] == uri
    assert names == ["sharedlocal"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_when_it_is_asked(tmp_path: Path, number: signal.Signals) -> None:
    with served_sandbox(tmp_path) as served, http(served) as client:
        # A kept-alive connection must not hold it up.
        client.get(f"{served.attest_uri('sharedlocal')}/certs")

        assert served.stop(number) == 0
    assert (tmp_path / "serve-errors.txt").read_text(encoding="utf-8") == ""


def test_the_operator_sets_the_clock_of_a_served_sandbox(tmp_path: Path) -> None:
    with served_sandbox(tmp_path, "--operator", "--open") as served, http(served) as client:
        url = f"{served.ready['baseUrl']}/_sandbox/clock"
        key = {"x-sandbox-operator": str(served.ready["operatorKey"])}
        wanted = {"fixed": "2021-07-01T20:13:20+00:00"}

        stranger = client.put(url, json=wanted)
        operator = client.put(url, json=wanted, headers=key)
        policy = client.get(f"{served.attest_uri('sharedlocal')}/policies/Tpm", params=VERSION)

    assert (stranger.status_code, operator.status_code) == (403, 200)
    assert claims_of(policy.json())["iat"] == 1625170400
    assert policy.headers["date"] == "Thu, 01 Jul 2021 20:13:20 GMT"


def test_providers_are_followed_from_another_process(tmp_path: Path) -> None:
    first, second = start(tmp_path, "--open"), start(tmp_path, "--provider", "later:AAD", "--open")
    try:
        with http(first) as client:
            path = f"/subscriptions/{first.ready['subscription']}/providers"
            url = f"{first.ready['armEndpoint']}{path}/Microsoft.Attestation/attestationProviders"
            listed = client.get(url, params={"api-version": "2021-06-01"}).json()["value"]
            uri = listed[0]["properties"]["attestUri"]
            answer = client.get(f"{uri}/certs")
    finally:
        codes = [second.stop(), first.stop()]

    assert [item["name"] for item in listed] == ["later"]
    assert uri != second.attest_uri("later")
    assert answer.status_code == 200
    assert codes == [0, 0]


def test_an_operator_is_not_offered_to_the_network(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "sealwright", "--home", str(tmp_path), "sandbox", "serve")

    refused = subprocess.run(
        (*command, "--host", "0.0.0.0", "--operator"),  # noqa: S104 - it must not listen there
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert refused.returncode == 2
    assert "--operator" in refused.stderr


def test_a_running_sandbox_is_not_reset(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "sealwright", "sandbox", "reset", "--home", str(tmp_path))
    with served_sandbox(tmp_path, "--provider", "one:AAD") as served:
        held = subprocess.run(command, capture_output=True, text=True, check=False)
        served.stop()
        freed = subprocess.run(command, capture_output=True, text=True, check=False)
    with served_sandbox(tmp_path) as served:
        names = [item["name"] for item in served.ready["providers"]]

    assert (held.returncode, freed.returncode) == (3, 0)
    assert "in use" in held.stderr
    assert names == ["sharedlocal"]
