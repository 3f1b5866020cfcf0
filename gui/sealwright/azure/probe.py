"""The way to one host, opened by hand: the connection test, and a look at a certificate."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
from anyio.streams.tls import TLSAttribute, TLSStream

from sealwright.azure.presented import HINT, facts_of, looking_context
from sealwright.azure.route import proxy_of
from sealwright.azure.system_proxy import proxy_script
from sealwright.errors import ProxyError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from anyio.abc import ByteStream

    from sealwright.azure.route import HttpOptions, Proxy

PATIENCE: Final = 15.0
"""Seconds for each step."""
_MAX_HEAD: Final = 16 * 1024
_AUTHENTICATE: Final = 407
_UNAUTHORIZED: Final = 401
_BROKEN: Final = (OSError, EOFError, ssl.SSLError, anyio.EndOfStream, anyio.BrokenResourceError)
_PORT: Final = 443


class Probe:
    """`WayOut` on sockets."""

    def __init__(
        self,
        host: str,
        port: int,
        proxy: Proxy | None,
        trust: Callable[[], Awaitable[ssl.SSLContext]],
    ) -> None:
        self._host = host
        self._port = port
        self._proxy = proxy
        self._trust = trust
        self._stream: ByteStream | None = None

    @property
    def proxy(self) -> str:
        """Host and port of the proxy in between; empty when there is none."""
        return self._proxy.name if self._proxy is not None else ""

    @property
    def _first(self) -> tuple[str, int]:
        """What is connected to."""
        if self._proxy is not None:
            return self._proxy.host, self._proxy.port
        return self._host, self._port

    async def resolve(self) -> str:
        """Look the name up."""
        host, port = self._first
        try:
            with anyio.fail_after(PATIENCE):
                found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError, TimeoutError) as error:
            details = {"reason": str(error)[:500]}
            if self._proxy is not None:
                raise ProxyError(
                    f"The name of the proxy, `{host}`, cannot be looked up.",
                    hint=f"{_PROXY_ADDRESS}, and this computer's DNS.",
                    details=details,
                ) from error
            raise UnreachableError(
                f"The name `{host}` cannot be looked up.",
                hint="Check the address and this computer's DNS; a provider that was deleted has "
                "no name any more, and one with a private endpoint only inside its network.",
                details=details,
            ) from error
        addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        return ", ".join(addresses[:4])

    async def connect(self) -> str:
        """Open the connection."""
        host, port = self._first
        try:
            with anyio.fail_after(PATIENCE):
                self._stream = await anyio.connect_tcp(host, port)
        except (OSError, TimeoutError) as error:
            if self._proxy is not None:
                raise ProxyError(
                    f"The proxy `{self._proxy.name}` cannot be reached.",
                    hint=f"{_PROXY_ADDRESS}, and the network.",
                    details={"reason": str(error)[:500]},
                ) from error
            script = await anyio.to_thread.run_sync(proxy_script)
            raise UnreachableError(
                f"`{host}` port {port} cannot be reached.",
                hint=no_way(script) if script else _NO_ROUTE,
                details={"reason": str(error)[:500]} | ({"PAC": script} if script else {}),
            ) from error
        return f"{host} port {port}"

    async def pass_proxy(self) -> str:
        """Ask the proxy to let us through."""
        proxy, stream = self._proxy, self._stream
        if proxy is None or stream is None:
            return ""
        try:
            with anyio.fail_after(PATIENCE):
                if proxy.scheme == "https":
                    stream = await TLSStream.wrap(
                        stream,
                        hostname=proxy.host,
                        ssl_context=await self._trust(),
                        standard_compatible=False,
                    )
                status, asks = await _tunnel(
                    stream, proxy, f"{_bracketed(self._host)}:{self._port}"
                )
        except (*_BROKEN, TimeoutError) as error:
            raise UnreachableError(
                f"The proxy `{proxy.name}` does not answer as a proxy.",
                hint="Check its address under Settings, Network.",
                details={"reason": str(error)[:500]},
            ) from error
        self._stream = stream
        if status != 200:  # noqa: PLR2004 - let through
            raise _turned_away(proxy, self._host, status, asks)
        return f"{proxy.name}{', signed in' if proxy.user else ''}"

    async def secure(self) -> str:
        """TLS, with the certificate checked."""
        try:
            return await self._wrapped(await self._trust())
        except (*_BROKEN, TimeoutError) as error:
            if "CERTIFICATE_VERIFY_FAILED" not in str(error):
                raise UnreachableError(
                    f"`{self._host}` does not speak TLS.",
                    hint="Something in between cuts it off: a firewall, or a proxy that opens TLS.",
                    details={"reason": str(error)[:500]},
                ) from error
            reason = {"reason": str(error)[:500]}
            raise UnreachableError(
                f"The certificate of `{self._host}` is not trusted.",
                hint=HINT,
                details=reason | dict(await self._look()),
            ) from error

    async def _wrapped(self, context: ssl.SSLContext) -> str:
        stream = self._stream
        if stream is None:
            return ""
        with anyio.fail_after(PATIENCE):
            secured = await TLSStream.wrap(
                stream, hostname=self._host, ssl_context=context, standard_compatible=False
            )
        self._stream = secured
        der = secured.extra(TLSAttribute.peer_certificate_binary)  # noqa: S610 - no Django here
        version = secured.extra(TLSAttribute.tls_version)  # noqa: S610 - as above
        issuer = facts_of(der or b"").get("issued by", "")
        return f"{version}, certificate issued by {issuer}"

    async def _look(self) -> Mapping[str, str]:
        """What the host shows, over a connection of its own on which nothing is sent."""
        other = Probe(self._host, self._port, self._proxy, self._trust)
        try:
            await other.connect()
            await other.pass_proxy()
            return await other.shown()
        except (UnreachableError, *_BROKEN, TimeoutError):
            return {}
        finally:
            await other.aclose()

    async def shown(self) -> Mapping[str, str]:
        """The facts of the certificate that is shown, trusted or not."""
        await self._wrapped(looking_context())
        if not isinstance(self._stream, TLSStream):
            return {}
        der = self._stream.extra(TLSAttribute.peer_certificate_binary)  # noqa: S610 - as above
        return facts_of(der or b"")

    async def aclose(self) -> None:
        """Close what is open."""
        if self._stream is not None:
            with suppress(*_BROKEN, anyio.ClosedResourceError):
                await anyio.aclose_forcefully(self._stream)
            self._stream = None


_PROXY_ADDRESS: Final = "Check its address under Settings, Network"
_NO_ROUTE: Final = (
    "Check the network and the firewall. If this network needs a proxy, name it under Settings, "
    "Network."
)


def no_way(script: str) -> str:
    """What to do where a proxy script might know the way."""
    return (
        f"This computer's settings name a proxy script (PAC), `{script}`. Sealwright does not run "
        "such scripts: name the proxy under Settings, Network."
    )


async def way_to(
    options: HttpOptions, trust: Callable[[], Awaitable[ssl.SSLContext]], url: str
) -> Probe | None:
    """The way to the host of an address; None for what runs in this process."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if options.app(host) is not None:
        return None
    proxy = await anyio.to_thread.run_sync(proxy_of, options, parts.scheme, host)
    return Probe(host, parts.port or _PORT, proxy, trust)


