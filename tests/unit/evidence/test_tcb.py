"""How current a platform is: no part betters the whole, and nothing unknown is accepted."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.synthetic_evidence import synthetic, trust
from sealwright.errors import EvidenceError
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.evidence.basis.document import member_bytes
from sealwright.evidence.examination import Given, Kind
from sealwright.evidence.examine import examine
from sealwright.evidence.intel.collateral import (
    IsvLevel,
    ModuleIdentity,
    QeIdentity,
    TcbInfo,
    TcbLevel,
    TcbStatus,
    parse_collateral,
    parse_qe_identity,
    parse_tcb_info,
)
from sealwright.evidence.intel.pck import PckFacts
from sealwright.evidence.intel.sgx import ReportBody
from sealwright.evidence.intel.tcb import Platform, SeamFacts, judge_platform, merge

DAY = datetime(2026, 1, 1, tzinfo=UTC)
SIGNER = b"\7" * 32
FACTS = PckFacts(bytes(16), (5,) * 16, 11, bytes(16), bytes(2), b"\1" * 6, 0)
QE = ReportBody(bytes(32), SIGNER, isv_prod_id=2, isv_svn=4, report_data=bytes(64))
GOOD = (
    IsvLevel(4, DAY, TcbStatus.UP_TO_DATE, ()),
    IsvLevel(1, DAY, TcbStatus.OUT_OF_DATE, ("SA-9",)),
)
MODULE = ModuleIdentity("TDX_01", bytes(48), bytes(8), b"\xff" * 8, GOOD)
SEAM = SeamFacts(bytes((4, 1, *(3,) * 14)), bytes(48), bytes(8))
TD = Platform(FACTS, QE, SEAM)


def level(svn: int, status: TcbStatus, *advisories: str, tdx: int = 3) -> TcbLevel:
    return TcbLevel((svn,) * 16, 11, (tdx,) * 16, DAY, status, advisories)


INFO = TcbInfo(
    "TDX",
    3,
    DAY,
    DAY,
    b"\1" * 6,
    bytes(2),
    17,
    (level(5, TcbStatus.UP_TO_DATE), level(4, TcbStatus.CONFIGURATION, "SA-1", tdx=1)),
    None,
    (MODULE,),
)
IDENTITY = QeIdentity(
    "TD_QE",
    2,
    DAY,
    DAY,
    17,
    0,
    0xFFFFFFFF,
    bytes((5, *bytes(15))),
    b"\xff" * 8 + bytes(8),
    SIGNER,
    2,
    GOOD,
)


def test_a_current_platform() -> None:
    verdict = judge_platform(TD, INFO, IDENTITY)
    assert (verdict.status, verdict.advisories) == (TcbStatus.UP_TO_DATE, ())
    assert {item.status for item in verdict.checks} == {CheckStatus.PASS}


def test_an_older_level_and_an_older_module_count_together() -> None:
    old = replace(TD, facts=replace(FACTS, components=(4,) * 16))
    verdict = judge_platform(old, INFO, IDENTITY)
    assert (verdict.status, verdict.advisories) == (TcbStatus.CONFIGURATION, ("SA-1",))
    module = replace(SEAM, tee_tcb_svn=bytes((3, *SEAM.tee_tcb_svn[1:])))
    verdict = judge_platform(replace(old, seam=module), INFO, IDENTITY)
    assert verdict.status is TcbStatus.OUT_OF_DATE_CONFIGURATION
    assert verdict.advisories == ("SA-1", "SA-9")


@pytest.mark.parametrize(
    ("platform", "failing"),
    [
        (replace(TD, facts=replace(FACTS, pce_svn=10)), "tcb"),
        (replace(TD, facts=replace(FACTS, components=(3,) * 16)), "tcb"),
        (replace(TD, facts=replace(FACTS, fmspc=b"\2" * 6)), "tcb.platform"),
        (replace(TD, seam=None), "tcb.platform"),
        (replace(TD, qe_report=replace(QE, mrsigner=bytes(32))), "qe-identity"),
        (replace(TD, qe_report=replace(QE, isv_prod_id=1)), "qe-identity"),
        (replace(TD, qe_report=replace(QE, isv_svn=0)), "qe-identity"),
        (replace(TD, qe_report=replace(QE, flags=7)), "qe-identity"),
        (replace(TD, qe_report=replace(QE, misc_select=1)), "qe-identity"),
        (replace(TD, seam=replace(SEAM, mrsigner=b"\1" * 48)), "module"),
        (replace(TD, seam=replace(SEAM, attributes=b"\1" * 8)), "module"),
        (replace(TD, seam=replace(SEAM, tee_tcb_svn=bytes((4, 2, *(3,) * 14)))), "module"),
        (replace(TD, seam=replace(SEAM, tee_tcb_svn=bytes((0, 1, *(3,) * 14)))), "module"),
        (replace(TD, seam=replace(SEAM, tee_tcb_svn=bytes((9, 0, *(3,) * 14)))), "module"),
    ],
)
def test_what_the_vendor_does_not_know_has_no_status(platform: Platform, failing: str) -> None:
    verdict = judge_platform(platform, INFO, IDENTITY)
    assert verdict.status is None
    assert failing in {item.id for item in verdict.checks if item.status is CheckStatus.FAIL}


def test_without_a_qe_identity_nothing_is_called_current() -> None:
    assert judge_platform(TD, INFO, None).status is None


STATUSES = st.sampled_from(list(TcbStatus))


@given(STATUSES, STATUSES)
def test_no_part_betters_the_whole(platform: TcbStatus, part: TcbStatus) -> None:
    merged = merge(platform, part)
    assert (merged is TcbStatus.UP_TO_DATE) == (platform is part is TcbStatus.UP_TO_DATE)
    assert (merged is TcbStatus.REVOKED) == (TcbStatus.REVOKED in {platform, part})
    if part is TcbStatus.OUT_OF_DATE:
        assert merged in {
            TcbStatus.OUT_OF_DATE,
            TcbStatus.OUT_OF_DATE_CONFIGURATION,
            TcbStatus.REVOKED,
        }


def test_members_keep_their_bytes() -> None:
    body = b'{ "a" : {"x":  1.0, "y" : "}" } , "signature":"00"\n}'
    assert member_bytes(body, "test") == {"a": b'{"x":  1.0, "y" : "}" }', "signature": b'"00"'}


@given(st.binary(max_size=60) | st.text('{}[]":,a0 \\', max_size=40).map(str.encode))
def test_any_bytes_are_collateral_or_refused(data: bytes) -> None:
    for read in (parse_collateral, parse_tcb_info):
        with pytest.raises(EvidenceError):
            read(b"{" + data)


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":2}',
        b'{"a":1,}',
        b'{"a":1} x',
        b'{"tcbInfo":' + b"[" * 100_000,
        b'{"tcbInfo":{},"signature":"00"}',
        b'{"tcb_info":"{}"}',
        b'{"tcbInfo":{},"signature":"' + b"00" * 64 + b'",}',
        b"",
    ],
)
def test_damaged_collateral_is_refused(data: bytes) -> None:
    with pytest.raises(EvidenceError):
        parse_collateral(data)


def documents() -> tuple[bytes, bytes]:
    """The TCB info and QE identity of a sandbox's platform, as they were signed."""
    made, _ = synthetic(Kind.COLLATERAL)
    found = parse_collateral(made)
    assert found.tcb_info is not None
    assert found.qe_identity is not None
    return found.tcb_info.body, found.qe_identity.body


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("version", "3"),
        ("id", "SNP"),
        ("id", None),
        ("tcbType", 1),
        ("tcbType", None),
        ("issueDate", "2025-06-19"),
        ("issueDate", "2025-06-19T10:12:17"),
        ("issueDate", "2025-16-19T10:12:17Z"),
        ("issueDate", "2025-W25-4T10:12:17Z"),
        ("nextUpdate", "2025-06-19T10:12:17+02:00"),
        ("nextUpdate", "2000-01-01T00:00:00Z"),
        ("fmspc", "00 90 6e a1 00 00"),
        ("tcbEvaluationDataNumber", 17.0),
        ("tcbEvaluationDataNumber", 1 << 63),
        ("tcbLevels", []),
        ("tcbLevels.0.tcbDate", "2018-01-04T01:02:63Z"),
        ("tcbLevels.0.tcb.pcesvn", 65536),
        ("tcbLevels.0.tcb.pcesvn", -1),
        ("tcbLevels.0.tcb.sgxtcbcomponents.0.svn", 256),
        ("tcbLevels.0.tcb.sgxtcbcomponents.0.svn", "4"),
    ],
)
def test_tcb_info_of_another_form_is_refused(member: str, value: object) -> None:
    body, _ = documents()
    assert parse_tcb_info(body).levels
    with pytest.raises(EvidenceError):
        parse_tcb_info(with_member(body, member, value))


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("id", "SE"),
        ("isvprodid", 65536),
        ("tcbLevels", []),
        ("tcbLevels.0.tcbDate", None),
        ("tcbLevels.0.tcb.isvsvn", 65536),
    ],
)
def test_a_qe_identity_of_another_form_is_refused(member: str, value: object) -> None:
    _, body = documents()
    assert parse_qe_identity(body).levels
    with pytest.raises(EvidenceError):
        parse_qe_identity(with_member(body, member, value))


def with_member(body: bytes, path: str, value: object) -> bytes:
    """The document with another value of one member, or without it."""
    document = json.loads(body)
    inner = document
    *way, last = path.split(".")
    for step in way:
        inner = inner[int(step) if step.isdigit() else step]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return json.dumps(document).encode()


def test_a_member_that_comes_twice_is_refused_at_any_depth() -> None:
    body, _ = documents()
    twice = body.replace(b'"pcesvn"', b'"pcesvn":1,"pcesvn"', 1)
    assert twice != body
    with pytest.raises(EvidenceError):
        parse_tcb_info(twice)


def test_collateral_that_is_broken_further_on_is_refused_as_collateral() -> None:
    data = b'{\n  "tcbInfo": {\n    "version": 2,, "fmspc": "00'
    found = examine(data, Given(trust()))
    assert (found.kind, found.valid) == (Kind.COLLATERAL, False)
    assert found.refusal is not None
    assert found.refusal.offset == data.index(b",,") + 1
