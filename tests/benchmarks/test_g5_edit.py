"""G5: one character typed into a large policy until tree and diagnostics are current."""

from __future__ import annotations

import random
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.peers.tree_sitter_python import edited_tree
from benchmarks.policy_corpus import long_policy_of, module_of, noisy_policy_of, policy_of
from benchmarks.rounds import measure, report, report_times
from sealwright.claims import AttestationType, Catalogue
from sealwright.policy.checking.linter import Analysis

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealwright.policy import Diagnostic

_CATALOGUE = Catalogue.from_json(
    (Path(__file__).parents[2] / "resources" / "claims.json").read_text("utf-8")
)
_SIZE = 1_000_000
_SIGHT = 2_000
"""Characters around the cursor that a window shows."""


def analysed(text: str) -> Analysis:
    """An analysis whose diagnostics have been asked for, as an editor does."""
    analysis = Analysis.of(text, _CATALOGUE, AttestationType.SGX_ENCLAVE)
    assert isinstance(analysis.diagnostics, tuple)
    return analysis


def in_a_value(text: str) -> int:
    """A place in the middle of the text where a character spoils nothing."""
    return text.index('value=="', len(text) // 2) + 8


def typed(analysis: Analysis, at: int, new: str) -> list[Diagnostic]:
    """Something is typed; as an editor does, count all findings and place those in sight."""
    findings = analysis.edited(at, at, new).findings
    assert len(findings.severities()) == len(findings)
    return list(findings.touching(at - _SIGHT, at + _SIGHT))


def typed_and_listed(analysis: Analysis, at: int, new: str) -> tuple[Diagnostic, ...]:
    """The same, with every finding of the text placed."""
    return analysis.edited(at, at, new).diagnostics


def test_g5() -> None:
    pytest.importorskip("tree_sitter_python")
    text, noisy, crowded = long_policy_of(_SIZE), noisy_policy_of(_SIZE), policy_of(_SIZE)
    module = module_of(_SIZE)
    analysis = analysed(text)
    place = in_a_value(text)
    found = measure(
        {
            "in a value": partial(typed, analysis, place, "a"),
            "a quote": partial(typed, analysis, place, '"'),
            "a finding in every rule": partial(typed, analysed(noisy), in_a_value(noisy), "a"),
            "a finding in every rule, all placed": partial(
                typed_and_listed, analysed(noisy), in_a_value(noisy), "a"
            ),
            "too many rules": partial(typed, analysed(crowded), in_a_value(crowded), "a"),
            "tree-sitter": edited_tree(module, module.index("zone-", _SIZE // 2), "a"),
        },
        rounds=11,
    )
    for case in (
        "in a value",
        "a quote",
        "a finding in every rule",
        "a finding in every rule, all placed",
        "too many rules",
    ):
        report(found, case, "tree-sitter", 1.5)


@pytest.mark.parametrize("make", [long_policy_of, noisy_policy_of])
def test_keystroke_to_diagnostics_on_five_thousand_lines(make: Callable[[int], str]) -> None:
    draw = random.Random(20260101)  # noqa: S311 - the same places every time
    text = make(_SIZE)
    lines = text.splitlines(keepends=True)[:4_999]
    text = "".join([*lines[: _end_of_rule(lines)], "};\n"])
    analysis = analysed(text)
    seconds: list[float] = []
    for _ in range(200):
        place = draw.randrange(100, len(text))
        new = draw.choice('abc123 ";=[]\n')
        started = time.perf_counter()
        following = analysis.edited(place, place, new)
        assert len(following.findings.severities()) == len(following.findings)
        seconds.append(time.perf_counter() - started)
    report_times(f"keystroke to diagnostics, 5,000 lines of {make.__name__}", seconds)


def _end_of_rule(lines: list[str]) -> int:
    return max(number for number, line in enumerate(lines, 1) if line.endswith(";\n"))
