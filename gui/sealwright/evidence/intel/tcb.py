"""How current a platform is: level choice and merging (spec evidence, 3.2 and 4.3).

Takes documents whose signatures hold; whether they do is `collateral_verify`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sealwright.evidence.basis.checks import Check, CheckStatus, judge, skip, warn
from sealwright.evidence.intel.collateral import TcbStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sealwright.evidence.intel.collateral import (
        IsvLevel,
        ModuleIdentity,
        QeIdentity,
        TcbInfo,
        TcbLevel,
    )
    from sealwright.evidence.intel.pck import PckFacts
    from sealwright.evidence.intel.sgx import ReportBody

_LATE: Final = {
    TcbStatus.UP_TO_DATE: TcbStatus.OUT_OF_DATE,
    TcbStatus.SW_HARDENING: TcbStatus.OUT_OF_DATE,
    TcbStatus.CONFIGURATION: TcbStatus.OUT_OF_DATE_CONFIGURATION,
    TcbStatus.CONFIGURATION_AND_SW_HARDENING: TcbStatus.OUT_OF_DATE_CONFIGURATION,
}
_TDX_SINCE: Final = 3
"""Version of TCB info that first speaks about TDX."""
_QE_IDS: Final = {"SGX": "QE", "TDX": "TD_QE"}


@dataclass(frozen=True, slots=True)
class SeamFacts:
    """The TDX module below a TD, as the TD quote says."""

    tee_tcb_svn: bytes
    mrsigner: bytes
    attributes: bytes


@dataclass(frozen=True, slots=True)
class Platform:
    """What a quote says about where it was made."""

    facts: PckFacts
    qe_report: ReportBody
    seam: SeamFacts | None = None
    """Only of a TD."""

    @property
    def kind(self) -> str:
        """The id that TCB info about it has."""
        return "SGX" if self.seam is None else "TDX"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How current all parts are together; status None when no level fits."""

    status: TcbStatus | None
    advisories: tuple[str, ...]
    checks: tuple[Check, ...]


def judge_platform(
    platform: Platform, info: TcbInfo, identity: QeIdentity | None, prefix: str = ""
) -> Verdict:
    """Compare a platform, its quoting enclave and its TDX module with the vendor's documents."""
    about = _about(platform, info, f"{prefix}tcb.platform")
    level = choose_level(platform, info) if about.status is CheckStatus.PASS else None
    qe_check, qe_level = _quoting_enclave(platform, identity, f"{prefix}qe-identity")
    module_checks, module_level = _module(platform, info, f"{prefix}module")
    parts = [item for item in (qe_level, module_level) if item is not None]
    checks = (about, qe_check, *module_checks)
    status: TcbStatus | None = None
    advisories: tuple[str, ...] = ()
    if level is not None and all(item.status is CheckStatus.PASS for item in checks):
        status = merge(level.status, *(item.status for item in parts))
        advisories = _distinct((level.advisories, *(item.advisories for item in parts)))
    summary = _summary(f"{prefix}tcb", status, advisories)
    if identity is None:
        summary = skip(summary.id, summary.title, "no QE identity that holds at that time")
    return Verdict(status, advisories, (summary, *checks))


def choose_level(platform: Platform, info: TcbInfo) -> TcbLevel | None:
    """The first, which is the best, level that the platform reaches; None when it reaches none."""
    return next((level for level in info.levels if _reaches(platform, level)), None)


def _reaches(platform: Platform, level: TcbLevel) -> bool:
    facts = platform.facts
    if facts.pce_svn < level.pce_svn or not _not_below(facts.components, level.components):
        return False
    if platform.seam is None:
        return True
    svns = platform.seam.tee_tcb_svn
    # A numbered module is judged by its own identity, not by the first two bytes.
    first = 2 if svns[1] else 0
    return _not_below(svns[first:], level.tdx_components[first:])


def _not_below(have: Iterable[int], need: Sequence[int]) -> bool:
    return all(mine >= least for mine, least in zip(have, need, strict=True))


def merge(platform: TcbStatus, *others: TcbStatus) -> TcbStatus:
    """The status of the whole, which no part can better."""
    result = platform
    for other in others:
        result = _worse(result, other)
    return result


def _worse(platform: TcbStatus, other: TcbStatus) -> TcbStatus:
    if TcbStatus.REVOKED in (platform, other):
        return TcbStatus.REVOKED
    if other in (TcbStatus.OUT_OF_DATE, TcbStatus.OUT_OF_DATE_CONFIGURATION):
        return _LATE.get(platform, platform)
    return other if platform is TcbStatus.UP_TO_DATE else platform


