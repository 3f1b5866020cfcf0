"""An analysis that follows edits says what a fresh one says."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.policy_flows import NAMES, flow_policies, flow_rules
from helpers.policy_texts import policies
from sealwright.claims import AttestationType, Catalogue
from sealwright.policy.checking.linter import Analysis

RESOURCES = Path(__file__).parents[3] / "resources"
CATALOGUE = Catalogue.from_json((RESOURCES / "claims.json").read_text("utf-8"))
SGX = AttestationType.SGX_ENCLAVE
FRAGMENTS = [
    "", "x", "1", ";", "}", "{", '"', "// ", "\n", "=>permit();", '=>add(type="a",value=1);',
    '=>add(type="zone",value=1);', '[type=="zone"]=>deny();', "};issuancerules{", "!", "=", "[",
    '[type=="x-ms-sgx-is-debuggable"]=>permit();', "c.value", 'type=="b"', "version=1.0;",
]  # fmt: skip
edits = st.lists(
    st.tuples(st.integers(0, 10_000), st.integers(0, 12), st.sampled_from(FRAGMENTS)),
    min_size=1,
    max_size=4,
)


def follow(text: str, made: list[tuple[int, int, str]], kind: AttestationType | None) -> None:
    """Make edits one after the other; after each, all is said that a fresh look says."""
    analysis = Analysis.of(text, CATALOGUE, kind)
    for place, length, new in made:
        start = place % (len(text) + 1)
        end = min(len(text), start + length)
        text = text[:start] + new + text[end:]
        analysis = analysis.edited(start, end, new)
        assert str(analysis.policy) == text
        fresh = Analysis.of(text, CATALOGUE, kind)
        assert analysis.diagnostics == fresh.diagnostics


@settings(max_examples=150, deadline=None)
@given(policies(), edits)
def test_following_edits_gives_what_a_fresh_look_gives(
    text: str, made: list[tuple[int, int, str]]
) -> None:
    follow(text, made, SGX)


flow_edits = st.lists(
    st.tuples(
        st.integers(0, 10_000),
        st.one_of(st.integers(0, 2), st.integers(0, 200)),
        st.one_of(
            st.sampled_from([*FRAGMENTS, *NAMES, "/*", "*/", "};\nissuancerules {\n", "1.1", "}"]),
            flow_rules(),
        ),
    ),
    min_size=1,
    max_size=6,
)
attestation_types = st.sampled_from(
    [SGX, AttestationType.TPM, AttestationType.TDX_VM, AttestationType.SEV_SNP_VM, None]
)


@settings(max_examples=150, deadline=None)
@given(flow_policies(), flow_edits, attestation_types)
def test_what_follows_from_several_rules_follows_edits(
    text: str, made: list[tuple[int, int, str]], kind: AttestationType | None
) -> None:
    follow(text, made, kind)


@settings(max_examples=15, deadline=None)
@given(flow_policies(), flow_rules(), st.integers(0, 10_000), attestation_types)
def test_a_rule_typed_and_erased_key_by_key(
    text: str, rule: str, place: int, kind: AttestationType | None
) -> None:
    lines = [0, *(at + 1 for at, sign in enumerate(text) if sign == "\n")]
    start = lines[place % len(lines)]
    typed = [(start + index, 0, sign) for index, sign in enumerate(rule)]
    erased = [(start + index, 1, "") for index in reversed(range(len(rule)))]
    follow(text, [*typed, *erased], kind)


@settings(max_examples=50, deadline=None)
@given(flow_policies(), flow_edits, attestation_types)
def test_edits_are_followed_that_nobody_looked_at(
    text: str, made: list[tuple[int, int, str]], kind: AttestationType | None
) -> None:
    analysis = Analysis.of(text, CATALOGUE, kind)
    for place, length, new in made:
        start = place % (len(text) + 1)
        end = min(len(text), start + length)
        text = text[:start] + new + text[end:]
        analysis = analysis.edited(start, end, new)
    assert analysis.diagnostics == Analysis.of(text, CATALOGUE, kind).diagnostics


@pytest.mark.long
@settings(max_examples=6_000, deadline=None, derandomize=False)
@given(flow_policies(), flow_edits, attestation_types)
def test_many_edits_of_many_policies(
    text: str, made: list[tuple[int, int, str]], kind: AttestationType | None
) -> None:
    follow(text, made, kind)


@settings(max_examples=50, deadline=None)
@given(flow_policies(), st.integers(0, 10_000), st.integers(0, 80))
def test_findings_looked_at_in_part_are_those_of_the_whole(
    text: str, place: int, length: int
) -> None:
    findings = Analysis.of(text, CATALOGUE).findings
    every = Analysis.of(text, CATALOGUE).diagnostics
    assert len(findings) == len(every)
    first = place % (len(text) + 1)
    last = first + length
    assert list(findings.touching(first, last)) == [
        each for each in every if each.span.end >= first and each.span.start <= last
    ]
    assert sorted(findings.severities()) == sorted(each.severity for each in every)
    assert [findings[rank] for rank in range(-len(every), len(every))] == [*every, *every]
    assert findings[1:3] == every[1:3]


def test_a_rule_that_is_added_makes_its_claim_known() -> None:
    text = 'version=1.0;authorizationrules{\n[type=="my-zone"]=>permit();};'
    analysis = Analysis.of(text, CATALOGUE, SGX)
    assert "SW301" in [each.code for each in analysis.diagnostics]
    at = text.index("\n")
    analysis = analysis.edited(at, at, '=>add(type="my-zone",value=1);')
    assert "SW301" not in [each.code for each in analysis.diagnostics]


def test_an_edit_that_mentions_no_name_forgets_none() -> None:
    rule = '\n[] => add(type="one", value=c0.value);\n'
    text = f"version=1.0;\nauthorizationrules {{\n}};\nissuancerules {{{rule}}};\n"
    follow(text, [(11, 0, " => permit();"), (11, 13, "")], SGX)


VERSIONED = """version=1.1;
authorizationrules {
    ![type=="a"] => permit();
    [type=="pcrs"] => add(type="b", value=JsonToClaimValue("1"));
    c:[type=="b"] => add(claim=c);
    => add(type="d", value=NegateBool(true));
    [type=="x-ms-tpm-request-key"] && [type=="b", value!="("] => deny();
};
"""


@pytest.mark.parametrize("version", ["1.0", "1.2", "1.", "", "2.7", "1.1; //"])
@pytest.mark.parametrize("kind", [None, SGX, AttestationType.TPM])
def test_another_version_is_held_against_every_rule(
    version: str, kind: AttestationType | None
) -> None:
    follow(VERSIONED, [(8, 3, version), (8, len(version), "1.1")], kind)


def test_correcting_a_word_outside_the_sections_shows_what_it_hid() -> None:
    text = "version=1.0;JmesPath(};type="
    analysis = Analysis.of(text, CATALOGUE, SGX)
    assert "SW102" not in [each.code for each in analysis.diagnostics]
    analysis = analysis.edited(len(text), len(text), "=> permit();")
    assert "SW102" in [each.code for each in analysis.diagnostics]


FLOW = """version=1.1;
configurationrules { [type=="a"] => issueproperty(type="x-ms-sgx-tcbidentifier", value="14"); };
authorizationrules {
    c:[type=="x-ms-sgx-svn", value>=2] => add(type="x-ms-sgx-svn", value=7); // one
    [type=="x-ms-sgx-svn"] && [type=="made", issuer=="AttestationPolicy"] => permit();
    [type=="hvciEnabled"] => deny();
    => add(type="hvciEnabled", value=true);
    => add(type="unread", value="b"); => add(type="unread", value="c");
};
"""


@pytest.mark.parametrize("new", ["x", ";"])
def test_a_key_typed_anywhere_moves_findings_along(new: str) -> None:
    analysis = Analysis.of(FLOW, CATALOGUE, SGX)
    assert {"SW401", "SW403", "SW406", "SW409", "SW315"} <= {e.code for e in analysis.diagnostics}
    for place in range(0, len(FLOW), 2):
        text = FLOW[:place] + new + FLOW[place:]
        edited = analysis.edited(place, place, new)
        assert edited.diagnostics == Analysis.of(text, CATALOGUE, SGX).diagnostics, text
        again = edited.edited(place, place + 1, "")
        assert again.diagnostics == analysis.diagnostics


@pytest.mark.parametrize("count", [91, 207, 208, 209])
def test_suggestions_come_and_go_with_the_names_that_rules_add(count: int) -> None:
    adds = "".join(f'=>add(type="name{number}",value=1);' for number in range(8, count))
    text = f'version=1.0;authorizationrules{{\n{adds}[type=="nome7"]=>permit();}};'
    analysis = Analysis.of(text, CATALOGUE, AttestationType.TPM)
    at = text.index('=>add(type="name90"')
    for start, end, new in ((at, at, '=>add(type="other",value=1);'), (at + 12, at + 17, "name7")):
        text = text[:start] + new + text[end:]
        analysis = analysis.edited(start, end, new)
        fresh = Analysis.of(text, CATALOGUE, AttestationType.TPM)
        assert analysis.diagnostics == fresh.diagnostics
