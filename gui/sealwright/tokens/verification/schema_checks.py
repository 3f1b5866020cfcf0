"""Row 10 of a verification: do the claims have the form that the service gives them?

What a policy issues under a name of its own is not judged; old and new names of one fact are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sealwright.evidence.basis.checks import Check, judge, row, skip, warn
from sealwright.tokens.expectations import same
from sealwright.tokens.sections import ISOLATION_TEE, in_base64url, sections

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sealwright.claims.catalogue import Catalogue, ClaimEntry
    from sealwright.tokens.jose import JsonValue
    from sealwright.tokens.verification.case import Case

_TITLE: Final = "Claims well formed"
_TYPE: Final = "x-ms-attestation-type"
_PREVIEW_HASH: Final = "maa-policyHash"
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_KNOWN_TYPES: Final = ("sgx", "sevsnpvm", "tdxvm", "azurevm", "tpm", "vbs")
_NESTED_TYPES: Final = ("sevsnpvm", "tdxvm")
_HEX: Final = re.compile(r"[0-9a-f]*")
_JSON_TYPES: Final[Mapping[str, type]] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "object": dict,
}
_TD_ATTRIBUTES: Final = {
    "debug": 0,
    "septve_disable": 28,
    "protection_keys": 30,
    "key_locker": 31,
    "perfmon": 63,
}
"""Bits of a TD's attributes that are claims of their own (spec tokens, 3.4)."""
_SHOWN: Final = 5


def schema(case: Case) -> tuple[Check, ...]:
    """Row 10: version, type, form of each claim, and facts that stand there twice."""
    if case.claims is None:
        return row("schema", _TITLE, (skip("schema.version", _TITLE, "no claims"),))
    if _TYPE not in case.claims:
        preview = _PREVIEW_HASH in case.claims and "x-ms-ver" not in case.claims
        parts = _preview(case, case.claims) if preview else (_not_attestation(case),)
        return row("schema", _TITLE, parts)
    types = (_type(case), *_nested_type(case.claims))
    parts = (_version(case.claims), *types, *_forms(case), _twice(case.claims))
    return row("schema", _TITLE, parts)


def _preview(case: Case, claims: Mapping[str, JsonValue]) -> tuple[Check, ...]:
    """The claims of the preview of 2018: no `x-ms-` names, the policy's hash in hex."""
    value = claims[_PREVIEW_HASH]
    form = judge(
        "schema.policy-hash",
        "Policy hash of the preview",
        "The preview wrote the hash of the policy as 64 hex digits.",
        passed=isinstance(value, str) and bool(_DIGEST.fullmatch(value)),
        actual=str(value)[:120],
    )
    why = "tokens of the preview of 2018 have none"
    version = skip("schema.version", "Version of the claims", why)
    return version, _preview_type(case), form, *_forms(case), _twice(claims)


def _preview_type(case: Case) -> Check:
    id_, title, actual = "schema.type", "Attestation type", case.text_claim("tee")
    expected = case.expect.attestation_type
    if not expected:
        return judge(id_, title, passed=True, actual=actual or "not named")
    why = "The token is about another kind of environment."
    passed = actual.lower() == expected.lower()
    return judge(id_, title, why, passed=passed, expected=expected, actual=actual[:80])


def _not_attestation(case: Case) -> Check:
    expected = case.expect.attestation_type
    if not expected:
        return skip("schema.type", "Attestation type", "not an attestation token")
    why = "This is not an attestation token."
    return judge("schema.type", "Attestation type", why, passed=False, expected=expected)


def _version(claims: Mapping[str, JsonValue]) -> Check:
    actual = claims.get("x-ms-ver")
    return judge(
        "schema.version",
        "Version of the claims",
        "The token's version of the claims is not a known one.",
        passed=actual == "1.0",
        expected="1.0",
        actual=str(actual)[:40],
    )


def _type(case: Case) -> Check:
    id_, title = "schema.type", "Attestation type"
    actual = case.text_claim(_TYPE)
    expected = case.expect.attestation_type
    if expected:
        why = "The token is about another kind of environment."
        passed = actual.lower() == expected.lower()
        return judge(id_, title, why, passed=passed, expected=expected, actual=actual[:80])
    if actual not in _KNOWN_TYPES:
        return warn(id_, title, "The attestation type is not a known one.", actual=actual[:80])
    return judge(id_, title, passed=True, actual=actual)


def _nested_type(claims: Mapping[str, JsonValue]) -> tuple[Check, ...]:
    """What the hardware underneath a confidential VM is said to be."""
    nested = claims.get(ISOLATION_TEE)
    if not isinstance(nested, dict):
        return ()
    id_, title = "schema.nested-type", "Type of the hardware underneath"
    expected, actual = " or ".join(_NESTED_TYPES), str(nested.get(_TYPE, "missing"))[:80]
    if actual in _NESTED_TYPES:
        return (judge(id_, title, passed=True, expected=expected, actual=actual),)
    why = "The hardware underneath is none that confidential VMs have."
    return (warn(id_, title, why, expected=expected, actual=actual),)


