"""How to get out: which proxy stands between, and whom to trust.

Invariants
- Certificates are always checked; files of the user's count in addition to the system's trust.
- This computer's own addresses are reached directly, unless the user says otherwise.
"""

from __future__ import annotations

import base64
import ssl
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sealwright.azure.system_proxy import proxy_for
from sealwright.azure.system_trust import system_trust
from sealwright.errors import StorageError, UnreachableError
from sealwright.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, MutableMapping
    from typing import Any

    AsgiApp = Callable[
        [
            MutableMapping[str, Any],
            Callable[[], Awaitable[MutableMapping[str, Any]]],
            Callable[[MutableMapping[str, Any]], Awaitable[None]],
        ],
        Awaitable[None],
    ]

MAX_ANSWER: Final = 32 * 2**20
"""Bytes of one answer; the largest known one, a key set with evidence, is below 1 MiB."""
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """How to get out. Without a `proxy` the system's counts, unless `direct`."""

    ca_files: tuple[str, ...] = ()
    """Certificates (PEM) that are trusted in addition to the system's."""
    proxy: str = ""
    proxy_user: str = ""
    proxy_password: Secret[str] | None = field(default=None, repr=False)
    proxy_loopback: bool = False
    """Whether the proxy is used for this computer's own addresses, too."""
    direct: bool = False
    max_answer: int = MAX_ANSWER
    apps: Mapping[str, AsgiApp] = field(default_factory=dict)
    """ASGI applications by host suffix, such as `sandbox.invalid`."""

    def app(self, name: str) -> AsgiApp | None:
        """The application behind a host name, if one is."""
        for suffix, app in self.apps.items():
            if name == suffix or name.endswith(f".{suffix}"):
                return app
        return None


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy to go through; user and password may be empty."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: Secret[str] | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """Host and port, as people write them."""
        return f"{self.host}:{self.port}"

    @property
    def authorization(self) -> str:
        """The value of `Proxy-Authorization`, empty without a user."""
        if not self.user:
            return ""
        secret = self.password.reveal() if self.password is not None else ""
        return "Basic " + base64.b64encode(f"{self.user}:{secret}".encode()).decode()


def proxy_of(options: HttpOptions, scheme: str, host: str) -> Proxy | None:
    """The proxy between here and a host; blocking, since it may ask the system.

    Raises:
        UnreachableError: its address cannot be used.
    """
    if options.direct or is_link_local(host) or (is_loopback(host) and not options.proxy_loopback):
        return None
    address = options.proxy or proxy_for(scheme, host)
    if not address:
        return None
    return read_proxy(address, options)


def read_proxy(address: str, options: HttpOptions) -> Proxy:
    """A proxy by its address, with the user's sign-in where the address has none of its own.

    Raises:
        UnreachableError: it is no address of an HTTP proxy.
    """
    parts = urlsplit(address if "://" in address else f"http://{address}")
    try:
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        port = 0
    if parts.scheme not in _PORTS or not parts.hostname or not port:
        shown = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        raise UnreachableError(
            f"`{shown}` is no address of a proxy.",
            hint="Write it as `http://host:port`; SOCKS is not supported.",
        )
    if parts.username:
        return Proxy(
            parts.scheme, parts.hostname, port, parts.username, Secret(parts.password or "")
        )
    return Proxy(parts.scheme, parts.hostname, port, options.proxy_user, options.proxy_password)


def build_trust(ca_files: tuple[str, ...]) -> ssl.SSLContext:
    """The system's trust and the user's files; 22-54 ms, so not on the loop.

    Raises:
        StorageError: a file cannot be read.
    """
    trust = system_trust()
    for ca_file in ca_files:
        try:
            trust.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise StorageError(
                f"The certificate file `{ca_file}` cannot be read.",
                hint="It has to hold certificates in PEM form.",
            ) from error
    return trust


def is_loopback(name: str) -> bool:
    """Whether a host is this computer."""
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def is_link_local(name: str) -> bool:
    """Whether a host is the machine's own metadata service, which speaks http only."""
    try:
        return ip_address(name).is_link_local
    except ValueError:
        return False
