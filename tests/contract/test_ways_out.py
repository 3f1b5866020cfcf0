"""Proxies and trust over real sockets: the transport, msal's traffic, and the connection test."""

from __future__ import annotations

import json
import shutil
import socket
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import anyio
import pytest

from helpers.connect_proxy import ConnectProxy, connect_proxy, tinyproxy
from helpers.served_sandbox import ServedSandbox, served_sandbox
from helpers.simulators import World
from helpers.tls import make_tls
from sealwright.azure.clouds import AzureCloud, CloudSettings
from sealwright.azure.connections import CONNECTIONS
from sealwright.azure.http import HttpxTransport
from sealwright.azure.network import Ways
from sealwright.azure.route import HttpOptions
from sealwright.errors import ProxyError, StorageError, UnreachableError, UntrustedError
from sealwright.identity.client_credentials import Application, ClientCredentials
from sealwright.secret import Secret
from sealwright.services.model import CheckStatus, Provider, TrustModel
from sealwright.services.ports import HttpRequest
from sealwright.services.providers.connection import ConnectionCheck, ConnectionService
from sealwright.services.reaching.reach import Clouds
from sealwright.store.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from pathlib import Path

PASS, FAIL, SKIP = CheckStatus.PASS, CheckStatus.FAIL, CheckStatus.SKIP
WRONG = "not the one"
ORDER = ["dns", "tcp", "proxy", "tls", "metadata", "token", "policy"]


@pytest.fixture(autouse=True)
def _no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "auto_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSandbox]:
    home = tmp_path_factory.mktemp("ways")
    with served_sandbox(home, "--provider", "plain:AAD", "--operator") as running:
        yield running


@pytest.fixture
def proxy() -> Iterator[ConnectProxy]:
    with connect_proxy() as running:
        yield running


@dataclass
class Scene:
    """A transport and the connection test over it."""

    served: ServedSandbox
    http: HttpxTransport
    service: ConnectionService
    provider: Provider

    async def ask(self) -> int:
        request = HttpRequest("GET", f"{self.provider.attest_uri}/certs")
        return (await self.http.send(request)).status

    async def operate(self, face: str, body: object) -> None:
        ready = self.served.ready
        headers = {"X-Sandbox-Operator": ready["operatorKey"], "Content-Type": "application/json"}
        url = f"{ready['armEndpoint']}/_sandbox/{face}"
        sent = HttpRequest("PUT", url, headers, json.dumps(body).encode())
        assert (await self.http.send(sent)).status == 200

    async def check(self) -> dict[str, ConnectionCheck]:
        return {one.id: one for one in await self.service.check(self.provider.id)}


def play(
    served: ServedSandbox,
    options: HttpOptions,
    scene: Callable[[Scene], Coroutine[object, object, None]],
    *,
    secret: str = "",
    uri: str = "",
) -> None:
    async def run() -> None:
        http = HttpxTransport(SystemClock(), options)
        try:
            await scene(_scene(served, http, secret, uri))
        finally:
            await http.aclose()

    anyio.run(run)


def _scene(served: ServedSandbox, http: HttpxTransport, secret: str, uri: str) -> Scene:
    ready, world = served.ready, World()
    application = Application(
        ready["authority"],
        ready["tenant"],
        ready["clientId"],
        Secret(secret or ready["clientSecret"]),
    )
    settings = CloudSettings(
        name="Served",
        authority=ready["authority"],
        arm_endpoint=ready["armEndpoint"],
        arm_scope="https://management.azure.com/.default",
        attest_scope="https://attest.azure.net/.default",
        suffix="",
    )
    cloud = AzureCloud(settings, http, ClientCredentials(application, http))
    provider = Provider(
        id="plain",
        name="plain",
        attest_uri=uri or served.attest_uri("plain"),
        trust_model=TrustModel.AAD,
        location="sandbox",
        status="Ready",
        cloud="Served",
    )
    world.directory.kept = {"plain": provider}
    services = world.services(cloud)
    world.clock.time = SystemClock().now()
    service = ConnectionService(services.providers, Clouds([cloud]), Ways(http))
    return Scene(served, http, service, provider)


def direct(served: ServedSandbox) -> HttpOptions:
    return HttpOptions(ca_files=(served.ca_file,))


def through(served: ServedSandbox, proxy: ConnectProxy, **more: object) -> HttpOptions:
    made = HttpOptions(ca_files=(served.ca_file,), proxy=proxy.url, proxy_loopback=True)
    return replace(made, **more)  # type: ignore[arg-type] # fields of the options


def states(found: dict[str, ConnectionCheck]) -> list[CheckStatus]:
    assert list(found) == ORDER
    return [check.status for check in found.values()]


