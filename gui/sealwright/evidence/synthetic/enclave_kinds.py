"""Synthetic SGX, Open Enclave and TDX evidence, and collateral."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from typing import TYPE_CHECKING, Final

from sealwright.errors import UsageError
from sealwright.evidence.examination import Kind
from sealwright.evidence.intel.collateral import TcbStatus
from sealwright.evidence.intel.open_enclave import FORMAT_SGX_ECDSA, wrap_report
from sealwright.evidence.intel.sgx import FLAG_DEBUG, FLAG_INIT, FLAG_MODE64, ReportBody
from sealwright.evidence.intel.tdx import (
    ATTRIBUTE_DEBUG,
    ATTRIBUTE_KEY_LOCKER,
    ATTRIBUTE_MIGRATABLE,
    ATTRIBUTE_PERFMON,
    ATTRIBUTE_PROTECTION_KEYS,
    ATTRIBUTE_SEPT_VE_DISABLE,
    TdReport,
)
from sealwright.evidence.synthetic.catalogue import NOT_RECOGNISED
from sealwright.evidence.synthetic.collateral import make_collateral
from sealwright.evidence.synthetic.made import Synthetic
from sealwright.evidence.synthetic.quotes import make_quote, sandbox_measurement
from sealwright.evidence.synthetic.tdx import TD_1_0, TD_1_5, make_tdx_quote

if TYPE_CHECKING:
    from datetime import datetime

    from sealwright.evidence.synthetic.roots import SandboxRoots
    from sealwright.evidence.synthetic.settings import Values

_FLAG_KSS: Final = 1 << 7
_EVIDENCE_VERSION: Final = 3
_TD_FLAGS: Final = {
    "debug": ATTRIBUTE_DEBUG,
    "septve_disable": ATTRIBUTE_SEPT_VE_DISABLE,
    "migratable": ATTRIBUTE_MIGRATABLE,
    "protection_keys": ATTRIBUTE_PROTECTION_KEYS,
    "key_locker": ATTRIBUTE_KEY_LOCKER,
    "perfmon": ATTRIBUTE_PERFMON,
}
_XFAM: Final = bytes.fromhex("e702060000000000")
_TEE_TCB_SVN: Final = bytes.fromhex("06010300000000000000000000000000")


def report_data(values: Values) -> tuple[bytes, bytes | None]:
    """The report data, and the runtime data that it is the hash of."""
    if values.is_set("report_data") or not values.is_set("runtime_data"):
        return values.octets("report_data"), None
    data = values.text("runtime_data").encode("utf-8")
    return hashlib.sha256(data).digest() + bytes(32), data


def collateral_of(values: Values, roots: SandboxRoots, when: datetime, *, td: bool) -> bytes:
    """Collateral that rates the platform as was asked for."""
    word = values.text("tcb_status")
    return make_collateral(
        roots.intel,
        when,
        td=td,
        status=None if word == NOT_RECOGNISED else TcbStatus(word),
        advisories=tuple(values.text("advisories").split()),
        revoked=values.flag("revoked"),
    )


def _body(values: Values, data: bytes) -> ReportBody:
    flags = FLAG_INIT | FLAG_MODE64
    flags |= FLAG_DEBUG * values.flag("debug") | _FLAG_KSS * values.flag("kss")
    return ReportBody(
        mrenclave=values.octets("mrenclave", sandbox_measurement("synthetic enclave")),
        mrsigner=values.octets("mrsigner", sandbox_measurement("synthetic signer")),
        isv_prod_id=values.number("isvprodid"),
        isv_svn=values.number("isvsvn"),
        report_data=data,
        flags=flags,
        cpu_svn=values.octets("cpusvn"),
        misc_select=values.number("miscselect"),
        isv_ext_prod_id=values.octets("isvextprodid"),
        config_id=values.octets("configid"),
        config_svn=values.number("configsvn"),
        isv_family_id=values.octets("isvfamilyid"),
    )


def make_sgx(values: Values, roots: SandboxRoots, when: datetime) -> Synthetic:
    """An SGX quote."""
    data, runtime = report_data(values)
    return Synthetic(
        Kind.SGX_QUOTE,
        make_quote(roots.intel, _body(values, data)),
        collateral=collateral_of(values, roots, when, td=False),
        runtime_data=runtime,
    )


def make_oe_report(values: Values, roots: SandboxRoots, when: datetime) -> Synthetic:
    """An Open Enclave report."""
    made = make_sgx(values, roots, when)
    report = wrap_report(made.evidence)
    return Synthetic(
        Kind.OE_REPORT, report, collateral=made.collateral, runtime_data=made.runtime_data
    )


def make_oe_evidence(values: Values, roots: SandboxRoots, when: datetime) -> Synthetic:
    """Open Enclave evidence with custom claims."""
    claims = _custom_claims(values.text("custom_claims"))
    data = hashlib.sha256(claims).digest() + bytes(32)
    quote = make_quote(roots.intel, _body(values, data))
    size = (len(quote) + len(claims)).to_bytes(8, "little")
    header = _EVIDENCE_VERSION.to_bytes(4, "little") + FORMAT_SGX_ECDSA.bytes + size
    return Synthetic(
        Kind.OE_EVIDENCE,
        header + quote + claims,
        collateral=collateral_of(values, roots, when, td=False),
    )


def _custom_claims(words: str) -> bytes:
    if not words.strip():
        return b""
    parts = [(1).to_bytes(8, "little"), len(words.split()).to_bytes(8, "little")]
    for word in words.split():
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise UsageError(f"`{word}` is no custom claim.", hint="Write it as name=value.")
        octets, content = name.encode("utf-8") + b"\0", value.encode("utf-8")
        parts += [len(octets).to_bytes(8, "little"), len(content).to_bytes(8, "little")]
        parts += [octets, content]
    return b"".join(parts)


def td_body(values: Values, data: bytes) -> TdReport:
    """A TD report over report data."""
    attributes = sum(bit for name, bit in _TD_FLAGS.items() if values.flag(name))
    special = {
        "report_data": data,
        "td_attributes": attributes.to_bytes(8, "little"),
        "tee_tcb_svn": values.octets("tee_tcb_svn", _TEE_TCB_SVN),
        "xfam": values.octets("xfam", _XFAM),
        "tee_tcb_svn_2": values.octets("tee_tcb_svn", _TEE_TCB_SVN),
    }
    names = [item.name for item in fields(TdReport) if item.name not in special]
    return TdReport(**special, **{name: values.octets(name) for name in names})


def make_tdx(values: Values, roots: SandboxRoots, when: datetime) -> Synthetic:
    """A TDX quote."""
    data, runtime = report_data(values)
    version = values.number("version")
    wide = values.text("body") == "1.5"
    if wide and version != 5:  # noqa: PLR2004 - quotes before have one kind of body
        raise UsageError("Only a quote of version 5 carries a TD report 1.5.")
    quote = make_tdx_quote(
        roots.intel,
        td_body(values, data),
        version=version,
        body_type=TD_1_5 if wide else TD_1_0,
    )
    return Synthetic(
        Kind.TDX_QUOTE,
        quote,
        collateral=collateral_of(values, roots, when, td=True),
        runtime_data=runtime,
    )


def make_collateral_file(values: Values, roots: SandboxRoots, when: datetime) -> Synthetic:
    """Collateral alone."""
    word = values.text("tcb_status")
    found = make_collateral(
        roots.intel,
        when,
        td=values.flag("td"),
        status=None if word == NOT_RECOGNISED else TcbStatus(word),
        advisories=tuple(values.text("advisories").split()),
        evaluation_number=values.number("tcb_evaluation_data_number"),
        revoked=values.flag("revoked"),
    )
    return Synthetic(Kind.COLLATERAL, found)
