"""The one finder of bundled files: icons, claims catalogue, trust anchors, samples.

`importlib.resources.files` would give the same folder, but importing it takes 24 ms on
Python 3.11, before the first paint.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

import sealwright
from sealwright.errors import StorageError

if TYPE_CHECKING:
    from pathlib import Path

# pathlib takes 12 ms, and commands only read what is bundled.


def resources_folder() -> Path:
    """The folder of bundled files: in the package when installed or frozen, else the repository's.

    Raises:
        StorageError: the installation is damaged.
    """
    from pathlib import Path  # noqa: PLC0415 - see above

    return Path(_folder())


def resource(name: str) -> Path:
    """A bundled file or folder by its path below the resources, as `icons/key.svg`."""
    return resources_folder() / name


def resource_bytes(name: str) -> bytes:
    """The bytes of a bundled file.

    Raises:
        StorageError: the installation is damaged.
    """
    try:
        with open(f"{_folder()}/{name}", "rb") as file:  # noqa: PTH123 - see above
            return file.read()
    except OSError as error:
        raise StorageError(_MISSING, hint=_INSTALL) from error


@cache
def _folder() -> str:
    package = os.path.realpath(sealwright.__path__[0])
    # An editable install has no `_resources` in the package; a stale copy of it elsewhere is
    # never looked at.
    above = os.path.dirname(os.path.dirname(package))  # noqa: PTH120 - see above
    for folder in (f"{package}/_resources", f"{above}/resources"):
        if os.path.isdir(folder):  # noqa: PTH112 - see above
            return folder
    raise StorageError(_MISSING, hint=_INSTALL)


_MISSING = "Sealwright's own data files are missing."
_INSTALL = "Install Sealwright again."