def _forms(case: Case) -> tuple[Check, ...]:
    forms, names = ("schema.claims", "Types and lengths"), ("schema.names", "Old and new names")
    if case.catalogue is None or case.claims is None:
        why = "no claims catalogue"
        return skip(*forms, why), skip(*names, why)
    bad = list(_malformed(case.claims, case.catalogue))
    clashes = list(_clashes(case.claims, case.catalogue))
    return (
        judge(
            *forms,
            "Claims of the service have a form that it does not give them.",
            passed=not bad,
            actual="; ".join(bad[:_SHOWN]),
        ),
        judge(
            *names,
            "One fact stands in the token twice with different values.",
            passed=not clashes,
            actual="; ".join(clashes[:_SHOWN]),
        ),
    )


def _malformed(claims: Mapping[str, JsonValue], catalogue: Catalogue) -> Iterator[str]:
    for prefix, members in sections(claims):
        for name, value in members.items():
            entry = catalogue.find(name)
            problem = "" if entry is None or entry.by_policy else _problem(entry, value)
            if problem:
                yield f"{prefix}{name}: {problem}"


def _problem(entry: ClaimEntry, value: JsonValue) -> str:
    if entry.json_type.endswith("[]"):
        return "" if isinstance(value, list) else "not a list"
    kind = _JSON_TYPES.get(entry.json_type)
    if kind is None:
        return ""
    if not isinstance(value, kind) or isinstance(value, bool) != (kind is bool):
        return f"not {entry.json_type}"
    if entry.hex_digits and isinstance(value, str):
        return _hex_problem(value, entry.hex_digits)
    return ""


def _hex_problem(value: str, digits: int) -> str:
    if len(value) != digits:
        return f"{len(value)} digits instead of {digits}"
    return "" if _HEX.fullmatch(value) else "not lower-case hex"


def _clashes(claims: Mapping[str, JsonValue], catalogue: Catalogue) -> Iterator[str]:
    """Pairs of names that disagree: an old one and the new one, or two old ones without it."""
    for prefix, members in sections(claims):
        said: dict[str, str] = {}
        for name, value in members.items():
            entry = catalogue.find(name)
            newer = entry.replacement if entry else ""
            if not newer:
                continue
            other = newer if newer in members else said.setdefault(newer, name)
            if other != name and not _same_fact(value, members[other]):
                yield f"{prefix}{name} and {prefix}{other}"


def _same_fact(one: JsonValue, other: JsonValue) -> bool:
    """Equal, where the preview's hex stands for base64url."""
    if isinstance(one, str) and isinstance(other, str):
        return one == other or in_base64url(one) == other or one == in_base64url(other)
    return same(one, other)


def _twice(claims: Mapping[str, JsonValue]) -> Check:
    found = [text for text, left, right in _pairs(claims) if not same(left, right)]
    return judge(
        "schema.consistency",
        "Facts agree with each other",
        "Two claims about the same fact contradict each other.",
        passed=not found,
        actual="; ".join(found),
    )


def _pairs(claims: Mapping[str, JsonValue]) -> Iterator[tuple[str, JsonValue, JsonValue]]:
    """Facts that tokens state twice, as (words, one, other) (spec tokens, 3.3 and 3.4)."""
    for prefix, members in sections(claims):
        yield from _tdx_pairs(prefix, members)
    tee = claims.get(ISOLATION_TEE)
    runtime = tee.get("x-ms-runtime") if isinstance(tee, dict) else None
    vm = runtime.get("vm-configuration") if isinstance(runtime, dict) else None
    if isinstance(vm, dict):
        yield from _vm_pairs(claims, vm)


def _tdx_pairs(
    prefix: str, members: Mapping[str, JsonValue]
) -> Iterator[tuple[str, JsonValue, JsonValue]]:
    debug = members.get("tdx_td_attributes_debug")
    if "dbgstat" in members and isinstance(debug, bool):
        words = f"{prefix}dbgstat and {prefix}tdx_td_attributes_debug"
        yield words, members["dbgstat"], "enabled" if debug else "disabled"
    attributes = _bytes(members.get("tdx_td_attributes"), 8)
    for name, bit in _TD_ATTRIBUTES.items() if attributes else ():
        stated = members.get(f"tdx_td_attributes_{name}")
        if isinstance(stated, bool):
            words = f"{prefix}tdx_td_attributes and {prefix}tdx_td_attributes_{name}"
            yield words, bool(attributes[bit // 8] >> bit % 8 & 1), stated
    svn = _bytes(members.get("tdx_tee_tcb_svn"), 16)
    # How a second byte counts is not documented.
    if svn and svn[1] == 0 and "tdx_seamsvn" in members:
        yield f"{prefix}tdx_tee_tcb_svn and {prefix}tdx_seamsvn", svn[0], members["tdx_seamsvn"]


def _bytes(value: JsonValue, size: int) -> bytes:
    """The bytes of a claim in hex; none where it has another form, which is another check's."""
    if not isinstance(value, str) or len(value) != 2 * size or not _HEX.fullmatch(value):
        return b""
    return bytes.fromhex(value)


def _vm_pairs(
    claims: Mapping[str, JsonValue], vm: Mapping[str, JsonValue]
) -> Iterator[tuple[str, JsonValue, JsonValue]]:
    for name, other in (("secure-boot", "secureboot"), ("vmUniqueId", "x-ms-azurevm-vmid")):
        if name in vm and other in claims:
            yield f"{name} and {other}", _even(vm[name]), _even(claims[other])


def _even(value: JsonValue) -> JsonValue:
    """GUIDs compare without regard to case."""
    return value.upper() if isinstance(value, str) else value
