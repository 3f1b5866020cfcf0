"""G9: reading a fleet, beside one shared httpx client and the official client in sequence."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import httpx
from azure.core.credentials import AccessToken
from azure.core.pipeline.transport import RequestsTransport
from azure.security.attestation import AttestationClient as OfficialClient

from benchmarks.rounds import measure, report
from helpers.tls import make_tls
from sealwright.azure.attestation import AttestationClient
from sealwright.azure.exchange import Exchange
from sealwright.azure.http import HttpxTransport
from sealwright.azure.route import HttpOptions
from sealwright.identity.anonymous import Anonymous
from sealwright.store.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from helpers.tls import TlsFiles

HOSTS, GETS, SLOW_GETS = 50, 1500, 300
IN_FLIGHT = 50
_PATH = "/.well-known/openid-configuration"
_SERVER = Path(__file__).parent / "peers" / "tls_hosts.py"


@contextmanager
def hosts(files: TlsFiles, delay: int) -> Iterator[list[str]]:
    line = [sys.executable, str(_SERVER), str(files.certificate), str(files.key)]
    with subprocess.Popen(
        [*line, str(HOSTS), str(delay)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as server:
        assert server.stdout is not None
        ports = json.loads(server.stdout.readline())
        yield [f"https://127.0.0.1:{port}" for port in ports]
        assert server.stdin is not None
        server.stdin.close()


def spread(uris: Sequence[str], gets: int) -> list[str]:
    return [uris[number % len(uris)] for number in range(gets)]


def ours(ca: str, targets: Sequence[str]) -> None:
    """The fleet's own way: the one transport, the client, a limit on what is in flight."""

    async def read() -> None:
        transport = HttpxTransport(SystemClock(), HttpOptions(ca_files=(ca,)))
        exchange = Exchange(transport, Anonymous(), "scope")
        gate = anyio.CapacityLimiter(IN_FLIGHT)

        async def one(uri: str) -> None:
            async with gate:
                found = await AttestationClient(uri, exchange).metadata()
            assert found.issuer

        async with anyio.create_task_group() as group:
            for uri in targets:
                group.start_soon(one, uri)
        await transport.aclose()

    anyio.run(read)


def one_client(ca: str, targets: Sequence[str]) -> None:
    async def read() -> None:
        context = ssl.create_default_context(cafile=ca)
        limits = httpx.Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT)
        gate = anyio.CapacityLimiter(IN_FLIGHT)
        async with httpx.AsyncClient(verify=context, limits=limits, timeout=60) as client:

            async def one(uri: str) -> None:
                async with gate:
                    answer = await client.get(f"{uri}{_PATH}")
                assert answer.json()["issuer"]

            async with anyio.create_task_group() as group:
                for uri in targets:
                    group.start_soon(one, uri)

    anyio.run(read)


class _AnyToken:
    """A credential that costs nothing: the official client sends a token with every call."""

    def get_token(self, *scopes: str, **options: object) -> AccessToken:
        del scopes, options
        return AccessToken("token", int(time.time()) + 3600)


def official(ca: str, targets: Sequence[str]) -> None:
    clients = {
        uri: OfficialClient(uri, _AnyToken(), transport=RequestsTransport(connection_verify=ca))
        for uri in dict.fromkeys(targets)
    }
    for uri in targets:
        assert clients[uri].get_open_id_metadata()["issuer"]
    for client in clients.values():
        client.close()


def test_g9_fleet_read(tmp_path: Path) -> None:
    files = make_tls(tmp_path)
    ca = str(files.ca)
    with hosts(files, 0) as uris:
        targets = spread(uris, GETS)
        found = measure(
            {
                f"fleet read of {GETS}": lambda: ours(ca, targets),
                "one shared httpx client": lambda: one_client(ca, targets),
                "official client": lambda: official(ca, targets),
            },
            rounds=5,
        )
    report(found, f"fleet read of {GETS}", "one shared httpx client", 0.40)
    report(found, f"fleet read of {GETS}", "official client", 0.85)
    with hosts(files, 50) as uris:
        targets = spread(uris, SLOW_GETS)
        found = measure(
            {
                f"fleet read of {SLOW_GETS} at 50 ms": lambda: ours(ca, targets),
                "official client at 50 ms": lambda: official(ca, targets),
            },
            rounds=3,
        )
    report(found, f"fleet read of {SLOW_GETS} at 50 ms", "official client at 50 ms", 0.05)
