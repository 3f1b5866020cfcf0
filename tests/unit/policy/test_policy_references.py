"""Where names are made and used: identifiers in their rule, claims in the whole text."""

from __future__ import annotations

from sealwright.policy import check, parse
from sealwright.policy.checking.checks import accepted
from sealwright.policy.writing.references import References, references_at, rename

POLICY = """version=1.1;
authorizationrules {
    c:[type=="x-ms-sgx-svn"] => add(type="seen", value=c.value);
    c:[type=="seen"] => add(claim=c); // "seen" and c.value in a comment
    [type=="seen", value==1] => permit();
};
issuancerules {
};
"""


def at(marker: str, inside: int = 0) -> References | None:
    return references_at(parse(POLICY), POLICY, POLICY.index(marker) + inside)


def test_an_identifier_is_known_in_its_rule_alone() -> None:
    found = at("c.value")
    assert found is not None
    assert [POLICY[start:end] for start, end in found.all] == ["c", "c"]
    assert found.definitions[0].start == POLICY.index("c:[")
    second = at("claim=c", 6)
    assert second is not None
    assert second.definitions[0].start == POLICY.rindex("c:[")


def test_a_claim_is_made_by_one_rule_and_used_by_others() -> None:
    found = at('"seen"]', 3)
    assert found is not None
    assert [span.start for span in found.definitions] == [POLICY.index('"seen", value=c') + 1]
    assert len(found.uses) == 2
    assert all(POLICY[start:end] == "seen" for start, end in found.all)


def test_renaming_changes_every_place_of_the_rule_and_nothing_else() -> None:
    found = at("c.value")
    assert found is not None
    fix = rename(found, "svn")
    assert fix is not None
    after = fix.apply(POLICY)
    assert 'svn:[type=="x-ms-sgx-svn"] => add(type="seen", value=svn.value);' in after
    assert after.count("svn:[") == 1
    assert accepted(check(parse(after)))


def test_a_name_that_is_none_is_refused() -> None:
    found = at("c.value")
    assert found is not None
    assert [rename(found, name) for name in ("", "1a", "a b", "a-b", "a ")] == [None] * 5


def test_elsewhere_there_is_no_name() -> None:
    assert at("version") is None
    assert at("permit", 2) is None
