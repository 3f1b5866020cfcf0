"""Dry run: the decision, the rule that made it, and the value to change."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING

import anyio
import pytest

from helpers.simulators import World
from sealwright.claims import SERVICE_ISSUER, AttestationType, Claim
from sealwright.claims.claim import CUSTOM_CLAIM
from sealwright.errors import UsageError
from sealwright.services.policies.dry_run import DryRun, Verdict
from sealwright.services.policies.rule_rows import CheckMark, RuleState

if TYPE_CHECKING:
    from collections.abc import Sequence

SGX = AttestationType.SGX_ENCLAVE
POLICY = """version=1.1;
configurationrules {
    => issueproperty(type="x-ms-sgx-tcbidentifier", value="14");
};
authorizationrules {
    [type=="x-ms-sgx-is-debuggable", value==true] => deny();
    [type=="x-ms-sgx-mrsigner", value=="abcd"]
        && [type=="x-ms-sgx-product-id", value=="4639"]
        && [type=="x-ms-sgx-svn", value>=7]
        => permit();
};
issuancerules {
    m:[type=="x-ms-sgx-svn"] => issue(type="svn-seen", value=m.value);
};
"""
CLAIMS = (
    Claim("x-ms-sgx-is-debuggable", False, SERVICE_ISSUER),  # noqa: FBT003 - a claim's value
    Claim("x-ms-sgx-mrsigner", "abcd", SERVICE_ISSUER),
    Claim("x-ms-sgx-product-id", 4639, SERVICE_ISSUER),
    Claim("x-ms-sgx-svn", 9, SERVICE_ISSUER),
)

TPM = AttestationType.TPM


def run(text: str, claims: Sequence[Claim] = CLAIMS) -> DryRun:
    async def ask() -> DryRun:
        return await World().services().dry_run.run(text, SGX, claims)

    return anyio.run(ask)


def test_a_near_miss_names_the_line_what_was_expected_and_what_was_there() -> None:
    found = run(POLICY)
    assert found.verdict is Verdict.NOT_PERMITTED
    assert found.reason == "No rule reached permit(): line 8 compares an integer with text."
    row = next(each for each in found.rules if each.state is RuleState.NEARLY)
    assert (row.title, row.first_line, row.last_line) == ("permit()", 7, 10)
    assert [each.mark for each in row.checks] == [
        CheckMark.HOLDS,
        CheckMark.FAILS,
        CheckMark.OPEN,
    ]
    assert row.miss is not None
    assert (row.miss.line, row.miss.expected, row.miss.expected_type) == (8, '"4639"', "String")
    assert (row.miss.actual, row.miss.actual_type) == ("4639", "Integer")
    assert found.token == ()


def test_a_permit_shows_the_token_that_would_be_issued() -> None:
    found = run(POLICY.replace('value=="4639"', "value==4639"))
    assert found.verdict is Verdict.PERMITTED
    assert found.reason == "The permit() of line 7 fired: every condition holds."
    by_name = {each.name: each for each in found.token}
    assert by_name["svn-seen"].value == 9
    assert by_name["svn-seen"].by_policy
    assert by_name["x-ms-sgx-mrsigner"].value == "abcd"
    assert not by_name["x-ms-sgx-mrsigner"].by_policy
    assert found.validity_minutes == 480
    assert [each.type for each in found.looked_at] == [each.type for each in CLAIMS]


def test_a_deny_names_what_holds() -> None:
    debug = Claim("x-ms-sgx-is-debuggable", True, SERVICE_ISSUER)  # noqa: FBT003 - as above
    found = run(POLICY, (debug,))
    assert found.verdict is Verdict.DENIED
    assert "deny() of line 6 fired" in found.reason
    assert "x-ms-sgx-is-debuggable == true" in found.reason
    unreached = [each.title for each in found.rules if each.state is RuleState.NOT_REACHED]
    assert unreached == ["issue svn-seen"]


def test_a_claim_that_is_not_there_is_said_to_be_missing() -> None:
    found = run(POLICY, CLAIMS[:2])
    assert "needs `x-ms-sgx-product-id`, and there is no such claim" in found.reason


def test_a_text_with_errors_leads_to_the_place_of_the_first() -> None:
    text = POLICY.replace("permit();", "permit()")
    found = run(text)
    assert found.verdict is Verdict.UNREADABLE
    assert found.decision == ""
    assert found.place is not None
    assert found.reason.startswith("Line ")


def test_a_rule_that_fails_names_its_line() -> None:
    text = (
        'version=1.0;\nauthorizationrules {\n    c:[type=="x-ms-sgx-svn"] =>'
        ' add(type="pcrs", value=c.value);\n    [value<"a"] => permit();\n};\n'
    )
    found = run(text)
    assert found.verdict in {Verdict.FAILED, Verdict.UNREADABLE}
    assert "Line 4" in found.reason


def test_a_failure_names_what_it_rests_on() -> None:
    found = run('version=1.2;authorizationrules{[value==JsonToClaimValue("1.0")]=>permit();};')
    assert found.verdict is Verdict.FAILED
    assert found.choices == ("whole_fractions_fail",)


def test_claims_come_from_json_in_both_forms_and_go_back() -> None:
    service = World().services().dry_run

    async def ask() -> tuple[tuple[Claim, ...], str, tuple[Claim, ...]]:
        read = await service.from_json('{"x-ms-sgx-svn": 2, "mine": ["a", "b"]}')
        text = await service.to_json(read)
        return read, text, await service.from_json(text)

    read, text, again = anyio.run(ask)
    assert read == again
    assert [each.issuer for each in read] == [SERVICE_ISSUER, "CustomClaim", "CustomClaim"]
    assert json.loads(text)[0]["type"] == "x-ms-sgx-svn"


def test_json_that_is_none_is_refused_with_its_place() -> None:
    with pytest.raises(UsageError, match="Line 2, column"):
        anyio.run(World().services().dry_run.from_json, '{"a": 1,\n oops}')


def test_a_token_gives_the_claims_a_policy_looks_at() -> None:
    body = {"iss": "https://x", "x-ms-sgx-svn": 3, "x-ms-sgx-mrsigner": "ab", "tier": "gold"}
    parts = ({"alg": "RS256"}, body)
    text = ".".join(
        urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
    )
    found = anyio.run(World().services().dry_run.from_token, f"{text}.AAAA")
    assert {each.type: each.value for each in found} == {
        "x-ms-sgx-svn": 3,
        "x-ms-sgx-mrsigner": "ab",
    }


@pytest.mark.parametrize("kind", list(AttestationType)[:6])
def test_samples_of_every_main_type_can_be_evaluated(kind: AttestationType) -> None:
    service = World().services().dry_run

    async def ask() -> DryRun:
        claims = await service.samples(kind)
        assert claims
        text = 'version=1.0;\nauthorizationrules {\n    [type=="x-ms-attestation-type"]'
        return await service.run(f"{text} => permit();\n}};\n", kind, claims)

    assert anyio.run(ask).verdict is Verdict.PERMITTED


def test_queries_of_version_1_2_find_something_in_the_sample() -> None:
    service = World().services().dry_run
    text = """version=1.2;
