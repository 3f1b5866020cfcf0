"""A token's examination to take away: one page for a ticket, and verdicts of many as tables."""

from __future__ import annotations

import csv
import html
import io
import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sealwright.legible import legible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sealwright.evidence.basis.checks import Check
    from sealwright.services.tokens.batch import BatchRow
    from sealwright.services.tokens.tokens import Examination
    from sealwright.tokens.jose import JsonValue

_TIMES: Final = ("iat", "nbf", "exp")
_LATEST: Final = 253_402_300_799
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS: Final = ("number", "name", "verdict", "check", "detail", "issuer", "kind", "expires")
SECRET: Final = frozenset(
    {
        "nonce",
        "rp_data",
        "jti",
        "cnf",
        "x-ms-runtime",
        "x-ms-inittime",
        "x-ms-sgx-ehd",
        "aas-ehd",
        "maa-ehd",
        "x-ms-sgx-report-data",
        "x-ms-sevsnpvm-reportdata",
        "x-ms-sevsnpvm-reportid",
        "x-ms-sevsnpvm-chipid",
        "x-ms-sevsnpvm-hostdata",
        "tdx_report_data",
        "x-ms-azurevm-vmid",
    }
)
"""Claims that name one request, one machine or one workload, or hold what a client sent."""

_OF_EVERYBODY: Final = frozenset({"iss", "aud", "iat", "nbf", "exp"})
"""Claims of another service's token that name nobody."""

