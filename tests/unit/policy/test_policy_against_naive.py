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
