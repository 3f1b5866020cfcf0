"""Names of keyring backends in words for people."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_log = logging.getLogger(__name__)

_NAMES: Final = {
    "keyring.backends.Windows": "Windows Credential Manager",
    "keyring.backends.macOS": "macOS Keychain",
    "keyring.backends.libsecret": "Secret Service (libsecret)",
    "keyring.backends.kwallet": "KWallet",
}
_LINUX: Final = "keyring.backends.SecretService"
_DAEMONS: Final = {
    "gnome-keyring-d": "GNOME Keyring",
    "keepassxc": "KeePassXC",
    "kwalletd5": "KWallet",
    "kwalletd6": "KWallet",
    "ksecretd": "KWallet",
    "oo7-daemon": "oo7",
}


def backend_name(backend: KeyringBackend) -> str:
    """The backend as the status bar names it."""
    module = type(backend).__module__
    if module == _LINUX:
        daemon = _secret_service_daemon()
        return f"Secret Service ({daemon})" if daemon else "Secret Service"
    for known, name in _NAMES.items():
        if module == known or module.startswith(f"{known}."):
            return name
    return str(backend.name)


def _secret_service_daemon() -> str:
    """Who answers on the bus; empty when that cannot be told."""
    # secretstorage brings jeepney, on Linux only; it has no types.
    from jeepney import message_bus  # type: ignore[import-untyped]  # noqa: PLC0415
    from jeepney.io.blocking import (  # type: ignore[import-untyped]  # noqa: PLC0415
        open_dbus_connection,
    )

    question = message_bus.GetConnectionUnixProcessID("org.freedesktop.secrets")
    try:
        with open_dbus_connection(bus="SESSION") as connection:
            answer = connection.send_and_get_reply(question, timeout=2.0)
        command = Path(f"/proc/{int(answer.body[0])}/comm").read_text("utf-8").strip()
    except Exception as error:  # noqa: BLE001 - a nicer name is not worth failing for
        _log.debug("the Secret Service's daemon was not found: %s", type(error).__name__)
        return ""
    return _DAEMONS.get(command, command)
