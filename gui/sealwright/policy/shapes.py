"""Findings and differences as JSON (spec cli, policy lint)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sealwright.policy.diagnostics import Severity
from sealwright.policy.evaluation.report import range_to_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.policy.comparison import SemanticDiff
    from sealwright.policy.diagnostics import Diagnostic, Fix
    from sealwright.policy.policy_tests import PolicyTestReport
    from sealwright.policy.syntax import PlacedRule, Policy


def diagnostic_to_json(diagnostic: Diagnostic, policy: Policy) -> dict[str, Any]:
    """One finding with its place and fix."""
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "range": range_to_json(policy, diagnostic.span),
        "help": diagnostic.help,
        "fix": diagnostic.fix and _fix(diagnostic.fix, policy),
    }


def _fix(fix: Fix, policy: Policy) -> dict[str, Any]:
    edits = [
        {"range": range_to_json(policy, edit.span), "newText": edit.new_text} for edit in fix.edits
    ]
    return {"title": fix.title, "edits": edits}


def lint_to_json(
    path: str,
    policy: Policy,
    attestation_type: AttestationType | None,
    diagnostics: Iterable[Diagnostic],
) -> dict[str, Any]:
    """The findings about one file; `ok` when none is an error."""
    found = list(diagnostics)
    return {
        "path": path,
        "version": policy.version,
        "attestationType": attestation_type and attestation_type.value,
        "ok": all(each.severity is not Severity.ERROR for each in found),
        "diagnostics": [diagnostic_to_json(each, policy) for each in found],
    }


def semantic_diff_to_json(diff: SemanticDiff, before: Policy, after: Policy) -> dict[str, Any]:
    """`equal` and `hunks`, and what else a semantic comparison knows."""
    return {
        "equal": diff.equal and not diff.decisions,
        "hunks": [
            {
                "kind": change.kind.value,
                "section": change.section,
                "before": change.before and _rule(change.before, before),
                "after": change.after and _rule(change.after, after),
            }
            for change in diff.changes
        ],
        "versions": diff.versions and {"before": diff.versions[0], "after": diff.versions[1]},
        "newlyRequired": list(diff.newly_required),
        "noLongerRequired": list(diff.no_longer_required),
        "decisions": [each._asdict() for each in diff.decisions],
    }


def _rule(placed: PlacedRule, policy: Policy) -> dict[str, Any]:
    span = placed.span
    return {
        "text": policy.text[span.start : span.end],
        "range": range_to_json(policy, span),
    }


def tests_to_json(path: str, report: PolicyTestReport, policy: Policy) -> dict[str, Any]:
    """The results of one test file."""
    return {
        "path": path,
        "policy": report.policy,
        "ok": report.failures == 0,
        "cases": [
            {
                "name": result.name,
                "decision": result.decision,
                "ok": not result.failure,
                "failure": result.failure,
                "turnedAt": result.turned_at,
            }
            for result in report.results
        ],
        "uncovered": [
            {
                "section": each.section,
                "rule": each.rule,
                "range": range_to_json(policy, each.span),
                "never": each.never,
            }
            for each in report.uncovered
        ],
    }
