"""Many hosts that answer every GET alike: ports of 127.0.0.1 with TLS, one process.

    python tls_hosts.py CERTIFICATE KEY HOSTS DELAY_MS

Prints the ports as one line and serves until its standard input ends.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys

_BODY = json.dumps(
    {
        "issuer": "https://bench.invalid",
        "jwks_uri": "https://bench.invalid/certs",
        "response_types_supported": ["token"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }
).encode()
_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
    b"x-ms-request-id: 00-0-0-00\r\nContent-Length: %d\r\n\r\n" % len(_BODY)
)


class Answer(asyncio.Protocol):
    """Answers as soon as a head has come, or after the delay."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._seen = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._seen += data
        while b"\r\n\r\n" in self._seen:
            _, _, self._seen = self._seen.partition(b"\r\n\r\n")
            if self._delay:
                asyncio.get_running_loop().call_later(self._delay, self._write)
            else:
                self._write()

    def _write(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(_HEAD + _BODY)


async def main(certificate: str, key: str, hosts: int, delay: float) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    loop = asyncio.get_running_loop()
    servers = [
        await loop.create_server(lambda: Answer(delay), "127.0.0.1", 0, ssl=context)
        for _ in range(hosts)
    ]
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    sys.stdout.write(json.dumps(ports) + "\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    for server in servers:
        server.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]) / 1000))
