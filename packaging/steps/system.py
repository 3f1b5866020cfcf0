"""What the operating system has to bring: package names, and installing them when we may."""

from __future__ import annotations

import os
import shutil
import sys
from functools import lru_cache
from pathlib import Path
from typing import Dict, Iterable, List, Mapping, NamedTuple, Optional

from steps import console
from steps.console import StepError, say

APT = "apt-get"
DNF = "dnf"


class Need(NamedTuple):
    """Something a system package brings; `present` is a library, `lib…`, or a program."""

    present: str
    apt: str
    dnf: str


OFFSCREEN = (
    Need("libGL.so.1", "libgl1", "libglvnd-glx"),
    Need("libEGL.so.1", "libegl1", "libglvnd-egl"),
    Need("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon"),
    Need("libdbus-1.so.3", "libdbus-1-3", "dbus-libs"),
    Need("libfontconfig.so.1", "libfontconfig1", "fontconfig"),
    Need("libglib-2.0.so.0", "libglib2.0-0", "glib2"),
)
XCB = (
    Need("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor"),
    Need("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11"),
    Need("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm"),
    Need("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms"),
    Need("libxcb-shape.so.0", "libxcb-shape0", "libxcb"),
)
FONTS = (Need("font", "fonts-dejavu-core", "dejavu-sans-fonts dejavu-sans-mono-fonts"),)
BUNDLE = (Need("objcopy", "binutils", "binutils"),)
TESTS = (
    *BUNDLE,
    Need("Xvfb", "xvfb", "xorg-x11-server-Xvfb"),
    Need("openbox", "openbox", "openbox"),
    Need("xdotool", "xdotool", "xdotool"),
    Need("import", "imagemagick", "ImageMagick"),
    Need("dbus-run-session", "dbus", "dbus-daemon"),
    Need("gnome-keyring-daemon", "gnome-keyring", "gnome-keyring"),
    Need("swtpm", "swtpm", "swtpm"),
    Need("tpm2_quote", "tpm2-tools", "tpm2-tools"),
    Need("tinyproxy", "tinyproxy", "tinyproxy"),
    Need("softhsm2-util", "softhsm2", "softhsm"),
)

# Packages that Debian 13 and Ubuntu 24.04 renamed when time_t grew to 64 bits.
_RENAMED = {"libglib2.0-0": "libglib2.0-0t64"}
_RENAMED_SINCE = {"debian": 13.0, "ubuntu": 24.04}


@lru_cache(maxsize=None)
def os_release(path: str = "/etc/os-release") -> Mapping[str, str]:
    """The fields of os-release; empty where there is none."""
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name: value.strip().strip("\"'") for name, _, value in pairs}


def package_tool() -> Optional[str]:
    """The package manager of this system that we know."""
    if not sys.platform.startswith("linux"):
        return None
    return next((tool for tool in (APT, DNF) if shutil.which(tool)), None)


def _is_renamed(release: Mapping[str, str]) -> bool:
    since = _RENAMED_SINCE.get(release.get("ID", ""))
    try:
        version = float(release.get("VERSION_ID", ""))
    except ValueError:  # testing and sid carry no number, and are newer than both
        return since is not None
    return since is not None and version >= since


def package_names(needs: Iterable[Need], tool: str, release: Mapping[str, str]) -> List[str]:
    """The packages that bring `needs` on this system, each once."""
    names: List[str] = []
    for need in needs:
        names += (need.apt if tool == APT else need.dnf).split()
    if tool == APT and _is_renamed(release):
        names = [_RENAMED.get(name, name) for name in names]
    return list(dict.fromkeys(names))


def _become_root() -> Optional[List[str]]:
    if os.geteuid() == 0:
        return []
    return ["sudo", "-n"] if console.succeeds(["sudo", "-n", "true"]) else None


def install_command(packages: Iterable[str], tool: str) -> str:
    """The exact command a person can type."""
    prefix = "" if os.geteuid() == 0 else "sudo "
    names = " ".join(packages)
    if tool == APT:
        return "{0}apt-get update && {0}apt-get install -y --no-install-recommends {1}".format(
            prefix, names
        )
    return "{}dnf install -y {}".format(prefix, names)


def install(needs: Iterable[Need], reason: str) -> None:
    """Install what brings `needs`, as root or with a sudo that asks for nothing.

    Raises:
        StepError: we may not, or it failed; carries the command to type.
    """
    needs = list(needs)
    tool = package_tool()
    if tool is None:
        raise StepError(
            "{} needs {}; install what brings them.".format(
                reason, ", ".join(need.present for need in needs)
            )
        )
    packages = package_names(needs, tool, os_release())
    command = install_command(packages, tool)
    root = _become_root()
    if root is None:
        raise StepError("{} needs system packages. Install them:".format(reason), command)
    say("    {} needs {}: installing".format(reason, " ".join(packages)))
    _install_packages(packages, tool, root, command)


def _install_packages(packages: List[str], tool: str, root: List[str], command: str) -> None:
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8"]
    if tool == APT:
        console.call([*root, *quiet, APT, "-qq", "update"])
        line = [*root, *quiet, APT, "-qq", "-o", "Dpkg::Use-Pty=0", "install", "-y"]
        done = console.call([*line, "--no-install-recommends", *packages])
    else:
        done = console.call([*root, DNF, "install", "-y", "-q", *packages])
    if done != 0:
        raise StepError("The system packages could not be installed. Try:", command)


def python_install_command() -> str:
    """How to get a Python that suits, on this system."""
    if sys.platform == "darwin":
        return "brew install python@3.13"
    if os.name == "nt":
        return "winget install --id Python.Python.3.13 --exact"
    tool = package_tool()
    if tool == DNF:
        return install_command(["python3.13"], DNF)
    release = os_release()
    by_system: Dict[str, str] = {"debian12": "3.11", "debian13": "3.13", "ubuntu22.04": "3.11"}
    by_system.update({"ubuntu24.04": "3.12", "ubuntu25.10": "3.13", "ubuntu26.04": "3.14"})
    version = by_system.get(release.get("ID", "") + release.get("VERSION_ID", ""))
    if tool == APT and version:
        return install_command(["python" + version, "python{}-venv".format(version)], APT)
    return "install Python 3.13 from www.python.org/downloads or your package manager"
