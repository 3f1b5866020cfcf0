"""Peer: section 3 of the policy language as a complete Lark LALR grammar, without recovery.

Lark is no dependency of the project: `pip install lark` to measure with it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final, Protocol

GRAMMAR: Final = r"""
start: BOM? version section+
version: VERSION "=" NUMBER "." NUMBER ";"
section: SECTION "{" rule* "}" ";"
rule: [condition ("&&" condition)*] "=>" action ";"
condition: NOT? [NAME ":"] "[" [test ("," test)*] "]"
test: PROPERTY COMPARISON expression
action: VERDICT "(" ")" | VERB "(" argument ")"
argument: CLAIM "=" NAME | assignment ("," assignment)*
assignment: PROPERTY "=" expression
expression: STRING | NUMBER | BOOLEAN | NAME "." PROPERTY | call
call: NAME "(" [expression ("," expression)*] ")"

BOM: "\ufeff"
VERSION.3: /version(?![A-Za-z0-9_])/i
SECTION.3: /(configurationrules|authorizationrules|issuancerules)(?![A-Za-z0-9_])/i
VERDICT.3: /(permit|deny)(?![A-Za-z0-9_])/i
VERB.3: /(add|issueproperty|issue)(?![A-Za-z0-9_])/i
CLAIM.3: /claim(?![A-Za-z0-9_])/i
PROPERTY.2: /(type|valuetype|value|issuer)(?![A-Za-z0-9_])/i
BOOLEAN.2: /(true|false)(?![A-Za-z0-9_])/
COMPARISON: /==|!=|<=|>=|<|>/
NOT: /!(?!=)/
NAME.1: /(?!(?:true|false)(?![A-Za-z0-9_]))[A-Za-z_][A-Za-z0-9_]*/
NUMBER: /-?[0-9]+(?![0-9A-Za-z_])/
STRING: /"(?:[^"\\\n]|\\(?:["\\\/bfnrt]|u[0-9a-fA-F]{4}))*"/
COMMENT: /\/\/[^\n]*/
%ignore /[ \t\r\n]+/
%ignore COMMENT
"""


class Peer(Protocol):
    """A parser that raises on the first error."""

    def parse(self, text: str) -> object:
        """The tree of the text."""
        ...


def lark_parser() -> Peer:
    """The peer, ready to parse."""
    lark = import_module("lark")
    peer: Peer = lark.Lark(
        GRAMMAR, parser="lalr", maybe_placeholders=False, propagate_positions=False
    )
    return peer
