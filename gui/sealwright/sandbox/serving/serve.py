"""`sandbox serve` and `sandbox reset`: the sandbox on sockets of this computer, over TLS."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import os
import re
import secrets
import signal
import sqlite3
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from sealwright.errors import StorageError, UsageError
from sealwright.sandbox.directory import Directory
from sealwright.sandbox.managed_identity import NAME, PATH, SUBJECT, identity_header
from sealwright.sandbox.people import settle_tenant
from sealwright.sandbox.records import Trust
from sealwright.sandbox.sandbox import Sandbox
from sealwright.sandbox.serving.listeners import GRACE, Listeners
from sealwright.sandbox.serving.seeding import ensure_provider, signer_of, wanted
from sealwright.sandbox.serving.tls import LOCAL_NAMES, TlsAuthority
from sealwright.sandbox.sign_in.client_proofs import ClientProofs
from sealwright.sandbox.state import State
from sealwright.sandbox.vendors import NO_VENDORS, Vendors
from sealwright.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealwright.sandbox.records import ProviderRecord
    from sealwright.services.ports import Clock
    from sealwright.tokens.jose import JsonObject

STATE_FILE: Final = "sandbox.db"
"""Name of the sandbox's file in its folder; the window uses the same one."""

_FOLLOW: Final = 1.0
_KEEP_ALIVE: Final = 75
"""Seconds that a connection may rest between two requests."""
_TENANT: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{1,30}")
_NOT_FOR_OTHERS: Final = 0o600


@dataclass(frozen=True, slots=True)
class ServeRequest:
    """What `sandbox serve` was asked for (spec cli)."""

    host: str = "127.0.0.1"
    port: int = 0
    providers: tuple[str, ...] = ()
    """`NAME:TRUSTMODEL`, made when they are not there."""
    open_to_all: bool = False
    operator: bool = False
    ready_file: str = ""
    tenants: tuple[str, ...] = ()
    """Names of further tenants, made when they are not there."""


def serve(folder: Path, clock: Clock, request: ServeRequest, vendors: Vendors = NO_VENDORS) -> int:
    """Serve the sandbox of `folder` until SIGINT or SIGTERM; the exit code.

    Raises:
        UsageError: host, port or a provider cannot be.
        StorageError: the folder or the sandbox's file cannot be used.
    """
    _require_local(request)
    state = State(folder / STATE_FILE)
    try:
        listeners = Listeners(Directory(state), request.host)
        listeners.bind_front(request.port)
        key = Secret(secrets.token_urlsafe(32)) if request.operator else None
        sandbox = Sandbox(
            state,
            clock,
            listeners,
            open_to_all=request.open_to_all,
            operator_key=key,
            vendors=vendors,
        )
        service = _Service(sandbox, listeners, folder, request, key)
        asyncio.run(service.run())
    finally:
        state.close()
    return 0


def reset(folder: Path) -> None:
    """Throw the sandbox of `folder` away.

    Raises:
        StorageError: a window or a server uses it, or the file cannot be removed.
    """
    path = folder / STATE_FILE
    if not path.exists():
        return
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=0.5)) as connection:
            # Works only while no other connection is open.
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        raise StorageError(
            "The sandbox is in use.",
            hint="Close the window and stop `sealwright sandbox serve` first.",
            details={"reason": str(error)},
        ) from error
    except sqlite3.DatabaseError:
        pass  # Not even a database any more: it goes all the same.
    try:
        for name in (STATE_FILE, f"{STATE_FILE}-wal", f"{STATE_FILE}-shm"):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"The sandbox's file `{path}` cannot be removed.") from error


def _require_local(request: ServeRequest) -> None:
    """The operator's face could rule the sandbox from outside: only for this computer."""
    try:
        local = ipaddress.ip_address(request.host).is_loopback
    except ValueError:
        raise UsageError(
            f"`{request.host}` is not an address.", hint="Give an IP address, such as 127.0.0.1."
        ) from None
    if request.operator and not local:
        raise UsageError("`--operator` works on an address of this computer only.")


