"""Long readings of a policy take steps, and stop when nobody waits for them any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from helpers.simulators import bundled
from sealwright.claims import AttestationType
from sealwright.pace import CalledOffError, at_pace, pace, paced
from sealwright.policy.checking.checks import check
from sealwright.policy.checking.linter import Analysis
from sealwright.policy.comparison import semantic_diff
from sealwright.policy.evaluation.evaluator import evaluate, prepare
from sealwright.policy.reading.parser import parse
from sealwright.policy.writing.builder import read_model
from sealwright.policy.writing.explanation import explain
from sealwright.services.policies.claims_input import sample_claims
from sealwright.services.policies.rule_rows import rule_rows
from sealwright.services.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Callable

RULES = 200
RULE = '    [type=="x-ms-sgx-svn", value>=9] => add(type="seen", value=1);\n'
TEXT = f"version=1.1;\nauthorizationrules {{\n{RULE * RULES}}};\n"
SGX = AttestationType.SGX_ENCLAVE
CATALOGUE = Reference(bundled).catalogue()
POLICY = parse(TEXT)
OTHER = parse(TEXT.replace(">=9", ">=8"))
CLAIMS = sample_claims(CATALOGUE, SGX)

READINGS: dict[str, Callable[[], object]] = {
    "parse": lambda: parse(TEXT).chunks,
    "check": lambda: check(POLICY, SGX),
    "prepare": lambda: prepare(POLICY).evaluate(CLAIMS).trace,
    "evaluate": lambda: evaluate(POLICY, CLAIMS).trace,
    "lint": lambda: Analysis(POLICY, CATALOGUE, SGX).diagnostics,
    "explain": lambda: explain(POLICY),
    "compare": lambda: semantic_diff(POLICY, OTHER).changes,
    "read off": lambda: read_model(POLICY),
    "rows of a trace": lambda: rule_rows(POLICY, evaluate(POLICY, CLAIMS)),
}


class Steps:
    """Counts steps, and calls everything off after some."""

    def __init__(self, most: int) -> None:
        self.left = most
        self.taken = 0

    def __call__(self) -> None:
        self.taken += 1
        if self.taken > self.left:
            raise CalledOffError


@pytest.mark.parametrize("name", list(READINGS))
def test_a_reading_takes_a_step_for_every_rule_and_comes_out_the_same(name: str) -> None:
    steps = Steps(10**6)
    with at_pace(steps):
        found = READINGS[name]()
    assert steps.taken >= RULES
    assert found == READINGS[name]()


@pytest.mark.parametrize("name", list(READINGS))
def test_a_reading_ends_at_the_next_step_once_it_is_called_off(name: str) -> None:
    steps = Steps(5)
    with at_pace(steps), pytest.raises(CalledOffError):
        READINGS[name]()
    assert steps.taken == 6


def test_without_a_pace_nothing_stands_between_the_steps() -> None:
    rules = [1, 2, 3]
    assert paced(rules) is rules
    pace()()


def test_a_pace_ends_with_its_block() -> None:
    steps = Steps(0)
    with pytest.raises(CalledOffError), at_pace(steps):
        list(paced([1]))
    assert list(paced([1])) == [1]
