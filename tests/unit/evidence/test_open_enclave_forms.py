"""Open Enclave evidence in each of its formats, and what its custom claims are worth in them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from helpers.synthetic_evidence import check_of, failed, roots, trust
from sealwright.errors import EvidenceError
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.evidence.examination import Given, Kind
from sealwright.evidence.examine import examine
from sealwright.evidence.intel.open_enclave import (
    FORMAT_LEGACY_REPORT,
    FORMAT_LOCAL,
    FORMAT_RAW_QUOTE,
    FORMAT_SGX_ECDSA,
    parse_evidence,
    parse_report,
    wrap_report,
)
from sealwright.evidence.intel.sgx import ReportBody
from sealwright.evidence.synthetic.quotes import make_quote

if TYPE_CHECKING:
    from uuid import UUID

    from sealwright.evidence.examination import Examination


def u64(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(8, "little") for number in numbers)


CLAIMS = u64(1, 1, 7, 4) + b"colour\0" + b"blue"


def quote(held: bytes) -> bytes:
    digest = hashlib.sha256(held).digest()
    return make_quote(roots().intel, ReportBody(bytes(32), bytes(32), 1, 1, digest + bytes(32)))


def evidence(version: int, kind: UUID, content: bytes, *, grow: int = 0) -> bytes:
    return version.to_bytes(4, "little") + kind.bytes + u64(len(content) + grow) + content


def seen(data: bytes) -> Examination:
    return examine(data, Given(trust()), Kind.OE_EVIDENCE)


@pytest.mark.parametrize("version", [2, 3])
def test_custom_claims_of_the_ecdsa_format_are_bound(version: int) -> None:
    wrap = wrap_report if version == 2 else bytes
    found = seen(evidence(version, FORMAT_SGX_ECDSA, wrap(quote(CLAIMS)) + CLAIMS))
    assert found.valid is True
    assert found.facts["custom_claims"] == {"colour": b"blue".hex()}
    changed = CLAIMS.replace(b"blue", b"pink")
    other = seen(evidence(version, FORMAT_SGX_ECDSA, wrap(quote(CLAIMS)) + changed))
    assert failed(other) == {"report-data.custom-claims"}


def test_without_custom_claims_the_report_data_is_the_hash_of_nothing() -> None:
    assert seen(evidence(3, FORMAT_SGX_ECDSA, quote(b""))).valid is True
    assert seen(evidence(3, FORMAT_SGX_ECDSA, quote(b"other"))).valid is False


@pytest.mark.parametrize(
    ("version", "kind", "wrapped"),
    [
        (3, FORMAT_LEGACY_REPORT, True),
        (2, FORMAT_LEGACY_REPORT, True),
        (3, FORMAT_RAW_QUOTE, False),
        (2, FORMAT_RAW_QUOTE, True),
    ],
)
def test_other_formats_leave_the_report_data_to_the_enclave(
    version: int, kind: UUID, *, wrapped: bool
) -> None:
    raw = quote(b"held by the enclave")
    found = seen(evidence(version, kind, wrap_report(raw) if wrapped else raw))
    assert (found.valid, found.facts["format"]) == (True, str(kind))
    assert check_of(found, "report-data.custom-claims").status is CheckStatus.SKIP
    more = seen(evidence(version, kind, (wrap_report(raw) if wrapped else raw) + CLAIMS))
    assert check_of(more, "report-data.custom-claims").status is CheckStatus.WARN


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (lambda: evidence(3, FORMAT_LOCAL, bytes(432)), 4),
        (lambda: evidence(3, FORMAT_SGX_ECDSA, quote(b""), grow=1), 20),
        (lambda: evidence(2, FORMAT_SGX_ECDSA, quote(b"")), 28),
        (
            lambda: evidence(2, FORMAT_SGX_ECDSA, wrap_report(quote(b"") + bytes(9))[:-9]),
            36,
        ),
        (lambda: evidence(3, FORMAT_SGX_ECDSA, quote(b"") + u64(2, 0)), None),
        (
            lambda: evidence(
                3, FORMAT_SGX_ECDSA, quote(b"") + CLAIMS.replace(b"colour\0", b"colours")
            ),
            None,
        ),
        (lambda: evidence(3, FORMAT_SGX_ECDSA, quote(b"") + CLAIMS[:-1]), None),
    ],
)
def test_malformed_evidence_says_where(data: object, offset: int | None) -> None:
    assert callable(data)
    with pytest.raises(EvidenceError) as refused:
        parse_evidence(data())
    assert refused.value.offset is not None
    assert offset in (None, refused.value.offset)


def test_a_local_report_is_for_its_own_machine() -> None:
    with pytest.raises(EvidenceError, match="same machine"):
        parse_report(b"\1\0\0\0\1\0\0\0" + u64(432) + bytes(432))
