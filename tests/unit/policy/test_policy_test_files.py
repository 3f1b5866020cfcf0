"""Policy test files: reading, running, coverage, JUnit."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from sealwright.claims import SERVICE_ISSUER, AttestationType, Catalogue, Claim
from sealwright.errors import UsageError
from sealwright.policy import junit, parse, read_test_file, run_tests

RESOURCES = Path(__file__).parents[3] / "resources"
CATALOGUE = Catalogue.from_json((RESOURCES / "claims.json").read_text("utf-8"))
POLICY = """version=1.0;
authorizationrules {
    [type=="x-ms-sgx-is-debuggable", value==false] && [type=="x-ms-sgx-svn", value>=2] => permit();
};
issuancerules {
    [type=="x-ms-sgx-svn", value>=9] => issue(type="tier", value="gold");
};
"""


def case(
    name: str, decision: str, issued: dict[str, object] | None = None, **claims: object
) -> object:
    given = {f"x-ms-sgx-{key.replace('_', '-')}": value for key, value in claims.items()}
    expect: dict[str, object] = {"decision": decision}
    if issued is not None:
        expect["issued"] = issued
    return {"name": name, "claims": given, "expect": expect}


def document(*cases: object) -> object:
    return {"policy": "p.policy", "attestationType": "sgx", "cases": list(cases)}


def no_evidence(_: tuple[str, ...]) -> list[Claim]:
    raise AssertionError


def test_cases_pass_and_fail_with_the_turning_point() -> None:
    file = read_test_file(
        document(
            case("good", "permit", {"tier": "gold"}, is_debuggable=False, svn=9),
            case("old", "permit", is_debuggable=False, svn=1),
            case("plain", "permit", {"tier": "gold"}, is_debuggable=False, svn=2),
            case("debug", "deny", is_debuggable=True, svn=2),
        ),
        CATALOGUE,
    )
    assert file.attestation_type is AttestationType.SGX_ENCLAVE
    assert file.cases[0].claims is not None
    assert {claim.issuer for claim in file.cases[0].claims} == {SERVICE_ISSUER}
    report = run_tests(file, parse(POLICY), no_evidence)
    good, old, plain, debug = report.results
    assert good.failure == debug.failure == ""
    assert old.failure.startswith("expected permit, was deny.")
    assert old.turned_at == (
        "rule 1 of authorizationrules, line 3, did not fire: "
        "it needs that the security version is at least 2, and the value is 1"
    )
    assert 'expected `tier` to be "gold", was missing' in plain.failure
    assert "rule 1 of issuancerules, line 6" in plain.turned_at
    assert report.failures == 2


@pytest.mark.parametrize(
    ("wanted", "failure"),
    [
        ([1, True], ""),
        ([1, 1], "expected `a` to be [1, 1], was [1, true]"),
        ({"x": 1}, 'expected `a` to be {"x": 1}, was [1, true]'),
    ],
)
def test_true_is_not_one_in_an_array_either(wanted: object, failure: str) -> None:
    rules = '=>issue(type="a",value=1);=>issue(type="a",value=true);'
    policy = parse(f"version=1.0;authorizationrules{{=>permit();}};issuancerules{{{rules}}};")
    expected = {"decision": "permit", "issued": {"a": wanted}}
    data = document({"name": "array", "claims": {}, "expect": expected})
    report = run_tests(read_test_file(data, CATALOGUE), policy, no_evidence)
    assert [each.failure for each in report.results] == [failure]


def test_coverage_names_conditions_without_both_outcomes() -> None:
    file = read_test_file(document(case("good", "permit", is_debuggable=False, svn=9)), CATALOGUE)
    report = run_tests(file, parse(POLICY), no_evidence)
    uncovered = [(POLICY[each.span.start : each.span.end], each.never) for each in report.uncovered]
    assert uncovered == [
        ('[type=="x-ms-sgx-is-debuggable", value==false]', "false"),
        ('[type=="x-ms-sgx-svn", value>=2]', "false"),
        ('[type=="x-ms-sgx-svn", value>=9]', "false"),
    ]


@pytest.mark.parametrize(
    ("beside", "others"),
    [
        ({}, ()),
        ({"with": "log.bin"}, ("log.bin",)),
        ({"with": ["log.bin", "aik.pem"]}, ("log.bin", "aik.pem")),
    ],
)
def test_evidence_is_asked_for_by_its_paths(
    beside: dict[str, object], others: tuple[str, ...]
) -> None:
    tried = {"name": "q", "evidence": "q.bin", **beside, "expect": {"decision": "deny"}}
    asked: list[tuple[str, ...]] = []

    def claims_of(files: tuple[str, ...]) -> list[Claim]:
        asked.append(files)
        return []

    file = read_test_file({"policy": "p", "cases": [tried]}, CATALOGUE)
    assert run_tests(file, parse(POLICY), claims_of).failures == 0
    assert asked == [("q.bin", *others)]


@pytest.mark.parametrize(
    "members",
    [
        {"evidence": ["q.bin"]},
        {"evidence": ""},
        {"with": "log.bin"},
        {"claims": {}, "with": "log.bin"},
        {"evidence": "q.bin", "with": [7]},
        {"evidence": "q.bin", "with": {"log": "log.bin"}},
    ],
)
def test_files_that_are_none_are_refused(members: dict[str, object]) -> None:
    tried = {"name": "q", **members, "expect": {"decision": "deny"}}
    with pytest.raises(UsageError, match="`evidence` of `q` is not a file, or `with`"):
        read_test_file({"policy": "p", "cases": [tried]}, CATALOGUE)


def test_a_failing_rule_is_a_decision_of_its_own() -> None:
    policy = parse(
        'version=1.2;authorizationrules{[type=="a",value==JmesPath("","x")]=>permit();};'
    )
    data = document({"name": "e", "claims": {"a": 1}, "expect": {"decision": "error"}})
    assert run_tests(read_test_file(data, CATALOGUE), policy, no_evidence).failures == 0


def test_junit_escapes() -> None:
    file = read_test_file(document(case('<"&\x1b>', "permit")), CATALOGUE)
    root = ET.fromstring(junit([run_tests(file, parse(POLICY), no_evidence)]))  # noqa: S314 - ours
    (suite,) = root
    assert suite.attrib == {"name": "p.policy", "tests": "1", "failures": "1"}
    assert suite[0].attrib["name"] == '<"&\ufffd>'
    assert suite[0][0].tag == "failure"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([], "no policy test file"),
        ({"policy": "p"}, "needs `policy`"),
        ({"policy": "p", "cases": [], "extra": 1}, "no member `extra`"),
        ({"policy": "p", "cases": [], "attestationType": "abc"}, "no attestation type `abc`"),
        ({"policy": "p", "cases": [{"expect": {"decision": "permit"}}]}, "either `claims`"),
        ({"policy": "p", "cases": [{"claims": {}, "expect": {}}]}, "expects a decision"),
    ],
)
def test_a_bad_file_is_refused_by_name(data: object, words: str) -> None:
    with pytest.raises(UsageError, match=re.escape(words)):
        read_test_file(data, CATALOGUE)
