"""A release policy is judged condition by condition, with the reason for each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sealwright.errors import UsageError
from sealwright.tokens.release import (
    Outcome,
    evaluate_release,
    make_release_policy,
    nested_claim,
    parse_release_policy,
)

if TYPE_CHECKING:
    from sealwright.tokens.jose import JsonObject

AUTHORITY = "https://contoso.eus.attest.azure.net"
CLAIMS: JsonObject = {
    "iss": AUTHORITY,
    "secureboot": True,
    "x-ms-isolation-tee": {"x-ms-compliance-status": "azure-compliant-cvm", "a.b": 1},
    "x-ms-azurevm-os-provisioning.os-image-identity.svn": 4,
}


def policy(*groups: dict[str, Any]) -> bytes:
    return json.dumps({"version": "1.0.0", "anyOf": list(groups)}).encode()


def group(*claims: tuple[str, Any], authority: str = AUTHORITY, kind: str = "allOf") -> Any:  # noqa: ANN401 - JSON
    return {
        "authority": authority,
        kind: [{"claim": name, "equals": value} for name, value in claims],
    }


def judge(raw: bytes) -> Outcome:
    return evaluate_release(parse_release_policy(raw), CLAIMS)


COMPLIANT = ("x-ms-isolation-tee.x-ms-compliance-status", "azure-compliant-cvm")


def test_nested_claims_of_the_right_authority_release() -> None:
    outcome = judge(policy(group(COMPLIANT, ("secureboot", True))))
    assert outcome.holds
    assert outcome.parts[0].parts[0].reason.endswith('is "azure-compliant-cvm".')


def test_another_authority_never_releases() -> None:
    outcome = judge(policy(group(COMPLIANT, authority="https://other.attest.azure.net")))
    assert not outcome.holds
    assert "not by https://other" in outcome.parts[0].reason


def test_one_group_is_enough() -> None:
    other = group(COMPLIANT, authority="https://other.attest.azure.net")
    assert judge(policy(other, group(COMPLIANT, authority=f"{AUTHORITY}/"))).holds


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (("secureboot", "true"), "and kind differs"),
        (("secureboot", 1), "was expected"),
        (("x-ms-isolation-tee.x-ms-compliance-status", "Azure-Compliant-CVM"), "and case differs"),
        (("missing", 1), "no such claim"),
        (("x-ms-isolation-tee.missing", 1), "no such claim"),
    ],
)
def test_what_differs_is_said(claim: tuple[str, Any], words: str) -> None:
    outcome = judge(policy(group(claim)))
    assert not outcome.holds
    assert words in outcome.parts[0].parts[0].reason


def test_any_and_all_may_be_nested() -> None:
    nested = {
        "authority": AUTHORITY,
        "anyOf": [
            {"claim": "secureboot", "equals": False},
            {"allOf": [{"claim": "secureboot", "equals": True}]},
        ],
    }
    outcome = judge(policy(nested))
    assert outcome.holds
    assert [part.holds for part in outcome.parts[0].parts] == [False, True]
    assert outcome.parts[0].parts[1].condition.path == "/anyOf/0/anyOf/1"


def test_names_with_dots_are_found() -> None:
    assert nested_claim(CLAIMS, "x-ms-azurevm-os-provisioning.os-image-identity.svn") == (True, 4)
    assert nested_claim(CLAIMS, "x-ms-isolation-tee.a.b") == (True, 1)
    assert nested_claim(CLAIMS, "x-ms-isolation-tee.a") == (False, None)


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({"anyOf": []}, "version"),
        ({"version": "9", "anyOf": []}, "version"),
        ({"version": "1.0.0"}, "exactly one"),
        ({"version": "1.0.0", "anyOf": []}, "/anyOf"),
        ({"version": "1.0.0", "anyOf": [1]}, "/anyOf/0"),
        ({"version": "1.0.0", "anyOf": [{}]}, "/anyOf/0"),
        ({"version": "1.0.0", "anyOf": [{"allOf": [{"claim": "a"}]}]}, "/anyOf/0/allOf/0"),
        (
            {"version": "1.0.0", "anyOf": [{"allOf": [{"claim": "a", "contains": 1}]}]},
            "/anyOf/0/allOf/0",
        ),
        (
            {"version": "1.0.0", "anyOf": [{"allOf": [{"claim": 1, "equals": 1}]}]},
            "/anyOf/0/allOf/0/claim",
        ),
        ({"version": "1.0.0", "noneOf": [], "anyOf": [1]}, "/noneOf"),
        (
            {"version": "1.0.0", "anyOf": [{"authority": 1, "allOf": [1]}]},
            "/anyOf/0/authority",
        ),
    ],
)
def test_a_policy_that_a_vault_would_not_take_is_refused(document: object, where: str) -> None:
    with pytest.raises(UsageError, match=where):
        parse_release_policy(json.dumps(document).encode())


def test_endless_nesting_is_refused() -> None:
    document: dict[str, Any] = {"claim": "a", "equals": 1}
    for _ in range(30):
        document = {"allOf": [document]}
    with pytest.raises(UsageError, match="deep"):
        parse_release_policy(json.dumps({"version": "1.0.0", "anyOf": [document]}).encode())


def test_a_made_policy_releases_to_the_token_it_was_made_from() -> None:
    text = make_release_policy(f"{AUTHORITY}/", [COMPLIANT, ("secureboot", True)])
    assert judge(text.encode()).holds
