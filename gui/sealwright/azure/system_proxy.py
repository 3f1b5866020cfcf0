"""What this computer's settings say about proxies; blocking.

A proxy script (PAC) is not run: it is named, so that a person knows why nothing gets through.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Final
from urllib.request import getproxies, proxy_bypass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_PATIENCE: Final = 2.0
_INTERNET_SETTINGS: Final = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings"


def proxy_for(scheme: str, host: str) -> str:
    """The address of the proxy that the system names for a host; empty for none."""
    if proxy_bypass(host):
        return ""
    proxies = getproxies()
    found = proxies.get(scheme) or proxies.get("all") or ""
    return found if not found or "://" in found else f"http://{found}"


def proxy_script() -> str:
    """The address of the proxy script that the system names; empty for none."""
    for name in ("auto_proxy", "AUTO_PROXY"):
        if os.environ.get(name):
            return os.environ[name]
    finder: Mapping[str, Callable[[], str]] = {"win32": _windows, "darwin": _macos}
    return finder.get(sys.platform, _gnome)()


def _gnome() -> str:
    if _asked("gsettings", "get", "org.gnome.system.proxy", "mode").strip("'\n ") != "auto":
        return ""
    return _asked("gsettings", "get", "org.gnome.system.proxy", "autoconfig-url").strip("'\n ")


def _macos() -> str:
    for line in _asked("scutil", "--proxy").splitlines():
        name, _, value = line.partition(" : ")
        if name.strip() == "ProxyAutoConfigURLString":
            return value.strip()
    return ""


def _windows() -> str:
    if sys.platform != "win32":
        return ""
    import winreg  # noqa: PLC0415 - there only

    try:
        with winreg.OpenKey(winreg.HKEY_CURRENT_USER, _INTERNET_SETTINGS) as key:
            return str(winreg.QueryValueEx(key, "AutoConfigURL")[0])
    except OSError:
        return ""


def _asked(program: str, *arguments: str) -> str:
    path = shutil.which(program)
    if path is None:
        return ""
    try:
        done = subprocess.run(  # noqa: S603 - a program of the system with fixed words
            [path, *arguments], capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout if done.returncode == 0 else ""
