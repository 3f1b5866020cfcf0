"""The TD report in an HCL report: TDREPORT_STRUCT of the TDX module (spec evidence, 7.1).

Its MAC proves something on its own machine only; here it is held against the TD quote.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from sealwright.evidence.basis.checks import Check, judge
from sealwright.evidence.basis.reader import Field, Reader
from sealwright.evidence.intel.tdx import TD_INFO

if TYPE_CHECKING:
    from sealwright.evidence.intel.tdx import TdReport

SIZE: Final = 1024
_LAYOUT: Final = (
    ("type", 4),
    ("reserved1", 12),
    ("cpu_svn", 16),
    ("tee_tcb_info_hash", 48),
    ("tee_info_hash", 48),
    ("report_data", 64),
    ("reserved2", 32),
    ("mac", 32),
    ("valid", 8),
    ("tee_tcb_svn", 16),
    ("mrseam", 48),
    ("mrsignerseam", 48),
    ("seam_attributes", 8),
    ("tee_tcb_svn_2", 16),
    ("reserved3", 95),
    ("reserved4", 17),
    *TD_INFO,
    ("mrservicetd", 48),
    ("reserved5", 64),
)
_TCB_INFO: Final = slice(256, 495)
_TD_INFO: Final = slice(512, 1024)
_SHARED: Final = (
    "tee_tcb_svn",
    "mrseam",
    "mrsignerseam",
    "seam_attributes",
    "td_attributes",
    "xfam",
    "mrtd",
    "mrconfigid",
    "mrowner",
    "mrownerconfig",
    "rtmr0",
    "rtmr1",
    "rtmr2",
    "rtmr3",
    "report_data",
)
_TYPE: Final = 0x81


def td_report_fields(area: bytes, *, base: int = 0) -> tuple[Field, ...]:
    """Where each field of the report lies.

    Raises:
        EvidenceError: cut off.
    """
    reader = Reader(area, base=base)
    for name, size in _LAYOUT:
        reader.take(name, size)
    return tuple(reader.fields)


def td_report_checks(area: bytes, quoted: TdReport, prefix: str = "") -> tuple[Check, ...]:
    """Check that the report is whole, and that the quote was made of it."""
    fields = {
        item.name: area[item.offset : item.offset + item.size] for item in td_report_fields(area)
    }
    whole = (
        fields["type"][0] == _TYPE
        and not any(fields["reserved1"] + fields["reserved2"] + fields["reserved4"])
        and hashlib.sha384(area[_TCB_INFO]).digest() == fields["tee_tcb_info_hash"]
        and hashlib.sha384(area[_TD_INFO]).digest() == fields["tee_info_hash"]
    )
    different = [name for name in _SHARED if fields[name] != getattr(quoted, name)]
    return (
        judge(
            f"{prefix}structure.td-report",
            "TD report is whole",
            "The TD report is of another type, or the hashes in it are not those of its parts.",
            passed=whole,
        ),
        judge(
            f"{prefix}isolation.td-report",
            "TD report says what the TD quote says",
            f"The TD report differs from the quote in {', '.join(different)}.",
            passed=not different,
        ),
    )


def encode_td_report_struct(body: TdReport) -> bytes:
    """A TDREPORT_STRUCT of the same TD; its MAC is zeros."""
    values = {name: getattr(body, name) for name in _SHARED} | {
        "type": _TYPE.to_bytes(4, "little"),
        "mrservicetd": body.mrservicetd,
    }
    raw = b"".join(values.get(name, b"").ljust(size, b"\0") for name, size in _LAYOUT)
    digests = hashlib.sha384(raw[_TCB_INFO]).digest() + hashlib.sha384(raw[_TD_INFO]).digest()
    return raw[:32] + digests + raw[128:]
