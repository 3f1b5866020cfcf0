"""Generated policies on generated claims: the evaluator and a naive one agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.naive_comparison import choices_by_trial, compare
from helpers.policy_texts import claims, policies, semantics
from helpers.telling_policies import (
    few_claims,
    joined_claims,
    joining_policies,
    telling_policies,
)
from sealwright.policy.semantics import OUR_SEMANTICS

if TYPE_CHECKING:
    from sealwright.claims import Claim
    from sealwright.policy.semantics import Semantics


@settings(max_examples=120, deadline=None)
@given(policies(), claims)
def test_both_agree(text: str, given_claims: list[Claim]) -> None:
    compare(text, given_claims)


@settings(max_examples=120, deadline=None)
@given(policies(plain=True), claims)
def test_both_agree_on_what_can_be_compiled(text: str, given_claims: list[Claim]) -> None:
    compare(text, given_claims)


@settings(max_examples=120, deadline=None)
@given(policies(), claims, semantics)
def test_both_agree_on_other_readings(
    text: str, given_claims: list[Claim], readings: Semantics
) -> None:
    compare(text, given_claims, readings)


@settings(max_examples=40, deadline=None)
@given(policies(shuffled=True), claims, semantics)
def test_both_agree_when_names_are_known_on_either_side(
    text: str, given_claims: list[Claim], readings: Semantics
) -> None:
    compare(text, given_claims, readings._replace(references_look_left=False))


@settings(max_examples=60, deadline=None)
@given(joining_policies, joined_claims, st.booleans())
def test_both_agree_on_what_names_keep(
    text: str,
    given_claims: list[Claim],
    whole: bool,  # noqa: FBT001 - the switch
) -> None:
    readings = OUR_SEMANTICS._replace(bindings_stay_whole=whole)
    found = compare(text, given_claims, readings)
    assert list(found.choices) == choices_by_trial(text, given_claims, readings)


@settings(max_examples=60, deadline=None)
@given(telling_policies(), few_claims, semantics)
def test_what_an_outcome_hung_on_is_every_switch_that_changes_it(
    text: str, given_claims: list[Claim], readings: Semantics
) -> None:
    found = compare(text, given_claims, readings)
    assert list(found.choices) == choices_by_trial(text, given_claims, readings)
