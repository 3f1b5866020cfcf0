"""The attestation policy language: read, check, format, evaluate (spec policy-language).

Names are loaded when they are first used: whoever only needs a hash does not pay for the parser.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sealwright.policy.checking.checks import accepted, check
    from sealwright.policy.checking.linter import lint
    from sealwright.policy.comparison import semantic_diff
    from sealwright.policy.diagnostics import Diagnostic, Edit, Fix, Label, Severity
    from sealwright.policy.digest import policy_hash
    from sealwright.policy.evaluation.evaluator import PreparedPolicy, evaluate, prepare
    from sealwright.policy.evaluation.report import outcome_to_json, token_claims, validity_minutes
    from sealwright.policy.outcome import EvaluationError, Outcome
    from sealwright.policy.policy_tests import junit, read_test_file, run_tests
    from sealwright.policy.reading.parser import parse, reparse
    from sealwright.policy.semantics import OUR_SEMANTICS, Semantics
    from sealwright.policy.service_text import service_error, service_message
    from sealwright.policy.source import Position, Span
    from sealwright.policy.syntax import Policy
    from sealwright.policy.writing.builder import model_text, pin_from, read_model
    from sealwright.policy.writing.explanation import explain
    from sealwright.policy.writing.formatter import format_policy
    from sealwright.policy.writing.token_kinds import Highlight, TokenKind, highlight

__all__ = [
    "OUR_SEMANTICS",
    "Diagnostic",
    "Edit",
    "EvaluationError",
    "Fix",
    "Highlight",
    "Label",
    "Outcome",
    "Policy",
    "Position",
    "PreparedPolicy",
    "Semantics",
    "Severity",
    "Span",
    "TokenKind",
    "accepted",
    "check",
    "evaluate",
    "explain",
    "format_policy",
    "highlight",
    "junit",
    "lint",
    "model_text",
    "outcome_to_json",
    "parse",
    "pin_from",
    "policy_hash",
    "prepare",
    "read_model",
    "read_test_file",
    "reparse",
    "run_tests",
    "semantic_diff",
    "service_error",
    "service_message",
    "token_claims",
    "validity_minutes",
]

_HOMES = {
    "checking.checks": ("accepted", "check"),
    "diagnostics": ("Diagnostic", "Edit", "Fix", "Label", "Severity"),
    "digest": ("policy_hash",),
    "writing.token_kinds": ("Highlight", "TokenKind", "highlight"),
    "evaluation.evaluator": ("PreparedPolicy", "evaluate", "prepare"),
    "writing.formatter": ("format_policy",),
    "writing.builder": ("model_text", "pin_from", "read_model"),
    "policy_tests": ("junit", "read_test_file", "run_tests"),
    "comparison": ("semantic_diff",),
    "writing.explanation": ("explain",),
    "checking.linter": ("lint",),
    "outcome": ("EvaluationError", "Outcome"),
    "evaluation.report": ("outcome_to_json", "token_claims", "validity_minutes"),
    "semantics": ("OUR_SEMANTICS", "Semantics"),
    "reading.parser": ("parse", "reparse"),
    "service_text": ("service_error", "service_message"),
    "source": ("Position", "Span"),
    "syntax": ("Policy",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = found
    return found
