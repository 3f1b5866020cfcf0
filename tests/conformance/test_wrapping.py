"""Recorded requests are unwrapped, and collected policy texts have their published hashes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from helpers import vectors
from sealwright.policy.digest import policy_hash
from sealwright.tokens.jose import split
from sealwright.tokens.policy_jws import token_hash, unsecured_policy
from sealwright.tokens.unwrap import PolicyForm, unwrap
from sealwright.tokens.verification.signature import check_request

POLICIES = vectors.index("policies", "policies")
EXCHANGES = [entry for entry in vectors.index("requests") if entry["kind"] == "rest-exchange"]


def exchange(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(vectors.read("requests", f"{name}.json"))
    return found


def result_claims(recorded: dict[str, Any]) -> dict[str, Any]:
    return dict(split(recorded["response_body"]["token"]).claims())


def named(part: str) -> list[str]:
    return [entry["name"] for entry in EXCHANGES if part in entry["name"]]


@pytest.mark.parametrize("name", named("put-policies"))
def test_recorded_uploads(name: str) -> None:
    recorded = exchange(name)
    policy = unwrap(recorded["request_body"])
    assert policy.form is PolicyForm.ENCODED
    assert policy.text.startswith("version=1.0;")
    claims = result_claims(recorded)
    assert policy.token_hash == claims["x-ms-policy-token-hash"]
    assert policy.signed == ("x-ms-policy-signer" in claims)


@pytest.mark.parametrize("name", named("-reset-"))
def test_recorded_resets(name: str) -> None:
    policy = unwrap(exchange(name)["request_body"])
    assert policy.form is PolicyForm.EMPTY


@pytest.mark.parametrize("name", named("get-policies"))
def test_recorded_answers(name: str) -> None:
    recorded = exchange(name)
    policy = unwrap(json.dumps(recorded["response_body"]))
    assert policy.wrapping == ("answer", "policy-answer")
    assert policy.jws == result_claims(recorded)["x-ms-policy"]


@pytest.mark.parametrize(
    "name", [*named("put-policies"), *named("-reset-"), *named("post-certificates")]
)
def test_recorded_request_signatures_hold(name: str) -> None:
    body = exchange(name)["request_body"].strip('"')
    jws = split(body)
    if jws.algorithm == "none":
        return
    assert check_request(jws).bits == 2048


@pytest.mark.parametrize("entry", POLICIES, ids=lambda entry: entry["name"])
def test_policy_hashes(entry: dict[str, Any]) -> None:
    text = vectors.read("policies", entry["file"]).decode("utf-8")
    assert policy_hash(text) == entry["policy_hash"]
    jws = unsecured_policy(text)
    policy = unwrap(jws)
    assert policy.text == text
    assert policy.policy_hash == entry["policy_hash"]
    assert policy.token_hash == token_hash(jws)
