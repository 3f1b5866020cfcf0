"""Semantic diff, explanation and the builder's model."""

from __future__ import annotations

from pathlib import Path

import pytest

from sealwright.claims import SERVICE_ISSUER, AttestationType, Catalogue, Claim
from sealwright.policy import (
    evaluate,
    explain,
    model_text,
    parse,
    pin_from,
    read_model,
    semantic_diff,
)
from sealwright.policy.writing.builder import IssuedClaim, PolicyModel, Requirement

RESOURCES = Path(__file__).parents[3] / "resources"
CATALOGUE = Catalogue.from_json((RESOURCES / "claims.json").read_text("utf-8"))
DIGEST = "ab12" * 16
SVN = "the security version"
TEXT = f"""version=1.1;
configurationrules {{
    => issueproperty(type="x-ms-sgx-tcbidentifier", value="14");
}};
authorizationrules {{
    [type=="x-ms-sgx-is-debuggable", value==true] => deny();
    [type=="x-ms-sgx-mrsigner", value=="{DIGEST}"] && [type=="x-ms-sgx-svn", value>=2] => permit();
}};
issuancerules {{
    c:[type=="x-ms-sgx-svn"] => issue(type="level", value=c.value);
    => issue(type="tier", value="gold");
}};
"""


def kinds(before: str, after: str) -> list[str]:
    return [change.kind.value for change in semantic_diff(parse(before), parse(after)).changes]


def test_blanks_comments_and_names_are_no_difference() -> None:
    other = TEXT.replace("c:", "x :").replace("c.value", "x . value").replace("{\n", "{ // new\n")
    diff = semantic_diff(parse(TEXT), parse(other))
    assert diff.equal
    assert diff.changes == ()


def test_added_removed_changed_moved() -> None:
    rule = '    => issue(type="tier", value="gold");\n'
    copied = '    c:[type=="x-ms-sgx-svn"] => issue(type="level", value=c.value);\n'
    assert kinds(TEXT, TEXT.replace(rule, "")) == ["removed"]
    assert kinds(TEXT.replace(rule, ""), TEXT) == ["added"]
    assert kinds(TEXT, TEXT.replace("value>=2", "value>=3")) == ["changed"]
    assert kinds(TEXT, TEXT.replace(copied + rule, rule + copied)) == ["moved"]
    assert semantic_diff(parse(TEXT), parse(TEXT.replace("1.1", "1.2", 1))).versions == (
        "1.1",
        "1.2",
    )


def test_claims_newly_required_and_decisions_that_change() -> None:
    after = TEXT.replace(
        '[type=="x-ms-sgx-svn", value>=2]',
        '[type=="x-ms-sgx-svn", value>=3] && [type=="x-ms-sgx-product-id", value==1]',
    )
    good = [
        Claim("x-ms-sgx-mrsigner", DIGEST, SERVICE_ISSUER),
        Claim("x-ms-sgx-svn", 2, SERVICE_ISSUER),
    ]
    diff = semantic_diff(parse(TEXT), parse(after), [("release", good), ("nothing", [])])
    assert diff.newly_required == ("x-ms-sgx-product-id",)
    assert diff.no_longer_required == ()
    assert diff.decisions == (("release", "permit", "deny"),)


def test_explanation() -> None:
    explanation = explain(parse(TEXT))
    assert explanation.summary == (
        "Denies when debugging is on. Permits when the signer is ab12… and the security version "
        'is at least 2. Issues `level` and `tier`. Sets `x-ms-sgx-tcbidentifier` to "14".'
    )
    assert [rule.text for rule in explanation.rules][1:] == [
        "When debugging is on: denies the request.",
        "When the signer is ab12… and the security version is at least 2: permits the request.",
        f"When {SVN} is present: issues `level` with the value of {SVN}.",
        'Always issues `tier` as "gold".',
    ]


@pytest.mark.parametrize(
    ("rules", "summary"),
    [
        ("=>permit();", "Permits every request whose evidence is genuine."),
        ("", "Denies every request."),
        ("=>permit();=>deny();", "Denies every request."),
        ('[type=="a",value==1]=>deny();=>permit();', "Denies when `a` is 1. Permits otherwise."),
        ('[type=="a"]=>permit();[type=="b"]=>permit();',
         "Permits when `a` is present or when `b` is present."),
        ('![type=="a"]=>permit();', "Permits when `a` is absent."),
        (
            '![type=="x-ms-sgx-svn",value<3]&&[type=="b"]=>permit();',
            "Permits when no `x-ms-sgx-svn` is below 3 and `b` is present.",
        ),
        (
            '![type=="a",value>=3,value<=5]=>permit();',
            "Permits when there is no claim where `a` is at least 3 and `a` is at most 5.",
        ),
        (
            '![type=="a",issuer=="CustomClaim"]=>permit();',
            "Permits when `a` is absent (from the client).",
        ),
        ("![]=>permit();", "Permits when there is no claim."),
        (
            '[type!="x",issuer!="AttestationService"]=>permit();',
            "Permits when any claim's type is not x and its issuer is not AttestationService.",
        ),
        (
            '![issuer=="CustomClaim"]=>permit();',
            "Permits when there is no claim (from the client).",
        ),
    ],
)  # fmt: skip
def test_summaries(rules: str, summary: str) -> None:
    assert explain(parse(f"version=1.2;authorizationrules{{{rules}}};")).summary == summary


def test_the_model_goes_to_text_and_back() -> None:
    model, outside = read_model(parse(TEXT))
    assert outside == ()
    assert model == PolicyModel(
        version="1.1",
        denials=(Requirement("x-ms-sgx-is-debuggable", "==", value=True),),
        requirements=(
            Requirement("x-ms-sgx-mrsigner", "==", DIGEST),
            Requirement("x-ms-sgx-svn", ">=", 2),
        ),
        issued=(IssuedClaim("level", "x-ms-sgx-svn"), IssuedClaim("tier", value="gold")),
        settings=(("x-ms-sgx-tcbidentifier", "14"),),
    )
    assert read_model(parse(model_text(model))).model == model
    assert semantic_diff(parse(TEXT), parse(model_text(model))).equal


def test_what_the_model_cannot_say_is_named() -> None:
    text = TEXT.replace("=> deny();", "=> deny();\n    [value==1] => permit();")
    (outside,) = read_model(parse(text)).outside
    assert text[outside.span.start : outside.span.end] == "[value==1] => permit();"


def test_pinned_requirements_permit_the_evidence_they_came_from() -> None:
    claims = [
        Claim("x-ms-sgx-is-debuggable", value=False, issuer=SERVICE_ISSUER),
        Claim("x-ms-sgx-mrsigner", DIGEST, SERVICE_ISSUER),
        Claim("x-ms-sgx-svn", 5, SERVICE_ISSUER),
        Claim("x-ms-sgx-report-data", "00", SERVICE_ISSUER),
        Claim("$svn", 5, SERVICE_ISSUER),
    ]
    requirements = pin_from(claims, CATALOGUE, AttestationType.SGX_ENCLAVE)
    assert requirements == (
        Requirement("x-ms-sgx-is-debuggable", "==", value=False),
        Requirement("x-ms-sgx-mrsigner", "==", DIGEST),
        Requirement("x-ms-sgx-svn", ">=", 5),
    )
    policy = parse(model_text(PolicyModel(requirements=requirements)))
    assert evaluate(policy, claims).permitted
    assert not evaluate(policy, [*claims[:2], Claim("x-ms-sgx-svn", 4, SERVICE_ISSUER)]).permitted
