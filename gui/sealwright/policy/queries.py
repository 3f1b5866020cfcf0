"""JMESPath as policies use it: the standard and `equals_ignore_case` (spec policy-language, 9)."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import jmespath
from jmespath import exceptions, functions, lexer, parser, visitor

from sealwright.policy.outcome import EvaluationError

if TYPE_CHECKING:
    from collections.abc import Callable

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


class Dialect(NamedTuple):
    """What of JMESPath is a choice; `sealwright.policy.semantics` says what each means."""

    bare_words_are_fields: bool = True
    only_strings_have_case: bool = True
    case_folds_simply: bool = True


class _PolicyFunctions(functions.Functions):
    def __init__(self, fold: Callable[[str], str]) -> None:
        self._fold = fold

    @functions.signature({"types": ["string"]}, {"types": ["string"]})
    def _func_equals_ignore_case(self, left: str, right: str) -> bool:
        return self._fold(left) == self._fold(right)


class _LenientFunctions(_PolicyFunctions):
    @functions.signature({"types": []}, {"types": []})
    def _func_equals_ignore_case(self, left: object, right: object) -> bool:
        texts = isinstance(left, str) and isinstance(right, str)
        return texts and self._fold(str(left)) == self._fold(str(right))


class _Interpreter(visitor.TreeInterpreter):
    def visit_flatten(self, node: Any, value: Any) -> Any:  # noqa: ANN401 - any JSON
        found = super().visit_flatten(node, value)
        if found is not None and len(found) > _MOST:
            # `[@,@]|[]` doubles a list, and a query may say so thirty times.
            raise EvaluationError(f"A JMESPath query made a list of more than {_MOST:,} members")
        return found


_MOST: Final = 1_000_000
_WORDS: Final = frozenset(("true", "false", "null"))
_STANDARD: Final = Dialect()


@cache
def _options(dialect: Dialect) -> jmespath.Options:
    fold = _lower if dialect.case_folds_simply else str.casefold
    kind = _PolicyFunctions if dialect.only_strings_have_case else _LenientFunctions
    return jmespath.Options(custom_functions=kind(fold))


def _lower(text: str) -> str:
    """Simple lower-casing: one character stays one character."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def compile_query(query: str, dialect: Dialect = _STANDARD) -> Any:  # noqa: ANN401 - a type the library does not name
    """The parsed query.

    Raises:
        EvaluationError: it is not JMESPath.
    """
    try:
        text = query if dialect.bare_words_are_fields else _with_values(query)
        return parser.Parser().parse(text)
    except _FAULTS as error:
        reason = str(error).split("\n", 1)[0]
        raise EvaluationError(f"`{query[:60]}` is not a JMESPath query: {reason}") from error


def _with_values(query: str) -> str:
    """The query with `true`, `false` and `null` as values, where they do not name a member."""
    tokens = list(lexer.Lexer().tokenize(query))
    parts, end, before = [], 0, ""
    for token, follows in pairwise(tokens):
        named = before == "dot" or follows["type"] in {"lparen", "colon"}
        before = token["type"]
        if before == "unquoted_identifier" and token["value"] in _WORDS and not named:
            parts += [query[end : token["start"]], f"`{token['value']}`"]
            end = token["end"]
    return "".join((*parts, query[end:]))


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


def search(query: Any, document: Any, dialect: Dialect = _STANDARD) -> Any:  # noqa: ANN401 - any JSON
    """What the query finds in the document.

    Args:
        query: made by `compile_query`.
        document: any JSON.
        dialect: that of `compile_query`.

    Raises:
        EvaluationError: a function of the query was given an operand it does not take.
    """
    try:
        return _Interpreter(_options(dialect)).visit(query.parsed, document)
    except _FAULTS as error:
        reason = str(error).split("\n", 1)[0]
        raise EvaluationError(f"The JMESPath query failed: {reason}") from error
