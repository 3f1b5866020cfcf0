"""An analysis that follows edits says what a fresh one says."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.policy_texts import policies
from sealwright.claims import AttestationType, Catalogue
from sealwright.policy.linter import Analysis

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


@settings(max_examples=150, deadline=None)
@given(policies(), edits)
def test_following_edits_gives_what_a_fresh_look_gives(
    text: str, made: list[tuple[int, int, str]]
) -> None:
    analysis = Analysis.of(text, CATALOGUE, SGX)
    for place, length, new in made:
        start = place % (len(text) + 1)
        end = min(len(text), start + length)
        text = text[:start] + new + text[end:]
        analysis = analysis.edited(start, end, new)
        assert str(analysis.policy) == text
        fresh = Analysis.of(text, CATALOGUE, SGX)
        assert analysis.diagnostics == fresh.diagnostics


def test_a_rule_that_is_added_makes_its_claim_known() -> None:
    text = 'version=1.0;authorizationrules{\n[type=="my-zone"]=>permit();};'
    analysis = Analysis.of(text, CATALOGUE, SGX)
    assert "SW301" in [each.code for each in analysis.diagnostics]
    at = text.index("\n")
    analysis = analysis.edited(at, at, '=>add(type="my-zone",value=1);')
    assert "SW301" not in [each.code for each in analysis.diagnostics]


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