class _Service:
    """One run of the server."""

    def __init__(
        self,
        sandbox: Sandbox,
        listeners: Listeners,
        folder: Path,
        request: ServeRequest,
        operator_key: Secret[str] | None,
    ) -> None:
        self._sandbox = sandbox
        self._listeners = listeners
        self._folder = folder
        self._request = request
        self._operator_key = operator_key
        self._signers: dict[str, tuple[Path, Path]] = {}

    async def run(self) -> None:
        """Open, say so, wait, close."""
        stopped = asyncio.Event()
        with _signals(asyncio.get_running_loop(), stopped):
            self._make_tenants()
            self._make_providers()
            for provider in self._sandbox.core.directory.providers():
                self._listeners.attest_uri(provider)
            with self._config() as config:
                await self._listeners.start(config)
            follower = asyncio.ensure_future(self._listeners.follow(_FOLLOW))
            self._announce()
            await stopped.wait()
            follower.cancel()
            await self._listeners.stop()

    def _make_tenants(self) -> None:
        core = self._sandbox.core
        for name in self._request.tenants:
            if not _TENANT.fullmatch(name):
                raise UsageError(
                    f"`{name}` is not the name of a tenant.", hint="Use letters and digits."
                )
            settle_tenant(core.people, core.accounts, core.directory, name)

    def _make_providers(self) -> None:
        for text in self._request.providers:
            asked = wanted(text)
            certificates: tuple[bytes, ...] = ()
            if asked.trust is Trust.ISOLATED:
                key, pem = signer_of(self._sandbox.core, asked.name)
                certificates = (x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER),)
                self._signers[asked.name] = (
                    self._written(f"{asked.name}-signer-key.pem", key),
                    self._written(f"{asked.name}-signer.pem", pem),
                )
            ensure_provider(self._sandbox.core, asked, certificates)

    @contextlib.contextmanager
    def _config(self) -> Iterator[uvicorn.Config]:
        now = self._sandbox.core.clock.now()
        authority = TlsAuthority(self._sandbox.core.state, now)
        self._written("ca.pem", authority.certificate)
        hosts = (*LOCAL_NAMES, self._request.host)
        # The TLS library reads keys from files only; this one is gone once it was read.
        server = self._written("server.pem", authority.server(hosts, now))
        try:
            config = uvicorn.Config(
                self._sandbox.app,
                ssl_certfile=server,
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                # The default of 5 s closes a connection just as a slow client uses it again.
                timeout_keep_alive=_KEEP_ALIVE,
                timeout_graceful_shutdown=GRACE,
            )
            config.load()
            if config.ssl is not None:
                # Sessions are not resumed; without tickets all that follows a request is its
                # answer, which the relay of the fault tests relies on.
                config.ssl.num_tickets = 0
        finally:
            server.unlink(missing_ok=True)
        yield config

    def _written(self, name: str, data: bytes) -> Path:
        return _write(self._folder / name, data)

    def _announce(self) -> None:
        text = json.dumps(self._facts()) + "\n"
        if self._request.ready_file:
            _write(Path(self._request.ready_file), text.encode("utf-8"))
        sys.stdout.write(text)
        sys.stdout.flush()

    def _facts(self) -> JsonObject:
        """The ready file (spec cli, sandbox serve)."""
        identity = self._sandbox.identity
        facts: JsonObject = {
            "baseUrl": identity.management,
            "caFile": str((self._folder / "ca.pem").resolve()),
            "authority": identity.authority,
            "tenant": identity.tenant,
            "clientId": identity.client_id,
            "clientSecret": identity.client_secret.reveal(),
            "armEndpoint": identity.management,
            "subscription": identity.subscription,
            "providers": [
                self._provider(item) for item in self._sandbox.core.directory.providers()
            ],
        }
        if self._operator_key is not None:
            facts["operatorKey"] = self._operator_key.reveal()
            facts |= self._workload()
        return facts

    def _workload(self) -> JsonObject:
        """People to sign in as, and what a workload finds in its environment."""
        core = self._sandbox.core
        token = ClientProofs(core).federated_token(SUBJECT)
        place = self._written("federated-token", token.encode())
        own = next(one for one in core.accounts.applications() if one.name == NAME)
        return {
            "people": [one.upn for one in core.people.users()],
            "tenants": {one.domain: one.id for one in core.people.tenants()},
            "managedIdentity": {
                "AZURE_CLIENT_ID": own.client_id,
                "AZURE_TENANT_ID": core.tenant,
                "AZURE_AUTHORITY_HOST": core.addresses.authority,
                "AZURE_FEDERATED_TOKEN_FILE": str(place.resolve()),
                "IDENTITY_ENDPOINT": f"{core.addresses.management}{PATH}",
                "IDENTITY_HEADER": identity_header(core),
            },
        }

    def _provider(self, provider: ProviderRecord) -> JsonObject:
        shown: JsonObject = {
            "name": provider.name,
            "trustModel": provider.trust.value,
            "attestUri": self._listeners.attest_uri(provider),
            "resourceId": provider.resource_id,
        }
        if provider.name in self._signers:
            key, certificate = self._signers[provider.name]
            shown["signerKeyFile"] = str(key.resolve())
            shown["signerCertificateFile"] = str(certificate.resolve())
        return shown


@contextlib.contextmanager
def _signals(loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> Iterator[None]:
    """Set `stopped` on SIGINT and SIGTERM; the handlers before come back afterwards."""

    def stop(_number: int, _frame: object) -> None:
        loop.call_soon_threadsafe(stopped.set)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _write(path: Path, data: bytes) -> Path:
    """Write a file that only its owner may read, whole or not at all."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _NOT_FOR_OTHERS)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        temporary.replace(path)
    except OSError as error:
        raise StorageError(
            f"`{path}` cannot be written: {error.strerror}.", hint="Check the folder and the disk."
        ) from error
    return path
