"""The sockets below the HTTP client: ends, cuts, packed answers, several addresses, two layers."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import anyio
import pytest

from helpers.connect_proxy import connect_proxy
from helpers.tls import make_tls
from sealwright.azure.http import PROXIED_HOSTS, HttpxTransport
from sealwright.azure.route import HttpOptions
from sealwright.azure.streams import alternating
from sealwright.errors import BadAnswerError, UnreachableError
from sealwright.services.ports import HttpRequest
from sealwright.store.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sealwright.azure.streams import Place

_END = b"\r\n\r\n"


class Server:
    """Answers every head with the same bytes; without any it listens and says nothing."""

    def __init__(self, answer: bytes = b"", *, hangs_up: bool = False) -> None:
        self.answer = answer
        self.hangs_up = hangs_up
        self.heads: list[bytes] = []
        self.asked = anyio.Event()
        self.opened = 0
        self.open = 0
        self.ended = anyio.Event()
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        self.open += 1
        try:
            while True:
                self.heads.append(await reader.readuntil(_END))
                self.asked.set()
                if self.answer:
                    writer.write(self.answer)
                    await writer.drain()
                    if self.hangs_up:
                        return
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
            self.open -= 1
            self.ended.set()


@asynccontextmanager
async def listening(
    server: Server, tls: ssl.SSLContext | None = None, *, host: str = "127.0.0.1"
) -> AsyncIterator[Server]:
    made = await asyncio.start_server(server.serve, host, 0, ssl=tls)
    server.port = made.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        made.close()


@asynccontextmanager
async def transport(options: HttpOptions | None = None) -> AsyncIterator[HttpxTransport]:
    http = HttpxTransport(SystemClock(), options)
    try:
        with anyio.fail_after(60):
            yield http
    finally:
        await http.aclose()


def whole(body: bytes, *headers: bytes) -> bytes:
    lines = (b"HTTP/1.1 200 OK", *headers, b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + _END + body


def get(
    port: int, host: str = "127.0.0.1", scheme: str = "http", timeout: float = 600
) -> HttpRequest:
    return HttpRequest("GET", f"{scheme}://{host}:{port}/path?q=1", timeout=timeout)


def test_a_packed_answer_is_unpacked_and_its_limit_holds_for_what_it_becomes() -> None:
    packed = whole(gzip.compress(b"x" * 5000), b"Content-Encoding: gzip")

    async def scene() -> None:
        async with listening(Server(packed)) as server:
            async with transport() as http:
                assert (await http.send(get(server.port))).body == b"x" * 5000
            async with transport(HttpOptions(max_answer=1000)) as http:
                with pytest.raises(BadAnswerError, match="larger than 1000"):
                    await http.send(get(server.port))

    anyio.run(scene)


def test_a_header_that_comes_twice_is_one_line_and_any_bytes_are_read() -> None:
    answer = whole(
        b"ok", b"WWW-Authenticate: Basic", b"www-authenticate: Bearer", b"X-Name: caf\xe9"
    )

    async def scene() -> None:
        async with listening(Server(answer)) as server, transport() as http:
            found = await http.send(get(server.port))
        assert found.headers["www-authenticate"] == "Basic, Bearer"
        assert found.headers["x-name"] == "café"

    anyio.run(scene)


def test_what_goes_out_names_host_length_and_what_the_caller_says() -> None:
    async def scene() -> None:
        async with listening(Server(whole(b"ok"))) as server, transport() as http:
            address = f"http://127.0.0.1:{server.port}/path?q=1"
            await http.send(HttpRequest("POST", address, {"accept": "application/json"}))
        head = server.heads[0].decode().lower()
        assert head.startswith("post /path?q=1 http/1.1\r\n")
        assert f"host: 127.0.0.1:{server.port}\r\n" in head
        assert "content-length: 0\r\n" in head
        assert head.count("accept: ") == 1
        assert "user-agent: sealwright/" in head

    anyio.run(scene)


def test_a_connection_is_used_again_until_the_server_has_hung_up() -> None:
    async def scene() -> None:
        async with listening(Server(whole(b"ok"))) as server, transport() as http:
            for _ in range(3):
                await http.send(get(server.port))
            assert server.opened == 1
            server.hangs_up = True
            await http.send(get(server.port))
            await server.ended.wait()
            assert (await http.send(get(server.port))).body == b"ok"
            assert server.opened == 2

    anyio.run(scene)


def test_an_answer_that_ends_too_early_was_cut() -> None:
    short = whole(b"much")[:-2]

    async def scene() -> None:
        async with listening(Server(short, hangs_up=True)) as server, transport() as http:
            with pytest.raises(UnreachableError, match="was cut"):
                await http.send(get(server.port))

    anyio.run(scene)


def test_closing_ends_a_call_under_way_and_a_late_one_hangs_up() -> None:
    async def scene() -> None:
        async with listening(Server()) as server, transport() as http:
            with pytest.raises(UnreachableError, match="did not answer"):
                await http.send(get(server.port, timeout=0.05))
            await server.ended.wait()
            server.asked = anyio.Event()
            async with anyio.create_task_group() as group:
                group.start_soon(close, http, server)
                with pytest.raises(UnreachableError, match="was cut"):
                    await http.send(get(server.port))

    async def close(http: HttpxTransport, server: Server) -> None:
        await server.asked.wait()
        await http.aclose()

    anyio.run(scene)


@pytest.mark.parametrize("hesitates", [False, True], ids=["refuses", "hesitates"])
def test_the_next_address_of_a_host_is_tried(
    monkeypatch: pytest.MonkeyPatch, *, hesitates: bool
) -> None:
    asked = socket.getaddrinfo
    connect = asyncio.SelectorEventLoop.sock_connect

    def two(_host: str, port: int, *more: object, **named: object) -> list[object]:
        del more, named
        places: list[object] = []
        for address in ("127.0.0.9", "127.0.0.1"):
            places += asked(address, port, type=socket.SOCK_STREAM)
        return places

    async def slow(loop: asyncio.SelectorEventLoop, sock: socket.socket, address: object) -> None:
        if hesitates and isinstance(address, tuple) and address[0] == "127.0.0.9":
            await anyio.sleep_forever()
        await connect(loop, sock, address)  # type: ignore[arg-type] # as it came

    async def scene() -> None:
        async with listening(Server(whole(b"ok"))) as server, transport() as http:
            monkeypatch.setattr(socket, "getaddrinfo", two)
            monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", slow)
            assert (await http.send(get(server.port, "two.localhost"))).body == b"ok"

    anyio.run(scene)


V6, V4 = socket.AF_INET6, socket.AF_INET


def place(family: socket.AddressFamily, address: str, port: int = 443) -> Place:
    where = (address, port, 0, 0) if family is V6 else (address, port)
    return (family, socket.SOCK_STREAM, 0, "", where)


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=V6):
            return True
    except OSError:
        return False


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6, not even of its own (::1)")
@pytest.mark.parametrize(("dead", "alive"), [(V6, V4), (V4, V6)], ids=["no IPv6", "no IPv4"])
def test_a_family_that_leads_nowhere_costs_one_wait_however_many_addresses_it_has(
    monkeypatch: pytest.MonkeyPatch, dead: socket.AddressFamily, alive: socket.AddressFamily
) -> None:
    """As a host with six addresses looks where a router drops one of the two families."""
    own, tried = {V6: "::1", V4: "127.0.0.1"}, list[socket.AddressFamily]()
    connect = asyncio.SelectorEventLoop.sock_connect

    def six(_host: str, port: int, *more: object, **named: object) -> list[Place]:
        del more, named
        return [place(family, own[family], port) for family in (dead,) * 3 + (alive,) * 3]

    async def half(loop: asyncio.SelectorEventLoop, sock: socket.socket, address: object) -> None:
        tried.append(sock.family)
        if sock.family == dead:
            await anyio.sleep_forever()
        await connect(loop, sock, address)  # type: ignore[arg-type] # as it came

    async def scene() -> None:
        async with listening(Server(whole(b"ok")), host=own[alive]) as server, transport() as http:
            monkeypatch.setattr(socket, "getaddrinfo", six)
            monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", half)
            assert (await http.send(get(server.port, "six.localhost"))).body == b"ok"
        assert tried[:2] == [dead, alive]

    anyio.run(scene)


def test_addresses_of_two_families_take_turns_in_the_systems_order() -> None:
    six = [place(V6, "fd00::1"), place(V6, "fd00::2"), place(V6, "fd00::3")]
    four = [place(V4, "192.0.2.1"), place(V4, "192.0.2.2")]

    assert alternating([*six, *four]) == [six[0], four[0], six[1], four[1], six[2]]
    assert alternating([*four, *six]) == [four[0], six[0], four[1], six[1], six[2]]
    assert alternating(four) == four


@pytest.mark.parametrize("host", ["x" * 70 + ".invalid", "a..invalid"])
def test_a_name_that_cannot_be_is_not_reached(host: str) -> None:
    async def scene(proxy: str) -> None:
        for options in (HttpOptions(direct=True), HttpOptions(proxy=proxy)):
            async with transport(options) as http:
                with pytest.raises(UnreachableError, match=r"cannot be reached|not an address"):
                    await http.send(get(443, host, scheme="https"))

    with connect_proxy() as proxy:
        anyio.run(scene, proxy.url)


def test_no_more_of_a_proxy_is_held_than_it_gives_to_one_client() -> None:
    """tinyproxy lets everybody wait for a minute once a hundred connections are open."""

    async def scene() -> None:
        async with listening(Server(whole(b"ok"))) as server:
            address = f"http://127.0.0.1:{server.port}"
            async with transport(HttpOptions(proxy=address, proxy_loopback=True)) as http:
                for number in range(PROXIED_HOSTS + 8):
                    await http.send(get(9, f"127.0.0.{number + 1}"))
                assert server.opened == PROXIED_HOSTS + 8
                while server.open > PROXIED_HOSTS:
                    server.ended = anyio.Event()
                    await server.ended.wait()

    anyio.run(scene)


def test_tls_within_tls_to_a_proxy_and_through_it(tmp_path: Path) -> None:
    files = make_tls(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    body = b"x" * 300_000

    async def scene(proxy: str) -> None:
        options = HttpOptions(ca_files=(str(files.ca),), proxy=proxy, proxy_loopback=True)
        async with listening(Server(whole(body)), context) as server, transport(options) as http:
            for _ in range(2):
                assert (await http.send(get(server.port, scheme="https"))).body == body
            assert server.opened == 1

    with connect_proxy(files) as proxy:
        anyio.run(scene, proxy.url)
        assert len(proxy.tunnels) == 1