def _distinct(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for words in lists for word in words))


def _about(platform: Platform, info: TcbInfo, id_: str) -> Check:
    facts = platform.facts
    have = (platform.kind, facts.fmspc.hex(), facts.pce_id.hex())
    told = (info.id, info.fmspc.hex(), info.pce_id.hex())
    current = platform.seam is None or info.version >= _TDX_SINCE
    return judge(
        id_,
        "TCB info is about this platform",
        "The TCB info is about another kind or model of platform.",
        passed=have == told and current,
        expected=" · ".join(have),
        actual=" · ".join(told),
    )


def _summary(id_: str, status: TcbStatus | None, advisories: tuple[str, ...]) -> Check:
    title = "Platform up to date"
    if status is None:
        return judge(
            id_, title, "The platform reaches no known level; see the checks below.", passed=False
        )
    if status is TcbStatus.UP_TO_DATE:
        return judge(id_, title, passed=True, actual=status.value)
    actual = " · ".join((status.value, *advisories))
    if status is TcbStatus.REVOKED:
        return judge(id_, title, "The platform is revoked.", passed=False, actual=actual)
    return warn(id_, title, "The vendor wants something done; a policy decides.", actual=actual)


def _quoting_enclave(
    platform: Platform, identity: QeIdentity | None, id_: str
) -> tuple[Check, IsvLevel | None]:
    title = "Quoting enclave is the vendor's"
    if identity is None:
        return skip(id_, title, "no QE identity that holds at that time"), None
    problem = _qe_problem(platform, identity)
    level = _isv_level(identity.levels, platform.qe_report.isv_svn)
    if not problem and level is None:
        problem = "The quoting enclave is older than every known level."
    check = judge(
        id_,
        title,
        problem,
        passed=not problem,
        actual="" if level is None else f"ISVSVN {platform.qe_report.isv_svn} · {level.status}",
    )
    return check, level


def _qe_problem(platform: Platform, identity: QeIdentity) -> str:
    report = platform.qe_report
    attributes = report.flags.to_bytes(8, "little") + report.xfrm.to_bytes(8, "little")
    tests = {
        "The QE identity is of another kind of quoting enclave.": identity.id
        == _QE_IDS[platform.kind],
        "The quoting enclave was signed by another vendor.": report.mrsigner == identity.mrsigner,
        "The quoting enclave is another product.": report.isv_prod_id == identity.isv_prod_id,
        "The quoting enclave has other MISCSELECT bits.": report.misc_select & identity.misc_mask
        == identity.misc_select,
        "The quoting enclave has other attributes.": _masked(attributes, identity.attributes_mask)
        == identity.attributes,
    }
    return next((words for words, holds in tests.items() if not holds), "")


def _masked(value: bytes, mask: bytes) -> bytes:
    return bytes(left & right for left, right in zip(value, mask, strict=True))


def _isv_level(levels: Sequence[IsvLevel], svn: int) -> IsvLevel | None:
    return next((level for level in levels if level.isv_svn <= svn), None)


def _module(
    platform: Platform, info: TcbInfo, id_: str
) -> tuple[tuple[Check, ...], IsvLevel | None]:
    seam, title = platform.seam, "TDX module is the vendor's"
    if seam is None:
        return (), None
    identity = _module_identity(seam, info)
    if identity is None:
        return (judge(id_, title, "The TDX module is of no known version.", passed=False),), None
    problem = _module_problem(seam, identity)
    level = _isv_level(identity.levels, seam.tee_tcb_svn[0])
    if not problem and identity.id and level is None:
        problem = "The TDX module is older than every known level."
    return (judge(id_, title, problem, passed=not problem, expected=identity.id),), level


def _module_identity(seam: SeamFacts, info: TcbInfo) -> ModuleIdentity | None:
    number = seam.tee_tcb_svn[1]
    if not number:
        return info.module
    name = f"TDX_{number:02x}"
    return next((item for item in info.modules if item.id.lower() == name.lower()), None)


def _module_problem(seam: SeamFacts, identity: ModuleIdentity) -> str:
    if seam.mrsigner != identity.mrsigner:
        return "The TDX module was signed by another vendor."
    if _masked(seam.attributes, identity.attributes_mask) != identity.attributes:
        return "The TDX module has other attributes."
    return ""
