"""Guards that raise when the window's thread does what only the worker may do.

Files, sockets and databases are seen by an audit hook; HTTP, keyring and RSA loading by wrappers.
"""

from __future__ import annotations

import importlib
import sys
import threading
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest

_EVENTS = frozenset({"open", "socket.connect", "socket.getaddrinfo", "sqlite3.connect"})
_MODULE_SUFFIXES = (".py", ".pyc", ".so", ".pyd")
_CALLS = (
    ("httpx", "AsyncClient.send"),
    ("keyring", "get_password"),
    ("keyring", "set_password"),
    # The vault asks the backend that keyring chose, not keyring's own functions.
    ("keyring.backends.SecretService", "Keyring.get_password"),
    ("keyring.backends.SecretService", "Keyring.set_password"),
    ("keyring.backends.SecretService", "Keyring.delete_password"),
    ("cryptography.hazmat.primitives.serialization", "load_der_private_key"),
    ("cryptography.hazmat.primitives.serialization", "load_pem_private_key"),
    ("cryptography.hazmat.primitives.serialization.pkcs12", "load_key_and_certificates"),
)


class _Watch:
    def __init__(self) -> None:
        self.thread = 0
        self.seen: list[str] = []


_WATCH = _Watch()
_HOOKED: list[bool] = []


class UiThreadError(AssertionError):
    """The window's thread did what only the worker may do."""


def _refuse(what: str) -> None:
    _WATCH.seen.append(what)
    raise UiThreadError(what)


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if event not in _EVENTS or threading.get_ident() != _WATCH.thread:
        return
    target = str(arguments[0]) if arguments else ""
    # Imports read modules; they are counted by the heartbeat, not here.
    if event == "open" and target.endswith(_MODULE_SUFFIXES):
        return
    _refuse(f"{event} {target}")


def _wrap(name: str, call: Callable[..., object]) -> Callable[..., object]:
    @wraps(call)
    def guarded(*args: object, **kwargs: object) -> object:
        if threading.get_ident() == _WATCH.thread:
            _refuse(name)
        return call(*args, **kwargs)

    return guarded


@contextmanager
def guarded_ui_thread(patch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Guard the calling thread while the context lasts; gives the list of what was refused."""
    if not _HOOKED:
        sys.addaudithook(_hook)
        _HOOKED.append(True)
    for module_name, path in _CALLS:
        owner: object = importlib.import_module(module_name)
        *parents, last = path.split(".")
        for parent in parents:
            owner = getattr(owner, parent)
        patch.setattr(owner, last, _wrap(f"{module_name}.{path}", getattr(owner, last)))
    _WATCH.seen = []
    _WATCH.thread = threading.get_ident()
    try:
        yield _WATCH.seen
    finally:
        _WATCH.thread = 0
