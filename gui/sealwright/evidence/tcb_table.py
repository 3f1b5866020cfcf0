"""How far a platform is from each level that a vendor knows, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sealwright.evidence.amd.snp import SnpReport, Tcb
    from sealwright.evidence.intel.collateral import TcbInfo, TcbLevel
    from sealwright.evidence.intel.tcb import Platform

_SNP_COLUMNS: Final = ("FMC", "Boot loader", "TEE", "SNP", "Microcode")


@dataclass(frozen=True, slots=True)
class TcbRow:
    """One level, or one of the TCBs that a report states."""

    title: str
    """A status word of the vendor, or the name of the report's TCB."""
    date: str
    """ISO 8601; empty when there is none."""
    advisories: tuple[str, ...]
    values: tuple[int, ...]
    short: tuple[int, ...]
    """Indices of the columns in which the platform stays below."""
    chosen: bool
    """Whether this level was the first that the platform reaches."""


@dataclass(frozen=True, slots=True)
class TcbTable:
    """The platform's security versions, and what they are compared with."""

    columns: tuple[str, ...]
    have: tuple[int, ...]
    rows: tuple[TcbRow, ...]


def table(levels: tuple[Platform, TcbInfo] | SnpReport) -> TcbTable:
    """A quote's platform beside the vendor's levels, or an SNP report's TCBs beside each other."""
    return platform_table(*levels) if isinstance(levels, tuple) else report_table(levels)


def platform_table(platform: Platform, info: TcbInfo) -> TcbTable:
    """A quote's platform beside the levels of the vendor's TCB info."""
    facts, seam = platform.facts, platform.seam
    columns = [*(f"SGX {at}" for at in range(1, 17)), "PCESVN"]
    have = [*facts.components, facts.pce_svn]
    first = 0
    if seam is not None:
        columns += [f"TDX {at}" for at in range(1, 17)]
        have += seam.tee_tcb_svn
        # The first two bytes of a numbered module are judged by its own identity.
        first = 2 if seam.tee_tcb_svn[1] else 0
    ignored = range(17, 17 + first)
    rows: list[TcbRow] = []
    for level in info.levels:
        values = (*level.components, level.pce_svn, *(level.tdx_components if seam else ()))
        short = tuple(
            at
            for at, (mine, least) in enumerate(zip(have, values, strict=True))
            if mine < least and at not in ignored
        )
        chosen = not short and not any(row.chosen for row in rows)
        rows.append(_row(level, values, short, chosen=chosen))
    return TcbTable(tuple(columns), tuple(have), tuple(rows))


def _row(
    level: TcbLevel, values: tuple[int, ...], short: tuple[int, ...], *, chosen: bool
) -> TcbRow:
    return TcbRow(
        level.status.value, level.date.date().isoformat(), level.advisories, values, short, chosen
    )


def report_table(report: SnpReport) -> TcbTable:
    """The reported TCB of an SNP report beside its others, each of which must not be below."""
    have = report.reported_tcb
    others = (
        ("Launch", report.launch_tcb),
        ("Committed", report.committed_tcb),
        ("Current", report.current_tcb),
    )
    rows = tuple(_stated(title, have, tcb) for title, tcb in others)
    turin = have.fmc is not None
    at = 0 if turin else 1
    return TcbTable(
        _SNP_COLUMNS[at:],
        have.parts()[at:],
        tuple(
            TcbRow(
                row.title, "", (), row.values[at:], tuple(one - at for one in row.short), row.chosen
            )
            for row in rows
        ),
    )


def _stated(title: str, have: Tcb, tcb: Tcb) -> TcbRow:
    values = tcb.parts()
    short = tuple(at for at, mine in enumerate(have.parts()) if values[at] < mine)
    return TcbRow(title, "", (), values, short if title != "Launch" else (), chosen=False)
