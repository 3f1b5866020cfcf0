"""Generators of policies that pass the static checks, and of claims that they talk about."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from sealwright.claims import CUSTOM_CLAIM, POLICY_ISSUER, SERVICE_ISSUER, Claim, ClaimValue

TYPES = ["a", "b", "c", "pcrs", "json"]
STRINGS = [
    "", "x", "X", "a", "String", "true", "1", "null", "[1,2]", '["x",null,"x"]', '{"k":[1,"x"]}',
    '{"k":1.5}', "[true]", '"x"', "{}", "\U0001f600", "AttestationPolicy",
]  # fmt: skip
QUERIES = ["k", "k[0]", "@", "k[?@=='x']", "length(k)", "equals_ignore_case(@, 'X')", "k[", "''"]
INTEGERS = [-1, 0, 1, 2, 3, 9223372036854775807]

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
def rules(draw: st.DrawFn, verbs: tuple[str, ...], *, plain: bool) -> str:
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
        kind = quoted(draw(st.sampled_from([*TYPES, "omit_x5c"])))
        if not plain and draw(st.integers(0, 4)) == 0 and names:
            kind = f"{names[0]}.type"
        value = draw(expressions(tuple(names), plain=plain))
        value = "true" if kind == '"omit_x5c"' else value
        action = f"{verb}(type={kind}, value={value})"
    return f"{' && '.join(parts)} => {action};"


@st.composite
def policies(draw: st.DrawFn, *, plain: bool = False) -> str:
    """A policy; a plain one calls no function and names every type, so that it can be compiled."""
    verdicts = rules(("permit", "permit", "deny", "add", "issue"), plain=plain)
    authorization = draw(st.lists(verdicts, max_size=4))
    issues = rules(("add", "issue", "issueproperty"), plain=plain)
    issuance = draw(st.lists(issues, max_size=5))
    return "\n".join(
        [
            "version=1.2;",
            "authorizationrules {",
            *authorization,
            *(["=> permit();"] if draw(st.booleans()) else []),
            "};",
            "issuancerules {",
            *issuance,
            "};",
        ]
    )
