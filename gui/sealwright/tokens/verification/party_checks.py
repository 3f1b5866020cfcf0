"""Row 12 of a verification: what this relying party insists on (spec tokens, 8)."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

from sealwright.errors import TokenError
from sealwright.evidence.basis.checks import Check, judge, row, skip, warn
from sealwright.tokens.answers import jwk_chain
from sealwright.tokens.expectations import ClaimRule, Operator
from sealwright.tokens.sections import claim_at, debug_claims, policy_hash_of
from sealwright.tokens.verification.case import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sealwright.tokens.jose import JsonValue
    from sealwright.tokens.verification.case import Case

_TITLE: Final = "Rules of the relying party"
_UNREAD, _UNASKED = (
    row("relying-party", _TITLE, (skip("relying-party.claims", "Expected claims", why),))
    for why in ("no claims", "nothing was expected")
)


def relying_party(case: Case) -> tuple[Check, ...]:
    """Row 12: debugging, policy, signer, age, and each expected claim."""
    if case.claims is None:
        return _UNREAD
    if case.expect is NOTHING and not debug_claims(case.claims):
        return _UNASKED
    parts = tuple(_parts(case, case.claims))
    return row("relying-party", _TITLE, parts) if parts else _UNASKED


def _parts(case: Case, claims: Mapping[str, JsonValue]) -> Iterator[Check]:
    yield from _debug(case, claims)
    if case.expect.policy_hashes:
        yield _policy_hash(case)
    if case.expect.policy_signers:
        yield _policy_signer(case, claims)
    yield from _age(case, claims)
    yield from (_claim(rule, claims) for rule in case.expect.claims)


def _debug(case: Case, claims: Mapping[str, JsonValue]) -> Iterator[Check]:
    id_, title = "relying-party.debug", "Cannot be debugged"
    why = "The attested environment can be debugged, so nothing in it is secret."
    found = debug_claims(claims)
    if case.expect.allow_debug is None:
        if found:
            yield warn(id_, title, why, actual=", ".join(found))
    elif not case.expect.allow_debug:
        yield judge(id_, title, why, passed=not found, actual=", ".join(found))


def _policy_hash(case: Case) -> Check:
    actual = policy_hash_of(case.claims or {})
    return judge(
        "relying-party.policy-hash",
        "Policy",
        "The token was issued under another policy.",
        passed=actual in case.expect.policy_hashes,
        expected=", ".join(sorted(case.expect.policy_hashes)),
        actual=actual[:120] or "missing",
    )


def _policy_signer(case: Case, claims: Mapping[str, JsonValue]) -> Check:
    try:
        chain = jwk_chain(claims.get("x-ms-policy-signer"))
    except TokenError:
        chain = ()
    actual = hashlib.sha256(chain[0]).hexdigest() if chain else "unsigned"
    return judge(
        "relying-party.policy-signer",
        "Signer of the policy",
        "The policy was signed by nobody who was expected.",
        passed=actual in case.expect.policy_signers,
        expected=", ".join(sorted(case.expect.policy_signers)),
        actual=actual,
    )


def _age(case: Case, claims: Mapping[str, JsonValue]) -> Iterator[Check]:
    limit, issued = case.expect.max_age, claims.get("iat")
    if limit is None:
        return
    known = isinstance(issued, int) and not isinstance(issued, bool)
    seconds = case.now.timestamp() - (issued if known and isinstance(issued, int) else 0)
    yield judge(
        "relying-party.age",
        "Age",
        "The token is older than it may be.",
        passed=known and seconds <= (limit + case.skew).total_seconds(),
        expected=f"at most {int(limit.total_seconds())} s",
        actual=f"{int(seconds)} s" if known else "unknown",
    )


def _claim(rule: ClaimRule, claims: Mapping[str, JsonValue]) -> Check:
    found, value = claim_at(claims, rule.claim)
    unwanted = rule.operator is Operator.PRESENT and rule.operand is False
    return judge(
        f"relying-party.claim.{rule.claim[:120]}",
        rule.claim[:120],
        "The claim is missing." if not found else "The claim is not as expected.",
        passed=rule.holds(value) if found else unwanted,
        expected=f"{rule.operator} {json.dumps(rule.operand, ensure_ascii=False)}"[:200],
        actual=json.dumps(value, ensure_ascii=False)[:200] if found else "missing",
    )
