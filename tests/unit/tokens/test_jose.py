"""The JOSE reader takes exactly what RFC 7515 allows and says which check the rest fails."""

from __future__ import annotations

import contextlib
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright.errors import TokenError
from sealwright.tokens.jose import (
    MAX_DEPTH,
    MAX_TOKEN,
    ShapeError,
    b64_decode_lenient,
    b64url_decode,
    b64url_encode,
    parse_object,
    split,
)

HEADER = b64url_encode(b'{"alg":"RS256"}')

_scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)
)
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@given(st.binary(max_size=200))
def test_base64url_round_trips(data: bytes) -> None:
    assert b64url_decode(b64url_encode(data)) == data
    assert b64_decode_lenient(b64url_encode(data)) == data


@given(st.text(alphabet="AZaz09-_", max_size=12))
def test_every_text_has_one_value_or_none(text: str) -> None:
    with contextlib.suppress(ShapeError):
        assert b64url_encode(b64url_decode(text)) == text


@pytest.mark.parametrize("text", ["QQ==", "Q Q", "QQ\n", "+w", "/w", "QR", "A", "Ä"])
def test_padding_other_alphabets_white_space_and_stray_bits_are_refused(text: str) -> None:
    with pytest.raises(ShapeError) as caught:
        b64url_decode(text)
    assert caught.value.check == "shape.base64"


@pytest.mark.parametrize("text", ["-_8=", "+/8=", "-_8", "+/8"])
def test_the_lenient_reader_takes_both_alphabets(text: str) -> None:
    assert b64_decode_lenient(text) == b"\xfb\xff"


@pytest.mark.parametrize("text", ["a", "a=b=", "ab*=", "====="])
def test_the_lenient_reader_still_refuses_garbage(text: str) -> None:
    with pytest.raises(ShapeError):
        b64_decode_lenient(text)


@given(st.dictionaries(st.text(max_size=8), _values, max_size=5))
def test_json_objects_are_read_as_they_were_written(value: dict[str, object]) -> None:
    try:
        text = json.dumps(value).encode("utf-8")
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return
    assert parse_object(text) == value


@pytest.mark.parametrize(
    ("data", "check"),
    [
        (b'{"a":1,"a":2}', "shape.duplicate"),
        (b'{"x":{"b":1,"b":1}}', "shape.duplicate"),
        (b'{"a":1,"\\u0061":2}', "shape.duplicate"),
        (b"[1]", "shape.json"),
        (b"1", "shape.json"),
        (b"", "shape.json"),
        (b'{"a":1} x', "shape.json"),
        (b'{"a":NaN}', "shape.json"),
        (b"\xef\xbb\xbf{}", "shape.json"),
        (b'{"a":"\xff"}', "shape.json"),
        (b'{"a":"\\ud800"}', "shape.json"),
        (b'{"a":' + b"9" * 5000 + b"}", "shape.number"),
        (b'{"a":1e999}', "shape.number"),
        (b'{"a":' + b"[" * 90_000 + b"]" * 90_000 + b"}", "shape.depth"),
        (b'{"a":[' + b"[]," * 60_000 + b"[]]}", "shape.depth"),
        (b'{"a":[' + b"1," * 100_001 + b"1]}", "shape.depth"),
    ],
)
def test_json_that_readers_disagree_about_is_refused(data: bytes, check: str) -> None:
    with pytest.raises(ShapeError) as caught:
        parse_object(data)
    assert caught.value.check == check


@pytest.mark.parametrize("text", ['"' + '\\"' * 500_000, '"' * 500_001, '"' + "\\" * 999_999])
def test_hostile_strings_take_no_more_than_one_look(text: str) -> None:
    brackets = "[" * (MAX_DEPTH * 2)
    started = time.perf_counter()
    with pytest.raises(ShapeError):
        parse_object((brackets + text).encode())
    with pytest.raises(ShapeError):
        parse_object(("[]" * MAX_DEPTH + text).encode())
    assert time.perf_counter() - started < 5


def test_brackets_in_strings_are_not_depth() -> None:
    text = "[" * (MAX_DEPTH * 3) + '\\"' + "{"
    assert parse_object(b'{"a":"' + text.encode() + b'"}') == {"a": text.replace('\\"', '"')}


def test_a_full_surrogate_pair_is_text() -> None:
    assert parse_object(b'{"a":"\\ud83d\\ude00"}') == {"a": "\U0001f600"}


def test_split_keeps_the_segments_as_received() -> None:
    header = b64url_encode(b'{ "alg" : "RS256" }')
    jws = split(f"{header}.e30.AA")
    assert jws.compact == f"{header}.e30.AA"
    assert jws.signing_input == f"{header}.e30".encode()
    assert (jws.algorithm, jws.payload, jws.signature) == ("RS256", b"{}", b"\0")


@pytest.mark.parametrize(
    ("token", "check"),
    [
        ("", "shape.segments"),
        ("a.b", "shape.segments"),
        (f"{HEADER}.e30.AA.AA", "shape.segments"),
        (f"{HEADER}.e30.AA ", "shape.base64"),
        (f"{HEADER}=.e30.AA", "shape.base64"),
        ("W10.e30.AA", "shape.json"),
        ("." * (MAX_TOKEN + 1), "shape.size"),
    ],
)
def test_malformed_tokens_name_the_check_they_fail(token: str, check: str) -> None:
    with pytest.raises(ShapeError) as caught:
        split(token)
    assert caught.value.check == check


@given(st.text(alphabet="eyJhbGciOiJSUzI1NiJ9._-=+ \n{}", max_size=60))
def test_nothing_but_a_token_error_comes_out(token: str) -> None:
    with contextlib.suppress(TokenError):
        split(token).claims()
