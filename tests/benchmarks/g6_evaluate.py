"""G6: prepared evaluation with full trace against the same decision written by hand."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.peers.hand_written import SIGNER, decide, policy_text
from benchmarks.rounds import measure, report
from sealwright.claims import SERVICE_ISSUER, Claim, ClaimValue
from sealwright.policy import parse, prepare

if TYPE_CHECKING:
    from collections.abc import Callable

_TIMES = 500


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


def repeated(call: Callable[[], object], times: int = _TIMES) -> Callable[[], None]:
    """The call many times, so that the clock can tell."""

    def run() -> None:
        for _ in range(times):
            call()

    return run


def main() -> None:
    """Print the ratios of the goal, and how evaluation grows with the claims."""
    text, given = policy_text(), claims(18)
    prepared = prepare(parse(text))
    outcome = prepared.evaluate(given)
    verdict, issued = decide(given)
    assert outcome.permitted is verdict
    assert [(claim.type, claim.value) for claim in outcome.outgoing] == issued
    found = measure(
        {
            "evaluate": repeated(lambda: prepared.evaluate(given)),
            "evaluate, trace read": repeated(lambda: prepared.evaluate(given).trace),
            "by hand": repeated(lambda: decide(given)),
        },
        rounds=11,
    )
    report(found, "evaluate", "by hand", 1.4)
    report(found, "evaluate, trace read", "by hand", 2.0)
    for count in (10, 100, 1_000, 10_000):
        many = claims(count)
        (seconds,) = measure({"n": repeated(lambda: prepared.evaluate(many), 20)}, 1)["n"]  # noqa: B023 - called at once
        sys.stdout.write(f"{count:6} claims: {seconds / 20 * 1e6:.0f} us\n")


if __name__ == "__main__":
    main()
