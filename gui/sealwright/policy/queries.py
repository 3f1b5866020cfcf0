"""JMESPath as policies use it: the standard and `equals_ignore_case` (spec policy-language, 9)."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

import jmespath
from jmespath import exceptions, functions, parser, visitor

from sealwright.policy.outcome import EvaluationError

_WORD: Final = re.compile(r"-?\w+|[=!<>|&]+")
_FAULTS: Final = (
    exceptions.JMESPathError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What the library raises on a bad query or a bad operand, some of it by accident."""


class _PolicyFunctions(functions.Functions):
    @functions.signature({"types": ["string"]}, {"types": ["string"]})
    def _func_equals_ignore_case(self, left: str, right: str) -> bool:
        return _lower(left) == _lower(right)


class _LenientFunctions(functions.Functions):
    @functions.signature({"types": []}, {"types": []})
    def _func_equals_ignore_case(self, left: object, right: object) -> bool:
        texts = isinstance(left, str) and isinstance(right, str)
        return texts and _lower(str(left)) == _lower(str(right))


class _Interpreter(visitor.TreeInterpreter):
    def visit_flatten(self, node: Any, value: Any) -> Any:  # noqa: ANN401 - any JSON
        found = super().visit_flatten(node, value)
        if found is not None and len(found) > _MOST:
            # `[@,@]|[]` doubles a list, and a query may say so thirty times.
            raise EvaluationError(f"A JMESPath query made a list of more than {_MOST:,} members")
        return found


_MOST: Final = 1_000_000
_OPTIONS: Final = jmespath.Options(custom_functions=_PolicyFunctions())
_LENIENT: Final = jmespath.Options(custom_functions=_LenientFunctions())


def _lower(text: str) -> str:
    """Simple lower-casing: one character stays one character."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def compile_query(query: str) -> Any:  # noqa: ANN401 - a type the library does not name
    """The parsed query.

    Raises:
        EvaluationError: it is not JMESPath.
    """
    try:
        return parser.Parser().parse(query)
    except _FAULTS as error:
        reason = str(error).split("\n", 1)[0]
        raise EvaluationError(f"`{query[:60]}` is not a JMESPath query: {reason}") from error


class QueryFault(NamedTuple):
    """Where a query stops making sense: characters from `start` to `end`, and in words."""

    start: int
    end: int
    reason: str


def query_fault(query: str) -> QueryFault | None:
    """What keeps a text from being JMESPath; None when it is."""
    if not query:
        return QueryFault(0, 0, "An empty query finds nothing")
    try:
        parser.Parser().parse(query)
    except exceptions.IncompleteExpressionError:
        return QueryFault(len(query) - 1, len(query), "This JMESPath query stops too early")
    except exceptions.ParseError as error:
        start = min(max(error.lex_position, 0), len(query) - 1)
        if query[start] in "'\"`" and "UNCLOSED" in str(error.token_type):
            return QueryFault(start, len(query), f"A {query[start]} of this query is not closed")
        word = _WORD.match(query, start)
        end = word.end() if word is not None else start + 1
        found = query[start:end]
        return QueryFault(start, end, f"`{found}` cannot stand here in a JMESPath query")
    except _FAULTS as error:
        reason = str(error).split("\n", 1)[0]
        return QueryFault(0, len(query), f"This is not a JMESPath query: {reason}")
    return None


def search(query: Any, document: Any, *, strict: bool = True) -> Any:  # noqa: ANN401 - any JSON
    """What the query finds in the document.

    Args:
        query: made by `compile_query`.
        document: any JSON.
        strict: `equals_ignore_case` takes strings only; otherwise nothing else equals anything.

    Raises:
        EvaluationError: a function of the query was given an operand it does not take.
    """
    try:
        return _Interpreter(_OPTIONS if strict else _LENIENT).visit(query.parsed, document)
    except _FAULTS as error:
        reason = str(error).split("\n", 1)[0]
        raise EvaluationError(f"The JMESPath query failed: {reason}") from error
