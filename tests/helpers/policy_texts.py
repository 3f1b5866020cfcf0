"""Generators of policies that pass the static checks, and of claims that they talk about."""

from __future__ import annotations

import json
from functools import reduce

from hypothesis import strategies as st

from sealwright.claims import CUSTOM_CLAIM, POLICY_ISSUER, SERVICE_ISSUER, Claim, ClaimValue
from sealwright.policy.semantics import OUR_SEMANTICS, SWITCHES, turned

TYPES = ["a", "b", "c", "pcrs", "json"]
STRINGS = [
    "", "x", "X", "a", "String", "true", "1", "null", "[1,2]", '["x",null,"x"]', '{"k":[1,"x"]}',
    '{"k":1.5}', "[true]", '"x"', "{}", "\U0001f600", "AttestationPolicy", "[]", "[2.0]",
    '{"true":0.1,"k":"\u00df","k":true}',
]  # fmt: skip
QUERIES = [
    "k", "k[0]", "@", "k[?@=='x']", "length(k)", "equals_ignore_case(@, 'X')", "k[", "''",
    "true", "k == true", "equals_ignore_case(k, 'SS')",
]  # fmt: skip
INTEGERS = [-1, 0, 1, 2, 3, 9223372036854775807]

semantics = st.sets(st.sampled_from(SWITCHES), max_size=4).map(
    lambda switches: reduce(turned, sorted(switches), OUR_SEMANTICS)
)
"""Some switches turned, often none."""
values = st.one_of(st.sampled_from(STRINGS), st.sampled_from(INTEGERS), st.booleans())
claims = st.lists(
    st.builds(
        Claim,
        st.sampled_from(TYPES),
        values,
        st.sampled_from([SERVICE_ISSUER, CUSTOM_CLAIM, POLICY_ISSUER]),
    ),
    max_size=8,
)


def quoted(value: ClaimValue) -> str:
    return json.dumps(value, ensure_ascii=False)


@st.composite
def expressions(
    draw: st.DrawFn, names: tuple[str, ...], depth: int = 0, *, plain: bool = False
) -> str:
    kind = draw(st.integers(0, 1 if plain or depth == 2 else 3))
    if kind == 1 and names:
        name = draw(st.sampled_from(names))
        return f"{name}.{draw(st.sampled_from(['value', 'type', 'issuer', 'valueType']))}"
    if kind < 2:
        return quoted(draw(values))
    inner = [draw(expressions(names, depth + 1)) for _ in range(2)]
    return draw(
        st.sampled_from(
            [
                f"JmesPath({text(inner[0])}, {quoted(draw(st.sampled_from(QUERIES)))})",
                f"JsonToClaimValue({text(inner[0])})",
                f"IsSubsetOf({inner[0]}, {inner[1]})",
                f"AppendString({text(inner[0])}, {text(inner[1])})",
                f"NegateBool({flag(inner[0])})",
                f"ContainsOnlyValue({inner[0]}, {inner[1]})",
            ]
        )
    )


def text(written: str) -> str:
    literal = written in {"true", "false"} or written.lstrip("-").isdigit()
    return quoted(written) if literal else written


def flag(written: str) -> str:
    literal = written.startswith('"') or written.lstrip("-").isdigit()
    return "true" if literal else written


@st.composite
def conditions(draw: st.DrawFn, names: tuple[str, ...], *, plain: bool) -> str:
    tests = []
    if draw(st.integers(0, 5)):
        named = [each for each in TYPES if each != "pcrs"] if plain else TYPES
        tests.append(f"type=={quoted(draw(st.sampled_from(named)))}")
    for _ in range(draw(st.integers(0, 2))):
        side = draw(expressions(names, plain=plain))
        literal = side.startswith('"') or side in {"true", "false"}
        comparison = draw(
            st.sampled_from(["==", "!="] if literal else ["==", "!=", "<", "<=", ">", ">="])
        )
        name = draw(st.sampled_from(["value", "value", "issuer", "valueType", "type"]))
        tests.append(f"{name}{comparison}{side}")
    shuffled: list[str] = list(draw(st.permutations(tests)))
    return f"[{', '.join(shuffled)}]"


@st.composite
def rules(draw: st.DrawFn, verbs: tuple[str, ...], *, plain: bool, shuffled: bool = False) -> str:
    names: list[str] = []
    parts: list[str] = []
    for index in range(draw(st.integers(0, 3))):
        condition = draw(conditions(tuple(names), plain=plain))
        if draw(st.booleans()):
            names.append(f"n{index}")
            parts.append(f"n{index}:{condition}")
        else:
            negation = "!" if draw(st.booleans()) else ""
            parts.append(negation + condition)
    verb = draw(st.sampled_from(verbs))
    if verb in {"permit", "deny"}:
        action = f"{verb}()"
    elif draw(st.booleans()) and names:
        action = f"{verb}(claim={draw(st.sampled_from(names))})"
    else:
        kind = quoted(draw(st.sampled_from([*TYPES, "omit_x5c", "report_validity_in_minutes"])))
        if not plain and draw(st.integers(0, 4)) == 0:
            computed = [f"{names[0]}.type", f"{names[0]}.value"] if names else []
            kind = draw(st.sampled_from(['JsonToClaimValue("\\"\\"")', *computed]))
        value = draw(expressions(tuple(names), plain=plain))
        value = "true" if kind == '"omit_x5c"' else value
        if kind == '"report_validity_in_minutes"':
            value = str(draw(st.sampled_from([0, 1, 60, 525_601])))
        action = f"{verb}(type={kind}, value={value})"
    if shuffled:
        parts = list(draw(st.permutations(parts)))
    return f"{' && '.join(parts)} => {action};"


@st.composite
def settings_of(draw: st.DrawFn) -> str:
    """What stands in configurationrules."""
    value = draw(st.sampled_from(["1", "7", 'JsonToClaimValue("[1, 2]")', '"x"']))
    mask = '=> issueproperty(type="required_pcr_mask", value={0});'
    more = [
        'n:[type=="required_pcr_mask"] => issueproperty(claim=n);',
        f'[type=="a"] {mask.format(2)}',
        f'n:[type=="a"] {mask.format("n.value")}',
        f'=> issueproperty(type="{draw(st.sampled_from(TYPES))}", value={value});',
    ]
    return "".join((mask.format(1), *draw(st.lists(st.sampled_from(more), max_size=2))))


@st.composite
def policies(draw: st.DrawFn, *, plain: bool = False, shuffled: bool = False) -> str:
    """A policy; a plain one calls no function and names every type, so that it can be compiled.

    Conditions of a shuffled one refer to others on either side.
    """
    verbs = ("permit", "permit", "deny", "add", "issue")
    verdicts = rules(verbs, plain=plain, shuffled=shuffled)
    authorization = draw(st.lists(verdicts, max_size=4))
    issues = rules(("add", "issue", "issueproperty"), plain=plain, shuffled=shuffled)
    issuance = draw(st.lists(issues, max_size=5))
    settings = draw(settings_of()) if not plain and draw(st.booleans()) else ""
    return "\n".join(
        [
            "version=1.2;",
            *([f"configurationrules {{ {settings} }};"] if settings else []),
            "authorizationrules {",
            *authorization,
            *(["=> permit();"] if draw(st.booleans()) else []),
            "};",
            "issuancerules {",
            *issuance,
            "};",
        ]
    )
