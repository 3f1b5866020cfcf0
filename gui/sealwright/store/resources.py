"""The one finder of bundled files: icons, claims catalogue, trust anchors, samples.

`importlib.resources.files` would give the same folder, but importing it takes 24 ms on
Python 3.11, before the first paint.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import sealwright
from sealwright.errors import StorageError


@cache
def resources_folder() -> Path:
    """The folder of bundled files: in the package when installed or frozen, else the repository's.

    Raises:
        StorageError: the installation is damaged.
    """
    package = Path(sealwright.__path__[0]).resolve()
    # An editable install has no `_resources` in the package; a stale copy of it elsewhere is
    # never looked at.
    for folder in (package / "_resources", package.parent.parent / "resources"):
        if folder.is_dir():
            return folder
    raise StorageError("Sealwright's own data files are missing.", hint="Install Sealwright again.")


def resource(name: str) -> Path:
    """A bundled file or folder by its path below the resources, as `icons/key.svg`."""
    return resources_folder() / name
