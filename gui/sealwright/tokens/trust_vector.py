"""The AR4SI view of a verified token, for display (spec tokens, 9; our own mapping).

Invariant: what a token claims says nothing until its signature was verified.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from sealwright.errors import TokenError
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.tokens.jose import b64_decode_lenient
from sealwright.tokens.sections import debug_claims, sections

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.tokens.jose import JsonValue
    from sealwright.tokens.verification.report import Report


class Tier(IntEnum):
    """Trustworthiness tiers; the numbers are those of AR4SI."""

    NONE = 0
    AFFIRMING = 2
    WARNING = 32
    CONTRAINDICATED = 96


@dataclass(frozen=True, slots=True)
class Trustworthiness:
    """One claim of the trust vector, with the reason in words."""

    claim: str
    tier: Tier
    reason: str


_IDENTITY: Final = ("signature", "certificate", "key-attestation")
_MEASUREMENT: Final = re.compile(
    r"^relying-party\.claim\..*(mrenclave|mrsigner|launchmeasurement|mrtd|rtmr\d|mrseam)$"
)
_OPAQUE: Final = ("sgx", "tdxvm", "sevsnpvm")
_TCB: Final = "attester_tcb_status"
_TEST_SIGNING: Final = "x-ms-azurevm-testsigning-enabled"
_GUEST_DEBUG: Final = tuple(
    f"x-ms-azurevm-{part}debug-enabled" for part in ("boot", "hypervisor", "kernel")
)
"""Of a guest, what the host cannot see; but it is no configuration to trust either."""
_HELD_DATA: Final = ("x-ms-sgx-ehd", "maa-ehd", "aas-ehd")
_NOT_PROVEN: Final = "The token's signature was not verified."


def trust_vector(report: Report) -> tuple[Trustworthiness, ...]:
    """The six claims that a token of the service can speak for, in the order of the reference."""
    identity = _identity(report)
    names = ("configuration", "executables", "hardware", "runtime-opaque", "sourced-data")
    if _status(report, "signature") not in (CheckStatus.PASS, CheckStatus.WARN):
        return (identity, *(Trustworthiness(name, Tier.NONE, _NOT_PROVEN) for name in names))
    judges = (_configuration, _executables, _hardware, _runtime_opaque, _sourced_data)
    judged = (judge(report) for judge in judges)
    return (
        identity,
        *(Trustworthiness(name, *found) for name, found in zip(names, judged, strict=True)),
    )


def _status(report: Report, id_: str) -> CheckStatus:
    found = report.check(id_)
    return CheckStatus.SKIP if found is None else found.status


def _identity(report: Report) -> Trustworthiness:
    states = {id_: _status(report, id_) for id_ in _IDENTITY}
    failed = [id_ for id_, status in states.items() if status is CheckStatus.FAIL]
    name = "instance-identity"
    if failed:
        found = report.check(failed[0])
        reason = found.detail if found and found.detail else f"{failed[0]} does not hold."
        return Trustworthiness(name, Tier.CONTRAINDICATED, reason)
    if _status(report, "key-attestation.report-data") is CheckStatus.PASS:
        why = "Key, certificate and hardware evidence bind each other."
        return Trustworthiness(name, Tier.AFFIRMING, why)
    return Trustworthiness(name, Tier.NONE, "No hardware evidence binds the key.")


def _configuration(report: Report) -> tuple[Tier, str]:
    guest = (name for name in _GUEST_DEBUG if report.claims.get(name) is True)
    debug = (*debug_claims(report.claims), *guest)
    if debug:
        return Tier.CONTRAINDICATED, f"Debugging is on ({', '.join(debug)})."
    if report.claims.get("secureboot") is False:
        return Tier.WARNING, "Secure boot is off."
    if report.claims.get(_TEST_SIGNING) is True:
        return Tier.WARNING, "Test signing is on."
    if not _says_about_debug(report.claims):
        return Tier.NONE, "The token says nothing about debugging."
    return Tier.AFFIRMING, "Debugging is off, and nothing else speaks against it."


def _says_about_debug(claims: Mapping[str, JsonValue]) -> bool:
    names = ("debuggable", "attributes_debug", "dbgstat", "debug-enabled")
    return any(name.endswith(names) for _, members in sections(claims) for name in members)


def _executables(report: Report) -> tuple[Tier, str]:
    found = [check for check in report.checks if _MEASUREMENT.match(check.id)]
    if not found:
        return Tier.NONE, "No expected measurement was given."
    wrong = [check.title for check in found if check.status is not CheckStatus.PASS]
    if wrong:
        return Tier.CONTRAINDICATED, f"Not as expected: {', '.join(wrong)}."
    return Tier.AFFIRMING, "The measurements are the expected ones."


def _hardware(report: Report) -> tuple[Tier, str]:
    values = [members[_TCB] for _, members in sections(report.claims) if _TCB in members]
    if not values:
        return Tier.NONE, "The token says nothing about the platform's firmware level."
    if "Revoked" in values:
        return Tier.CONTRAINDICATED, "The platform's firmware level is revoked."
    if all(value == "UpToDate" for value in values):
        return Tier.AFFIRMING, "The platform is up to date."
    return Tier.WARNING, f"The platform's state is {values[0]}."


def _runtime_opaque(report: Report) -> tuple[Tier, str]:
    named = [
        str(members[name])
        for _, members in sections(report.claims)
        for name in ("x-ms-attestation-type", "tee")
        if name in members
    ]
    if not named:
        return Tier.NONE, "The token is about no environment."
    kinds = [kind for kind in named if kind in _OPAQUE]
    if not kinds:
        return Tier.NONE, "The environment does not hide its memory from the host."
    if debug_claims(report.claims):
        return Tier.CONTRAINDICATED, "Debugging is on, so the host can read its memory."
    return Tier.AFFIRMING, f"The memory is encrypted ({kinds[-1]})."


def _sourced_data(report: Report) -> tuple[Tier, str]:
    status = _status(report, "binding.runtime-data")
    if status is CheckStatus.PASS:
        return Tier.AFFIRMING, "The evidence was made over the expected runtime data."
    if status is CheckStatus.FAIL:
        return Tier.CONTRAINDICATED, "The evidence was made over other runtime data."
    return _held_data(report.claims)


def _held_data(claims: Mapping[str, JsonValue]) -> tuple[Tier, str]:
    """Of data that the token holds itself: the evidence reports its hash (spec tokens, 3.1)."""
    held = next((claims[name] for name in _HELD_DATA if name in claims), None)
    reported = claims.get("x-ms-sgx-report-data")
    if not isinstance(held, str) or not isinstance(reported, str):
        return Tier.NONE, "No runtime data was expected."
    try:
        digest = hashlib.sha256(b64_decode_lenient(held)).hexdigest()
    except TokenError:
        return Tier.NONE, "The data that the token holds cannot be read."
    if reported.startswith(digest):
        return Tier.AFFIRMING, "The evidence was made over the data that the token holds."
    return Tier.CONTRAINDICATED, "The evidence was made over other data than the token holds."
