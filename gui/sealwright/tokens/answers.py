"""Typed reading of what the service's management tokens say (spec rest-api, 4.4 to 4.8).

These take claims, not tokens: verify first, then read the claims of the report.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sealwright.errors import KeyMaterialError, TokenError
from sealwright.tokens.unwrap import UnwrappedPolicy, read_policy, x5c_chain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.tokens.jose import JsonValue

_CERTIFICATE_SETS: Final = (
    "x-ms-policy-certificates",
    "maa-policyCertificates",
    "aas-policyCertificates",
)
_CERTIFICATE_RESULTS: Final = ("x-ms-policycertificates-result", "x-ms-certificate-result")


@dataclass(frozen=True, slots=True)
class PolicyResult:
    """Answer of a policy upload or reset."""

    result: str
    """`Updated` or `Removed`."""
    token_hash: str
    """Empty after a reset."""
    signer: tuple[bytes, ...]
    """DER certificates of the signer, leaf first; empty when the upload was unsigned."""


@dataclass(frozen=True, slots=True)
class CertificateResult:
    """Answer of adding or removing a policy certificate."""

    result: str
    """`IsPresent` or `IsAbsent`."""
    thumbprint: str
    """Upper-case hex SHA-1 of the certificate."""


def policy_answer(claims: Mapping[str, JsonValue]) -> UnwrappedPolicy:
    """The policy in the claims of a get-policy answer.

    Raises:
        TokenError: the claims hold none, or it cannot be read.
    """
    return read_policy(_text(claims, "x-ms-policy"))


def policy_result(claims: Mapping[str, JsonValue]) -> PolicyResult:
    """The outcome in the claims of a policy result.

    Raises:
        TokenError: these are not the claims of a policy result.
    """
    return PolicyResult(
        result=_text(claims, "x-ms-policy-result"),
        token_hash=_optional(claims, "x-ms-policy-token-hash"),
        signer=jwk_chain(claims.get("x-ms-policy-signer")),
    )


def certificates(claims: Mapping[str, JsonValue]) -> tuple[bytes, ...]:
    """The trusted policy certificates as DER; empty for AAD and Shared providers.

    Raises:
        TokenError: these are not the claims of a certificates answer.
    """
    value = next((claims[name] for name in _CERTIFICATE_SETS if name in claims), None)
    keys = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(keys, list):
        raise TokenError("The answer holds no certificates.")
    chains = [jwk_chain(key) for key in keys]
    if not all(chains):
        raise TokenError("A trusted key comes without its certificate.")
    return tuple(chain[0] for chain in chains)


def certificate_result(claims: Mapping[str, JsonValue]) -> CertificateResult:
    """The outcome in the claims of a certificate result.

    Raises:
        TokenError: these are not the claims of a certificate result.
    """
    name = next((name for name in _CERTIFICATE_RESULTS if name in claims), _CERTIFICATE_RESULTS[0])
    return CertificateResult(_text(claims, name), _text(claims, "x-ms-certificate-thumbprint"))


def jwk_chain(value: JsonValue) -> tuple[bytes, ...]:
    """DER certificates of a JWK, bare or wrapped in `jwk`; None gives none (spec tokens, 2)."""
    if value is None:
        return ()
    if not isinstance(value, dict):
        raise TokenError("A key is not a JSON object.")
    inner = value.get("jwk", value)
    return x5c_chain(inner.get("x5c")) if isinstance(inner, dict) else ()


def certificate_words(x5c: JsonValue) -> str:
    """Whose certificate comes first in an `x5c`, and until when; empty when it cannot be read."""
    from sealwright.evidence.basis.certificates import (  # noqa: PLC0415 - few tokens bring any
        load,
        sha1_thumbprint,
    )

    try:
        chain = x5c_chain(x5c)
        leaf = load(chain[0]) if chain else None
    except (TokenError, KeyMaterialError):
        return ""
    if leaf is None:
        return ""
    until = f"{leaf.not_valid_after_utc:%Y-%m-%d}"
    return f"{leaf.subject.rfc4514_string()}, until {until}, SHA-1 {sha1_thumbprint(chain[0])}"


def _text(claims: Mapping[str, JsonValue], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str):
        raise TokenError(f"The answer has no claim `{name}`.", details={"claim": name})
    return value


def _optional(claims: Mapping[str, JsonValue], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""
