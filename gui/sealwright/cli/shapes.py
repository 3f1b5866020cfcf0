"""The JSON shapes of lists and results (spec cli, JSON results)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from sealwright.services.changes.steps import RunOutcome, Step
    from sealwright.services.keys import KeyUse
    from sealwright.services.model import ActivityEntry, Certificate, Check, Provider, SigningKey
    from sealwright.services.signers import PolicySigner


def time(moment: datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def certificate(found: Certificate) -> dict[str, object]:
    """A certificate as lists show it."""
    return {
        "subject": found.subject,
        "issuer": found.issuer,
        "sha256": found.sha256,
        "thumbprint": found.thumbprint,
        "notBefore": time(found.not_before),
        "notAfter": time(found.not_after),
    }


def signer(found: PolicySigner) -> dict[str, object]:
    """A certificate that a provider trusts; `keyHere` names the key, or is null."""
    return {**certificate(found.certificate), "keyHere": found.key_here or None}


def key(found: SigningKey, signs_for: tuple[Provider, ...] = ()) -> dict[str, object]:
    """A signing key."""
    return {
        "name": found.name,
        "algorithm": found.algorithm,
        "bits": found.bits,
        "certificate": certificate(found.certificate),
        "signsFor": [provider.name for provider in signs_for],
    }


def key_use(found: KeyUse) -> dict[str, object]:
    """A signing key and the providers it signs for."""
    return key(found.key, found.signs_for)


def provider(found: Provider) -> dict[str, object]:
    """An attestation provider."""
    return {
        "name": found.name,
        "cloud": found.cloud,
        "location": found.location,
        "trustModel": found.trust_model.value,
        "status": found.status,
        "attestUri": found.attest_uri,
        "resourceId": found.resource_id,
    }


def activity(entry: ActivityEntry) -> dict[str, object]:
    """A row of the activity log."""
    return {
        "seq": entry.seq,
        "time": time(entry.time),
        "who": entry.who,
        "where": entry.where,
        "what": entry.what,
        "result": entry.result,
        "requestId": entry.request_id,
        "before": entry.before,
        "after": entry.after,
        "detail": entry.detail,
        "hash": entry.hash,
    }


def check(found: Check) -> dict[str, object]:
    """A row of a verification."""
    return {
        "id": found.id,
        "title": found.title,
        "status": found.status.value,
        "detail": found.detail,
        "expected": found.expected,
        "actual": found.actual,
    }


def step(found: Step) -> dict[str, object]:
    """A step of a verified change; what was compared is in expected and actual."""
    rows = [row for row in found.rows if row.holds is not None] or list(found.rows)
    row = next((row for row in rows if row.holds is False), rows[0] if rows else None)
    detail = found.error.summary if found.error else found.detail
    return {
        "id": found.id.value,
        "status": found.status.value,
        "detail": detail,
        "expected": row.expected if row else "",
        "actual": row.actual if row else "",
    }


def outcome(found: RunOutcome) -> dict[str, object]:
    """How a verified change ended."""
    return {
        "result": found.result,
        "proven": found.proven,
        "steps": [step(one) for one in found.steps],
        "policyHash": found.policy_hash,
        "tokenHash": found.token_hash,
        "requestId": found.request_id,
    }
