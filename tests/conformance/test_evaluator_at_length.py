"""The comparison of both evaluators, many thousand times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.naive_comparison import choices_by_trial, compare
from helpers.policy_texts import claims, policies, semantics
from helpers.telling_policies import few_claims, telling_policies

if TYPE_CHECKING:
    from sealwright.claims import Claim
    from sealwright.policy.semantics import Semantics


@pytest.mark.long
@settings(max_examples=20_000, deadline=None, derandomize=False)
@given(st.one_of(policies(), policies(plain=True)), claims)
def test_both_agree_at_length(text: str, given_claims: list[Claim]) -> None:
    compare(text, given_claims)


@pytest.mark.long
@settings(max_examples=5_000, deadline=None, derandomize=False)
@given(st.one_of(policies(), telling_policies()), st.one_of(claims, few_claims), semantics)
def test_what_an_outcome_hung_on_at_length(
    text: str, given_claims: list[Claim], readings: Semantics
) -> None:
    found = compare(text, given_claims, readings)
    assert list(found.choices) == choices_by_trial(text, given_claims, readings)