authorizationrules {
    e:[type=="events"] => add(type="on", value=JmesPath(e.value,
        "Events[?ProcessedData.UnicodeName == 'SecureBoot'].ProcessedData.VariableData | [0]"));
    [type=="on", value=="\\"AQ\\""] && [type=="pcrs"] => permit();
};
issuancerules {
    p:[type=="pcrs"] => issue(type="registers", value=JmesPath(p.value, "length(PCRs)"));
};
"""

    async def ask(words: str) -> DryRun:
        return await service.run(words, TPM, await service.samples(TPM))

    assert "read-only" in anyio.run(ask, text).reason
    assert anyio.run(ask, text.replace("issue(", "add(")).verdict is Verdict.PERMITTED


def test_a_claim_that_no_rule_could_add_is_followed_to_what_is_missing() -> None:
    text = """version=1.2;
authorizationrules {
    e:[type=="zone", value=="north"] => add(type="near", value=true);
    [type=="near"] => add(type="fast", value=true);
    [type=="fast", value==true] => permit();
};
"""
    found = run(text)
    assert found.reason == (
        "No rule reached permit(): line 3 needs `zone`, and there is no such claim, "
        "so line 5 finds no `fast`."
    )
    found = run(text, (*CLAIMS, Claim("zone", "south", CUSTOM_CLAIM)))
    assert found.reason == (
        'No rule reached permit(): line 3 needs zone == "north", and it is "south", '
        "so line 5 finds no `fast`."
    )


def test_the_choices_of_evaluation_and_token_are_named_together() -> None:
    text = (
        "version=1.0;authorizationrules{=>permit();};issuancerules{"
        'z:[type=="zone"]=>issue(type="zones",value=z.value);=>issue(type="zones",value="a");'
        '=>issue(type="x-ms-ver",value="9");};'
    )
    zones = (Claim("zone", "a"), Claim("zone", "b", SERVICE_ISSUER), Claim("zone", 1))
    made = run(text, zones)
    token = {member.name: member.value for member in made.token}
    assert token["zones"] == ["b", "a", 1]
    assert token["x-ms-ver"] == "1.0"
    assert made.choices == (
        "arrays_mix_types",
        "references_multiply",
        "repeats_collapse",
        "service_comes_first",
        "service_wins",
    )
