"""Evidence that was cut or changed is refused or reported, and never a foreign exception."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from helpers.simulators import SimulatedMachines
from sealwright.evidence.basis.trust import Trust
from sealwright.evidence.examination import Examination, Kind
from sealwright.evidence.examine import examine
from sealwright.evidence.synthetic.making import synthesize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealwright.evidence.synthetic.made import Synthetic

Path = tuple[str | int, ...]
"""Names and indices from the outermost object to a member."""
WHEN = datetime(2026, 11, 28, tzinfo=UTC)
VARIANTS: dict[str, tuple[Kind, dict[str, str]]] = {
    **{kind.value: (kind, {}) for kind in Kind},
    "tdx-quote v5": (Kind.TDX_QUOTE, {"version": "5", "body": "1.5"}),
    "snp-report turin": (Kind.SNP_REPORT, {"version": "5", "product": "Turin"}),
    "hcl-report tdx": (Kind.HCL_REPORT, {"hardware": "tdx"}),
    "oe-evidence with claims": (Kind.OE_EVIDENCE, {"custom_claims": "colour=blue"}),
    "azure-guest windows": (Kind.AZURE_GUEST, {"isolation": "SevSnp", "windows": "true"}),
}
JSON = {Kind.SNP_ACI, Kind.TPM_QUOTE, Kind.AZURE_GUEST, Kind.COLLATERAL}
BINARY = [name for name, (kind, _) in VARIANTS.items() if kind not in JSON | {Kind.AMD_CHAIN}]
DOCUMENTS = [name for name, (kind, _) in VARIANTS.items() if kind in JSON]
_MACHINES_OWN = {f"hardware_report.{name}" for name in ("type", "cpu_svn", "mac")}
"""Of a TD report: its MAC holds on its own machine only, and a quote has no more of them."""
NOT_VOUCHED_FOR = {
    # The paravisor's own words around what the hardware signs.
    "hcl-report": {"request_type", "version"},
    "vtpm-evidence": {"request_type", "version"},
    "hcl-report tdx": {"request_type", "version", *_MACHINES_OWN},
}
LONG_MODE = pytest.mark.long


@cache
def sample(name: str) -> tuple[Synthetic, Examination]:
    kind, values = VARIANTS[name]
    made = synthesize(kind, SimulatedMachines().roots(), values, WHEN)
    found = seen(made, made.evidence)
    assert found.valid is True
    return made, found


def seen(made: Synthetic, data: bytes) -> Examination:
    anchors = SimulatedMachines().roots().anchors()
    return examine(data, made.given(Trust(anchors, WHEN)), made.kind)


def used_size(name: str, made: Synthetic) -> int:
    """Without the rest of the area that an HCL report lies in, and without a last line end."""
    if name.startswith(("hcl", "vtpm")):
        return int.from_bytes(made.evidence[8:12], "little")
    if made.kind in JSON | {Kind.AMD_CHAIN}:
        return len(made.evidence.rstrip())
    return len(made.evidence)


def refused_when_cut(name: str, step: int) -> None:
    made, _ = sample(name)
    for size in range(0, used_size(name, made), step):
        assert seen(made, made.evidence[:size]).valid is not True, size


@pytest.mark.parametrize("name", ["sgx-quote", "snp-report", "vbs-report", "hcl-report"])
def test_what_is_cut_at_any_byte_is_refused(name: str) -> None:
    refused_when_cut(name, 1)


@pytest.mark.parametrize("name", VARIANTS)
def test_what_is_cut_here_and_there_is_refused(name: str) -> None:
    refused_when_cut(name, 1 + len(sample(name)[0].evidence) // 60)


@LONG_MODE
@pytest.mark.parametrize("name", VARIANTS)
def test_every_kind_cut_at_any_byte_is_refused(name: str) -> None:
    refused_when_cut(name, 1)


@pytest.mark.parametrize("name", BINARY)
def test_one_bit_in_every_field(name: str) -> None:
    made, base = sample(name)
    free = NOT_VOUCHED_FOR.get(name, ())
    for field in base.parts[0].fields:
        if not field.size or field.name in free:
            continue
        at = field.offset + field.size // 3
        changed = bytearray(made.evidence)
        changed[at] ^= 1 << at % 8
        found = seen(made, bytes(changed))
        if made.kind is not Kind.TPM_EVENTLOG:
            assert found.valid is not True, field.name


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:  # noqa: ANN401 - any JSON
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        if isinstance(inner, dict | list):
            yield from leaves(inner, (*path, key))
        else:
            yield (*path, key), inner


def replaced(value: Any, path: Path, leaf: object) -> Any:  # noqa: ANN401 - any JSON
    copy: Any = json.loads(json.dumps(value))
    place = copy
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = leaf
    return copy


def damaged(leaf: object) -> object:
    """One bit of what a member holds, in hex, base64 or as text."""
    if isinstance(leaf, bool) or not isinstance(leaf, str | int):
        return not leaf
    if isinstance(leaf, int):
        return leaf ^ 1
    for decode, encode in ((bytes.fromhex, bytes.hex), (_b64decode, _b64encode)):
        try:
            data = bytearray(decode(leaf))
        except ValueError:
            continue
        if data:
            data[len(data) // 3] ^= 4
            return encode(bytes(data))
    middle = len(leaf) // 3
    return f"{leaf[:middle]}{chr(ord(leaf[middle]) ^ 1)}{leaf[middle + 1 :]}" if leaf else "x"


def _b64decode(text: str) -> bytes:
    try:
        return base64.b64decode(text.translate(str.maketrans("-_", "+/")) + "==", validate=False)
    except binascii.Error:
        raise ValueError from None


def _b64encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_one_bit_in_every_member(name: str) -> None:
    made, base = sample(name)
    document = json.loads(made.evidence)
    for path, leaf in leaves(document):
        changed = json.dumps(replaced(document, path, damaged(leaf))).encode()
        found = seen(made, changed)
        assert found.valid is not True or found.facts != base.facts, path


def test_one_bit_in_every_event() -> None:
    made, base = sample("tpm-eventlog")
    for row in base.event_rows()[1:]:
        at = row.offset + 20
        changed = bytearray(made.evidence)
        changed[at] ^= 1
        # A digest of the SHA-1 bank, which the TPM did not quote, or else of the quoted one.
        found = seen(made, bytes(changed))
        assert found.valid is not True or found.facts != base.facts
