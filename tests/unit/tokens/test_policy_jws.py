"""Policy, reset and certificate JWS have the bytes that the service takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright.errors import TokenError
from sealwright.tokens.jose import split
from sealwright.tokens.policy_jws import (
    assemble,
    certificate_input,
    signed_policy_input,
    signed_reset_input,
    token_hash,
    unsecured_policy,
    unsecured_reset,
)
from sealwright.tokens.unwrap import (
    PolicyForm,
    read_policy,
    signer_chain,
    unwrap,
)

TEXT = "version=1.0;authorizationrules{=>permit();};issuancerules{};"
CHAIN = (b"leaf certificate", b"issuer certificate")

_texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80)


def test_an_unsecured_policy_is_the_published_token_with_the_published_hash() -> None:
    jws = unsecured_policy(TEXT)
    assert jws.startswith("eyJhbGciOiJub25lIn0.eyJBdHRlc3RhdGlvblBvbGljeSI6ImRt")
    assert jws.endswith("In0.")
    assert token_hash(jws) == "8uqLhOreLTUOL2OnCnX4uEJjG2z4tNBWzCgFydCywu4"


def test_an_unsecured_reset_has_an_empty_payload() -> None:
    assert unsecured_reset() == "eyJhbGciOiJub25lIn0.."


@given(_texts)
def test_every_text_comes_back_byte_for_byte(text: str) -> None:
    policy = read_policy(unsecured_policy(text))
    assert (policy.text, policy.form, policy.signed) == (text, PolicyForm.ENCODED, False)


def test_a_signed_policy_has_exactly_alg_and_x5c() -> None:
    jws = split(assemble(signed_policy_input(TEXT, CHAIN), b"signature"))
    assert list(jws.header) == ["alg", "x5c"]
    assert jws.algorithm == "RS256"
    assert jws.signature == b"signature"
    policy = read_policy(jws.compact)
    assert (policy.text, policy.signed, policy.chain) == (TEXT, True, CHAIN)


def test_a_signed_reset_signs_an_empty_payload() -> None:
    signing_input = signed_reset_input(CHAIN)
    assert signing_input.endswith(b".")
    policy = read_policy(assemble(signing_input, b"s"))
    assert (policy.form, policy.text, policy.signed) == (PolicyForm.EMPTY, "", True)


def test_nothing_is_signed_without_a_certificate() -> None:
    with pytest.raises(TokenError):
        signed_policy_input(TEXT, ())


def test_a_certificate_request_names_the_certificate_and_the_signer() -> None:
    jws = assemble(certificate_input(b"new certificate", CHAIN), b"s")
    assert split(jws).claims() == {
        "policyCertificate": {"kty": "RSA", "x5c": ["bmV3IGNlcnRpZmljYXRl"]}
    }
    assert signer_chain(split(jws)) == CHAIN


def test_the_hash_of_a_signed_policy_is_that_of_its_text() -> None:
    signed = read_policy(assemble(signed_policy_input(TEXT, CHAIN), b"s"))
    unsigned = unwrap(TEXT)
    assert signed.policy_hash == unsigned.policy_hash
    assert signed.policy_hash == "F57fq4XosI6GIyzj_4Aobj2YmRNdhC8-sh4movtD1x8"
