"""The one HTTP client: limits, trust and words for everything that can go wrong below it."""

from __future__ import annotations

import inspect
import logging
import ssl
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import httpcore
import httpx
import pytest

from helpers.tls import TlsFiles, make_tls
from sealwright.azure.connections import FOREIGN
from sealwright.azure.http import HOSTS, HttpxTransport
from sealwright.azure.route import MAX_ANSWER, HttpOptions
from sealwright.errors import BadAnswerError, StorageError, UnreachableError
from sealwright.services.ports import HttpRequest
from sealwright.store.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
    from pathlib import Path

    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
    App = Callable[[Any, Any, Send], Awaitable[None]]

URL = "https://one.app.invalid/path"


def answering(status: int = 200, body: bytes = b"{}", *headers: tuple[bytes, bytes]) -> App:
    async def app(scope: object, receive: object, send: Send) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        await send({"type": "http.response.body", "body": body})

    return app


def raising(error: BaseException) -> App:
    async def app(scope: object, receive: object, send: Send) -> None:
        del scope, receive, send
        raise error

    return app


@asynccontextmanager
async def transport(
    app: App | None = None, *, ca_file: str = "", max_answer: int = MAX_ANSWER
) -> AsyncIterator[HttpxTransport]:
    apps = {"app.invalid": app} if app is not None else {}
    files = (ca_file,) if ca_file else ()
    made = HttpxTransport(
        SystemClock(), HttpOptions(ca_files=files, max_answer=max_answer, apps=apps)
    )
    try:
        yield made
    finally:
        await made.aclose()


def library_errors() -> list[type[Exception]]:
    """Every exception class that httpx and httpcore export, and those of the layers below."""
    found = [
        each
        for library in (httpx, httpcore)
        for _, each in inspect.getmembers(library, inspect.isclass)
    ]
    errors = [each for each in found if issubclass(each, Exception)]
    return [*errors, ssl.SSLError, ssl.SSLCertVerificationError, ConnectionResetError, TimeoutError]


@pytest.mark.parametrize("kind", library_errors(), ids=lambda kind: kind.__name__)
def test_every_error_of_the_library_becomes_unreachable(kind: type[Exception]) -> None:
    assert issubclass(kind, FOREIGN)
    error = kind.__new__(kind)
    Exception.__init__(error, "as the library says")

    async def scene() -> None:
        async with transport(raising(error)) as http:
            with pytest.raises(UnreachableError) as caught:
                await http.send(HttpRequest("GET", URL))
            assert caught.value.hint

    anyio.run(scene)


def test_the_list_of_library_errors_is_not_empty() -> None:
    assert len(library_errors()) > 40


