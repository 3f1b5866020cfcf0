"""Turns a refusal of Entra ID, as msal hands it over, into our error."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sealwright.errors import BadAnswerError, ClockError, SignInError
from sealwright.identity.entra_meanings import BY_CODE, BY_THE_CLOCK, MEANINGS, Meaning
from sealwright.services.reaching.clock_gap import HINT, both_clocks, clock_gap, gap_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.services.ports import HttpResponse

_NUMBER: Final = re.compile(r"AADSTS(\d{4,9})")
_TRAILER: Final = re.compile(r"\s*Trace ID: .*", re.DOTALL)
_FACTS: Final = re.compile(r"(Trace ID|Correlation ID|Timestamp): (\S+(?: \d\d:\d\d:\d\dZ)?)")
_MAX: Final = 2_000


def sign_in_error(answer: Mapping[str, object]) -> SignInError | BadAnswerError:
    """The error for an answer of msal that holds no token."""
    code = answer.get("error")
    described = str(answer.get("error_description") or "")
    if not isinstance(code, str) or not code:
        return BadAnswerError(
            "The sign-in service's answer holds no token.", details={"answer": described[:_MAX]}
        )
    number = _number(answer, described)
    said = _TRAILER.sub("", described).strip()[:_MAX]
    meaning = MEANINGS.get(number) or BY_CODE.get(code)
    if meaning is None:
        meaning = Meaning(f"The sign-in was refused: {said or code}", "Look at the details.")
    facts = {name.lower(): value for name, value in _FACTS.findall(described)}
    correlation = str(answer.get("correlation_id") or facts.get("correlation id", ""))
    details = {
        "error": f"AADSTS{number}" if number else "",
        "what to look for": str(answer.get("suberror") or ""),
        "correlation id": correlation,
        "trace id": str(answer.get("trace_id") or facts.get("trace id", "")),
        "time": str(answer.get("timestamp") or facts.get("timestamp", "")),
        "Entra ID said": said,
    }
    return SignInError(
        meaning.summary,
        hint=meaning.hint,
        service_code=code,
        request_id=correlation,
        details={name: value for name, value in details.items() if value},
        needs_person=meaning.needs_person,
        claims=str(answer.get("claims") or ""),
    )


def clock_error(url: str, answer: HttpResponse) -> ClockError | None:
    """The error for a proof that does not hold since the clocks differ; None for anything else."""
    gap = clock_gap(answer)
    if gap is None:
        return None
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or _number(said, "") not in BY_THE_CLOCK:
        return None
    refused = sign_in_error(said)
    return ClockError(
        f"The sign-in does not hold: {gap_words(gap, urlsplit(url).netloc)}.",
        hint=HINT,
        status=answer.status,
        service_code=refused.service_code,
        request_id=refused.request_id,
        details=refused.details | both_clocks(answer),
    )


def _number(answer: Mapping[str, object], described: str) -> int:
    listed = answer.get("error_codes")
    if isinstance(listed, list) and listed and isinstance(listed[0], int):
        return listed[0]
    found = _NUMBER.search(described)
    return int(found.group(1)) if found else 0
