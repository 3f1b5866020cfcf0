"""Data that came beside evidence: is it what the evidence was made for (spec evidence, 1)?

Data that was not given is no check at all: then the report data is only what the evidence says.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sealwright.evidence.basis.checks import Check, CheckStatus, judge, row

if TYPE_CHECKING:
    from sealwright.evidence.examination import Given


def runtime_data_checks(given: Given, report_data: bytes, prefix: str = "") -> tuple[Check, ...]:
    """The first half of the report data against the hash of the runtime data, when given."""
    if given.runtime_data is None:
        return ()
    digest = hashlib.sha256(given.runtime_data).digest()
    rest = report_data[len(digest) :]
    held = judge(
        f"{prefix}report-data.hash",
        "Runtime data is what the report was made for",
        "The report data is not the SHA-256 of the given runtime data.",
        passed=report_data[: len(digest)] == digest,
        expected=digest.hex(),
        actual=report_data[: len(digest)].hex(),
    )
    zero = (
        Check(f"{prefix}report-data.rest", "Rest of the report data is zero", CheckStatus.PASS)
        if not any(rest)
        else Check(
            f"{prefix}report-data.rest",
            "Rest of the report data is zero",
            CheckStatus.WARN,
            "The report data goes on after the hash; the service compares the first half only.",
            actual=rest.hex(),
        )
    )
    return row(f"{prefix}report-data", "Report data", (held, zero))


def init_data_checks(given: Given, field: bytes, name: str, prefix: str = "") -> tuple[Check, ...]:
    """The field that initialisation data is hashed into, when such data was given."""
    if given.init_data is None:
        return ()
    digest = hashlib.sha256(given.init_data).digest()
    return (
        judge(
            f"{prefix}init-data",
            f"Initialisation data is what {name} names",
            f"{name} is not the SHA-256 of the given initialisation data.",
            passed=field[: len(digest)] == digest and not any(field[len(digest) :]),
            expected=digest.hex(),
            actual=field.hex(),
        ),
    )
