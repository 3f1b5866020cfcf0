"""G6: evaluation against the same decision written by hand, and in Cedar; growth with claims.

A trace is recorded when the outcome of every test on every claim is kept; it is read when all of
it has been made into objects, which evaluates nothing again.
"""

from __future__ import annotations

from functools import partial

import pytest

from benchmarks.peers.cedar import cedar_decisions
from benchmarks.peers.hand_written import SIGNER, decide, policy_text
from benchmarks.rounds import measure, repeated, report, say
from sealwright.claims import SERVICE_ISSUER, Claim, ClaimValue
from sealwright.policy import evaluate, parse, prepare

_TIMES = 500
RECORDED = "evaluate, trace recorded"
READ = "evaluate, every step of the trace read"


def claims(more: int) -> list[Claim]:
    """Six claims of an SGX quote and `more` others."""
    known: dict[str, ClaimValue] = {
        "x-ms-sgx-is-debuggable": False,
        "x-ms-sgx-product-id": 4639,
        "x-ms-sgx-mrsigner": SIGNER,
        "x-ms-sgx-mrenclave": "cd" * 32,
        "x-ms-sgx-svn": 9,
        "x-ms-attestation-type": "sgx",
    }
    others: dict[str, ClaimValue] = {f"other-{number}": number for number in range(more)}
    return [Claim(name, value, SERVICE_ISSUER) for name, value in {**known, **others}.items()]


def test_g6() -> None:
    text, given = policy_text(), claims(18)
    prepared = prepare(parse(text))
    outcome = prepared.evaluate(given)
    verdict, issued = decide(given)
    assert outcome.permitted is verdict
    assert [(claim.type, claim.value) for claim in outcome.outgoing] == issued
    assert outcome.trace == evaluate(parse(text), given).trace
    found = measure(
        {
            RECORDED: repeated(lambda: prepared.evaluate(given), _TIMES),
            READ: repeated(lambda: prepared.evaluate(given).trace, _TIMES),
            "by hand": repeated(lambda: decide(given), _TIMES),
        },
        rounds=15,
    )
    # A prepared policy records always, so this goal without a trace holds it to both.
    report(found, RECORDED, "by hand", 1.4)
    report(found, READ, "by hand", 2.0)


def test_g6_beside_cedar() -> None:
    pytest.importorskip("cedarpy")
    text, given = policy_text(), claims(18)
    prepared = prepare(parse(text))
    cedar_prepared, cedar_from_text = cedar_decisions(given)
    found = measure(
        {
            RECORDED: repeated(lambda: prepared.evaluate(given), 100),
            READ: repeated(lambda: prepared.evaluate(given).trace, 100),
            "cedarpy": repeated(cedar_prepared, 100),
            "from text": repeated(lambda: evaluate(parse(text), given).trace, 10),
            "cedarpy from text": repeated(cedar_from_text, 10),
        },
        rounds=15,
    )
    report(found, RECORDED, "cedarpy", 0.25)
    report(found, READ, "cedarpy", 0.25)
    report(found, "from text", "cedarpy from text", 1.25)


def test_growth_with_the_claims() -> None:
    prepared = prepare(parse(policy_text()))
    counts = (10, 100, 1_000, 10_000)
    given = {f"{count:,} claims": claims(count - 6) for count in counts}
    cases = {name: repeated(partial(prepared.evaluate, many), 20) for name, many in given.items()}
    found = measure(cases, rounds=7)
    for name, seconds in found.items():
        say(f"{name}: {min(seconds) / 20 * 1e6:.0f} us")
