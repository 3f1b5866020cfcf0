"""What the program knows by itself: the claims catalogue and the policy templates.

Reading is blocking and happens once; call it on a worker thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.claims.catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import Callable


class Reference:
    """Bundled knowledge, read at the first use."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self._catalogue: Catalogue | None = None

    def catalogue(self) -> Catalogue:
        """The claims catalogue."""
        if self._catalogue is None:
            self._catalogue = Catalogue.from_json(self._read("claims.json").decode("utf-8"))
        return self._catalogue
