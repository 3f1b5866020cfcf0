"""What the program knows by itself: the claims catalogue and the policy templates.

Reading is blocking and happens once; call it on a worker thread.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sealwright.claims.attestation_type import AttestationType
from sealwright.claims.catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Template:
    """A policy to begin with. `purpose` is one sentence."""

    id: str
    title: str
    purpose: str
    types: tuple[AttestationType, ...]
    text: str


class Reference:
    """Bundled knowledge, read at the first use."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self._catalogue: Catalogue | None = None

    def catalogue(self) -> Catalogue:
        """The claims catalogue."""
        if self._catalogue is None:
            self._catalogue = Catalogue.from_json(self.catalogue_text())
        return self._catalogue

    def catalogue_text(self) -> str:
        """The same as JSON, for another process."""
        return self._read("claims.json").decode("utf-8")

    def templates(self) -> tuple[Template, ...]:
        """Policies to begin with, in the order of the library."""
        index = json.loads(self._read("templates/index.json"))
        return tuple(
            Template(
                each["id"],
                each["title"],
                each["purpose"],
                tuple(AttestationType(name) for name in each["types"]),
                self._read(f"templates/{each['id']}.policy").decode("utf-8"),
            )
            for each in index["templates"]
        )
