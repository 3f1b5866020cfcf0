"""An SNP report holds only with the chip that signed it and the image that was endorsed."""

from __future__ import annotations

import base64
import contextlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import cbor2
import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from sealwright.errors import EvidenceError
from sealwright.evidence.amd.chip import chip_facts
from sealwright.evidence.amd.snp import parse_snp_report
from sealwright.evidence.amd.snp_body import parse_snp_body
from sealwright.evidence.amd.snp_verify import verify_snp, without_issuer
from sealwright.evidence.amd.uvm import EKU_CONTAINER_PLATFORM, parse_uvm, verify_uvm
from sealwright.evidence.basis.certificates import common_name, load
from sealwright.evidence.basis.checks import Check, CheckStatus
from sealwright.evidence.basis.trust import Trust
from sealwright.evidence.synthetic.snp_reports import (
    SandboxSnpPlatform,
    SnpFields,
    make_snp_body,
    make_snp_report,
    make_uvm,
    new_snp_platform,
)

if TYPE_CHECKING:
    from sealwright.evidence.basis.trust import TrustAnchor

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MEASUREMENT = b"\3" * 48
FIELDS = SnpFields(report_data=b"\5" * 64, measurement=MEASUREMENT, host_data=b"\7" * 32)


@cache
def platform() -> SandboxSnpPlatform:
    return new_snp_platform()


@cache
def report() -> bytes:
    return make_snp_report(platform(), FIELDS)


@cache
def endorsement() -> bytes:
    return make_uvm(platform(), MEASUREMENT, signed_at=NOW - timedelta(days=900))


def check(
    data: bytes, *, anchors: tuple[TrustAnchor, ...] | None = None, leaf: bytes = b""
) -> dict[str, Check]:
    mine = platform()
    chain = [load(der) for der in (leaf or mine.vcek, mine.ask, mine.ark)]
    roots = mine.anchors() if anchors is None else anchors
    found = verify_snp(parse_snp_report(data), chain, Trust(roots, NOW))
    return {item.id: item for item in found}


def failed(checks: dict[str, Check]) -> set[str]:
    return {id_ for id_, item in checks.items() if item.status is CheckStatus.FAIL}


def changed(data: bytes, at: int, bit: int = 1) -> bytes:
    return data[:at] + bytes((data[at] ^ bit,)) + data[at + 1 :]


def endorsed(data: bytes, measurement: bytes = MEASUREMENT) -> set[str]:
    found = verify_uvm(parse_uvm(data), measurement, Trust(platform().anchors(), NOW))
    return failed({item.id: item for item in found}) - {"endorsement"}


def test_a_sandbox_report_holds_under_its_own_root_and_says_so() -> None:
    checks = check(report())
    assert failed(checks) == set()
    assert checks["chain.root"].status is CheckStatus.WARN
    assert "chain.root" in failed(check(report(), anchors=()))


def test_the_fields_are_read_back() -> None:
    parsed = parse_snp_report(report())
    assert parsed.report_data == FIELDS.report_data
    assert parsed.measurement == MEASUREMENT
    assert (parsed.version, parsed.policy, parsed.vmpl, parsed.guest_svn) == (2, 0x3001F, 0, 2)
    assert not parsed.debug
    assert parsed.smt_allowed
    places = {item.name: item for item in parsed.fields}
    assert (places["measurement"].offset, places["measurement"].size) == (144, 48)
    assert sum(1 for _ in places) == len(parsed.fields)
    assert max(item.offset + item.size for item in parsed.fields) == len(report())


def test_no_signed_byte_may_change() -> None:
    for at in range(4, 672, 9):
        with contextlib.suppress(EvidenceError):
            assert "signature" in failed(check(changed(report(), at))), at


@pytest.mark.parametrize("at", [672, 700, 744, 672 + 71])
def test_no_byte_of_the_signature_may_change(at: int) -> None:
    assert failed(check(changed(report(), at))) == {"signature"}


def test_another_chips_key_is_refused() -> None:
    other = new_snp_platform()
    found = failed(check(report(), leaf=other.vcek))
    assert found == {"chain", "chain.links", "signature", "chip", "chip.id"}


def test_a_report_of_another_firmware_level_is_refused() -> None:
    found = failed(check(changed(report(), 384)))
    assert found >= {"chip.tcb", "tcb", "signature"}


def test_a_masked_chip_id_is_not_compared() -> None:
    masked = changed(report(), 72, bit=2)
    assert check(masked)["chip.id"].status is CheckStatus.SKIP


