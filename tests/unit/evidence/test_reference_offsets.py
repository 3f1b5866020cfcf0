"""Every field of the evidence reference lies at its offset, with its size."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from helpers.simulators import SimulatedMachines
from sealwright.evidence.basis.trust import Trust
from sealwright.evidence.examination import Examination, Kind
from sealwright.evidence.examine import examine
from sealwright.evidence.synthetic.making import synthesize

if TYPE_CHECKING:
    from sealwright.evidence.structure import Node

WHEN = datetime(2026, 11, 28, tzinfo=UTC)
Table = dict[str, tuple[int, int]]

HEADER: Table = {
    "version": (0, 2),
    "key_type": (2, 2),
    "qe_vendor_id": (12, 16),
    "user_data": (28, 20),
}
ENCLAVE: Table = {
    "cpu_svn": (0, 16),
    "misc_select": (16, 4),
    "isv_ext_prod_id": (32, 16),
    "flags": (48, 8),
    "xfrm": (56, 8),
    "mrenclave": (64, 32),
    "mrsigner": (128, 32),
    "config_id": (192, 64),
    "isv_prod_id": (256, 2),
    "isv_svn": (258, 2),
    "config_svn": (260, 2),
    "isv_family_id": (304, 16),
    "report_data": (320, 64),
}
TD: Table = {
    "tee_tcb_svn": (0, 16),
    "mrseam": (16, 48),
    "mrsignerseam": (64, 48),
    "seam_attributes": (112, 8),
    "td_attributes": (120, 8),
    "xfam": (128, 8),
    "mrtd": (136, 48),
    "mrconfigid": (184, 48),
    "mrowner": (232, 48),
    "mrownerconfig": (280, 48),
    **{f"rtmr{at}": (328 + 48 * at, 48) for at in range(4)},
    "report_data": (520, 64),
}
SNP: Table = {
    "version": (0, 4),
    "guest_svn": (4, 4),
    "policy": (8, 8),
    "family_id": (16, 16),
    "image_id": (32, 16),
    "vmpl": (48, 4),
    "signature_algorithm": (52, 4),
    "current_tcb": (56, 8),
    "platform_info": (64, 8),
    "key_info": (72, 4),
    "report_data": (80, 64),
    "measurement": (144, 48),
    "host_data": (192, 32),
    "id_key_digest": (224, 48),
    "author_key_digest": (272, 48),
    "report_id": (320, 32),
    "report_id_ma": (352, 32),
    "reported_tcb": (384, 8),
    "chip_id": (416, 64),
    "committed_tcb": (480, 8),
    "current_version": (488, 3),
    "committed_version": (492, 3),
    "launch_tcb": (496, 8),
    "signature_r": (672, 72),
    "signature_s": (744, 72),
}
HCL: Table = {
    "signature": (0, 4),
    "version": (4, 4),
    "report_size": (8, 4),
    "request_type": (12, 4),
    "status": (16, 4),
    "hardware_report": (32, 1184),
    "data_size": (1216, 4),
    "data_version": (1220, 4),
    "report_type": (1224, 4),
    "hash_type": (1228, 4),
    "variable_data_size": (1232, 4),
}


def made(kind: Kind, **values: str) -> Examination:
    roots = SimulatedMachines().roots()
    found = synthesize(kind, roots, values, WHEN)
    return examine(found.evidence, found.given(Trust(roots.anchors(), WHEN)), kind)


def flat(nodes: tuple[Node, ...], prefix: str = "") -> dict[str, Node]:
    found: dict[str, Node] = {}
    for node in nodes:
        found[f"{prefix}{node.name}"] = node
        found |= flat(node.children, f"{prefix}{node.name}.")
    return found


def shifted(table: Table, start: int, prefix: str = "") -> Table:
    return {f"{prefix}{name}": (start + at, size) for name, (at, size) in table.items()}


OE: Table = {"oe_version": (0, 4), "oe_type": (4, 4), "oe_size": (8, 8)}
SGX: Table = HEADER | shifted(ENCLAVE, 48, "body.") | {"signature_data_size": (432, 4)}
TABLES: list[tuple[Kind, dict[str, str], Table]] = [
    (
        Kind.SGX_QUOTE,
        {},
        SGX
        | {"signature_data.signature": (436, 64), "signature_data.attestation_key": (500, 64)}
        | shifted(ENCLAVE, 564, "signature_data.qe_report."),
    ),
    (
        Kind.OE_REPORT,
        {},
        {"oe_version": (0, 4), "oe_type": (4, 4), "oe_size": (8, 8)} | shifted(SGX, 16),
    ),
    (Kind.TDX_QUOTE, {}, HEADER | shifted(TD, 48, "body.") | {"signature_data_size": (632, 4)}),
    (
        Kind.TDX_QUOTE,
        {"version": "5", "body": "1.5"},
        {"body_type": (48, 2), "body_size": (50, 4)}
        | shifted(TD, 54, "body.")
        | {"body.tee_tcb_svn_2": (638, 16), "body.mrservicetd": (654, 48)},
    ),
    (Kind.SNP_REPORT, {}, SNP | {"cpuid_family": (392, 1), "cpuid_stepping": (394, 1)}),
    (Kind.HCL_REPORT, {}, HCL | shifted(SNP, 32, "hardware_report.")),
    (Kind.HCL_REPORT, {"hardware": "tdx"}, HCL | {"hardware_report.report_data": (160, 64)}),
]


@pytest.mark.parametrize(("kind", "values", "table"), TABLES)
def test_offsets(kind: Kind, values: dict[str, str], table: Table) -> None:
    found = made(kind, **values)
    nodes = flat(found.tree())
    assert {name: (nodes[name].offset, nodes[name].size) for name in table} == table
    data = found.parts[0].data
    for node in nodes.values():
        assert node.raw == data[node.offset : node.offset + node.size]


@pytest.mark.parametrize("kind", Kind)
def test_the_tree_covers_its_part_without_gaps_or_overlaps(kind: Kind) -> None:
    found = made(kind)
    for number in range(len(found.parts)):
        nodes = found.tree(number)
        at = None
        for node in nodes:
            assert at is None or node.offset >= at, node.name
            at = node.offset + node.size
            inner = [child for child in node.children if child.size]
            if inner and not node.name.startswith("hardware_report"):
                assert inner[0].offset == node.offset
                assert inner[-1].offset + inner[-1].size == at
