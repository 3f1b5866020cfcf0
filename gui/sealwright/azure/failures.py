"""Turns refusals of the service into our errors: what happened, what to do, the raw facts.

Source: spec rest-api, 7 Errors. Anything may be missing, names may be capitalised, and a gateway
may answer HTML.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from sealwright.errors import (
    BadAnswerError,
    ClockError,
    RefusedError,
    RejectedError,
    RoleError,
    ServiceError,
    UnreachableError,
)
from sealwright.services.reaching.clock_gap import HINT, both_clocks, clock_gap, gap_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.errors import ServiceFacts
    from sealwright.services.ports import HttpResponse

_MAX_TEXT: Final = 4_000
_MESSAGE: Final = "Msg:["
_PLACE: Final = re.compile(r"Line:\s*'(\d+)',?\s*Column:\s*'(\d+)'")
_SYMBOL_MARK: Final = "Offending symbol:"
_SYMBOL: Final = re.compile(r"\s*'(.*?)'\s+Line:", re.DOTALL)
_TITLE_MARK: Final = re.compile(r"<title\b", re.IGNORECASE)
_TITLE: Final = re.compile(r"[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_REPEAT: Final = " LogHr("

_REFUSED_HINT: Final = (
    "Either nobody is signed in, or the account has no role there: reading needs Attestation "
    "Reader, changing needs Attestation Contributor. A role of Privileged Identity Management has "
    "to be activated first."
)
_ROLE_HINT: Final = (
    "If you hold a role through Privileged Identity Management, it is asleep until you activate it "
    "at {page}; that takes effect within some minutes, then try again. Otherwise ask an owner of "
    "the resource group for a role: {role}."
)
_DATA_ROLES: Final = "Attestation Reader to read, Attestation Contributor to change"
_ARM_ROLES: Final = "Reader to look, Contributor to change"
_ACTIVATION: Final = "/#view/Microsoft_Azure_PIMCommon/ActivationMenuBlade/~/azurerbac"
_PORTALS: Final[Mapping[str, str]] = {
    ".us": "https://portal.azure.us",
    ".usgovcloudapi.net": "https://portal.azure.us",
    ".cn": "https://portal.azure.cn",
}
"""The portal of a cloud, by how the hosts of its APIs end."""
_PUBLIC_PORTAL: Final = "https://portal.azure.com"
_UNAUTHORIZED: Final = 401
_NO_ROLE: Final = frozenset({(401, "Unauthorized"), (403, "AuthorizationFailed")})
"""What a missing role looks like to somebody who is signed in (spec rest-api, 1.5 and 8.1)."""
_TOO_LARGE: Final = "Make it smaller: shorter comments, fewer values in one rule."
_HINTS: Final[Mapping[str, str]] = {
    "PolicyParsingError": "Go to the place that it names, correct the policy and upload it again.",
    "PolicyEvaluationError": "The policy denied, or nothing in it permitted.",
    "InvalidOperation": "A provider of trust model Isolated takes only signed requests.",
    "InvalidParameter": "Use the key of a certificate that is among the provider's signers.",
    "ResourceNotFound": "It may have been deleted. Refresh the list of providers.",
    "ResourceGroupNotFound": "Create the resource group first, or choose another one.",
    "MissingSubscriptionRegistration": "Register `Microsoft.Attestation` in the subscription.",
    "LinkedAuthorizationFailed": "A role is missing at another resource that this one needs; the "
    "details name it.",
    "RequestDisallowedByPolicy": "A policy of the subscription (Azure Policy) forbids it, not a "
    "role: the details name the policy. Ask who keeps it.",
    "ReadOnlyDisabledSubscription": "The subscription is disabled, so nothing in it can be "
    "changed. Ask its owner to enable it again.",
    "ScopeLocked": "A lock stands in the way. Whoever may manage locks can remove it.",
    "InvalidAuthenticationTokenTenant": "The account is signed in to another tenant: switch its "
    "tenant under Accounts, or use an account of that tenant.",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """What could be read of an error body. `line` counts from 1, `column` from 0 (ANTLR)."""

    code: str
    message: str
    line: int | None = None
    column: int | None = None
    symbol: str = ""


def read_failure(body: bytes) -> Failure:
    """Read an error body, whatever it is."""
    text = body.decode("utf-8", errors="replace").strip()
    code, message = _code_and_message(text)
    inner = _useful(message)
    place = _PLACE.search(message)
    # Looked for once, behind the mark: a hostile answer may repeat the mark a million times.
    symbol = _SYMBOL.match(message.partition(_SYMBOL_MARK)[2])
    return Failure(
        code=code,
        message=inner[:_MAX_TEXT],
        line=int(place.group(1)) if place else None,
        column=int(place.group(2)) if place else None,
        symbol=symbol.group(1) if symbol else "",
    )


def _code_and_message(text: str) -> tuple[str, str]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return "", _plain(text)
    if isinstance(value, str):
        return "", value
    found = _member(value, "error")
    source = found if isinstance(found, dict) else value
    code, message = _member(source, "code"), _member(source, "message")
    if isinstance(found, str):
        # The authority's shape (RFC 6749 section 5.2).
        described = _member(value, "error_description")
        return found, described if isinstance(described, str) else ""
    return (
        code if isinstance(code, str) else "",
        message if isinstance(message, str) else "",
    )


def _member(value: object, name: str) -> object:
    if not isinstance(value, dict):
        return None
    return next((item for key, item in value.items() if str(key).lower() == name), None)


def _plain(text: str) -> str:
    if text.startswith("<"):
        mark = _TITLE_MARK.search(text)
        title = _TITLE.match(text, mark.end()) if mark else None
        return title.group(1).strip() if title else "an HTML page"
    return text


def _useful(message: str) -> str:
    """The text between the first `Msg:[` and its bracket; a native failure then repeats itself."""
    _, found, rest = message.partition(_MESSAGE)
    text, bracket, _ = rest.partition(_REPEAT)[0].rpartition("]")
    return text.strip() if found and bracket else message.strip()


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the service wants to be left alone (RFC 9110 section 10.2.3)."""
    wished = headers.get("retry-after", "").strip()
    if wished.isdecimal():
        return float(wished[:9])
    try:
        # A date counts from the service's own clock, not from ours.
        when, now = (parsedate_to_datetime(text) for text in (wished, headers.get("date", "")))
        return max((when - now).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None


def activation_page(host: str) -> str:
    """Where roles are activated for what an API at this host guards."""
    found = (portal for ending, portal in _PORTALS.items() if host.lower().endswith(ending))
    return f"{next(found, _PUBLIC_PORTAL)}{_ACTIVATION}"


def service_error(response: HttpResponse, what: str, signed_in_at: str = "") -> ServiceError:
    """The error for an answer outside 2xx. `what` names the action: `set the policy`.

    `signed_in_at` is the host that a bearer token was sent to: a refusal then means the role, or
    that the token does not hold, which is the clock's doing where this computer's is wrong.
    """
    failure = read_failure(response.body)
    details = {"status": str(response.status), "service message": failure.message}
    if failure.line is not None:
        details |= {"line": str(failure.line), "column": str(failure.column)}
    if failure.symbol:
        details["offending symbol"] = failure.symbol
    wait = retry_after(response.headers)
    if wait is not None:
        details["retry after"] = f"{wait:.0f}"
    code = failure.code or response.headers.get("x-ms-error-code", "")
    facts: ServiceFacts = {
        "status": response.status,
        "service_code": code,
        "request_id": response.headers.get("x-ms-request-id", ""),
        "details": {name: value for name, value in details.items() if value},
    }
    if signed_in_at and response.status == _UNAUTHORIZED and code not in _HINTS:
        gap = clock_gap(response)
        if gap is not None:
            summary = f"You may not {what} now: {gap_words(gap, signed_in_at)}."
            facts |= {"hint": HINT, "details": {**facts["details"], **both_clocks(response)}}
            return ClockError(summary, **facts)
    if signed_in_at and (response.status, code) in _NO_ROLE:
        return _role_error(what, signed_in_at, facts)
    kind, summary, facts["hint"] = _words(response, failure, what)
    return kind(summary, **facts)


def _role_error(what: str, host: str, facts: ServiceFacts) -> RoleError:
    page = activation_page(host)
    roles = _ARM_ROLES if facts["service_code"] == "AuthorizationFailed" else _DATA_ROLES
    facts["hint"] = _ROLE_HINT.format(page=page, role=roles)
    facts["details"] = {**facts["details"], "activate a role": page}
    summary = f"You may not {what}: no role that is active now allows it."
    return RoleError(summary, activation=page, **facts)


def _words(
    response: HttpResponse, failure: Failure, what: str
) -> tuple[type[ServiceError], str, str]:
    status, said = response.status, f": {failure.message.rstrip('.')}." if failure.message else "."
    if status in (401, 403):
        summary = f"You may not {what}{said}"
        return RefusedError, summary, _HINTS.get(failure.code, _REFUSED_HINT)
    if status == 429:  # noqa: PLR2004 - Too Many Requests
        wait = retry_after(response.headers)
        hint = "Try again in a minute." if wait is None else f"Try again in {wait:.0f} seconds."
        return UnreachableError, f"The service takes no more requests now; could not {what}.", hint
    if status >= 500:  # noqa: PLR2004 - the 5xx class
        summary = f"The service failed with status {status}; could not {what}{said}"
        return UnreachableError, summary, "Try again. If it goes on, quote the request id."
    if status >= 400:  # noqa: PLR2004 - the 4xx class
        summary = f"The service refused to {what}{said}"
        hint = _TOO_LARGE if status == 413 else ""  # noqa: PLR2004 - Content Too Large
        return RejectedError, summary, _HINTS.get(failure.code, hint)
    summary = f"The service answered with status {status} when asked to {what}."
    return BadAnswerError, summary, "A proxy may be in the way."
