"""Completion: what is offered at a place marked with `|`, on whole and on broken texts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright.claims import Catalogue
from sealwright.claims.attestation_type import AttestationType
from sealwright.policy import check, parse
from sealwright.policy.checking.checks import accepted
from sealwright.policy.writing.completion import Completion, complete

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
        ("version=1.2;\nau|\nissuancerules {\n};", ["authorizationrules"]),
        (HEAD + "=> |", ["permit", "deny", "add", "issue"]),
        (HEAD + "=> p|", ["permit"]),
        ("version=1.2;\nconfigurationrules {\n=> |\n};", ["issueproperty"]),
        (HEAD + "[|", ["type", "value", "issuer", "valueType"]),
        (HEAD + '[type=="a", is|', ["issuer"]),
        (HEAD + "[type|", ["type", "valueType"]),
        (HEAD + "[type |", ["==", "!="]),
        (HEAD + '[type=="x-ms-sgx-svn", value |', ["==", "!=", "<", "<=", ">", ">="]),
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


SECTIONS = ["configurationrules", "authorizationrules", "issuancerules"]
FUNCTIONS = {"JmesPath", "JsonToClaimValue", "IsSubsetOf", "AppendString", "NegateBool"}
FUNCTIONS |= {"ContainsOnlyValue"}
TPM = AttestationType.TPM


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
def test_only_what_the_declared_version_has_is_offered(version: str) -> None:
    newest = version == "1.2"
    head = f"\ufeff// {version}\nversion = {version};\n"
    rules = head + "authorizationrules {\n    "
    issuance = head + "issuancerules {\n    "
    named = 'c:[type=="x-ms-sgx-svn"]'
    assert labels(head + "|") == SECTIONS[version == "1.0" :]
    for place in ("|", '[type=="a"] && |'):
        assert ('![type==""]' in labels(rules + place)) == newest
    for place in (
        "[value>|",
        "[value==|",
        '[type=="x-ms-sgx-svn", value>=|',
        f'{named} && [type=="x", value!=|',
        f'{named} => add(type="x", value=|',
        f'{named} => issue(value=|, type="x");',
        '=> issueproperty(type="omit_x5c", value=|',
    ):
        found = set(labels(issuance + place))
        assert FUNCTIONS & found == (FUNCTIONS if newest else set()), place
    assert ("c.value" in labels(issuance + named + '=> issue(type="x", value=|')) is True
    claims = set(labels(issuance + '[type=="|', TPM))
    assert "secureBootEnabled" in claims
    assert ({"events", "pcrs"} <= claims) == newest
    assert ("events" in claims) == newest


def test_without_a_known_version_nothing_is_held_back() -> None:
    for head in ("", "version=2.0;\n", "version=;\n"):
        assert set(labels(head + "authorizationrules {\n[value==|")) >= FUNCTIONS


def test_sections_are_offered_where_their_order_allows_them() -> None:
    authorization = "authorizationrules {\n};\n"
    assert labels("version=1.1;\n" + authorization + "|") == ["issuancerules"]
    assert labels("version=1.1;\n|\n" + authorization) == ["configurationrules"]
    assert labels("version=1.0;\n|\n" + authorization) == []
    assert labels("version=1.2;\n|\nissuancerules {\n};") == SECTIONS[:2]


def test_what_an_action_has_already_is_not_offered_again() -> None:
    named = ISSUANCE + 'c:[type=="a"] => issue('
    assert labels(named + "|") == ["type", "value", "claim"]
    assert labels(named + 'type="b", |') == ["value"]
    assert labels(named + "value=c.value, |") == ["type"]
    assert labels(named + "claim=c, |") == []


def test_settings_and_token_properties_are_not_mixed() -> None:
    settings = "version=1.2;\nconfigurationrules {\n"
    assert labels(settings + "|") == ["=>"]
    assert labels(settings + '=> issueproperty(type="|', TPM) == [
        "require_valid_aik_cert",
        "required_pcr_mask",
    ]
    assert labels(ISSUANCE + '=> issueproperty(type="|', TPM) == [
        "report_validity_in_minutes",
        "omit_x5c",
    ]


def test_names_that_the_service_keeps_are_not_offered_for_issue() -> None:
    offered = labels(ISSUANCE + '=> issue(type="|", value=);')
    assert not {"iss", "x-ms-ver", "x-ms-sgx-mrsigner"} & set(offered)
    assert "sgx-mrsigner" in offered
    assert "secureBootEnabled" in labels(ISSUANCE + '=> issue(type="|"', TPM)


def test_only_integers_are_offered_an_order() -> None:
    for claim in ("x-ms-sgx-is-debuggable", "x-ms-sgx-mrsigner"):
        assert labels(HEAD + f'[type=="{claim}", value |') == ["==", "!="]
    assert labels(HEAD + '[type=="my-own", value |') == ["==", "!=", "<", "<=", ">", ">="]
    assert labels(HEAD + "[issuer |") == ["==", "!="]


def test_behind_an_argument_of_a_function_no_other_is_offered() -> None:
    call = ISSUANCE + 'c:[type=="a"] => issue(type="b", value=AppendString('
    assert "c.value" in labels(call + "|")
    assert "c.value" in labels(call + '"x", |')
    assert labels(call + "c.value |") == []


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
    assert labels(HEAD + "[type==x-ms-sgx-is-|") == ["x-ms-sgx-is-debuggable"]
    taken = chosen(HEAD + "[type==x-ms-sgx-is|, value==1]", "x-ms-sgx-is-debuggable")
    assert taken == HEAD + '[type=="x-ms-sgx-is-debuggable"|, value==1]'
    assert labels(HEAD + '[type=="a", value=="b==x-ms-sgx-is|') == []


def test_a_section_begins_on_a_line_of_its_own() -> None:
    taken = chosen("version=1.2;|", "authorizationrules")
    assert taken == "version=1.2;\nauthorizationrules {\n    |\n};"
