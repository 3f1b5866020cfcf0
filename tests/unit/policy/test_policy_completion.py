"""Completion: what is offered at a place marked with `|`, on whole and on broken texts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright.claims import Catalogue
from sealwright.claims.attestation_type import AttestationType
from sealwright.policy import check, parse
from sealwright.policy.checks import accepted
from sealwright.policy.completion import Completion, complete

RESOURCES = Path(__file__).parents[3] / "resources"
CATALOGUE = Catalogue.from_json((RESOURCES / "claims.json").read_text("utf-8"))
SGX = AttestationType.SGX_ENCLAVE


def at(marked: str, kind: AttestationType | None = SGX) -> Completion:
    offset = marked.index("|")
    return complete(marked.replace("|", "", 1), offset, CATALOGUE, kind)


def labels(marked: str, kind: AttestationType | None = SGX) -> list[str]:
    return [item.label for item in at(marked, kind).items]


def chosen(marked: str, label: str) -> str:
    """The text after choosing `label`, with the cursor as `|`."""
    found = at(marked)
    item = next(each for each in found.items if each.label == label)
    text = marked.replace("|", "", 1)
    caret = len(item.insert) if item.caret < 0 else item.caret
    insert = item.insert[:caret] + "|" + item.insert[caret:]
    return text[: found.span.start] + insert + text[found.span.end :]


HEAD = "version=1.2;\nauthorizationrules {\n    "
ISSUANCE = "version=1.2;\nissuancerules {\n    "


@pytest.mark.parametrize(
    ("marked", "wanted"),
    [
        ("|", ["version"]),
        ("version=|", ["1.0;", "1.1;", "1.2;"]),
        ("version=1.2;\n|", ["configurationrules", "authorizationrules", "issuancerules"]),
        ("version=1.2;\nissuancerules {\n};\nau|", ["authorizationrules"]),
        (HEAD + "=> |", ["permit", "deny", "add", "issue"]),
        (HEAD + "=> p|", ["permit"]),
        ("version=1.2;\nconfigurationrules {\n=> |\n};", ["issueproperty"]),
        (HEAD + "[|", ["type", "value", "issuer", "valueType"]),
        (HEAD + '[type=="a", is|', ["issuer"]),
        (HEAD + "[type|", ["type", "valueType"]),
        (HEAD + "[type |", ["==", "!=", "<", "<=", ">", ">="]),
        (HEAD + "[issuer==|", ["AttestationService", "AttestationPolicy", "CustomClaim"]),
        (HEAD + '[type=="x-ms-sgx-is-debuggable", value==t|', ["true"]),
        (HEAD + '[type=="a"] |', ["=>", "&&"]),
        (ISSUANCE + 'c:[type=="a"] => issue(|', ["type", "value", "claim"]),
        (ISSUANCE + 'c:[type=="a"] => issue(claim=|', ["c"]),
        (ISSUANCE + 'c:[type=="a"] => issue(type="b", value=c|', ["c.value"]),
        (ISSUANCE + 'c:[type=="a"] => issue(type="b", value=c.v|', ["value", "valueType"]),
        (ISSUANCE + 'c:[type=="a"] => issue(type="b", value=Append|', ["AppendString"]),
        (HEAD + "// a comment [type==|", []),
    ],
)
def test_offered(marked: str, wanted: list[str]) -> None:
    found = labels(marked)
    assert found[: len(wanted)] == wanted
    assert bool(found) == bool(wanted)


def test_claims_are_those_of_the_attestation_type_and_direction() -> None:
    sgx = labels(HEAD + '[type=="|"')
    assert "x-ms-sgx-mrsigner" in sgx
    assert not any(name.startswith("x-ms-sevsnpvm") for name in sgx)
    snp = labels(HEAD + '[type=="|"', AttestationType.SEV_SNP_VM)
    assert any(name.startswith("x-ms-sevsnpvm") for name in snp)
    assert "x-ms-sgx-mrsigner" not in snp


def test_an_added_claim_is_offered_to_later_conditions() -> None:
    text = HEAD + '=> add(type="seen", value=true);\n    [type=="se|"'
    assert labels(text)[0] == "seen"


def test_every_claim_comes_with_its_meaning_and_its_deprecation() -> None:
    items = at(HEAD + '[type=="|"', None).items
    known = {item.label: item for item in items}
    assert known["x-ms-sgx-is-debuggable"].meaning
    assert "boolean" in known["x-ms-sgx-is-debuggable"].detail
    flags = [item.deprecated for item in items]
    assert flags == sorted(flags)


def test_choosing_replaces_the_whole_string_and_keeps_the_rest() -> None:
    done = chosen(HEAD + '[type=="x-ms-sgx-is-d|eb", value==1]', "x-ms-sgx-is-debuggable")
    assert done == HEAD + '[type=="x-ms-sgx-is-debuggable"|, value==1]'


def test_choosing_an_action_leaves_the_cursor_where_writing_goes_on() -> None:
    assert chosen(ISSUANCE + "=> iss|", "issue") == ISSUANCE + '=> issue(type="|", value=);'


def test_what_stands_behind_the_word_already_is_not_written_twice() -> None:
    assert chosen(HEAD + "=> per|();", "permit") == HEAD + "=> permit|();"
    assert chosen(HEAD + "[val|==1]", "value") == HEAD + "[value|==1]"


def test_a_policy_is_made_from_nothing_by_choosing() -> None:
    text = chosen("|", "version").replace("|", "\n|")
    text = chosen(text, "authorizationrules")
    text = chosen(text, "=>")
    text = chosen(text, "permit").replace("|", "")
    text = chosen(text + "\n|", "issuancerules").replace("|", "")
    assert accepted(check(parse(text)))


@given(st.text(alphabet='[]{}();=&!".:cvt/\n x-', max_size=60), st.data())
def test_any_text_at_any_place_gives_a_span_in_the_text(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    found = complete(HEAD + text, len(HEAD) + offset, CATALOGUE, SGX)
    assert 0 <= found.span.start <= len(HEAD) + offset <= found.span.end <= len(HEAD + text)


def test_a_claim_may_be_begun_without_its_quotes() -> None:
    assert labels(HEAD + "[type==x-ms-sgx-is|") == ["x-ms-sgx-is-debuggable"]
    taken = chosen(HEAD + "[type==x-ms-sgx-is|, value==1]", "x-ms-sgx-is-debuggable")
    assert taken == HEAD + '[type=="x-ms-sgx-is-debuggable"|, value==1]'
    assert labels(HEAD + '[type=="a", value=="b==x-ms-sgx-is|') == []


def test_a_section_begins_on_a_line_of_its_own() -> None:
    taken = chosen("version=1.2;|", "authorizationrules")
    assert taken == "version=1.2;\nauthorizationrules {\n    |\n};"