def test_every_step_passes_and_is_timed(served: ServedSandbox) -> None:
    async def scene(here: Scene) -> None:
        found = await here.check()
        # The served sandbox's own root vouches for nothing here: the policy is not proven.
        assert states(found)[:6] == [PASS, PASS, SKIP, PASS, PASS, PASS]
        assert "127.0.0.1" in found["dns"].detail
        assert found["tls"].detail.startswith("TLSv1.3, certificate issued by")
        assert found["token"].detail.startswith("as ")
        assert all(check.seconds > 0 for check in found.values() if check.status is PASS)

    play(served, direct(served), scene)


def test_a_proxy_with_a_sign_in_is_passed(served: ServedSandbox, proxy: ConnectProxy) -> None:
    proxy.user = "mira:pass/word@1"

    async def scene(here: Scene) -> None:
        assert await here.ask() == 200
        found = await here.check()
        assert states(found)[:6] == [PASS] * 6
        assert found["proxy"].detail == f"127.0.0.1:{proxy.port}, signed in"
        assert "pass/word" not in repr(found)
        # msal's traffic goes the same way.
        assert served.ready["authority"].removeprefix("https://") in proxy.tunnels

    password = Secret("pass/word@1")
    known = through(served, proxy, proxy_user="mira", proxy_password=password)
    play(served, known, scene)


def test_a_proxy_that_asks_for_a_sign_in_says_so(
    served: ServedSandbox, proxy: ConnectProxy
) -> None:
    proxy.user = "mira:secret"

    async def scene(here: Scene) -> None:
        # Every call says it, not the connection test alone.
        with pytest.raises(ProxyError, match="asks for a sign-in"):
            await here.ask()
        found = await here.check()
        assert states(found) == [PASS, PASS, FAIL, SKIP, SKIP, SKIP, SKIP]
        assert "asks for a sign-in" in found["proxy"].detail
        assert "Settings" in found["proxy"].hint

    play(served, through(served, proxy), scene)
    wrong = through(served, proxy, proxy_user="mira", proxy_password=Secret("hunter2"))
    play(served, wrong, scene)


@pytest.mark.parametrize("scheme", ["NTLM", "Digest", "Negotiate"])
def test_a_proxy_that_wants_another_sign_in_than_ours_says_which(
    served: ServedSandbox, proxy: ConnectProxy, scheme: str
) -> None:
    """User and password are right: nobody shall type them again and again."""
    proxy.user, proxy.scheme = "mira:secret", scheme

    async def scene(here: Scene) -> None:
        with pytest.raises(ProxyError, match=f"a sign-in by {scheme}") as caught:
            await here.ask()
        assert "wrong" not in str(caught.value)
        assert "Basic" in caught.value.hint

    known = through(served, proxy, proxy_user="mira", proxy_password=Secret("hunter2"))
    play(served, known, scene)


def test_a_proxy_that_is_not_there_is_named(served: ServedSandbox) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # Bound, but nobody listens.
        port = taken.getsockname()[1]
        away = replace(direct(served), proxy=f"http://127.0.0.1:{port}", proxy_loopback=True)

        async def scene(here: Scene) -> None:
            with pytest.raises(ProxyError, match=f"The proxy `127.0.0.1:{port}` cannot be reached"):
                await here.ask()

        play(served, replace(away, direct=False), scene)


def test_a_proxy_that_refuses_the_host_says_so(served: ServedSandbox, proxy: ConnectProxy) -> None:
    proxy.refuses = True

    async def scene(here: Scene) -> None:
        found = await here.check()
        assert found["proxy"].status is FAIL
        assert "does not let `127.0.0.1` through" in found["proxy"].detail

    play(served, through(served, proxy), scene)


def test_an_intercepted_certificate_is_shown_with_its_issuer(
    served: ServedSandbox, proxy: ConnectProxy, tmp_path: Path
) -> None:
    proxy.opens_tls = make_tls(tmp_path)
    proxy.upstream_ca = served.ca_file

    async def refused(here: Scene) -> None:
        # Also when it was refused before: no failed handshake keeps a connection.
        for _ in range(CONNECTIONS + 1):
            with pytest.raises(UntrustedError, match="is not trusted") as caught:
                await here.ask()
            assert caught.value.details["issued by"] == "CN=Test CA"
        found = await here.check()
        assert states(found) == [PASS, PASS, PASS, FAIL, SKIP, SKIP, SKIP]
        assert (found["tls"].facts or {})["issued by"] == "CN=Test CA"
        assert "in addition to the system's" in found["tls"].hint

    async def trusted(here: Scene) -> None:
        assert await here.ask() == 200
        assert states(await here.check())[:6] == [PASS] * 6

    play(served, through(served, proxy), refused)
    files = (served.ca_file, str(proxy.opens_tls.ca))
    play(served, through(served, proxy, ca_files=files), trusted)


