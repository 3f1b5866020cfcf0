"""One window per home: the first keeps a lock, a second start asks it to come to the front.

The lock is the system's, so it ends with the process; the file says who holds it and where it
listens. The address is a local socket (a named pipe on Windows) guarded by a random key that only
this user can read; no network port is opened.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sealwright.store.files import file_error, write_atomically
from sealwright.store.locks import try_lock

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Listener

    from sealwright.store.home import Home

_log = logging.getLogger(__name__)

_RAISE: Final = "raise"
_END: Final = "end"
_DONE: Final = "done"
_PATIENCE: Final = 5.0
"""Seconds to wait for the first window's answer."""


@dataclass(frozen=True, slots=True)
class _Address:
    pid: int
    address: str
    key: bytes


class WindowLock:
    """The right to be the one window of a home."""

    def __init__(self, home: Home) -> None:
        self._lock_path = home.root / "window.lock"
        self._address_path = home.root / "window.address"
        self._descriptor: int | None = None
        self._listener: Listener | None = None
        self._thread: threading.Thread | None = None
        self._own: _Address | None = None

    def take(self) -> bool:
        """Become the window of this home; False when another process is.

        Raises:
            StorageError: the home cannot be written.
        """
        try:
            descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise file_error(f"The file `{self._lock_path}` cannot be written", error) from error
        if not try_lock(descriptor):
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def listen(self, on_raise: Callable[[], None]) -> None:
        """Call `on_raise` from a thread whenever a second start asks for the window.

        Raises:
            StorageError: the home cannot be written.
        """
        from multiprocessing.connection import Listener  # noqa: PLC0415 - after the first paint

        key = os.urandom(32)
        family = "AF_PIPE" if os.name == "nt" else "AF_UNIX"
        self._listener = Listener(_new_address(), family=family, authkey=key)
        address = str(self._listener.address)
        self._own = _Address(os.getpid(), address, key)
        self._thread = threading.Thread(
            target=_serve, args=(self._listener, on_raise), name="window-raise", daemon=True
        )
        self._thread.start()
        text = json.dumps({"pid": os.getpid(), "address": address, "key": key.hex()})
        write_atomically(self._address_path, text.encode("ascii"))

    def raise_first(self) -> bool:
        """Ask the window that holds the lock to come to the front; whether it answered."""
        first = self._first()
        return first is not None and _ask(first, _RAISE)

    def release(self) -> None:
        """Stop listening and let another window be the one."""
        if self._own is not None and self._thread is not None and self._listener is not None:
            _ask(self._own, _END)
            self._thread.join(_PATIENCE)
            self._listener.close()
            self._address_path.unlink(missing_ok=True)
            _remove_folder(self._own.address)
        self._own = self._thread = self._listener = None
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _first(self) -> _Address | None:
        try:
            found = json.loads(self._address_path.read_bytes())
            return _Address(int(found["pid"]), str(found["address"]), bytes.fromhex(found["key"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _new_address() -> str:
    if os.name == "nt":
        return rf"\\.\pipe\sealwright-{os.urandom(8).hex()}"
    # The home's own path may be longer than a socket's may be.
    return str(Path(tempfile.mkdtemp(prefix="sealwright-")) / "window")


def _remove_folder(address: str) -> None:
    if os.name != "nt":
        try:
            Path(address).unlink(missing_ok=True)
            Path(address).parent.rmdir()
        except OSError as error:
            _log.info("the window's socket was not removed: %s", error)


def _serve(listener: Listener, on_raise: Callable[[], None]) -> None:
    from multiprocessing import AuthenticationError  # noqa: PLC0415 - after the first paint

    while True:
        try:
            with listener.accept() as connection:
                # An asker that says nothing must not keep the next one waiting for ever.
                word = connection.recv_bytes(16).decode("ascii") if connection.poll(1.0) else ""
                if word == _RAISE:
                    on_raise()
                connection.send_bytes(_DONE.encode("ascii"))
        except (OSError, EOFError, AuthenticationError, UnicodeDecodeError) as error:
            _log.info("a second start was not understood: %s", error)
            continue
        if word == _END:
            return


def _ask(address: _Address, word: str) -> bool:
    from multiprocessing import AuthenticationError  # noqa: PLC0415 - only for a second start
    from multiprocessing.connection import Client  # noqa: PLC0415 - only for a second start

    try:
        with Client(address.address, authkey=address.key) as connection:
            connection.send_bytes(word.encode("ascii"))
            return connection.poll(_PATIENCE) and connection.recv_bytes(16) == _DONE.encode("ascii")
    except (OSError, EOFError, ValueError, AuthenticationError):
        return False
