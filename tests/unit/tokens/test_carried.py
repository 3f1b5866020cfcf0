"""What management tokens carry encoded is read: the policy, and whose certificates there are."""

from __future__ import annotations

import pytest

from helpers.issuing import Issuer, b64
from sealwright.policy.digest import policy_hash
from sealwright.tokens.carried import carried_policy
from sealwright.tokens.inspect import inspect
from sealwright.tokens.policy_jws import unsecured_policy, unsecured_reset
from sealwright.tokens.signing_facts import key_set_facts

TEXT = "version=1.0;\nauthorizationrules{=> permit();};\nissuancerules{};"
SERVICE = Issuer()


@pytest.mark.parametrize(
    "token",
    [
        unsecured_policy(TEXT),
        SERVICE.token(SERVICE.claims(**{"x-ms-policy": unsecured_policy(TEXT)})),
    ],
)
def test_the_policy_in_an_answer_or_an_upload_is_read(token: str) -> None:
    found = carried_policy(inspect(token))
    assert found is not None
    assert (found.text, found.policy_hash, found.algorithm) == (TEXT, policy_hash(TEXT), "none")


@pytest.mark.parametrize("claims", [{"x-ms-policy": "no policy"}, {"x-ms-attestation-type": "sgx"}])
def test_other_tokens_carry_none(claims: dict[str, str]) -> None:
    assert carried_policy(inspect(SERVICE.token(SERVICE.claims(**claims)))) is None
    assert carried_policy(inspect(unsecured_reset())) is None


def test_a_certificate_in_a_claim_is_named() -> None:
    keys = {"keys": [{"kty": "RSA", "x5c": [b64(SERVICE.der)]}, {"x5c": ["AAAA"]}]}
    token = SERVICE.token(SERVICE.claims(**{"x-ms-policy-certificates": keys}))
    meanings = {each.path: each.meaning for each in inspect(token).explained}
    path = "/x-ms-policy-certificates/keys/{}/x5c"
    assert meanings[path.format(0)].startswith(f"CN={SERVICE.uri}, until 2050-12-31, SHA-1 ")
    assert path.format(1) not in meanings


def test_every_key_of_a_set_is_told_with_what_it_is() -> None:
    good, bad = key_set_facts(SERVICE.key_set()), key_set_facts(SERVICE.key_set(x5c=["AAAA"]))
    assert good.facts[0].name == SERVICE.kid
    assert good.facts[0].value == f"RSA 2048, self-signed, CN={SERVICE.uri}"
    assert "read" in bad.facts[0].value