def test_settings_take_effect_at_once_and_bad_ones_change_nothing(
    served: ServedSandbox, proxy: ConnectProxy, tmp_path: Path
) -> None:
    async def scene(here: Scene) -> None:
        assert await here.ask() == 200
        assert proxy.tunnels == []
        await here.http.apply(through(served, proxy))
        assert await here.ask() == 200
        assert len(proxy.tunnels) == 1
        with pytest.raises(StorageError, match="cannot be read"):
            await here.http.apply(replace(direct(served), ca_files=(str(tmp_path / "none.pem"),)))
        assert await here.ask() == 200

    play(served, direct(served), scene)


def test_a_name_that_is_nowhere_stops_at_dns(served: ServedSandbox) -> None:
    async def scene(here: Scene) -> None:
        found = await here.check()
        assert states(found) == [FAIL, *[SKIP] * 6]
        assert "cannot be looked up" in found["dns"].detail

    async def of_proxy(here: Scene) -> None:
        found = await here.check()
        assert states(found) == [FAIL, *[SKIP] * 6]
        assert "proxy" in found["dns"].detail
        assert "deleted" not in found["dns"].hint, "it is not the provider that has no name"

    play(served, direct(served), scene, uri="https://nobody.attest.invalid")
    nowhere = replace(direct(served), proxy="http://nobody.invalid:3128", proxy_loopback=True)
    play(served, nowhere, of_proxy)


def test_a_port_that_is_closed_stops_at_tcp(
    served: ServedSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("auto_proxy", "http://wpad.contoso.com/proxy.pac")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # Bound, but nobody listens.
        uri = f"https://127.0.0.1:{taken.getsockname()[1]}"

        async def scene(here: Scene) -> None:
            found = await here.check()
            assert states(found) == [PASS, FAIL, *[SKIP] * 5]
            # The system's settings name a script: that is why nothing gets through.
            assert "wpad.contoso.com" in found["tcp"].hint
            with pytest.raises(UnreachableError, match="cannot be reached") as caught:
                await here.ask()
            assert "wpad.contoso.com" in caught.value.hint

        play(served, direct(served), scene, uri=uri)


def test_a_wrong_secret_stops_at_the_token(served: ServedSandbox) -> None:
    async def scene(here: Scene) -> None:
        found = await here.check()
        assert states(found) == [PASS, PASS, SKIP, PASS, PASS, FAIL, SKIP]
        assert "secret is wrong" in found["token"].detail
        assert "correlation id" in (found["token"].facts or {})

    play(served, direct(served), scene, secret=WRONG)


def test_a_clock_that_is_wrong_here_stops_at_the_policy_and_is_named(
    served: ServedSandbox,
) -> None:
    async def scene(here: Scene) -> None:
        await here.check()
        days = timedelta(days=2).total_seconds()
        await here.operate("clock", {"offsetSeconds": days})
        try:
            found = await here.check()
        finally:
            await here.operate("clock", {})
        assert states(found) == [PASS, PASS, SKIP, PASS, PASS, PASS, FAIL]
        policy = found["policy"]
        assert "this computer's clock is 2 days behind that of `127.0.0.1`" in policy.detail
        assert policy.hint.startswith("Set this computer's clock")
        assert policy.facts is not None
        assert "the server's clock" in policy.facts

    play(served, direct(served), scene)


def test_the_systems_proxy_is_used_and_can_be_left_out(
    served: ServedSandbox, proxy: ConnectProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", proxy.url)
    monkeypatch.setenv("no_proxy", "")
    system = HttpOptions(ca_files=(served.ca_file,), proxy_loopback=True)

    async def scene(here: Scene) -> None:
        assert await here.ask() == 200

    play(served, system, scene)
    assert len(proxy.tunnels) == 1
    play(served, replace(system, direct=True), scene)
    assert len(proxy.tunnels) == 1


@pytest.mark.skipif(not shutil.which("tinyproxy"), reason="tinyproxy is not installed")
def test_tinyproxy_with_a_sign_in_is_passed(served: ServedSandbox, tmp_path: Path) -> None:
    with tinyproxy(tmp_path) as port:

        async def scene(here: Scene) -> None:
            assert await here.ask() == 200
            assert (await here.check())["proxy"].status is PASS

        async def nobody(here: Scene) -> None:
            assert (await here.check())["proxy"].status is FAIL

        known = HttpOptions(
            ca_files=(served.ca_file,),
            proxy=f"http://127.0.0.1:{port}",
            proxy_user="mira",
            proxy_password=Secret("secret"),
            proxy_loopback=True,
        )
        play(served, known, scene)
        play(served, replace(known, proxy_user="", proxy_password=None), nobody)
