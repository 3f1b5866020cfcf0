"""Row 11 of a verification: is the token about this request and this peer (spec tokens, 8)?"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from sealwright.errors import TokenError
from sealwright.evidence.basis.checks import Check, judge, row, skip
from sealwright.tokens.comparison import Difference, compare_claims
from sealwright.tokens.jose import b64_decode_lenient, b64url_encode, parse_object
from sealwright.tokens.sections import claim_at
from sealwright.tokens.verification.case import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sealwright.tokens.jose import JsonObject, JsonValue
    from sealwright.tokens.verification.case import Case

_TITLE: Final = "Bound to the request"
_REPORT_DATA: Final = ("x-ms-sgx-report-data", "x-ms-sevsnpvm-reportdata", "tdx_report_data")
_HELD_DATA: Final = ("x-ms-sgx-ehd", "maa-ehd", "aas-ehd")
_UNASKED: Final = row("binding", _TITLE, (skip("binding.nonce", "Nonce", "nothing was expected"),))
_PAYLOAD_NONCE: Final = "/x-ms-runtime/client-payload/nonce"


def binding(case: Case) -> tuple[Check, ...]:
    """Row 11: nonce, runtime data and key, as far as the caller expects them."""
    if case.claims is None:
        return row("binding", _TITLE, (skip("binding.nonce", "Nonce", "no claims"),))
    if case.expect is NOTHING:
        return _UNASKED
    parts = [*_nonce(case, case.claims), *_runtime(case, case.claims), *_key(case, case.claims)]
    if not parts:
        return _UNASKED
    return row("binding", _TITLE, parts)


def _nonce(case: Case, claims: Mapping[str, JsonValue]) -> Iterator[Check]:
    expected = case.expect.nonce
    if expected is None:
        return
    found = list(_nonces(claims))
    yield judge(
        "binding.nonce",
        "Nonce",
        "The token carries another nonce." if found else "The token carries no nonce.",
        passed=expected in found,
        expected=expected[:120],
        actual=(found[0] if found else "missing")[:120],
    )


def _nonces(claims: Mapping[str, JsonValue]) -> Iterator[str]:
    for name in ("nonce", "rp_data"):
        value = claims.get(name)
        if isinstance(value, str):
            yield value
    _, value = claim_at(claims, _PAYLOAD_NONCE)
    if isinstance(value, str):
        yield value
        yield from _decoded(value)


def _decoded(value: str) -> Iterator[str]:
    try:
        yield b64_decode_lenient(value).decode("utf-8")
    except (TokenError, UnicodeDecodeError):
        return


def _runtime(case: Case, claims: Mapping[str, JsonValue]) -> Iterator[Check]:
    data = case.expect.runtime_data
    if data is None:
        return
    digest = hashlib.sha256(data).hexdigest()
    actual, passed = _runtime_fact(claims, data, digest)
    yield judge(
        "binding.runtime-data",
        "Runtime data",
        "The evidence was made over other runtime data.",
        passed=passed,
        expected=digest,
        actual=actual[:200],
    )


def _runtime_fact(claims: Mapping[str, JsonValue], data: bytes, digest: str) -> tuple[str, bool]:
    """What the token says about runtime data, and whether it is `data`.

    Report data is compared first: it is what the hardware signed.
    """
    for name in _REPORT_DATA:
        value = claims.get(name)
        if isinstance(value, str):
            return value[: len(digest)], value[: len(digest)] == digest
    for name in _HELD_DATA:
        value = claims.get(name)
        if isinstance(value, str):
            return value, value.rstrip("=") == b64url_encode(data)
    value = claims.get("x-ms-runtime")
    if value is None:
        return "missing", False
    return "x-ms-runtime", isinstance(value, dict) and _is_object(value, data)


def _is_object(value: JsonObject, data: bytes) -> bool:
    """Whether the data is this JSON; for Python alone, true would be 1."""
    try:
        compared = compare_claims(value, parse_object(data))
    except TokenError:
        return False
    return all(each.difference is Difference.EQUAL for each in compared)


def _key(case: Case, claims: Mapping[str, JsonValue]) -> Iterator[Check]:
    if case.expect.peer_key is None:
        return
    _, jwk = claim_at(claims, "/cnf/jwk")
    expected = _public_members(case.expect.peer_key)
    passed = isinstance(jwk, dict) and bool(expected) and _holds(jwk, expected)
    yield judge(
        "binding.key",
        "Key of the peer",
        "The token confirms another key (`cnf`)." if jwk else "The token confirms no key (`cnf`).",
        passed=passed,
    )


def _holds(jwk: Mapping[str, JsonValue], expected: Mapping[str, str]) -> bool:
    return all(jwk.get(name) == value for name, value in expected.items())


def _public_members(spki: bytes) -> Mapping[str, str]:
    """The members of a JWK that make the key (RFC 7638 section 3.2); none for other kinds."""
    try:
        key = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        return {}
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        return {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e)}
    if isinstance(key, ec.EllipticCurvePublicKey):
        point = key.public_numbers()
        size = (key.curve.key_size + 7) // 8
        return {"kty": "EC", "x": _number(point.x, size), "y": _number(point.y, size)}
    return {}


def _number(value: int, size: int = 0) -> str:
    return b64url_encode(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))