def test_broken_application_looks_like_a_cut_connection(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        async with transport(raising(ZeroDivisionError("bug"))) as http:
            with pytest.raises(UnreachableError, match="was cut"):
                await http.send(HttpRequest("GET", URL))

    with caplog.at_level(logging.CRITICAL, "sealwright.azure.connections"):
        anyio.run(scene)


def test_time_out_holds_in_process_too() -> None:
    async def app(scope: object, receive: object, send: Send) -> None:
        del scope, receive, send
        await anyio.sleep_forever()

    async def scene() -> None:
        async with transport(app) as http:
            with pytest.raises(UnreachableError, match="did not answer"):
                await http.send(HttpRequest("GET", URL, timeout=0.05))

    anyio.run(scene)


def test_answer_over_the_limit_is_refused() -> None:
    async def scene() -> None:
        async with transport(answering(body=b"x" * 2000), max_answer=1000) as http:
            with pytest.raises(BadAnswerError, match="larger than 1000"):
                await http.send(HttpRequest("GET", URL))

    anyio.run(scene)


def test_body_that_was_cut_off_is_no_answer() -> None:
    async def scene() -> None:
        app = answering(200, b'{"token"', (b"content-length", b"900"))
        async with transport(app) as http:
            with pytest.raises(UnreachableError, match="was cut"):
                await http.send(HttpRequest("GET", URL))

    anyio.run(scene)


def test_redirects_are_answers_and_header_names_lower_case() -> None:
    async def scene() -> None:
        app = answering(302, b"", (b"Location", b"https://elsewhere.invalid/"))
        async with transport(app) as http:
            answer = await http.send(HttpRequest("GET", URL))
        assert answer.status == 302
        assert answer.headers["location"] == "https://elsewhere.invalid/"

    anyio.run(scene)


def test_two_requests_at_once_and_no_more() -> None:
    running, most = 0, 0
    both = anyio.Event()

    async def app(scope: object, receive: object, send: Send) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == 2:
            both.set()
        await both.wait()
        await anyio.sleep(0.01)
        running -= 1
        await answering()(scope, receive, send)

    async def scene() -> None:
        with anyio.fail_after(60):
            await twelve()

    async def twelve() -> None:
        async with transport(app) as http, anyio.create_task_group() as group:
            for _ in range(12):
                group.start_soon(http.send, HttpRequest("GET", URL))

    anyio.run(scene)
    assert most == 2


def test_nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        app = answering(body=b'{"token":"answer-secret"}')
        async with transport(app) as http:
            headers = {"Authorization": "Bearer request-secret"}
            request = HttpRequest("PUT", f"{URL}?api-version=1", headers, b"body-secret")
            await http.send(request)
            assert "secret" not in repr(request)

    with caplog.at_level(logging.DEBUG):
        anyio.run(scene)
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("sealwright")]
    assert ours == ["PUT /path 200 "]
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://provider.example/", "not encrypted"),
        ("ftp://provider.example/", "not an address"),
        ("provider.example", "not an address"),
        ("https://", "not an address"),
        ("https://[::1", "not an address"),
    ],
)
def test_addresses_that_are_never_called(url: str, words: str) -> None:
    async def scene() -> None:
        async with transport() as http:
            with pytest.raises(UnreachableError, match=words):
                await http.send(HttpRequest("GET", url))

    anyio.run(scene)


class Greeting(BaseHTTPRequestHandler):
    """Answers every GET with two bytes."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def tls_server(files: TlsFiles, handler: type[BaseHTTPRequestHandler] = Greeting) -> Iterator[str]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.certificate, files.key)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        # The handshake belongs to the request's thread: one that fails must not end the server.
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a stand-in
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"https://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def test_own_ca_file_is_trusted_and_a_strangers_is_not(tmp_path: Path) -> None:
    async def scene() -> None:
        files = make_tls(tmp_path)
        with tls_server(files) as url:
            async with transport(ca_file=str(files.ca)) as http:
                assert (await http.send(HttpRequest("GET", url))).body == b"ok"
            async with transport() as http:
                with pytest.raises(UnreachableError, match="not trusted"):
                    await http.send(HttpRequest("GET", url))

    anyio.run(scene)


def test_connections_of_hosts_called_long_ago_are_closed(tmp_path: Path) -> None:
    gone = Event()

    class Lasting(Greeting):
        protocol_version = "HTTP/1.1"

        def finish(self) -> None:
            super().finish()
            gone.set()

    async def scene() -> None:
        files = make_tls(tmp_path)
        with tls_server(files, Lasting) as url:
            async with transport(answering(), ca_file=str(files.ca)) as http:
                await http.send(HttpRequest("GET", url))
                for number in range(HOSTS):
                    assert not gone.is_set()
                    await http.send(HttpRequest("GET", f"https://h{number}.app.invalid/"))
                assert await anyio.to_thread.run_sync(gone.wait, 60)
                # The host is called again as if nothing had been.
                assert (await http.send(HttpRequest("GET", url))).body == b"ok"

    anyio.run(scene)


def test_nobody_listens() -> None:
    async def scene() -> None:
        async with transport() as http:
            with pytest.raises(UnreachableError, match="cannot be reached") as caught:
                await http.send(HttpRequest("GET", "http://127.0.0.1:9/"))
            assert "provider" not in caught.value.hint, "it may be the authority"

    anyio.run(scene)


def test_ca_file_that_holds_no_certificate(tmp_path: Path) -> None:
    async def scene() -> None:
        bad = tmp_path / "ca.pem"
        bad.write_text("garbage")
        async with transport(ca_file=str(bad)) as http:
            with pytest.raises(StorageError, match="cannot be read"):
                await http.send(HttpRequest("GET", "https://127.0.0.1:9/"))

    anyio.run(scene)
