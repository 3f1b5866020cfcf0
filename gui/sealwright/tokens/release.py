"""Would a key vault release a key for this token (secure key release policies)?

Conditions compare claims of a token that was verified; nothing here verifies it. The grammar is
that of Azure Key Vault and Managed HSM: `anyOf`, `allOf`, `authority`, `claim`, `equals`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sealwright.errors import TokenError, UsageError
from sealwright.tokens.expectations import same
from sealwright.tokens.jose import parse_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sealwright.tokens.jose import JsonObject, JsonValue

VERSIONS: Final = ("1.0.0", "1.0", "0.2")
_GROUPS: Final = ("anyOf", "allOf")
_MAX_DEPTH: Final = 16
_MISSING: Final = "missing"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: a group with parts, or a comparison of a claim."""

    kind: str
    """`anyOf`, `allOf` or `claim`."""
    path: str
    """Where it stands in the policy, as a JSON Pointer."""
    authority: str = ""
    """The issuer that this group is about; empty for any."""
    parts: tuple[Condition, ...] = ()
    claim: str = ""
    expected: JsonValue = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a condition holds for a token, and why."""

    condition: Condition
    holds: bool
    reason: str
    parts: tuple[Outcome, ...] = ()


def parse_release_policy(raw: bytes) -> Condition:
    """Read a release policy.

    Raises:
        UsageError: not JSON, or a member that a vault would not take; says where.
    """
    try:
        members = parse_object(raw.removeprefix(b"\xef\xbb\xbf"))
    except TokenError as error:
        raise UsageError(f"The release policy cannot be read: {error.summary}") from None
    version = members.get("version")
    if version not in VERSIONS:
        raise UsageError(
            "The release policy names no known version.",
            hint="Add a member `version` with the text `1.0.0`.",
        )
    return _condition({name: members[name] for name in members if name != "version"}, "", 0)


def _condition(value: JsonValue, path: str, depth: int) -> Condition:
    if not isinstance(value, dict):
        raise _wrong(path, "an object was expected")
    if depth > _MAX_DEPTH:
        raise _wrong(path, "it is nested too deep")
    if "claim" in value:
        return _comparison(value, path)
    return _group(value, path, depth)


def _comparison(value: JsonObject, path: str) -> Condition:
    if set(value) != {"claim", "equals"}:
        raise _wrong(path, "a comparison has `claim` and `equals` and nothing else")
    claim, expected = value["claim"], value["equals"]
    if not isinstance(claim, str) or not claim:
        raise _wrong(f"{path}/claim", "a claim's name was expected")
    return Condition("claim", path, claim=claim, expected=expected)


def _group(value: JsonObject, path: str, depth: int) -> Condition:
    kinds = [name for name in value if name in _GROUPS]
    unknown = sorted(set(value) - {*_GROUPS, "authority"})
    if unknown:
        raise _wrong(f"{path}/{unknown[0]}", "this member is not known")
    if len(kinds) != 1:
        raise _wrong(path, "exactly one of `anyOf` and `allOf` was expected")
    items, authority = value[kinds[0]], value.get("authority", "")
    if not isinstance(items, list) or not items:
        raise _wrong(f"{path}/{kinds[0]}", "a list with at least one condition was expected")
    if not isinstance(authority, str):
        raise _wrong(f"{path}/authority", "an address was expected")
    parts = tuple(
        _condition(item, f"{path}/{kinds[0]}/{at}", depth + 1) for at, item in enumerate(items)
    )
    return Condition(kinds[0], path, authority=authority, parts=parts)


def _wrong(path: str, why: str) -> UsageError:
    return UsageError(f"In the release policy, at `{path[:200] or '/'}`: {why}.")


def evaluate_release(condition: Condition, claims: Mapping[str, JsonValue]) -> Outcome:
    """Judge every condition, also those that decide nothing any more: each has its reason."""
    if condition.kind == "claim":
        return _compare(condition, claims)
    parts = tuple(evaluate_release(part, claims) for part in condition.parts)
    held = [part.holds for part in parts]
    holds = any(held) if condition.kind == "anyOf" else all(held)
    if condition.authority and not _is_issuer(condition.authority, claims.get("iss")):
        issuer = claims.get("iss", _MISSING)
        reason = f"The token was issued by {issuer}, not by {condition.authority}."
        return Outcome(condition, holds=False, reason=reason, parts=parts)
    return Outcome(condition, holds=holds, reason=_count(condition.kind, held), parts=parts)


def _count(kind: str, held: list[bool]) -> str:
    asked = "one is enough" if kind == "anyOf" else "all must"
    plural = "condition holds" if len(held) == 1 else "conditions hold"
    return f"{sum(held)} of {len(held)} {plural}; {asked}."


def _is_issuer(authority: str, issuer: JsonValue) -> bool:
    if not isinstance(issuer, str):
        return False
    return authority.rstrip("/").lower() == issuer.rstrip("/").lower()


def _compare(condition: Condition, claims: Mapping[str, JsonValue]) -> Outcome:
    found, value = nested_claim(claims, condition.claim)
    expected = json.dumps(condition.expected, ensure_ascii=False)
    if not found:
        return Outcome(condition, holds=False, reason="The token has no such claim.")
    actual = json.dumps(value, ensure_ascii=False)[:200]
    if same(value, condition.expected):
        return Outcome(condition, holds=True, reason=f"It is {actual}.")
    only = _only_difference(value, condition.expected)
    reason = f"It is {actual}; {expected[:200]} was expected{only}."
    return Outcome(condition, holds=False, reason=reason)


def _only_difference(actual: JsonValue, expected: JsonValue) -> str:
    """What people overlook when they compare by eye."""
    texts = [item if isinstance(item, str) else json.dumps(item) for item in (actual, expected)]
    if texts[0].lower() != texts[1].lower():
        return ""
    return ", and case differs" if texts[0] != texts[1] else ", and kind differs"


def nested_claim(claims: Mapping[str, JsonValue], path: str) -> tuple[bool, JsonValue]:
    """A claim by its dotted path; names that hold dots themselves are found too."""
    if path in claims:
        return True, claims[path]
    at = path.find(".")
    while at >= 0:
        inner = claims.get(path[:at])
        if isinstance(inner, dict):
            found, value = nested_claim(inner, path[at + 1 :])
            if found:
                return True, value
        at = path.find(".", at + 1)
    return False, None


def make_release_policy(authority: str, claims: Iterable[tuple[str, JsonValue]]) -> str:
    """A policy that releases to tokens of `authority` with all these claims, as JSON text."""
    comparisons = [{"claim": name, "equals": value} for name, value in claims]
    group = {"authority": authority.rstrip("/"), "allOf": comparisons}
    return json.dumps({"version": VERSIONS[0], "anyOf": [group]}, indent=2, ensure_ascii=False)