def test_debugging_is_seen() -> None:
    debug = make_snp_report(platform(), replace(FIELDS, policy=0x3001F | 1 << 19))
    assert check(debug)["policy-bits"].status is CheckStatus.WARN


def test_reports_of_version_5_say_which_mitigations_were_on() -> None:
    data = bytearray(make_snp_report(platform(), replace(FIELDS, version=5, product="Turin")))
    data[504:520] = (3).to_bytes(8, "little") + (7).to_bytes(8, "little")
    found = parse_snp_report(bytes(data))
    assert found.mitigations == (3, 7)
    places = {item.name: (item.offset, item.size) for item in found.fields}
    assert places["launch_mitigations"] == (504, 8)
    assert places["current_mitigations"] == (512, 8)
    data[0] = 3
    assert parse_snp_report(bytes(data)).mitigations is None


def test_other_lengths_versions_and_algorithms_are_refused() -> None:
    whole = report()
    for data in (b"", whole[:-1], whole + b"\0", b"\4" + whole[1:], changed(whole, 52)):
        with pytest.raises(EvidenceError):
            parse_snp_report(data)


def test_without_a_chain_nothing_is_proven() -> None:
    found = verify_snp(parse_snp_report(report()), (), Trust(platform().anchors(), NOW))
    assert "chain" in failed({item.id: item for item in found})


def test_chip_facts_come_from_the_leaf() -> None:
    facts = chip_facts(load(platform().vcek))
    assert (facts.product, facts.hardware_id) == ("Milan-B0", platform().chip_id)
    with pytest.raises(EvidenceError):
        chip_facts(load(platform().ark))


def test_an_endorsement_covers_its_image_only() -> None:
    assert endorsed(endorsement()) == set()
    assert endorsed(endorsement(), b"\4" * 48) == {"endorsement.measurement"}


def test_an_endorsement_is_judged_at_its_signing_time() -> None:
    early = make_uvm(platform(), MEASUREMENT, signed_at=datetime(2015, 1, 1, tzinfo=UTC))
    assert endorsed(early) == {"endorsement.validity"}


def test_a_root_that_ended_after_the_signing_endorses_nothing_any_more() -> None:
    day = (NOW - timedelta(days=1)).date().isoformat()
    ended = tuple(replace(item, until=day) for item in platform().anchors())
    found = verify_uvm(parse_uvm(endorsement()), MEASUREMENT, Trust(ended, NOW))
    assert failed({item.id: item for item in found}) == {"endorsement", "endorsement.root"}


def resigned(**changes: object) -> bytes:
    """The endorsement with a changed protected header, whose signature no longer fits."""
    message = cbor2.loads(endorsement())
    protected, unprotected, payload, signature = message.value
    header = {str(name): value for name, value in cbor2.loads(protected).items()}
    header |= changes
    numbers = {"1": 1, "3": 3, "33": 33, "34": 34}
    encoded = cbor2.dumps({numbers.get(name, name): value for name, value in header.items()})
    return cbor2.dumps(cbor2.CBORTag(18, [encoded, dict(unprotected), payload, signature]))


def named(policy: str) -> str:
    """An issuer that names the endorsement's root, and its leaf by a policy of did:x509."""
    root = load(platform().uvm_root).fingerprint(SHA256())
    name = base64.urlsafe_b64encode(root).rstrip(b"=").decode()
    return f"did:x509:0:sha256:{name}" + (f"::{policy}" if policy else "")


def test_an_issuer_may_name_the_signer_by_usage_or_by_name() -> None:
    for policy in (
        f"eku:{EKU_CONTAINER_PLATFORM}",
        f"subject:CN:{common_name(load(platform().uvm_leaf))}",
    ):
        assert endorsed(resigned(iss=named(policy))) <= {"endorsement.signature"}


@pytest.mark.parametrize("policy", ["", "eku:1.3.6.1.4.1.311.76.59.1.3", "subject:CN:Somebody"])
def test_an_issuer_that_names_another_signer(policy: str) -> None:
    assert "endorsement.issuer" in endorsed(resigned(iss=named(policy)))


@pytest.mark.parametrize(
    ("changes", "sub"),
    [
        ({"1": -37}, "header"),
        ({"3": "text/plain"}, "header"),
        ({"feed": "Other"}, "header"),
        ({"34": [-16, bytes(32)]}, "header"),
        ({"iss": "did:x509:0:sha256:AAAA::eku:1"}, "issuer"),
        ({"iss": "somebody"}, "issuer"),
    ],
)
def test_each_member_of_the_endorsements_header_matters(
    changes: dict[str, object], sub: str
) -> None:
    assert endorsed(resigned(**changes)) == {f"endorsement.{sub}", "endorsement.signature"}


