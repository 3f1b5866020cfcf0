"""Claims as JSON: `{"type", "value", "valueType", "issuer"}` (spec cli, Rules and policy eval)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.claims.claim import CUSTOM_CLAIM, SERVICE_ISSUER, Claim, ClaimSet
from sealwright.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

_MEMBERS: Final = frozenset(("type", "value", "valueType", "issuer"))
_READ_ONLY: Final = "pcrs"
_LIMIT: Final = 1 << 63


def claim_to_json(claim: Claim) -> dict[str, str | int | bool]:
    """The members in the order of the contract."""
    return {
        "type": claim.type,
        "value": claim.value,
        "valueType": claim.value_type,
        "issuer": claim.issuer,
    }


def claim_from_json(data: object) -> Claim:
    """One claim.

    Raises:
        UsageError: a member is missing, unknown or of the wrong type.
    """
    if not isinstance(data, dict):
        raise UsageError(f"A claim is an object, not {_word(data)}", hint=_HINT)
    unknown = sorted(str(name) for name in data if name not in _MEMBERS)
    if unknown:
        raise UsageError(f"A claim has no member `{unknown[0]}`", hint=_HINT)
    name, issuer = data.get("type"), data.get("issuer", CUSTOM_CLAIM)
    if not isinstance(name, str) or not name:
        raise UsageError("A claim needs a `type`, a non-empty string", hint=_HINT)
    if not isinstance(issuer, str):
        raise UsageError(f"The issuer of `{name}` is a string", hint=_HINT)
    _check_text(name, issuer)
    value = _value(name, data.get("value"))
    claim = Claim(name, value, issuer, name == _READ_ONLY and issuer == SERVICE_ISSUER)
    declared = data.get("valueType", claim.value_type)
    if declared != claim.value_type:
        raise UsageError(
            f"The value of `{name}` is of type {claim.value_type}, not `{declared}`", hint=_HINT
        )
    return claim


def claims_from_json(data: object, issuer: str = CUSTOM_CLAIM) -> ClaimSet:
    """A list of claims, or an object of names and values; service claims come first.

    Args:
        data: parsed JSON or YAML.
        issuer: of the claims in an object; a value may be a list, which makes several claims.

    Raises:
        UsageError: it is neither.
    """
    if isinstance(data, dict):
        return ClaimSet(_named(data, issuer))
    if not isinstance(data, list):
        raise UsageError(f"Expected a list of claims, not {_word(data)}", hint=_HINT)
    return ClaimSet(claim_from_json(each) for each in data).service_first()


def _named(data: Mapping[object, object], issuer: str) -> list[Claim]:
    claims = []
    for name, values in data.items():
        if not isinstance(name, str) or not name:
            raise UsageError("The name of a claim is a non-empty string", hint=_HINT)
        _check_text(name)
        read_only = name == _READ_ONLY and issuer == SERVICE_ISSUER
        for value in values if isinstance(values, list) else [values]:
            claims.append(Claim(name, _value(name, value), issuer, read_only))  # noqa: PERF401 - nested
    return claims


def _value(name: str, value: object) -> str | int | bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        _check_text(value)
        return value
    if isinstance(value, int):
        if -_LIMIT <= value < _LIMIT:
            return value
        raise UsageError(f"The value of `{name}` does not fit into 64 bits", hint=_HINT)
    raise UsageError(
        f"The value of `{name}` is a string, an integer or a boolean, not {_word(value)}",
        hint=_HINT,
    )


def _check_text(*texts: str) -> None:
    """Refuse what JSON escapes can write and UTF-8 cannot."""
    for text in texts:
        try:
            text.encode()
        except UnicodeEncodeError as error:
            message = f"A claim holds half of a surrogate pair: {text[:40]!a}"
            raise UsageError(message, hint="Write both halves, or the character itself.") from error


def _word(data: object) -> str:
    if data is None:
        return "nothing"
    names = {dict: "an object", list: "a list", str: "a string", float: "a fraction"}
    return names.get(type(data), "a number")


_HINT: Final = 'Write claims as [{"type": "name", "value": true, "issuer": "AttestationService"}].'
