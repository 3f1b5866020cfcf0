"""What a relying party insists on, beyond a token that the service really issued.

The same rules are kept under a name and read from a file, so that a check made by hand and one
made by a script judge alike (spec tokens, 8 rows 10 to 12).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sealwright.errors import TokenError, UsageError
from sealwright.tokens.jose import parse_object

if TYPE_CHECKING:
    from sealwright.tokens.jose import JsonObject, JsonValue

_MEMBERS: Final = frozenset(
    {
        "name",
        "issuer",
        "attestationType",
        "policyHashes",
        "policySigners",
        "maxAgeSeconds",
        "allowDebug",
        "claims",
        "requireEvidence",
        "refuseDebugEnclave",
        "enclaveSigners",
        "containerPolicies",
        "minimumKeyBits",
    }
)
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_MOST_BITS: Final = 16_384


class Operator(StrEnum):
    """How a claim is compared."""

    EQUALS = "equals"
    ONE_OF = "oneOf"
    AT_LEAST = "atLeast"
    PRESENT = "present"


@dataclass(frozen=True, slots=True)
class ClaimRule:
    """One expectation about one claim."""

    claim: str
    """A name, or a JSON Pointer when it begins with a slash."""
    operator: Operator
    operand: JsonValue

    def holds(self, value: JsonValue) -> bool:
        """Whether a claim that is there has a value as expected; types are never converted."""
        if self.operator is Operator.PRESENT:
            return self.operand is True
        if self.operator is Operator.AT_LEAST:
            return _at_least(value, self.operand)
        options = self.operand if self.operator is Operator.ONE_OF else [self.operand]
        return isinstance(options, list) and any(same(value, option) for option in options)


def same(left: JsonValue, right: JsonValue) -> bool:
    """Equality that keeps `true` and 1 apart."""
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _at_least(value: JsonValue, least: JsonValue) -> bool:
    whole = [item for item in (value, least) if isinstance(item, int) and item is not True]
    return len(whole) == 2 and whole[0] >= whole[1]  # noqa: PLR2004 - both of them


@dataclass(frozen=True, slots=True)
class Expectations:
    """Expectations of a relying party; what is left empty is not asked for."""

    name: str = ""
    issuer: str = ""
    attestation_type: str = ""
    """A value of `x-ms-attestation-type`."""
    nonce: str | None = None
    runtime_data: bytes | None = None
    """The bytes that were sent as runtime data."""
    peer_key: bytes | None = None
    """SubjectPublicKeyInfo DER of the key that the peer proved to hold (`cnf`)."""
    policy_hashes: frozenset[str] = frozenset()
    policy_signers: frozenset[str] = frozenset()
    """Lower-case hex SHA-256 of certificates."""
    max_age: timedelta | None = None
    allow_debug: bool | None = None
    """None warns of it."""
    claims: tuple[ClaimRule, ...] = ()
    require_evidence: bool = False
    """Whether hardware must vouch for the service's signing key."""
    refuse_debug_enclave: bool = False
    """Whether the service's own enclave must not be in debug mode."""
    enclave_signers: frozenset[str] = frozenset()
    """MRSIGNER values, lower-case hex, that the service's enclave may have; empty for any."""
    container_policies: frozenset[str] = frozenset()
    """HOST_DATA values, lower-case hex, of the service's containers; empty for any."""
    minimum_bits: int = 0
    """Least size of the signing key; 0 leaves it to the verification."""


def parse_expectations(raw: bytes) -> Expectations:
    """Read saved expectations.

    Raises:
        UsageError: not JSON, an unknown member, or a value of the wrong kind; says which.
    """
    try:
        members = parse_object(raw.removeprefix(b"\xef\xbb\xbf"))
    except TokenError as error:
        raise UsageError(f"The rules cannot be read: {error.summary}") from None
    unknown = sorted(set(members) - _MEMBERS)
    if unknown:
        raise UsageError(
            f"The rules have an unknown member `{unknown[0][:80]}`.",
            hint=f"Known are: {', '.join(sorted(_MEMBERS))}.",
        )
    return Expectations(
        name=_text(members, "name"),
        issuer=_text(members, "issuer"),
        attestation_type=_text(members, "attestationType"),
        policy_hashes=_texts(members, "policyHashes"),
        policy_signers=_fingerprints(members, "policySigners"),
        max_age=_age(members),
        allow_debug=_flag(members, "allowDebug"),
        claims=_rules(members),
        require_evidence=_flag(members, "requireEvidence") is True,
        refuse_debug_enclave=_flag(members, "refuseDebugEnclave") is True,
        enclave_signers=_fingerprints(members, "enclaveSigners"),
        container_policies=_fingerprints(members, "containerPolicies"),
        minimum_bits=_bits(members),
    )


def _text(members: JsonObject, name: str) -> str:
    value = members.get(name, "")
    if not isinstance(value, str):
        raise _wrong(name, "text")
    return value


def _texts(members: JsonObject, name: str) -> frozenset[str]:
    value = members.get(name, [])
    if not isinstance(value, list):
        raise _wrong(name, "a list of texts")
    texts = [item for item in value if isinstance(item, str)]
    if len(texts) < len(value):
        raise _wrong(name, "a list of texts")
    return frozenset(texts)


def _fingerprints(members: JsonObject, name: str) -> frozenset[str]:
    values = frozenset(item.lower() for item in _texts(members, name))
    if not all(_SHA256.fullmatch(item) for item in values):
        raise _wrong(name, "a list of values of 64 hex digits")
    return values


def _bits(members: JsonObject) -> int:
    value = members.get("minimumKeyBits", 0)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST_BITS:
        raise _wrong("minimumKeyBits", "a number of bits")
    return value


def _age(members: JsonObject) -> timedelta | None:
    value = members.get("maxAgeSeconds")
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 10**9:
        raise _wrong("maxAgeSeconds", "a number of seconds")
    return timedelta(seconds=value)


def _flag(members: JsonObject, name: str) -> bool | None:
    value = members.get(name)
    if value is not None and not isinstance(value, bool):
        raise _wrong(name, "true or false")
    return value


def _rules(members: JsonObject) -> tuple[ClaimRule, ...]:
    value = members.get("claims", [])
    if not isinstance(value, list):
        raise _wrong("claims", "a list of rules")
    return tuple(_rule(item) for item in value)


def _rule(item: JsonValue) -> ClaimRule:
    if not isinstance(item, dict) or not isinstance(item.get("claim"), str):
        raise _wrong("claims", "a list of objects with `claim`")
    operators = [name for name in item if name != "claim"]
    known = {str(operator) for operator in Operator}
    if len(operators) != 1 or operators[0] not in known:
        raise _wrong("claims", f"one comparison of {', '.join(sorted(known))} for each claim")
    return ClaimRule(str(item["claim"]), Operator(operators[0]), item[operators[0]])


def _wrong(name: str, expected: str) -> UsageError:
    return UsageError(f"In the rules, `{name}` must be {expected}.")