def test_a_foreign_certificate_does_not_sign_endorsements() -> None:
    other = new_snp_platform()
    found = endorsed(resigned(**{"33": [other.uvm_leaf, other.uvm_root]}))
    assert found >= {"endorsement.root", "endorsement.signature"}
    wrong = endorsed(resigned(**{"33": [platform().uvm_root]}))
    assert "endorsement.usage" in wrong


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        cbor2.dumps([1, 2, 3, 4]),
        cbor2.dumps(cbor2.CBORTag(18, [b"", {}, b"{}"])),
        cbor2.dumps(cbor2.CBORTag(18, [b"\xa0", {}, b"[]", b""])),
        cbor2.dumps(cbor2.CBORTag(18, [b"\xa0", {}, b"{}", b""])),
        cbor2.dumps(
            cbor2.CBORTag(18, [b"\xa0", {}, b'{"x-ms-sevsnpvm-launchmeasurement":"0"}', b""])
        ),
    ],
)
def test_what_is_no_endorsement_is_refused(data: bytes) -> None:
    with pytest.raises(EvidenceError):
        parse_uvm(data)


@given(st.binary(max_size=60))
def test_garbage_never_escapes_as_anything_else(data: bytes) -> None:
    for parse in (parse_uvm, parse_snp_body, parse_snp_report):
        with contextlib.suppress(EvidenceError):
            parse(data)


def test_the_body_carries_all_of_it() -> None:
    body = parse_snp_body(make_snp_body(platform(), report(), endorsement()))
    assert body.report_raw == report()
    assert len(body.chain) == 3
    assert body.endorsements[0].launch_measurement == MEASUREMENT.hex()
    assert parse_snp_body(make_snp_body(platform(), report())).endorsements == ()


def test_standard_base64_and_white_space_are_read_too() -> None:
    members = json.loads(make_snp_body(platform(), report()))
    members["SnpReport"] = base64.b64encode(report()).decode()
    text = json.dumps(members, indent=2).replace("\n", "\r\n")
    assert parse_snp_body(text.encode()).report_raw == report()


@pytest.mark.parametrize(
    "change",
    [
        {"SnpReport": None},
        {"SnpReport": "***"},
        {"SnpReport": "A"},
        {"VcekCertChain": "AAAA"},
        {"Endorsements": "e30"},
        {"Endorsements": "eyJVdm0iOltdfQ"},
        {"Endorsements": "eyJVdm0iOlsxXX0"},
    ],
)
def test_a_body_with_an_unreadable_part_is_refused(change: dict[str, object]) -> None:
    members = json.loads(make_snp_body(platform(), report())) | change
    with pytest.raises(EvidenceError):
        parse_snp_body(json.dumps(members).encode())


def test_a_platform_is_kept_and_restored() -> None:
    assert SandboxSnpPlatform.restore(platform().dump()) == platform()
    with pytest.raises(EvidenceError):
        SandboxSnpPlatform.restore(b"{}")


def test_a_chain_without_amds_certificates_is_open_and_says_what_to_give() -> None:
    parsed, trust = parse_snp_report(report()), Trust(platform().anchors(), NOW)
    alone = [load(platform().vcek)]
    found = {item.id: item for item in without_issuer(verify_snp(parsed, alone, trust), alone)}
    assert failed(found) == set()
    assert {found[id_].status for id_ in ("chain", "chain.root")} == {CheckStatus.SKIP}
    assert "give AMD's certificates" in found["chain"].detail
    late = Trust(platform().anchors(), NOW + timedelta(days=40_000))
    found = {item.id: item for item in without_issuer(verify_snp(parsed, alone, late), alone)}
    assert failed(found) == {"chain", "chain.validity"}


def test_a_whole_chain_to_a_stranger_still_fails() -> None:
    parsed, mine = parse_snp_report(report()), platform()
    chain = [load(der) for der in (mine.vcek, mine.ask, mine.ark)]
    checks = verify_snp(parsed, chain, Trust((), NOW))
    assert without_issuer(checks, chain) == checks
    other = Trust(new_snp_platform().anchors(), NOW)
    found = {item.id: item for item in without_issuer(verify_snp(parsed, chain, other), chain)}
    assert {"chain", "chain.root"} <= failed(found)