_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 13px/1.45 system-ui, sans-serif; color: #1a1e26; margin: 32px; }}
h1 {{ font-size: 20px; }} h2 {{ font-size: 15px; margin-top: 24px; }}
table {{ border-collapse: collapse; width: 100%; margin-bottom: 16px; }}
th, td {{ text-align: left; vertical-align: top; padding: 4px 8px; }}
th, td {{ border-bottom: 1px solid #e1e4ea; }}
code, .mono {{ font-family: ui-monospace, monospace; font-size: 12px; overflow-wrap: anywhere; }}
.pass {{ color: #136a3a; }} .fail {{ color: #ae2219; }} .warn {{ color: #7a4900; }}
.skip {{ color: #474f5c; }}
@media print {{ body {{ margin: 0; }} tr {{ break-inside: avoid; }} h2 {{ break-after: avoid; }} }}
</style></head><body>
<h1>Token report: {title}</h1>
<p class="{tone}"><strong>{verdict}</strong></p>
<p>Checked as of {at}. Keys: {keys}. {note}</p>
<h2>Chain of trust</h2><table><tr><th width="24%">Link</th><th width="10%">State</th>
<th width="33%">What</th><th width="33%">What to do</th></tr>
{chain}</table>
<h2>Checks</h2>
<table><tr><th width="28%">Check</th><th width="10%">State</th><th width="22%">Detail</th>
<th width="20%">Expected</th><th width="20%">Actual</th></tr>
{checks}</table>
<h2>Claims</h2><table><tr><th width="34%">Claim</th><th>Value</th></tr>
{claims}</table>
<h2>Header</h2><table><tr><th width="34%">Member</th><th>Value</th></tr>
{header}</table>
<h2>Signing key</h2><table><tr><th width="34%">Fact</th><th>Value</th></tr>
{facts}</table>
{token}</body></html>
"""
_REDACTED: Final = "(redacted)"
_TONES: Final = {"valid": "pass", "invalid": "fail"}


def report_html(found: Examination, title: str, *, redact: bool) -> bytes:
    """One page without scripts or outside references, made for the printer too.

    With `redact`, what names a request, a machine or a workload is left out, and so is the token.
    """
    report, foreign = found.report, _is_foreign(found)
    note = "Values that name a request, machine or workload are redacted." if redact else ""
    token = "" if redact else f"<h2>Token</h2><p><code>{_shown(found.text)}</code></p>"
    page = _PAGE.format(
        title=_shown(title),
        tone=_TONES.get(report.verdict.value, "warn"),
        verdict=_shown(report.verdict.value.capitalize()),
        at=f"{found.at:%Y-%m-%d %H:%M:%S} UTC",
        keys=_shown(found.keys.words or "none known"),
        note=note,
        chain="\n".join(_chain(found)),
        checks="\n".join(_check(check, redact=redact, foreign=foreign) for check in report.checks),
        claims="\n".join(
            _members(redacted(report.claims, foreign=foreign) if redact else report.claims)
        ),
        header="\n".join(_members(report.header)),
        facts="\n".join(
            _row(fact.name, fact.value) for group in found.facts for fact in group.facts
        ),
        token=token,
    )
    return page.encode("utf-8")


def report_json(found: Examination, *, redact: bool) -> str:
    """The examination in the shape of `token verify`, with the claims (spec cli, JSON results)."""
    report, foreign = found.report, _is_foreign(found)
    by = report.signed_by
    document = {
        "verdict": str(report.verdict),
        "valid": report.valid,
        "at": f"{found.at:%Y-%m-%dT%H:%M:%SZ}",
        "keys": found.keys.words,
        "signedBy": by and {"kid": by.kid, "thumbprint": by.thumbprint, "subject": by.subject},
        "chain": [
            {"link": link.link, "status": str(link.status), "detail": link.detail}
            for link in report.chain
        ],
        "checks": [
            _redacted(check, redact=redact, foreign=foreign)._asdict() for check in report.checks
        ],
        "header": dict(report.header),
        "claims": redacted(report.claims, foreign=foreign) if redact else dict(report.claims),
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _is_foreign(found: Examination) -> bool:
    return found.inspection is None or found.inspection.kind == "other"


def redacted(claims: Mapping[str, JsonValue], *, foreign: bool = False) -> dict[str, JsonValue]:
    """Claims without the values that name a request, a machine or a workload.

    Of a `foreign` token, which may name a person, only what names nobody stays.
    """
    found: dict[str, JsonValue] = {}
    for name, value in claims.items():
        if name in SECRET or (foreign and name not in _OF_EVERYBODY):
            found[name] = _REDACTED
        else:
            found[name] = redacted(value) if isinstance(value, dict) else value
    return found


def _redacted(check: Check, *, redact: bool, foreign: bool) -> Check:
    secret = ("binding.", "relying-party.claim.") if foreign else ("binding.",)
    named = check.id.startswith(secret) or any(name in check.id for name in SECRET)
    if not (redact and named):
        return check
    expected, actual = (_REDACTED if text else "" for text in (check.expected, check.actual))
    return check._replace(expected=expected, actual=actual)


def _chain(found: Examination) -> Iterator[str]:
    links = found.chain.links
    for number, stop in enumerate(found.chain.stops):
        what = " · ".join((*stop.lines[:1], stop.reason)).strip(" ·")
        yield _state(stop.title, str(stop.status), what, stop.advice)
        for link in links[number : number + 1]:
            yield _state(f"↓ {link.word}", str(link.status), link.reason, link.advice)


def _shown(text: str) -> str:
    return html.escape(legible(text))


def _state(*cells: str, id_: str = "") -> str:
    name, status, *rest = cells
    more = "".join(f"<td>{_shown(cell)}</td>" for cell in rest)
    # Ids are long words: they may break after a dot.
    named = f"<br><code>{_shown(id_).replace('.', '.<wbr>')}</code>" if id_ else ""
    first = f"<td>{_shown(name)}{named}</td>"
    return f'<tr>{first}<td class="{status}">{status}</td>{more}</tr>'


def _check(check: Check, *, redact: bool, foreign: bool) -> str:
    shown = _redacted(check, redact=redact, foreign=foreign)
    cells = (shown.title, shown.status.value, shown.detail, shown.expected, shown.actual)
    return _state(*cells, id_=shown.id)


def _members(members: Mapping[str, JsonValue]) -> Iterator[str]:
    for name, value in members.items():
        yield _row(name, f"{json.dumps(value, ensure_ascii=False)}{_moment(name, value)}")


def _moment(name: str, value: JsonValue) -> str:
    """What a NumericDate is in words."""
    if name not in _TIMES or not isinstance(value, int) or not 0 <= value <= _LATEST:
        return ""
    return f" ({datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M:%S} UTC)"


def _row(name: str, value: str) -> str:
    return f'<tr><td>{_shown(name)}</td><td class="mono">{_shown(value)}</td></tr>'


def batch_csv(rows: Sequence[BatchRow]) -> bytes:
    """RFC 4180, UTF-8; what a spreadsheet would run as a formula is defused. No tokens in it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for row in _sorted(rows):
        values = asdict(row)
        writer.writerow([_defused(values[name]) for name in _COLUMNS])
    return out.getvalue().encode("utf-8")


def batch_json(rows: Sequence[BatchRow]) -> bytes:
    """One document with a row for each token, in the order of the list."""
    document = {"items": [asdict(row) for row in _sorted(rows)]}
    return json.dumps(document, indent=2, ensure_ascii=False).encode("utf-8") + b"\n"


def _sorted(rows: Iterable[BatchRow]) -> list[BatchRow]:
    return sorted(rows, key=lambda row: row.number)


def _defused(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
