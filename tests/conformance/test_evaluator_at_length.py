"""The comparison of both evaluators, many thousand times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.naive_comparison import compare
from helpers.policy_texts import claims, policies

if TYPE_CHECKING:
    from sealwright.claims import Claim


@pytest.mark.long
@settings(max_examples=20_000, deadline=None)
@given(st.one_of(policies(), policies(plain=True)), claims)
def test_both_agree_at_length(text: str, given_claims: list[Claim]) -> None:
    compare(text, given_claims)
