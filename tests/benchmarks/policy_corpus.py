"""Texts to measure with: a policy and a Python module of any size, always the same ones."""

from __future__ import annotations

import random

_SEED = 20260101
_SHAPES = (
    (
        '    // release N\n    [type=="x-ms-sgx-mrsigner", value=="D"] &&\n',
        '    [type=="x-ms-sgx-svn", value>=N] => permit();\n',
    ),
    ('    c:[type=="zone-N", issuer=="CustomClaim"] => add(claim=c);\n',),
    (
        '    a:[type=="said-N"] && b:[type=="seen-N", value==a.value]\n',
        '        => add(type="match-N", value=b.value);\n',
    ),
    ('    [type=="x-ms-sgx-product-id", value!=N] => deny();\n',),
)


def policy_of(size: int) -> str:
    """A policy of about `size` characters with comments, digests, joins and copies."""
    draw = random.Random(_SEED)  # noqa: S311 - the same text every time
    parts = ["version=1.1;\nauthorizationrules {\n"]
    length = 0
    while length < size:
        digest = "".join(draw.choice("0123456789abcdef") for _ in range(64))
        number = draw.randrange(60_000)
        rule = "".join(draw.choice(_SHAPES)).replace("N", str(number)).replace("D", digest)
        parts.append(rule)
        length += len(rule)
    return "".join([*parts, "};\n"])


def long_policy_of(size: int) -> str:
    """A policy of about `size` characters in long rules: fewer than are allowed, none doubtful."""
    return _releases(size, '[type=="x-ms-sgx-svn", value>={}] => permit();')


def noisy_policy_of(size: int) -> str:
    """The same with a claim in every rule that nobody knows, and one that nobody reads."""
    return _releases(size, 'c:[type=="zone-{0}"] => add(type="seen-{0}", value=c.value);')


def _releases(size: int, last: str) -> str:
    draw = random.Random(_SEED)  # noqa: S311 - the same text every time
    parts = ["version=1.1;\nauthorizationrules {\n"]
    length = 0
    while length < size:
        digests = ["".join(draw.choice("0123456789abcdef") for _ in range(64)) for _ in range(2)]
        number = draw.randrange(60_000)
        rule = (
            f"    // release {number}\n"
            f'    [type=="x-ms-sgx-mrsigner", value=="{digests[0]}"] &&\n'
            f'    [type=="x-ms-sgx-mrenclave", value=="{digests[1]}"] &&\n'
            f"    {last.format(number)}\n"
        )
        parts.append(rule)
        length += len(rule)
    return "".join([*parts, "};\n"])


def module_of(size: int) -> str:
    """A Python module of about `size` characters, as dense as policies are."""
    draw = random.Random(_SEED)  # noqa: S311 - the same text every time
    parts = []
    length = 0
    while length < size:
        number = draw.randrange(60_000)
        part = (
            f"# release {number}\nif claim.kind == 'mrsigner' and claim.value >= {number}:\n"
            f"    c = added(kind='zone-{number}', value=claim.value, issuer=claim.issuer)\n"
        )
        parts.append(part)
        length += len(part)
    return "".join(parts)


def yaml_of(size: int) -> str:
    """A YAML document of about `size` characters that a linter has nothing against."""
    draw = random.Random(_SEED)  # noqa: S311 - the same text every time
    parts = ["---\ncases:\n"]
    length = 0
    while length < size:
        number = draw.randrange(60_000)
        part = f"  # release {number}\n  - name: zone {number}\n    claims:\n      svn: {number}\n"
        parts.append(part)
        length += len(part)
    return "".join(parts)
