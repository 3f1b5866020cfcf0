"""A quote is read to the last byte, and every byte that matters is covered by a check."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright.errors import AppError, EvidenceError
from sealwright.evidence.basis.checks import Check, CheckStatus
from sealwright.evidence.basis.trust import SGX_ROOT, Trust, TrustAnchor, parse_anchors
from sealwright.evidence.intel.open_enclave import parse_evidence, parse_report, wrap_report
from sealwright.evidence.intel.pck import pck_facts
from sealwright.evidence.intel.sgx import (
    FLAG_DEBUG,
    ReportBody,
    parse_quote,
)
from sealwright.evidence.intel.sgx_verify import pck_chain, verify_quote
from sealwright.evidence.synthetic.quotes import (
    SandboxPlatform,
    make_quote,
    make_report,
    new_platform,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
BODY = ReportBody(
    mrenclave=b"\1" * 32, mrsigner=b"\2" * 32, isv_prod_id=3, isv_svn=4, report_data=b"\5" * 64
)
INTEL = TrustAnchor(SGX_ROOT, "intel-sgx-root", "Intel SGX Root CA", "a0" * 32, "test", "1", "")


@cache
def platform() -> SandboxPlatform:
    return new_platform()


@cache
def quote() -> bytes:
    return make_quote(platform(), BODY)


def check(data: bytes, *anchors: TrustAnchor, when: datetime = NOW) -> dict[str, Check]:
    found = verify_quote(parse_quote(data), Trust(anchors or (platform().anchor(),), when))
    return {item.id: item for item in found}


def failed(data: bytes) -> set[str]:
    return {id_ for id_, item in check(data).items() if item.status is CheckStatus.FAIL}


def changed(data: bytes, at: int) -> bytes:
    return data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]


def test_a_sandbox_quote_holds_under_its_own_root_and_says_so() -> None:
    checks = check(quote())
    assert failed(quote()) == set()
    assert checks["chain.root"].status is CheckStatus.WARN
    assert "sandbox" in checks["chain.root"].detail.lower()
    assert checks["tcb"].status is CheckStatus.SKIP


def test_it_is_refused_under_another_root() -> None:
    checks = check(quote(), INTEL)
    assert checks["chain.root"].status is CheckStatus.FAIL
    assert checks["chain"].status is CheckStatus.FAIL


def test_another_sandbox_is_another_root() -> None:
    found = check(quote(), new_platform().anchor())["chain.root"]
    assert found.status is CheckStatus.FAIL
    assert found.detail.startswith("Another sandbox made this evidence")


def test_the_body_is_read_back() -> None:
    parsed = parse_quote(quote())
    assert parsed.body == BODY
    assert not parsed.body.debug


def test_debug_is_seen() -> None:
    body = ReportBody(bytes(32), bytes(32), 0, 0, bytes(64), flags=FLAG_DEBUG)
    assert parse_quote(make_quote(platform(), body)).body.debug


@pytest.mark.parametrize(
    ("at", "id_"),
    [
        (13, "structure.vendor"),
        (30, "signature"),
        (48 + 64, "signature"),
        (436, "signature"),
        (436 + 64, "qe-binding"),
        (436 + 128, "qe-report"),
        (436 + 128 + 320, "qe-binding"),
        (436 + 128 + 384, "qe-report"),
    ],
)
def test_each_changed_part_fails_the_check_that_covers_it(at: int, id_: str) -> None:
    assert id_ in failed(changed(quote(), at))


def test_no_byte_of_the_signed_parts_may_change() -> None:
    for at in (*range(4, 436, 11), *range(436, 436 + 128 + 448, 13)):
        with contextlib.suppress(EvidenceError):
            assert failed(changed(quote(), at)), at


def test_a_foreign_platform_key_is_refused() -> None:
    mine, other = platform(), new_platform()
    mixed = SandboxPlatform(
        mine.root,
        mine.authority,
        mine.leaf,
        mine.root_key,
        mine.authority_key,
        other.leaf_key,
        mine.attestation_key,
    )
    assert failed(make_quote(mixed, BODY)) == {"qe-report"}


def test_certificates_are_valid_at_the_time_only() -> None:
    late = check(quote(), platform().anchor(), when=datetime(2060, 1, 1, tzinfo=UTC))
    assert late["chain.validity"].status is CheckStatus.FAIL


@pytest.mark.parametrize("at", [0, 2])
def test_another_version_or_key_type_is_refused_by_name(at: int) -> None:
    with pytest.raises(EvidenceError) as caught:
        parse_quote(changed(quote(), at))
    assert caught.value.offset == at


def test_every_cut_is_refused_with_an_offset() -> None:
    whole = quote()
    for size in (*range(0, 1100, 37), len(whole) - 1):
        with pytest.raises(EvidenceError) as caught:
            parse_quote(whole[:size])
        assert caught.value.offset is not None
        assert caught.value.offset <= size


def test_trailing_bytes_are_refused_unless_more_is_expected() -> None:
    with pytest.raises(EvidenceError):
        parse_quote(quote() + b"\0")
    assert parse_quote(quote() + b"\0", exact=False).size == len(quote())


def test_fields_lead_back_to_the_bytes() -> None:
    report = make_report(platform(), BODY)
    places = {item.name: item for item in parse_report(report).fields}
    place = places["body.mrsigner"]
    assert report[place.offset : place.offset + place.size] == BODY.mrsigner
    place = places["certification_data"]
    assert report[place.offset :].startswith(b"-----BEGIN CERTIFICATE-----")
    assert place.offset + place.size == len(report)


@given(st.binary(max_size=80), st.integers(0, 500))
def test_garbage_never_escapes_as_anything_else(data: bytes, at: int) -> None:
    for source in (data, quote()[:at] + data):
        for parse in (parse_quote, parse_report, parse_evidence):
            with contextlib.suppress(AppError):
                parse(source)


def test_platform_facts_come_from_the_leaf() -> None:
    leaf = pck_chain(parse_quote(quote()))[0]
    facts = pck_facts(leaf)
    assert len(facts.components) == 16
    assert facts.fmspc.hex() == "5ea100000000"
    assert (facts.pce_svn, facts.sgx_type) == (14, 0)


def test_a_ca_certificate_has_no_platform_facts() -> None:
    with pytest.raises(EvidenceError):
        pck_facts(pck_chain(parse_quote(quote()))[1])


def test_a_quote_without_a_chain_says_what_it_brings() -> None:
    kind_at = 436 + 128 + 448 + 2 + 32
    other = quote()[:kind_at] + b"\3\0" + quote()[kind_at + 2 :]
    checks = check(other)
    assert "type 3" in checks["chain"].detail
    assert checks["qe-report"].status is CheckStatus.SKIP


def test_open_enclave_reports() -> None:
    report = wrap_report(quote())
    assert parse_report(report).quote.body == BODY
    assert parse_report(quote()).header == b""
    with pytest.raises(EvidenceError) as caught:
        parse_report(report + b"\0")
    assert caught.value.offset == 8


def test_open_enclave_evidence_with_custom_claims() -> None:
    name, value = b"nonce\0", b"1234"
    numbers = (1, 1, len(name), len(value))
    claims = b"".join(number.to_bytes(8, "little") for number in numbers) + name + value
    evidence = parse_evidence(quote() + claims)
    assert evidence.claims == (("nonce", b"1234"),)
    with pytest.raises(EvidenceError):
        parse_evidence(quote() + claims[:-1])


def test_a_platform_is_kept_and_restored() -> None:
    assert SandboxPlatform.restore(platform().dump()) == platform()
    assert "PRIVATE" not in repr(platform())
    for damaged in (b"", b"[]", b'{"root": 1}', b'{"root": "AA"}'):
        with pytest.raises(EvidenceError):
            SandboxPlatform.restore(damaged)


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"anchors": []}', b'{"anchors": [{"use": "x"}]}'])
def test_damaged_anchors_are_refused(raw: bytes) -> None:
    with pytest.raises(EvidenceError):
        parse_anchors(raw)
