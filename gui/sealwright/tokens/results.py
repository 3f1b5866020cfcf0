"""Verifies management answers: not only who signed them, but that they say what they must.

The row `result` follows the rows of `verify`; an answer that is well signed but names another
policy, certificate or outcome is not proof of the change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sealwright.errors import TokenError
from sealwright.evidence.basis.certificates import sha1_thumbprint
from sealwright.evidence.basis.checks import Check, judge, row
from sealwright.tokens.answers import (
    certificate_result,
    certificates,
    policy_answer,
    policy_result,
)
from sealwright.tokens.policy_jws import token_hash
from sealwright.tokens.verification.case import SKEW, Case, Rules, open_case
from sealwright.tokens.verification.verify import checks_of, report_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime, timedelta

    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.tokens.jose import JsonValue
    from sealwright.tokens.keyset import KeySet
    from sealwright.tokens.verification.report import Report

_MANAGEMENT: Final = Rules(minimum_bits=2048, root_required=False)
_TITLE: Final = "Says what it must"


@dataclass(frozen=True, slots=True)
class Wire:
    """What every answer is verified with: the provider's keys and name, the time, the roots."""

    keys: KeySet
    issuer: str
    now: datetime
    skew: timedelta = SKEW
    rules: Rules = _MANAGEMENT
    anchors: Sequence[TrustAnchor] = ()


def verify_policy_result(
    token: str, wire: Wire, *, result: str, jws: str = "", signer: bytes | None = None
) -> Report:
    """Verify the answer of an upload or reset.

    Args:
        token: the answer.
        wire: keys, issuer and time.
        result: `Updated` or `Removed`.
        jws: the JWS that was sent; empty for a reset.
        signer: DER certificate that it was signed with; None when it was unsigned.
    """

    def says(claims: Mapping[str, JsonValue]) -> tuple[Check, ...]:
        found = policy_result(claims)
        parts = [_same("result.word", "Outcome", result, found.result)]
        if jws:
            expected = token_hash(jws)
            parts.append(_same("result.hash", "Hash of the upload", expected, found.token_hash))
        if signer is not None and jws:
            actual = sha1_thumbprint(found.signer[0]) if found.signer else "none"
            parts.append(_same("result.signer", "Signer", sha1_thumbprint(signer), actual))
        return tuple(parts)

    return _verify(token, wire, says)


def verify_certificate_result(token: str, wire: Wire, *, result: str, certificate: bytes) -> Report:
    """Verify the answer of adding or removing `certificate` (DER).

    `result` is `IsPresent` or `IsAbsent`.
    """

    def says(claims: Mapping[str, JsonValue]) -> tuple[Check, ...]:
        found = certificate_result(claims)
        expected = sha1_thumbprint(certificate)
        return (
            _same("result.word", "Outcome", result, found.result),
            _same("result.thumbprint", "Certificate", expected, found.thumbprint.upper()),
        )

    return _verify(token, wire, says)


def verify_policy_answer(token: str, wire: Wire, *, policy_hash: str = "") -> Report:
    """Verify a get-policy answer; `policy_hash` is the expected one, empty for any."""

    def says(claims: Mapping[str, JsonValue]) -> tuple[Check, ...]:
        found = policy_answer(claims)
        readable = judge("result.policy", "Policy readable", passed=True)
        if not policy_hash:
            return (readable,)
        return readable, _same("result.hash", "Policy hash", policy_hash, found.policy_hash)

    return _verify(token, wire, says)


def verify_certificates_answer(token: str, wire: Wire) -> Report:
    """Verify an answer with the trusted policy certificates."""

    def says(claims: Mapping[str, JsonValue]) -> tuple[Check, ...]:
        count = len(certificates(claims))
        return (judge("result.certificates", "Certificates", passed=True, actual=str(count)),)

    return _verify(token, wire, says)


def _verify(
    token: str, wire: Wire, says: Callable[[Mapping[str, JsonValue]], tuple[Check, ...]]
) -> Report:
    case = open_case(
        token,
        wire.keys,
        issuer=wire.issuer,
        now=wire.now,
        skew=wire.skew,
        rules=wire.rules,
        anchors=tuple(wire.anchors),
    )
    return report_of(case, (*checks_of(case), *row("result", _TITLE, _said(case, says))))


def _said(
    case: Case, says: Callable[[Mapping[str, JsonValue]], tuple[Check, ...]]
) -> tuple[Check, ...]:
    try:
        return says(case.claims or {})
    except TokenError as error:
        return (judge("result.form", _TITLE, error.summary, passed=False),)


def _same(id_: str, title: str, expected: str, actual: str) -> Check:
    return judge(
        id_,
        title,
        f"{title}: the answer says something else.",
        passed=bool(actual) and actual == expected,
        expected=expected[:200],
        actual=actual[:200] or "missing",
    )