async def shown_by(options: HttpOptions, scheme: str, netloc: str) -> Mapping[str, str]:
    """The facts of the certificate that a host shows."""
    probe = await way_to(options, _looking, f"{scheme}://{netloc}")
    if probe is None:
        return {}
    try:
        await probe.connect()
        await probe.pass_proxy()
        return await probe.shown()
    finally:
        await probe.aclose()


async def refused_by(options: HttpOptions, scheme: str, netloc: str) -> UnreachableError | None:
    """Why the proxy does not let a host through; None where it does, or where there is none."""
    probe = await way_to(options, _looking, f"{scheme}://{netloc}")
    if probe is None or not probe.proxy:
        return None
    try:
        await probe.connect()
        await probe.pass_proxy()
    except UnreachableError as error:
        return error
    finally:
        await probe.aclose()
    return None


async def _looking() -> ssl.SSLContext:
    return looking_context()


async def _tunnel(stream: ByteStream, proxy: Proxy, target: str) -> tuple[int, tuple[str, ...]]:
    """Ask for a tunnel (RFC 9110 section 9.3.6); the status, and how it wants us to sign in."""
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.authorization:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    await stream.send("\r\n".join([*lines, "", ""]).encode("latin-1"))
    head = bytearray()
    while b"\r\n\r\n" not in head:
        # One byte at a time: what follows the head belongs to TLS.
        head += await stream.receive(1)
        if len(head) > _MAX_HEAD:
            raise OSError("the head of the answer does not end")
    first, *fields = bytes(head).split(b"\r\n")
    words = first.split(b" ")
    if len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].isdigit():  # noqa: PLR2004 - version and status
        raise OSError("the answer is not HTTP")
    named = (field.partition(b":") for field in fields)
    asks = (value.split() for name, _, value in named if name.lower() == b"proxy-authenticate")
    return int(words[1]), tuple(dict.fromkeys(each[0].decode("latin-1") for each in asks if each))


def _turned_away(proxy: Proxy, host: str, status: int, asks: tuple[str, ...]) -> ProxyError:
    # tinyproxy says 401 where the standard has 407.
    if status in (_AUTHENTICATE, _UNAUTHORIZED):
        if asks and "basic" not in (scheme.lower() for scheme in asks):
            return ProxyError(
                f"The proxy `{proxy.name}` asks for a sign-in by {' or '.join(asks)}.",
                hint="Sealwright signs in to a proxy with user and password (Basic) only. Ask its "
                "operator for that, or run a helper on this computer that signs in to it, such as "
                "cntlm or px, and name the helper under Settings, Network.",
                status=status,
            )
        known = "The user or password is wrong." if proxy.user else "It got no user and password."
        return ProxyError(
            f"The proxy `{proxy.name}` asks for a sign-in. {known}",
            hint="Enter user and password under Settings, Network.",
            status=status,
        )
    return ProxyError(
        f"The proxy `{proxy.name}` does not let `{host}` through (status {status}).",
        hint="Ask its operator to allow this host.",
        status=status,
    )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
