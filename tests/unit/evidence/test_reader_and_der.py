"""Bytes are read exactly, and what is cut off or padded is refused with its offset."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright.errors import EvidenceError
from sealwright.evidence.basis import der
from sealwright.evidence.basis.reader import Field, Reader


def test_fields_are_remembered_by_their_place_in_the_whole() -> None:
    reader = Reader(b"\x01\x02\x03\x04\x05", base=100, prefix="head.")
    assert reader.number("version", 2) == 0x0201
    assert reader.number("order", 1, "big") == 3
    assert reader.take("rest", 2) == b"\x04\x05"
    reader.finish()
    assert reader.fields == [
        Field("head.version", 100, 2),
        Field("head.order", 102, 1),
        Field("head.rest", 103, 2),
    ]


def test_reading_past_the_end_says_where() -> None:
    reader = Reader(b"abc", base=10)
    reader.take("first", 2)
    with pytest.raises(EvidenceError) as caught:
        reader.take("second", 2)
    assert caught.value.offset == 12


def test_bytes_after_the_end_are_refused() -> None:
    with pytest.raises(EvidenceError) as caught:
        Reader(b"abc").finish()
    assert caught.value.offset == 0


@given(st.integers(0, 2**200))
def test_integers_round_trip(value: int) -> None:
    assert der.read(der.integer(value)).integer() == value


@given(st.integers(0, 2), st.integers(0, 39), st.lists(st.integers(0, 2**40), max_size=8))
def test_object_identifiers_round_trip(first: int, second: int, rest: list[int]) -> None:
    text = ".".join(str(arc) for arc in (first, second, *rest))
    assert der.oid_text(der.read(der.oid(text)).content) == text


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 65535, 65536])
def test_lengths_of_every_form_round_trip(size: int) -> None:
    value = der.encode(der.OCTET_STRING, bytes(size))
    assert der.read(value).content == bytes(size)


@pytest.mark.parametrize(
    "data",
    [b"\x04", b"\x04\x02a", b"\x04\x80", b"\x04\x81\x01a", b"\x1f\x01a", b"\x04\x85" + bytes(6)],
)
def test_what_is_not_der_is_refused(data: bytes) -> None:
    with pytest.raises(EvidenceError):
        der.read(data)


@given(st.binary(max_size=40))
def test_nothing_but_an_evidence_error_comes_out(data: bytes) -> None:
    with contextlib.suppress(EvidenceError):
        assert sum(1 for _ in der.read_all(data)) >= 0
