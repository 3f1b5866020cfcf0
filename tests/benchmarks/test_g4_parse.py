"""G4: full parse and static checks against Lark's bare parse and `ast.parse`; memory held."""

from __future__ import annotations

import ast
import tracemalloc
from functools import partial
from typing import TYPE_CHECKING

import pytest

from benchmarks.peers.lark_policy import lark_parser
from benchmarks.policy_corpus import module_of, policy_of
from benchmarks.rounds import measure, report, say
from sealwright.policy import check, parse

if TYPE_CHECKING:
    from collections.abc import Callable


def held(make: Callable[[], object], size: int) -> float:
    """Bytes held for each character of the text."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = make()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del kept
    return (after - before) / size


def test_g4() -> None:
    pytest.importorskip("lark")
    lark = lark_parser()
    big, small, module = policy_of(1_000_000), policy_of(2_900), module_of(1_000_000)
    broken = big.replace(" => permit();", " => permit()", 50)
    found = measure(
        {
            "parse and check 1 MB": lambda: check(parse(big)),
            "the same with 50 errors": lambda: check(parse(broken)),
            "Lark 1 MB": partial(lark.parse, big),
            "ast.parse 1 MB": partial(ast.parse, module),
        },
        rounds=5,
    )
    for case in ("parse and check 1 MB", "the same with 50 errors"):
        report(found, case, "Lark 1 MB", 0.35)
        report(found, case, "ast.parse 1 MB", 1.5)
    found = measure(
        {"3 KB": lambda: check(parse(small)), "Lark 3 KB": partial(lark.parse, small)}, rounds=51
    )
    report(found, "3 KB", "Lark 3 KB", 0.5)
    mine = held(partial(parse, big), len(big))
    its = held(partial(ast.parse, module), len(module))
    say(
        f"memory held: {mine / its:.2f}, goal 0.6: {'met' if mine / its <= 0.6 else 'MISSED'}"
        f"  [{mine:.1f}, {its:.1f} bytes a character]"
    )
