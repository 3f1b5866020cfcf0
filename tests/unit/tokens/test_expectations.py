"""Expectations are read strictly and judge claims without converting their types."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sealwright.errors import UsageError
from sealwright.tokens.expectations import ClaimRule, Operator, parse_expectations
from sealwright.tokens.sections import claim_at

if TYPE_CHECKING:
    from sealwright.tokens.jose import JsonObject, JsonValue


def test_saved_rules_are_read_whole() -> None:
    found = parse_expectations(
        json.dumps(
            {
                "name": "release build",
                "issuer": "https://contoso.eus.attest.azure.net",
                "attestationType": "sgx",
                "policyHashes": ["abc"],
                "policySigners": ["AB" * 32],
                "maxAgeSeconds": 300,
                "allowDebug": False,
                "claims": [{"claim": "x-ms-sgx-svn", "atLeast": 2}],
            }
        ).encode()
    )
    assert found.name == "release build"
    assert found.policy_signers == {"ab" * 32}
    assert found.max_age == timedelta(minutes=5)
    assert found.allow_debug is False
    assert found.claims == (ClaimRule("x-ms-sgx-svn", Operator.AT_LEAST, 2),)


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ({"unknown": 1}, "unknown"),
        ({"name": 1}, "name"),
        ({"policyHashes": "abc"}, "policyHashes"),
        ({"policyHashes": [1]}, "policyHashes"),
        ({"policySigners": ["short"]}, "policySigners"),
        ({"maxAgeSeconds": "300"}, "maxAgeSeconds"),
        ({"maxAgeSeconds": True}, "maxAgeSeconds"),
        ({"maxAgeSeconds": -1}, "maxAgeSeconds"),
        ({"allowDebug": "no"}, "allowDebug"),
        ({"claims": {}}, "claims"),
        ({"claims": [1]}, "claims"),
        ({"claims": [{"claim": "a"}]}, "claims"),
        ({"claims": [{"claim": "a", "equals": 1, "oneOf": []}]}, "claims"),
        ({"claims": [{"claim": "a", "matches": "x"}]}, "claims"),
    ],
)
def test_rules_that_would_not_do_what_they_say_are_refused(
    members: dict[str, object], named: str
) -> None:
    with pytest.raises(UsageError, match=named):
        parse_expectations(json.dumps(members).encode())


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"name":"a","name":"b"}', b"\xff"])
def test_what_is_no_rules_file_is_refused(raw: bytes) -> None:
    with pytest.raises(UsageError):
        parse_expectations(raw)


@pytest.mark.parametrize(
    ("operator", "operand", "value", "holds"),
    [
        (Operator.EQUALS, "a", "a", True),
        (Operator.EQUALS, "a", "A", False),
        (Operator.EQUALS, 1, True, False),
        (Operator.EQUALS, True, 1, False),
        (Operator.EQUALS, "1", 1, False),
        (Operator.EQUALS, [1, 2], [1, 2], True),
        (Operator.ONE_OF, ["a", "b"], "b", True),
        (Operator.ONE_OF, ["a", "b"], "c", False),
        (Operator.ONE_OF, "abc", "b", False),
        (Operator.AT_LEAST, 2, 2, True),
        (Operator.AT_LEAST, 2, 1, False),
        (Operator.AT_LEAST, 2, "3", False),
        (Operator.AT_LEAST, 0, True, False),
        (Operator.PRESENT, True, None, True),
        (Operator.PRESENT, False, None, False),
    ],
)
def test_operators(
    operator: Operator, operand: JsonValue, value: JsonValue, *, holds: bool
) -> None:
    rule = ClaimRule("x", operator, operand)
    assert rule.holds(value) is holds


def test_paths_lead_into_objects_and_lists() -> None:
    claims: JsonObject = {"a": {"b/c": [{"d": 1}]}, "/odd": 2}
    assert claim_at(claims, "/a/b~1c/0/d") == (True, 1)
    assert claim_at(claims, "/a/b~1c/1/d") == (False, None)
    assert claim_at(claims, "/a/x") == (False, None)
    assert claim_at(claims, "/a/b~1c/0/d/e") == (False, None)
    assert claim_at(claims, "missing") == (False, None)
