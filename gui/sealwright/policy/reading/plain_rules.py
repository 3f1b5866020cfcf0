"""Reads a rule of the plainest form at a stretch: literals in tests, no comment within.

Nearly every rule is of that form, and is read in a third of the time that its tokens take. What is
not is left to `sealwright.policy.reading.piece`, which reads everything; a property test holds both
beside each other.
"""

from __future__ import annotations

import re
from typing import Final

from sealwright.policy.syntax import (
    COMPARISONS,
    PROPERTIES,
    Action,
    Assignment,
    Condition,
    Expression,
    Literal,
    Reference,
    Rule,
    Test,
)

_B: Final = r"[ \t\r\n]*+"
_NAME: Final = r"[A-Za-z_][A-Za-z0-9_]*+"
_LITERAL: Final = r'"[^"\\\n]*+"|-?[0-9]{1,18}(?![0-9A-Za-z_])|true|false'
_TEST: Final = rf"(type|value|issuer){_B}([=!<>]=|[<>]){_B}({_LITERAL}){_B}"
_LEAD: Final = re.compile(r"(?:[ \t\r\n]++|//[^\n]*+)*")
_CONDITION: Final = re.compile(
    rf"{_B}(?:({_NAME}){_B}:{_B})?(\[){_B}{_TEST}(?:,{_B}{_TEST})?(\]){_B}(?:&&|=>)"
)
_ACTION: Final = re.compile(
    rf"{_B}(?:(permit|deny){_B}\({_B}"
    rf"|(add|issueproperty|issue){_B}\({_B}(?:claim{_B}={_B}({_NAME})"
    rf"|(type){_B}={_B}({_LITERAL}){_B},{_B}(value){_B}={_B}"
    rf"(?:({_LITERAL})|({_NAME}){_B}\.{_B}(type|valueType|value|issuer)(?![A-Za-z0-9_]))"
    rf"){_B})(\)){_B};"
)
_NAMED, _SELECTOR, _FIRST, _SECOND, _CLOSE = 1, 2, 3, 6, 9
_VERDICT, _VERB, _COPY, _TYPE, _VALUE, _LITERAL_VALUE, _REFERENCE, _END = 1, 2, 3, 4, 6, 7, 8, 10
_WORDS: Final = {word: word for word in (*PROPERTIES, *COMPARISONS)}
"""One text for each word, or a megabyte of rules would hold a hundred thousand."""
_BOOLEANS: Final = {"true": True, "false": False}
_new: Final = tuple.__new__  # half the time of the constructor


def plain_rule(text: str, begin: int) -> tuple[Rule, int] | None:
    """The rule after an offset, its own offsets counted from there, and where it ends."""
    lead = _LEAD.match(text, begin)
    start = at = lead.end() if lead else begin
    conditions: list[Condition] = []
    if text.startswith("=>", at):
        at += 2
    else:
        joint = "&"
        while joint == "&":
            match = _CONDITION.match(text, at)
            if match is None or match[_NAMED] in _BOOLEANS:
                return None
            conditions.append(_condition(match, begin))
            at = match.end()
            joint = text[at - 1]
    match = _ACTION.match(text, at)
    if match is None or match[_COPY] in _BOOLEANS or match[_REFERENCE] in _BOOLEANS:
        return None
    end = match.end()
    rule = (tuple(conditions), _action(match, begin), start - begin, end - begin)
    return _new(Rule, rule), end


def _condition(match: re.Match[str], begin: int) -> Condition:
    spans = match.regs
    selector = spans[_SELECTOR][0] - begin
    first = _test(match, spans, _FIRST, begin)
    tests = (first, _test(match, spans, _SECOND, begin)) if spans[_SECOND][0] >= 0 else (first,)
    name = match[_NAMED] or ""
    start = spans[_NAMED][0] - begin if name else selector
    end = spans[_CLOSE][1] - begin
    return _new(Condition, (False, name, tests, start, end, start, selector))


def _test(match: re.Match[str], spans: tuple[tuple[int, int], ...], group: int, begin: int) -> Test:
    name, comparison, value = match.group(group, group + 1, group + 2)
    start, end = spans[group + 2]
    literal = _literal(value, start - begin, end - begin)
    operator = spans[group + 1][0] - begin
    return _new(
        Test,
        (
            _WORDS[name],
            _WORDS[comparison],
            literal,
            spans[group][0] - begin,
            end - begin,
            operator,
        ),
    )


def _literal(token: str, start: int, end: int) -> Literal:
    if token[0] == '"':
        return _new(Literal, (token[1:-1], start, end))
    value = _BOOLEANS.get(token)
    return _new(Literal, (int(token) if value is None else value, start, end))


def _action(match: re.Match[str], begin: int) -> Action:
    spans = match.regs
    end = spans[_END][1] - begin
    if match[_VERDICT]:
        return _new(Action, (match[_VERDICT], (), "", spans[_VERDICT][0] - begin, end, 0))
    start = spans[_VERB][0] - begin
    if match[_COPY]:
        copied = spans[_COPY][0] - begin
        return _new(Action, (match[_VERB], (), match[_COPY], start, end, copied))
    kind = _literal(match[_TYPE + 1], spans[_TYPE + 1][0] - begin, spans[_TYPE + 1][1] - begin)
    value = _value(match, begin)
    assignments = (
        _new(Assignment, ("type", kind, spans[_TYPE][0] - begin, kind.end)),
        _new(Assignment, ("value", value, spans[_VALUE][0] - begin, value.end)),
    )
    return _new(Action, (match[_VERB], assignments, "", start, end, 0))


def _value(match: re.Match[str], begin: int) -> Expression:
    spans = match.regs
    if match[_LITERAL_VALUE]:
        start, end = spans[_LITERAL_VALUE]
        return _literal(match[_LITERAL_VALUE], start - begin, end - begin)
    start, (property_start, end) = spans[_REFERENCE][0], spans[_REFERENCE + 1]
    name = _WORDS[match[_REFERENCE + 1]]
    places = start - begin, end - begin, property_start - begin
    return _new(Reference, (match[_REFERENCE], name, *places))
