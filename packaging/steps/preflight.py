"""All that the system still lacks for a command, asked for at once and before anything is made.

What Qt really needs is settled later, by loading its plugin; this looks for the known names, so
that a person without root types one command instead of three.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
import sysconfig
from typing import List

from steps import qt, system
from steps.console import StepError
from steps.system import Need


def ensure(*, window: bool, bundle: bool, tests: bool, reason: str) -> None:
    """Install what is missing, or say how.

    Raises:
        StepError: something is missing that we may not or cannot install.
    """
    tool = system.package_tool()
    if tool is None:
        _ensure_venv_module()
        return
    missing = _venv_module() + _libraries(window=window, bundle=bundle)
    for need in system.TESTS if tests else system.BUNDLE if bundle else ():
        if not shutil.which(need.present):
            missing.append(need)
    if missing:
        system.install(missing, reason)
    _ensure_venv_module()


def _has_venv_module() -> bool:
    importlib.invalidate_caches()
    return all(importlib.util.find_spec(name) is not None for name in ("venv", "ensurepip"))


def _venv_module() -> List[Need]:
    """Debian and its children ship `venv` without `ensurepip`, in a package of its own."""
    if _has_venv_module() or system.package_tool() != system.APT:
        return []
    package = "python{}.{}-venv".format(*sys.version_info[:2])
    return [Need("venv", package, package)]


def _ensure_venv_module() -> None:
    if not _has_venv_module():
        raise StepError(
            "This Python lacks its venv or ensurepip module. Install a complete Python:",
            system.python_install_command(),
        )


def _libraries(*, window: bool, bundle: bool) -> List[Need]:
    needs = list(system.OFFSCREEN)
    if window:
        needs += system.XCB
    if bundle and sys.base_prefix == "/usr":  # the system's own Python, split into packages
        short = "libpython{}.{}".format(*sys.version_info[:2])
        needs.append(Need(str(sysconfig.get_config_var("INSTSONAME")), short, "python3-libs"))
    return qt.missing_libraries(sys.executable, needs)
