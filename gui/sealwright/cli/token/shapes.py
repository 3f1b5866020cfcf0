"""How `token` commands write their results (spec cli, JSON results)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sealwright.cli import shapes
from sealwright.cli.output import table
from sealwright.errors import TokenError
from sealwright.evidence.basis.checks import CheckStatus, reason_of
from sealwright.tokens.inspect import walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sealwright.evidence.basis.checks import Check
    from sealwright.tokens.inspect import Inspection
    from sealwright.tokens.release import Outcome
    from sealwright.tokens.sealed import SealedAnswer
    from sealwright.tokens.verification.report import Report

_SHOWN: Final = 100
"""Characters of a value in a table."""
SEALED: Final = (
    "A sealed answer of the AzureGuest endpoint: only the machine that asked holds its key.\n"
    "Give that key with --unseal-key.\n"
)

_OF_POLICY: Final = "Not a claim of the service: the policy issued it."
_GIVE_ISSUER: Final = "; give --issuer URL, or --provider"


def inspection(found: Inspection) -> dict[str, object]:
    """A token taken apart."""
    return {
        "header": dict(found.header),
        "claims": dict(found.claims),
        "signature": {
            "algorithm": found.algorithm,
            "present": found.signature_bytes > 0,
            "bytes": found.signature_bytes,
        },
        "kind": found.kind,
        "explained": [
            {
                "path": one.path,
                "value": one.value,
                "meaning": one.meaning,
                "deprecated": one.deprecated,
                "preferred": one.preferred,
            }
            for one in found.explained
        ],
        "warnings": [{"code": one.code, "message": one.message} for one in found.warnings],
    }


def sealed(found: SealedAnswer) -> dict[str, object]:
    """A sealed answer in the shape of a token, as far as it can be read."""
    return {
        "header": dict(found.parameters),
        "claims": {},
        "signature": {"algorithm": "", "present": False, "bytes": 0},
        "kind": "other",
        "explained": [],
        "warnings": [{"code": "sealed", "message": SEALED.splitlines()[0]}],
    }


def inspection_words(found: Inspection) -> str:
    """A token taken apart, for a terminal."""
    rows = list(_claim_rows(found))
    signature = f"{found.algorithm}, {found.signature_bytes} bytes"
    lines = [f"kind       {found.kind}", f"signature  {signature} (not checked)"]
    lines += [f"warning    {one.message}" for one in found.warnings]
    return "\n".join(lines) + "\n\n" + table(("CLAIM", "VALUE", "MEANING"), rows)


def _claim_rows(found: Inspection) -> Iterator[tuple[str, str, str]]:
    """Every claim: whoever reads a token looks for their own ones first."""
    meanings = {one.path: one.meaning for one in found.explained}
    unknown = _OF_POLICY if found.kind == "maa-attestation" else ""
    for path, _, value in walk(found.claims):
        # Beneath a claim only what is known gets a row: the claim's own row shows the rest.
        if path in meanings or path.count("/") == 1:
            yield path, _short(value), meanings.get(path, unknown)


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def report(found: Report) -> dict[str, object]:
    """A verification."""
    by = found.signed_by
    return {
        "valid": found.valid,
        "checks": [shapes.check(check) for check in found.checks],
        "signedBy": by and {"kid": by.kid, "thumbprint": by.thumbprint, "subject": by.subject},
        "chain": [
            {"link": one.link, "status": one.status.value, "detail": one.detail}
            for one in found.chain
        ],
    }


def report_words(found: Report) -> str:
    """A verification, for a terminal."""
    reason = _reason(found)
    head = f"{found.verdict.value}: {reason}" if reason else found.verdict.value
    links = [(one.status.value.upper(), one.link, one.detail) for one in found.chain]
    rows = [
        (one.status.value.upper(), f"{'  ' * ('.' in one.id)}{one.title}", _why(one))
        for one in found.checks
    ]
    return "\n".join(
        (
            f"{head}\n",
            table(("STATUS", "LINK", "DETAIL"), links),
            table(("STATUS", "CHECK", "DETAIL"), rows),
        )
    )


def _why(check: Check) -> str:
    """Why a check does not hold, with what was compared; a row leaves that to its parts."""
    if check.status not in (CheckStatus.FAIL, CheckStatus.WARN) or "." not in check.id:
        return check.detail
    values = (("expected", check.expected), ("actual", check.actual))
    compared = ", ".join(f"{name} {_short(value)}" for name, value in values if value)
    return f"{check.detail} ({compared})" if compared else check.detail


def _reason(found: Report) -> str:
    """The first thing that speaks against a token, in a sentence; empty when it is valid."""
    if found.valid:
        return ""
    if found.decisive is not None:
        return found.decisive.detail or f"{found.decisive.title}: failed"
    doubt = found.doubt
    if doubt is None or doubt.status is not CheckStatus.SKIP:
        return doubt.detail if doubt is not None else ""
    hint = _GIVE_ISSUER if doubt.id == "issuer" else ""
    return f"{doubt.title}: {reason_of(doubt)}{hint}"


def batch_words(found: Sequence[tuple[str, Report | TokenError]]) -> str:
    """A line for each token, and how many hold."""
    rows = [(_short(name), *_outcome(one)) for name, one in found]
    held = sum(not isinstance(one, TokenError) and one.valid for _, one in found)
    return table(("TOKEN", "VERDICT", "FIRST FAILURE"), rows) + f"\n{held} of {len(found)} valid\n"


def _outcome(found: Report | TokenError) -> tuple[str, str]:
    if isinstance(found, TokenError):
        return "unreadable", found.summary
    first = found.decisive or found.doubt
    return found.verdict.value, f"{first.id}: {reason_of(first)}" if first else ""


def release(outcome: Outcome, proof: Report | None) -> dict[str, object]:
    """Would a vault release the key? `valid` is null when no keys were given to verify with."""
    return {
        "holds": outcome.holds,
        "valid": None if proof is None else proof.valid,
        "condition": _condition(outcome),
    }


def _condition(found: Outcome) -> dict[str, object]:
    condition = found.condition
    shape: dict[str, object] = {
        "path": condition.path,
        "kind": condition.kind,
        "holds": found.holds,
        "reason": found.reason,
    }
    if condition.kind == "claim":
        return {**shape, "claim": condition.claim, "equals": condition.expected}
    parts = [_condition(part) for part in found.parts]
    return {**shape, "authority": condition.authority, "parts": parts}


def release_words(outcome: Outcome, proof: Report | None) -> str:
    """The conditions as an indented list."""
    word = "released" if outcome.holds else "not released"
    if proof is None:
        note = "The token itself was not verified: give --provider or --jwks."
    else:
        note = f"The token itself is {proof.verdict.value}."
    return "\n".join((word, note, "", *_lines(outcome, 0), ""))


def _lines(found: Outcome, depth: int) -> Iterator[str]:
    mark = "PASS" if found.holds else "FAIL"
    name = found.condition.claim or found.condition.kind
    yield f"{mark}  {'  ' * depth}{name}: {found.reason}"
    for part in found.parts:
        yield from _lines(part, depth + 1)
