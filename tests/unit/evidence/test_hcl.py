"""HCL reports: sizes must agree, and only claims that the hardware vouches for count."""

from __future__ import annotations

import hashlib
import json
import struct
from datetime import UTC, datetime
from typing import Any

import pytest

from sealwright.errors import EvidenceError
from sealwright.evidence.azure.hcl import TYPE_TDX, TYPE_VBS, parse_hcl_report
from sealwright.evidence.azure.hcl_verify import attestation_key, binding_checks
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.evidence.basis.trust import Trust
from sealwright.evidence.examination import Given
from sealwright.evidence.examine import examine

NOBODY = Trust((), datetime(2026, 11, 28, tzinfo=UTC))
KEY = {"kid": "HCLAkPub", "kty": "RSA", "e": "AQAB", "n": "w" + "A" * 341}


def report(
    *keys: object,
    digest: bytes | None = None,
    kind: int = TYPE_TDX,
    grow: tuple[int, int] = (0, 0),
    version: int = 1,
) -> bytes:
    claims: dict[str, Any] = {"keys": list(keys)}
    raw = json.dumps(claims).encode()
    area = bytearray(1184)
    area[128:160] = hashlib.sha256(raw).digest() if digest is None else digest
    size = len(raw) + 20
    head = b"HCLA" + struct.pack("<IIII", 2, 1216 + size + grow[0], 2, 0) + bytes(12)
    data = struct.pack("<IIIII", size, version, kind, 1, len(raw) + grow[1])
    return head + bytes(area) + data + raw


def failed(data: bytes) -> set[str]:
    return {
        item.id
        for item in binding_checks(parse_hcl_report(data))
        if item.status is CheckStatus.FAIL
    }


def test_vouched_claims_with_a_key() -> None:
    found = parse_hcl_report(report(KEY))
    assert failed(report(KEY)) == set()
    key = attestation_key(found)
    assert key is not None
    assert key.public_numbers().e == 65537


@pytest.mark.parametrize("version", [0, 2, 0xFFFFFFFF])
def test_runtime_data_of_another_version_are_read_but_do_not_hold(version: int) -> None:
    found = examine(report(KEY, version=version), Given(NOBODY))
    assert found.refusal is None
    facts: Any = found.facts["hcl"]
    assert (facts["data_version"], facts["claims_keys"]) == (version, ["HCLAkPub"])
    assert [item.id for item in found.failed()] == ["structure.data-version", "structure"]
    assert (found.failed()[0].expected, found.failed()[0].actual) == ("1", str(version))
    # Another layout would show in the sizes.
    with pytest.raises(EvidenceError, match="announces"):
        parse_hcl_report(report(KEY, version=version, grow=(0, 1)))


def test_claims_that_the_hardware_does_not_know() -> None:
    assert failed(report(KEY, digest=bytes(32))) == {"report-data"}


def test_trusted_launch_has_no_hardware_to_vouch() -> None:
    found = examine(report(KEY, kind=3), Given(NOBODY))
    assert found.valid is None
    said = {item.id: item.detail for item in found.checks if item.status is CheckStatus.SKIP}
    assert "Trusted Launch" in said["report-data"]
    assert "Trusted Launch" in said["signature"]


def vbs_report(policy: int = 0, size: int = 0x230) -> bytes:
    data = bytearray(report(KEY, kind=TYPE_VBS, digest=bytes(32)))
    digest = hashlib.sha256(data[1236:]).digest()
    data[32:56] = struct.pack("<IIIIII", size, 1, 1, 256, 0, 1)
    data[56:88] = digest
    data[32 + 220 : 32 + 224] = struct.pack("<I", policy)
    return bytes(data)


def test_the_signature_of_a_vbs_machine_is_left_open_and_says_why() -> None:
    found = examine(vbs_report(), Given(NOBODY))
    assert found.valid is None
    assert [item.id for item in found.missing()] == ["signature"]
    assert "secure kernel" in found.missing()[0].detail
    assert found.facts["vbs"] == {
        **dict.fromkeys(("owner_id", "measurement", "signer", "host_data"), "00" * 32),
        **dict.fromkeys(("enabled_vtls", "policy", "guest_vtl", "svn"), 0),
        **dict.fromkeys(("product_id", "module_id"), 0),
        "version": 1,
        "report_data": hashlib.sha256(vbs_report()[1236:]).hexdigest() + "00" * 32,
        "debug": False,
    }


@pytest.mark.parametrize(
    ("data", "id_"),
    [
        (vbs_report(policy=1), "policy-bits"),
        (vbs_report(size=0x231), "structure.package"),
    ],
)
def test_what_is_odd_about_a_vbs_machine_is_said(data: bytes, id_: str) -> None:
    found = examine(data, Given(NOBODY))
    assert [item.id for item in found.checks if item.status is CheckStatus.WARN] == [
        *(["structure"] if id_.startswith("structure") else []),
        id_,
    ]


def test_claims_that_a_vbs_machine_does_not_report() -> None:
    data = bytearray(vbs_report())
    data[60] ^= 1
    assert examine(bytes(data), Given(NOBODY)).valid is False


@pytest.mark.parametrize(
    "keys",
    [
        (),
        (KEY, KEY),
        ("no object",),
        ({**KEY, "kid": "HCLEkPub"},),
        ({**KEY, "kty": "EC"},),
        ({**KEY, "n": "!"},),
        ({**KEY, "e": "AA"},),
        ({**KEY, "n": "AQ"},),
        ({**KEY, "n": "w" * 100_000},),
    ],
)
def test_claims_without_one_usable_key(keys: tuple[object, ...]) -> None:
    assert failed(report(*keys)) == {"structure.key"}


@pytest.mark.parametrize(
    "data",
    [
        report(KEY, grow=(1, 0)),
        report(KEY, grow=(0, 1)),
        report(KEY, grow=(0, -1)),
        report(KEY, kind=9),
        b"HCLB" + report(KEY)[4:],
        report(KEY)[:-1] + b"]",
        b"",
    ],
)
def test_contradictions_are_refused(data: bytes) -> None:
    with pytest.raises(EvidenceError):
        parse_hcl_report(data)


def test_what_follows_is_named() -> None:
    checks = binding_checks(parse_hcl_report(report(KEY) + b"\0\1"))
    assert checks[-1].id == "structure.padding"
    assert checks[-1].status is CheckStatus.WARN
    assert len(binding_checks(parse_hcl_report(report(KEY) + bytes(9)))) == len(checks) - 1
