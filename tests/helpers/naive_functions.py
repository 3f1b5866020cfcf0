# ruff: noqa: ANN401, C901, PLR0911 - written down straight, in the order of the reference
"""The functions of the naive evaluator; a value is a list of (value, read-only)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import jmespath
from jmespath import functions

if TYPE_CHECKING:
    from sealwright.policy.semantics import Semantics

Members = list[tuple[Any, bool]]
SETS = {"IsSubsetOf": (0, 1), "ContainsOnlyValue": (0,)}


class NaiveError(Exception):
    """A rule failed."""


def equal(a: Any, b: Any) -> bool:
    return type(a) is type(b) and bool(a == b)


def as_text(value: Any) -> str:
    return {True: "true", False: "false"}[value] if type(value) is bool else str(value)


def call(name: str, arguments: list[Members], semantics: Semantics) -> Members:
    sets = SETS.get(name, ())
    if any(not each for at, each in enumerate(arguments) if at not in sets):
        if semantics.nothing_fails:
            raise NaiveError
        return []
    if any(not arguments[at] for at in sets) and not semantics.empty_sets_pass:
        raise NaiveError
    tainted = any(read_only for members in arguments for _, read_only in members)
    if name == "NegateBool":
        return [(not truth(one(arguments[0], semantics), semantics), tainted)]
    if name == "AppendString":
        left, right = (text(one(each, semantics), semantics) for each in arguments)
        return [(left + right, tainted)]
    if name == "IsSubsetOf":
        part, whole = arguments
        if not part:
            return [(semantics.empty_is_subset, False)]
        return [(all(any(alike(a, b, semantics) for b, _ in whole) for a, _ in part), False)]
    if name == "ContainsOnlyValue":
        wanted = one(arguments[1], semantics)
        values = [value for value, _ in arguments[0]]
        only = bool(values) and all(alike(value, wanted, semantics) for value in values)
        return [(only, False)]
    texts = [text(one(each, semantics), semantics) for each in arguments]
    if name == "JmesPath":
        return [(query(texts[0], texts[1], semantics), tainted)]
    return [(value, tainted) for value in claim_values(texts[0], semantics)]


def one(members: Members, semantics: Semantics) -> Any:
    if len(members) == 1:
        return members[0][0]
    same = all(equal(value, members[0][0]) for value, _ in members)
    if same is not (semantics.equal_members_are_one if same else semantics.mixed_set_fails):
        raise NaiveError
    return members[0][0]


def text(value: Any, semantics: Semantics) -> str:
    if type(value) is not str and semantics.operands_match_type:
        raise NaiveError
    return as_text(value)


def truth(value: Any, semantics: Semantics) -> bool:
    if value in {"true", "false"} and not semantics.operands_match_type:
        return bool(value == "true")
    if type(value) is not bool:
        raise NaiveError
    return value


def alike(a: Any, b: Any, semantics: Semantics) -> bool:
    return equal(a, b) if semantics.members_match_type else as_text(a) == as_text(b)


def load(document: str, semantics: Semantics) -> Any:
    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        kept = dict(pairs)
        if not semantics.last_key_wins:
            kept = {name: next(v for n, v in pairs if n == name) for name in kept}
        return kept

    try:
        return json.loads(document, object_pairs_hook=members)
    except ValueError:
        raise NaiveError from None


def claim_values(document: str, semantics: Semantics) -> list[Any]:
    data = load(document, semantics)
    if data == [] and not semantics.empty_arrays_pass:
        raise NaiveError
    values = data if isinstance(data, list) else [data]
    if isinstance(data, list) and None in data and not semantics.skips_null_members:
        raise NaiveError
    found = []
    for value in values:
        if value is None:
            continue
        if isinstance(value, dict | list):
            raise NaiveError
        whole = value
        if type(value) is float:
            if semantics.whole_fractions_fail or value != int(value):
                raise NaiveError
            whole = int(value)
        if type(whole) is int and semantics.integers_fit and not -(2**63) <= whole < 2**63:
            raise NaiveError
        found.append(whole)
    return found


class _Functions(functions.Functions):
    def __init__(self, semantics: Semantics) -> None:
        self.semantics = semantics

    @functions.signature({"types": []}, {"types": []})
    def _func_equals_ignore_case(self, a: Any, b: Any) -> bool:
        if not isinstance(a, str) or not isinstance(b, str):
            if self.semantics.only_strings_have_case:
                raise NaiveError
            return False
        if not self.semantics.case_folds_simply:
            return a.casefold() == b.casefold()
        return a.lower() == b.lower()


def query(document: str, expression: str, semantics: Semantics) -> str:
    if not document or not expression:
        raise NaiveError
    if not semantics.bare_words_are_fields:
        expression = re.sub(r"(?<![\w.'\"`])(true|false|null)(?![\w'\"`])", r"`\1`", expression)
    options = jmespath.Options(custom_functions=_Functions(semantics))
    try:
        found = jmespath.search(expression, load(document, semantics), options)
    except (ValueError, jmespath.exceptions.JMESPathError):
        raise NaiveError from None
    if isinstance(found, str) and not semantics.strings_keep_quotes:
        return found
    return written(found, semantics)


def written(found: Any, semantics: Semantics) -> str:
    blank = "" if semantics.json_is_compact else " "
    if isinstance(found, list):
        return f"[{f',{blank}'.join(written(each, semantics) for each in found)}]"
    if isinstance(found, dict):
        names = list(found) if semantics.json_keeps_order else sorted(found)
        pairs = [
            f"{written(name, semantics)}:{blank}{written(found[name], semantics)}" for name in names
        ]
        return f"{{{f',{blank}'.join(pairs)}}}"
    if isinstance(found, float) and not semantics.numbers_are_shortest:
        digits = format(found, ".17g")
        return digits if set(digits) & set(".e") else f"{digits}.0"
    return json.dumps(found, ensure_ascii=not semantics.json_is_unescaped)
