"""Reads every form in which a policy, or a policy certificate, is known to travel.

The older forms are read here and written nowhere (spec rest-api, 3.3, 4.2 to 4.4, 4.7).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sealwright.errors import TokenError
from sealwright.policy.digest import policy_hash
from sealwright.tokens.jose import (
    ShapeError,
    b64_decode_lenient,
    b64url_decode,
    parse_json,
    parse_object,
    split,
)
from sealwright.tokens.policy_jws import token_hash

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.tokens.jose import JsonValue, Jws

RS256_NAMES: Final = ("RS256", "RSA256")
"""`RSA256` is what one SDK writes for RS256 (spec rest-api, 4.3)."""

CERTIFICATE_CLAIMS: Final = (
    "policyCertificate",
    "maa-policyCertificate",
    "aas-policyCertificate",
    "x-ms-policyCertificate",
)

_POLICY_TEXT: Final = re.compile(
    r"(?:\s++|//[^\n]*+\n|/\*[^*]*+(?:\*(?!/)[^*]*+)*\*/)*version\s*+=", re.IGNORECASE
)
"""White space and comments, then `version =`. Each has one reading, so none is tried twice.
(Possessive groups would say so, but Python before 3.11.5 matches them wrongly.)"""
_ENVELOPES: Final = {
    "token": "answer",
    "Token": "answer",
    "Policy": "preview-answer",
    "policyCertificateToAdd": "certificate-object",
    "policyCertificateToRemove": "certificate-object",
}
_MAX_WRAPPINGS: Final = 6
_PREVIEW_TEXT: Final = "The claim holds plain text, which only the 2018 preview understood."


class PolicyForm(StrEnum):
    """How the policy text stood in what was read."""

    ENCODED = "jws"
    """GA: the claim holds the text, base64url-encoded once."""
    PLAIN = "jws-plain-text"
    """2018 preview: the claim holds the text itself."""
    EMPTY = "jws-empty"
    """No text: a reset, or a type without a policy."""
    TEXT = "text"
    """Not wrapped at all."""


@dataclass(frozen=True, slots=True)
class UnwrappedPolicy:
    """A policy text and how it was carried. The signature is not verified here."""

    text: str
    form: PolicyForm
    wrapping: tuple[str, ...]
    """Outermost first: `json-string`, `answer`, `preview-answer`, `policy-answer`."""
    jws: str
    """The compact policy JWS; empty for a bare text."""
    signed: bool
    algorithm: str
    """`alg` as it was written."""
    chain: tuple[bytes, ...]
    """DER certificates of the signer, leaf first."""
    policy_hash: str
    token_hash: str
    """Empty for a bare text."""
    warnings: tuple[str, ...] = ()


def compact_of(text: str) -> tuple[str, tuple[str, ...]]:
    """The compact JWS inside a request or answer body, and what it was wrapped in.

    Raises:
        TokenError: there is none.
    """
    current, wrapping = text.strip(" \t\r\n\ufeff"), list[str]()
    for _ in range(_MAX_WRAPPINGS):
        inner = _open(current, wrapping)
        if inner is None:
            return current, tuple(wrapping)
        current = inner.strip(" \t\r\n")
    raise TokenError("The text is wrapped too many times.")


def _open(text: str, wrapping: list[str]) -> str | None:
    if text.startswith('"'):
        value = parse_json(text)
        if isinstance(value, str):
            wrapping.append("json-string")
            return value
    if text.startswith("{"):
        members = parse_object(text.encode("utf-8"))
        for name, kind in _ENVELOPES.items():
            value = members.get(name)
            if isinstance(value, str):
                wrapping.append(kind)
                return value
        raise TokenError(
            "This JSON holds no token.", hint="A member `token` or `Policy` was expected."
        )
    return None


def unwrap(text: str) -> UnwrappedPolicy:
    """The policy inside a JWS, a request body, an answer of the service, or a bare text.

    Raises:
        TokenError: nothing of this is a policy in a known form.
    """
    if _POLICY_TEXT.match(text.removeprefix("\ufeff")):
        return UnwrappedPolicy(
            text, PolicyForm.TEXT, (), "", signed=False, algorithm="", chain=(),
            policy_hash=policy_hash(text), token_hash="",
        )  # fmt: skip
    compact, wrapping = compact_of(text)
    jws = split(compact)
    inner = _answer_policy(jws)
    if inner is not None:
        return replace(read_policy(inner), wrapping=(*wrapping, "policy-answer"))
    return replace(read_policy(compact), wrapping=wrapping)


def _answer_policy(jws: Jws) -> str | None:
    """The inner JWS of a get-policy answer; None for anything else."""
    if not jws.payload:
        return None
    value = jws.claims().get("x-ms-policy")
    return value if isinstance(value, str) else None


def read_policy(compact: str) -> UnwrappedPolicy:
    """The policy in a compact policy JWS.

    Raises:
        TokenError: not a policy JWS, or its text is not UTF-8.
    """
    jws = split(compact)
    text, form, warnings = _policy_text(jws)
    signed = is_signed(jws)
    return UnwrappedPolicy(
        text=text,
        form=form,
        wrapping=(),
        jws=compact,
        signed=signed,
        algorithm=jws.algorithm,
        chain=signer_chain(jws) if signed else (),
        policy_hash=policy_hash(text),
        token_hash=token_hash(compact),
        warnings=(*warnings, *_header_warnings(jws)),
    )


def _policy_text(jws: Jws) -> tuple[str, PolicyForm, tuple[str, ...]]:
    claim = _policy_claim(jws)
    if not claim:
        return "", PolicyForm.EMPTY, ()
    try:
        return _utf8(b64url_decode(claim)), PolicyForm.ENCODED, ()
    except ShapeError:
        pass
    if _POLICY_TEXT.match(claim) or claim.lstrip().startswith("{"):
        return claim, PolicyForm.PLAIN, (_PREVIEW_TEXT,)
    try:
        text = _utf8(b64_decode_lenient(claim))
    except ShapeError:
        raise TokenError("`AttestationPolicy` is neither base64url nor a policy text.") from None
    return text, PolicyForm.ENCODED, ("The claim is base64, but not the unpadded URL form.",)


def _policy_claim(jws: Jws) -> str:
    if not jws.payload:
        return ""
    claims = jws.claims()
    value = claims.get("AttestationPolicy", None if claims else "")
    if not isinstance(value, str):
        raise TokenError(
            "The token carries no policy.", hint="A claim `AttestationPolicy` was expected."
        )
    return value


def _utf8(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise TokenError("The policy in the token is not UTF-8 text.") from None


def is_signed(jws: Jws) -> bool:
    """Whether a JWS of an administrator claims to be signed; says nothing about validity."""
    return jws.algorithm.lower() != "none" or bool(jws.signature)


def signer_chain(jws: Jws) -> tuple[bytes, ...]:
    """DER certificates of `x5c`, or else `jwk.x5c`, leaf first; empty when there are none.

    Raises:
        TokenError: a member is there but is not a list of base64 certificates.
    """
    return certificates_in(jws.header)


def certificates_in(header: Mapping[str, JsonValue]) -> tuple[bytes, ...]:
    """The same of a header that was read."""
    value = header.get("x5c")
    if value is None:
        key = header.get("jwk")
        value = key.get("x5c") if isinstance(key, dict) else None
    return x5c_chain(value)


def x5c_chain(value: JsonValue) -> tuple[bytes, ...]:
    """The DER certificates of an `x5c` member; None gives none (RFC 7515 section 4.1.6)."""
    if value is None:
        return ()
    if not isinstance(value, list) or not value:
        raise TokenError("`x5c` is not a list of certificates.")
    chain: list[bytes] = []
    for item in value:
        if not isinstance(item, str):
            raise TokenError("`x5c` holds something that is not text.")
        chain.append(b64_decode_lenient(item))
    return tuple(chain)


def _header_warnings(jws: Jws) -> tuple[str, ...]:
    found: list[str] = []
    if jws.algorithm not in ("none", "RS256"):
        found.append(f"`alg` is `{jws.algorithm[:40]}`, which is not a registered name for RS256.")
    if "jwk" in jws.header and "x5c" not in jws.header:
        found.append("The certificates stand in `jwk.x5c` instead of `x5c`.")
    if is_signed(jws) and "typ" in jws.header:
        found.append("`typ` stands in the header of a signed policy.")
    return tuple(found)
