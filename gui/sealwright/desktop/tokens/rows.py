"""Claims, header and checks of a token as rows of trees."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.cells import Column, Row, RowKind, Text, TwoLines
from sealwright.desktop.widgets.delegate import plain_group
from sealwright.desktop.wording import utc_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sealwright.evidence.checks import Check
    from sealwright.tokens.inspect import Explained, Inspection
    from sealwright.tokens.jose import JsonValue

_LONG = 160
_TIMES = frozenset({"iat", "nbf", "exp"})
_LATEST = 253402300799
_STATUS = {
    "pass": ("ok", "ok.mark", Tone.OK),
    "fail": ("err", "err.mark", Tone.ERR),
    "warn": ("warn", "warn.mark", Tone.WARN),
    "skip": ("none", "neu.mark", Tone.NEU),
}


def tr(text: str) -> str:
    """`text` in the user's language."""
    return QCoreApplication.translate("tokens", text)


def claim_columns() -> tuple[Column, ...]:
    """Name, value, meaning."""
    return (
        Column("claim", tr("Claim"), "x-ms-policy-certificates"),
        Column("value", tr("Value"), '"e31c2a0b57f0…4a19"', mono=True, stretch=2),
        Column(
            "meaning", tr("Meaning"), "Hash of the key that signed the enclave", drop=1, stretch=1
        ),
    )


def check_columns() -> tuple[Column, ...]:
    """One wide column."""
    return (Column("check", tr("Check"), ""),)


def _registered() -> Mapping[str, str]:
    return {
        "iss": tr("Who issued it"),
        "aud": tr("Whom it is for"),
        "sub": tr("What it is about"),
        "jti": tr("Number of this token"),
        "iat": tr("Issued at"),
        "nbf": tr("Not valid before"),
        "exp": tr("Expires"),
        "alg": tr("Signature algorithm"),
        "typ": tr("Type of token"),
        "kid": tr("Which key signed it"),
        "jku": tr("Where the key is published"),
        "jwk": tr("A key inside the token: never trusted"),
        "x5c": tr("Certificates of the signer"),
        "x-ms-ver": tr("Version of the token's form"),
        "x-ms-policy": tr("The stored policy, wrapped"),
        "x-ms-policy-result": tr("What the service says it did"),
        "x-ms-policy-token-hash": tr("Hash of the policy as it was sent"),
        "x-ms-policy-hash": tr("Hash of the policy that is applied"),
        "x-ms-policy-signer": tr("Whose signature the policy carries"),
        "AttestationPolicy": tr("The policy text, base64url"),
    }


def _group_of(name: str) -> str:
    if name in ("iss", "aud", "sub", "jti", "iat", "nbf", "exp", "x-ms-ver", "ver"):
        return tr("Token")
    if "policy" in name.lower():
        return tr("Policy")
    if name.startswith("x-ms-"):
        return tr("Attestation")
    return tr("Other claims")


def claim_rows(inspection: Inspection) -> list[Row]:
    """Claims under headings, in a fixed order."""
    known = {each.path: each for each in inspection.explained}
    groups: dict[str, list[Row]] = {}
    for name, value in inspection.claims.items():
        row = _row(f"/{name}", name, value, known)
        groups.setdefault(_group_of(name), []).append(row)
    order = (tr("Policy"), tr("Attestation"), tr("Other claims"), tr("Token"))
    rows = []
    for title in order:
        if title in groups:
            heading = plain_group(f"group:{title}", f"{title}  ({len(groups[title])})", "")
            heading.children = groups[title]
            rows.append(heading)
    return rows


def header_rows(header: Mapping[str, JsonValue]) -> list[Row]:
    """The header's members."""
    return [_row(f"/{name}", name, value, {}) for name, value in header.items()]


def _row(path: str, name: str, value: JsonValue, known: Mapping[str, Explained]) -> Row:
    explained = known.get(path)
    meaning = _registered().get(name, explained.meaning if explained else "")
    icon = ""
    if explained is not None and explained.deprecated:
        icon = "warn"
        meaning = tr("Deprecated; {0}").format(explained.preferred or meaning)
    if name in _TIMES:
        meaning = f"{meaning}: {_time(value)}"
    row = Row(
        path,
        (
            Text(name, mono=True, icon=icon, icon_color="warn.mark", hint=path),
            _value(value),
            Text(meaning, color="text2", hint=meaning),
        ),
        kind=RowKind.CLAIM,
        data=value,
    )
    if isinstance(value, dict):
        row.children = [_row(f"{path}/{key}", key, held, known) for key, held in value.items()]
    elif isinstance(value, list):
        row.children = [
            _row(f"{path}/{at}", f"[{at}]", held, known) for at, held in enumerate(value)
        ]
    return row


def _value(value: JsonValue) -> Text:
    if isinstance(value, dict):
        return Text(tr("{0} members").format(len(value)), color="text3")
    if isinstance(value, list):
        return Text(tr("{0} items").format(len(value)), color="text3")
    text = json.dumps(value, ensure_ascii=False)
    color = "syntax.string" if isinstance(value, str) else "syntax.number"
    hint = text if len(text) <= 4 * _LONG else f"{text[: 4 * _LONG]}…"
    shown = text if len(text) <= _LONG else f"{text[: _LONG // 2]}…{text[-_LONG // 2 :]}"
    return Text(shown, color=color, mono=True, hint=hint)


def moment(value: object) -> datetime | None:
    """A NumericDate (RFC 7519, 2) as a time."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return datetime.fromtimestamp(value, UTC) if 0 <= value <= _LATEST else None


def _time(value: object) -> str:
    when = moment(value)
    return utc_time(when) if when is not None else tr("no time")


def check_rows(checks: Sequence[Check]) -> list[Row]:
    """Checks with their reason; sub-checks and the compared values below."""
    rows: dict[str, Row] = {}
    top: list[Row] = []
    for check in checks:
        icon, color, _ = _STATUS[check.status.value]
        row = Row(
            check.id,
            (TwoLines(check.title, check.detail, icon=icon, icon_color=color, hint=check.detail),),
            kind=RowKind.TALL if check.detail else RowKind.LEAF,
            data=check,
            search=status_word(check.status.value),
        )
        row.children = [
            Row(
                f"{check.id}:{name}",
                (Text(label, color="text3", extra=value, extra_color="text2", hint=value),),
                kind=RowKind.CLAIM,
            )
            for name, label, value in (
                ("expected", tr("expected"), check.expected),
                ("actual", tr("actual"), check.actual),
            )
            if value
        ]
        rows[check.id] = row
        parent = rows.get(check.id.rpartition(".")[0])
        (parent.children if parent is not None else top).append(row)
    return top


def status_word(status: str) -> str:
    """The word for a check's outcome."""
    return {
        "pass": tr("holds"),
        "fail": tr("fails"),
        "warn": tr("open"),
        "skip": tr("not checked"),
    }[status]
