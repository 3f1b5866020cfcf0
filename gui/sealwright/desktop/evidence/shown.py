"""Everything that the viewer shows of one examination, made ready on the worker."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sealwright.desktop.evidence import log_rows, tables
from sealwright.desktop.evidence.log_view import LogRows
from sealwright.desktop.evidence.structure_rows import Structure, structure_of

if TYPE_CHECKING:
    from sealwright.desktop.widgets.tables.cells import Row
    from sealwright.evidence.examination import Examination


@dataclass(frozen=True, slots=True)
class ShownEvidence:
    """An examination and the rows of every table."""

    title: str
    examination: Examination
    structure: Structure = field(repr=False)
    checks: list[Row] = field(repr=False)
    claims: list[Row] = field(repr=False)
    certificates: list[Row] = field(repr=False)
    tcb: list[Row] = field(repr=False)
    tcb_sentence: str = ""
    log: LogRows = field(repr=False, default_factory=LogRows)

    @property
    def size(self) -> int:
        """Bytes of the file itself."""
        parts = self.examination.parts
        return len(parts[0].data) if parts else 0


def make_ready(title: str, examination: Examination, data: bytes) -> ShownEvidence:
    """Build the rows; as long as the evidence is large, so never on the window's thread.

    `data` is the file itself: what could not be read is shown as its bytes at least.
    """
    from sealwright.evidence.structure import Part  # noqa: PLC0415 - after the first paint

    if not examination.parts:
        examination = replace(examination, parts=(Part(title, data, ()),))
    tcb = examination.tcb_table()
    return ShownEvidence(
        title=title,
        examination=examination,
        structure=structure_of(examination),
        checks=tables.check_rows(examination.checks),
        claims=tables.claim_rows(examination.claims),
        certificates=tables.certificate_rows(examination.certificate_rows()),
        tcb=tables.tcb_rows(tcb) if tcb is not None else [],
        tcb_sentence=tables.tcb_sentence(tcb) if tcb is not None else "",
        log=_log(examination),
    )


def _log(examination: Examination) -> LogRows:
    events = log_rows.event_rows(examination.event_rows())
    registers = examination.register_rows()
    compared = [row for row in registers if row.agrees is not None]
    return LogRows(
        events=events,
        searches=[log_rows.search_text(row) for row in events],
        registers=log_rows.register_rows(registers),
        differing=sum(1 for row in compared if not row.agrees),
        compared=len(compared),
    )
