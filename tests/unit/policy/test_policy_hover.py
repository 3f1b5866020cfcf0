"""What is said about the word at `|`."""

from __future__ import annotations

from pathlib import Path

import pytest

from sealwright.claims import Catalogue
from sealwright.policy import parse
from sealwright.policy.writing.hover import Card, describe

RESOURCES = Path(__file__).parents[3] / "resources"
CATALOGUE = Catalogue.from_json((RESOURCES / "claims.json").read_text("utf-8"))
POLICY = """version=1.1;
authorizationrules {
    [type=="x-ms-sgx-is-debuggable", value==false] => permit();
};
issuancerules {
    c:[type=="tee"] => issue(type="kind", value=AppendString(c.value, "!"));
};
"""


def card(at: str, inside: int = 1) -> Card | None:
    return describe(parse(POLICY), POLICY, POLICY.index(at) + inside, CATALOGUE)


@pytest.mark.parametrize(
    ("at", "title", "part"),
    [
        ("x-ms-sgx-is", "x-ms-sgx-is-debuggable", "debugger"),
        ("authorizationrules", "authorizationrules", "Decides"),
        ("permit", "permit()", "When"),
        ("=> permit", "=>", "permits the request"),
        ("AppendString", "AppendString(first, second)", "one after the other"),
        ("value==", "value", "value of the claim"),
        ("c:[", "c", "condition of this name"),
        ("kind", "kind", "own"),
    ],
)
def test_said(at: str, title: str, part: str) -> None:
    found = card(at)
    assert found is not None
    assert found.title == title
    assert part in found.text
    assert found.span.start <= POLICY.index(at) + 1 <= found.span.end


def test_a_deprecated_claim_names_the_newer_one() -> None:
    found = card('tee"')
    assert found is not None
    assert found.replacement == "x-ms-attestation-type"


@pytest.mark.parametrize("at", ["\n    [type", "1.1", '"!"'])
def test_nothing_is_said_about_blanks_and_plain_values(at: str) -> None:
    assert card(at) is None


@pytest.mark.parametrize(
    ("name", "caution"),
    [
        ("x-ms-sgx-svn", ""),
        ("x-ms-sevsnpvm-chipid", "Not documented"),
        ("smmLevel", "A convention"),
        ("$min-svn", "single source"),
    ],
)
def test_what_no_documentation_vouches_for_is_said_to_be_such(name: str, caution: str) -> None:
    text = f'version=1.0;authorizationrules{{[type=="{name}"]=>permit();}};'
    found = describe(parse(text), text, text.index(name) + 1, CATALOGUE)
    assert found is not None
    said = any(words in found.text for words in ("Not documented", "A convention", "single source"))
    assert (caution in found.text, said) == (True, bool(caution))
