"""The TCB baselines that SGX evidence is judged against (spec rest-api, 3.16; evidence, 4.3).

They age: the list is data, with its source and date, and a newer one may replace it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sealwright.errors import EvidenceError
from sealwright.evidence.basis.document import Document, read_document

AZURE_DEFAULT: Final = "azuredefault"
"""What a policy names to follow the service's own choice."""


@dataclass(frozen=True, slots=True)
class TcbBaseline:
    """What Intel's collateral of one evaluation number asks of a platform."""

    identifier: str
    number: int
    """`tcbEvaluationDataNumber` of the collateral."""
    released: datetime
    psw_linux: str
    """Least version of Intel's platform software."""
    psw_windows: str


@dataclass(frozen=True, slots=True)
class TcbBaselines:
    """The known baselines, newest first."""

    default: str
    listed: tuple[TcbBaseline, ...]

    def find(self, identifier: str) -> TcbBaseline | None:
        """The baseline that a policy names; None when it is not offered."""
        wanted = self.default if identifier == AZURE_DEFAULT else identifier
        return next((item for item in self.listed if item.identifier == wanted), None)


def parse_baselines(raw: bytes) -> TcbBaselines:
    """Read the bundled list.

    Raises:
        EvidenceError: it is damaged.
    """
    document = read_document(raw, "list of TCB baselines")
    found = TcbBaselines(
        document.text("default"), tuple(_baseline(item) for item in document.documents("baselines"))
    )
    if found.find(AZURE_DEFAULT) is None:
        raise EvidenceError("The list of TCB baselines lacks its own default.")
    return found


def _baseline(document: Document) -> TcbBaseline:
    return TcbBaseline(
        identifier=document.text("identifier"),
        number=document.integer("number"),
        released=document.day("released"),
        psw_linux=document.text("psw_linux"),
        psw_windows=document.text("psw_windows"),
    )


NO_BASELINES: Final = TcbBaselines(
    "10", (TcbBaseline("10", 10, datetime(2020, 11, 11, tzinfo=UTC), "", ""),)
)
"""The service's own choice alone, for a verifier without the list."""
