"""Errors in the words of the service (spec policy-language, 16; rest-api, 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sealwright.policy.diagnostics import Diagnostic, Severity, Unexpected, brief
from sealwright.policy.reading.lexer import next_token
from sealwright.policy.source import Lines

if TYPE_CHECKING:
    from collections.abc import Iterable

DENIED: Final = (
    "Native operation failed with 65518: 0x83FFFFEE Policy Evaluation Error has occurred "
    "Msg:[Policy Engine Exception: A Deny claim was issued, authorization failed.]"
)
"""Also the answer when nothing permitted the request (spec policy-language, 16)."""
_SYMBOL: Final = 100
"""Characters of a symbol that are repeated (our choice): an open string may be a whole policy."""


class ServiceError(NamedTuple):
    """`error.code` and `error.message` of an answer with status 400."""

    code: str
    message: str


def service_error(text: str, diagnostics: Iterable[Diagnostic]) -> ServiceError | None:
    """How the service refuses a policy with these findings; None when it takes it."""
    errors = [each for each in diagnostics if each.severity is Severity.ERROR]
    if not errors:
        return None
    syntax = [each for each in errors if each.unexpected]
    return ServiceError("PolicyParsingError", service_message(text, (syntax or errors)[0]))


def service_message(text: str, diagnostic: Diagnostic) -> str:
    """The parser report for one error: the line counts from 1, the column from 0."""
    where = diagnostic.unexpected or _static(text, diagnostic)
    line, column, _ = Lines(text).position(where.offset)
    symbol = brief(where.symbol, _SYMBOL)
    failure = _failure(symbol, where, diagnostic)
    report = (
        f"Offending symbol: '{symbol}' Line: '{line}', Column: '{column - 1}' "
        f"Failure message: '{failure}' Failing rule: '{where.rule_path}'"
    )
    return (
        "Native operation failed with 65526: 0x83FFFFF6 Invalid policy was specified "
        f"Msg:[Policy Parser Exception Thrown: {report}]"
    )


def evaluation_message(reason: str) -> str:
    """The engine report for a failure at run time."""
    reason = reason.replace("`", "'")
    return (
        "Native operation failed with 65518: 0x83FFFFEE Policy Evaluation Error has occurred "
        f"Msg:[Policy Engine Exception: {reason}]"
    )


def _failure(symbol: str, where: Unexpected, diagnostic: Diagnostic) -> str:
    if not diagnostic.is_syntax_error:
        return diagnostic.message.replace("`", "'")
    if not where.expected:
        return f"token recognition error at: '{symbol}'"
    wanted = ", ".join(where.expected)
    if len(where.expected) > 1:
        wanted = f"{{{wanted}}}"
    return f"mismatched input '{symbol}' expecting {wanted}"


def _static(text: str, diagnostic: Diagnostic) -> Unexpected:
    """A static error is reported at the first token of its span."""
    token = next_token(text, diagnostic.span.start)
    return Unexpected(token.start, token.text or "<EOF>", (), "policy")
