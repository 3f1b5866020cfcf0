"""How comparisons, plans and applies of the fleet are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.cli import shapes
from sealwright.cli.output import table
from sealwright.services.fleet.compare import Standing

if TYPE_CHECKING:
    from sealwright.services.fleet.apply import AppliedTarget, FleetOutcome
    from sealwright.services.fleet.compare import Comparison, Comparisons
    from sealwright.services.fleet.plan import FleetPlan, PlannedChange
    from sealwright.services.fleet.targets import Target


def comparison_shape(found: Comparisons) -> dict[str, object]:
    """Every target as it was read."""
    return {
        "alike": found.alike,
        "items": [_row_shape(row) for row in found.rows],
        "unknown": list(found.empty),
    }


def comparison_table(found: Comparisons) -> str:
    """The same for people."""
    rows = [
        (row.target.provider.name, row.target.attestation_type.value, row.standing, row.words)
        for row in found.rows
    ]
    return table(("PROVIDER", "TYPE", "STATE", "DETAIL"), rows)


def plan_shape(plan: FleetPlan) -> dict[str, object]:
    """What an apply would do."""
    return {
        "possible": plan.possible,
        "changes": [_change_shape(change) for change in plan.changes],
        "same": [_place(row.target) for row in plan.compared.of(Standing.SAME)],
        "unreadable": [_row_shape(row) for row in plan.unreadable],
        "unknown": list(plan.compared.empty),
    }


def plan_words(plan: FleetPlan) -> str:
    """The same for people: each change with its difference and what stands in the way."""
    if not plan.changes and not plan.unreadable:
        return "Every target is as the workspace wants it.\n"
    return "".join([*map(_change_words, plan.changes), *map(_unreadable_words, plan.unreadable)])


def applied_shape(outcome: FleetOutcome) -> dict[str, object]:
    """What an apply did, with the proof of each target."""
    return {
        "proven": outcome.proven,
        "items": [_applied_shape(row) for row in outcome.targets],
    }


def applied_table(outcome: FleetOutcome) -> str:
    """The same for people."""
    if not outcome.targets:
        return "Every target is as the workspace wants it.\n"
    rows = [
        (row.provider, row.entry.attestation_type, row.entry.state, row.entry.detail)
        for row in outcome.targets
    ]
    return table(("PROVIDER", "TYPE", "STATE", "DETAIL"), rows)


def _place(target: Target) -> dict[str, object]:
    return {
        "provider": target.provider.name,
        "attestUri": target.provider.attest_uri,
        "type": target.attestation_type.value,
        "wanted": target.wanted.path,
    }


def _row_shape(row: Comparison) -> dict[str, object]:
    return {
        **_place(row.target),
        "state": row.standing.value,
        "wantedHash": row.target.wanted.policy_hash or None,
        "policyHash": row.deployed.policy_hash if row.deployed else None,
        "detail": row.words,
        "diff": [_hunk(row)] if row.diff else [],
    }


def _hunk(row: Comparison) -> str:
    marks = {"same": " ", "removed": "-", "added": "+"}
    hunks = row.diff.hunks if row.diff else ()
    lines = [
        text
        for hunk in hunks
        for text in (
            hunk.header,
            *(f"{marks[line.kind.value]}{line.text}" for line in hunk.lines),
        )
    ]
    return "\n".join(lines)


def _change_shape(change: PlannedChange) -> dict[str, object]:
    return {
        **_row_shape(change.comparison),
        "possible": change.possible,
        "key": change.key or None,
        "obstacles": [
            {"code": each.code, "message": each.message, "hint": each.hint, "certain": each.certain}
            for each in change.obstacles
        ],
    }


def _change_words(change: PlannedChange) -> str:
    target = change.target
    signer = f"signed with {change.key}" if change.key else "unsigned"
    head = f"{target.provider.name} {target.attestation_type.value} -> {target.wanted.path}"
    lines = [f"{head} ({signer}; {change.comparison.words})"]
    lines += [
        f"  {'CANNOT' if each.certain else 'Warning'}: {each.message} {each.hint}".rstrip()
        for each in change.obstacles
    ]
    lines += [f"  {line}" for line in _hunk(change.comparison).splitlines()]
    return "\n".join([*lines, ""])


def _unreadable_words(row: Comparison) -> str:
    target = row.target
    return f"{target.provider.name} {target.attestation_type.value}: CANNOT be read: {row.words}\n"


def _applied_shape(row: AppliedTarget) -> dict[str, object]:
    entry = row.entry
    return {
        "provider": row.provider,
        "type": entry.attestation_type,
        "wanted": entry.wanted,
        "state": entry.state,
        "detail": entry.detail,
        "requestId": entry.request_id,
        "before": entry.before,
        "after": entry.after,
        "steps": [shapes.step(step) for step in row.outcome.steps] if row.outcome else [],
    }
