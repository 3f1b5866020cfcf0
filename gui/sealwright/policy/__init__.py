"""The attestation policy language: read, check, format, evaluate (spec policy-language)."""

from sealwright.policy.checks import check
from sealwright.policy.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from sealwright.policy.digest import policy_hash
from sealwright.policy.highlight import TokenKind, highlight
from sealwright.policy.parser import parse
from sealwright.policy.service_text import service_error, service_message
from sealwright.policy.source import Position, Span
from sealwright.policy.syntax import Policy

__all__ = [
    "Diagnostic",
    "Edit",
    "Fix",
    "Label",
    "Policy",
    "Position",
    "Severity",
    "Span",
    "TokenKind",
    "check",
    "highlight",
    "parse",
    "policy_hash",
    "service_error",
    "service_message",
]
