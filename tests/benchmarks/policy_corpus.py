"""Texts to measure with: a policy and a Python module of any size, always the same ones."""

from __future__ import annotations

import random
import re

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


def fleet_policy_of(lines: int) -> str:
    """A policy as a fleet's would be: releases that are told apart, admitted, and issued."""
    draw = random.Random(_SEED)  # noqa: S311 - the same text every time
    admits, issues = [_FLEET_HEAD], ["};\nissuancerules {\n"]
    number, count = 0, 8
    while count < lines:
        number += 1
        signer = "".join(draw.choice("0123456789abcdef") for _ in range(64))
        values = {"N": str(number), "S": str(draw.randrange(2, 9)), "D": signer}
        parts = [_RELEASE, *(part for every, part in _NOW_AND_THEN if number % every == 0)]
        for part in parts:
            written = "".join(values.get(word, word) for word in re.split(r"\b([NSD])\b", part))
            (issues if "issue(" in part else admits).append(written)
            count += part.count("\n")
    return "".join([*admits, *issues, "};\n"])


_FLEET_HEAD = """version=1.1;
configurationrules {
    => issueproperty(type="x-ms-sgx-tcbidentifier", value="azuredefault");
};
authorizationrules {
    [type=="x-ms-sgx-is-debuggable", value==true] => deny();
"""
_RELEASE = """    // release N of the payment service
    [type=="x-ms-sgx-is-debuggable", value==false] &&
    [type=="x-ms-sgx-mrsigner", value=="D"] &&
    [type=="x-ms-sgx-product-id", value==N] &&
    [type=="x-ms-sgx-svn", value>=S]
        => add(type="release-N", value="payments-N");
    [type=="release-N"] => permit();
"""
_NOW_AND_THEN = (
    (3, '    c:[type=="release-N"] => issue(type="release", value=c.value);\n'),
    (4, '    [type=="release-N", value=="payments-N"] => issue(type="team-N", value=true);\n'),
    (10, '    c:[type=="x-ms-sgx-svn", value>=S] => add(type="seen-N", value=c.value);\n'),
    (25, '    [type=="x-ms-sgx-svm", value==N] => deny();\n'),
)
"""Every how many releases: three sound rules, a claim nobody reads, and a slip of the finger."""


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
