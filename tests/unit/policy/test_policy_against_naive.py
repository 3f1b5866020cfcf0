"""Generated policies on generated claims: the evaluator and a naive one agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings

from helpers.naive_comparison import compare
from helpers.policy_texts import claims, policies

if TYPE_CHECKING:
    from sealwright.claims import Claim


@settings(max_examples=300, deadline=None)
@given(policies(), claims)
def test_both_agree(text: str, given_claims: list[Claim]) -> None:
    compare(text, given_claims)


@settings(max_examples=200, deadline=None)
@given(policies(plain=True), claims)
def test_both_agree_on_what_can_be_compiled(text: str, given_claims: list[Claim]) -> None:
    compare(text, given_claims)
