"""Claims and header of a token as rows of trees; plain values, made away from the Qt thread."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from sealwright.desktop.messages import quoted
from sealwright.desktop.widgets.tables.cells import Column, Row, RowKind, Text
from sealwright.desktop.widgets.tables.delegate import counted_group
from sealwright.desktop.wording import counted, span, utc_time
from sealwright.legible import legible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sealwright.tokens.inspect import Explained, Inspection
    from sealwright.tokens.jose import JsonValue
    from sealwright.tokens.unwrap import UnwrappedPolicy

_LONG = 160
_SEARCHED = 4000
"""Characters of a value that the filter looks at."""
_CHILDREN = 300
"""Members of one object that are shown; the rest is in the raw JSON, and still found there."""
_LINE = 100
"""Characters of a tooltip's line."""
_TIMES = frozenset({"iat", "nbf", "exp"})
_CARRIERS = ("x-ms-policy", "AttestationPolicy")
"""Claims that hold a policy."""
_LATEST = 253402300799
KEYS = "facts:keys"
"""Key of the group of all keys that were given."""
_TOKEN = frozenset({"iss", "aud", "sub", "jti", "iat", "nbf", "exp", "x-ms-ver", "nonce"})


@dataclass(frozen=True, slots=True)
class Mark:
    """What a reader should know about a claim at once: an icon, and words for its meaning."""

    icon: str
    color: str
    words: str


def tr(text: str) -> str:
    """`text` in the user's language."""
    return QCoreApplication.translate("tokens", text)


def claim_columns() -> tuple[Column, ...]:
    """Name, value, meaning."""
    return (
        Column("claim", tr("Claim"), "x-ms-sevsnpvm-launchmeasurement and more"),
        Column("value", tr("Value"), '"e31c2a0b57f0…4a19"', mono=True, stretch=2),
        Column(
            "meaning", tr("Meaning"), "Hash of the key that signed the enclave", drop=1, stretch=1
        ),
    )


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
        "jku": tr("Where the key is published; never followed unasked"),
        "jwk": tr("A key inside the token: never trusted"),
        "x5c": tr("Certificates of the signer"),
        "x5t": tr("Thumbprint of the signer's certificate"),
        "x-ms-ver": tr("Version of the token's form"),
        "x-ms-policy-hash": tr("Hash of the policy that is applied"),
        "x-ms-policy-signer": tr("Whose signature the policy carries"),
    }


def _groups() -> Mapping[str, str]:
    """Headings by key, in the order in which they stand."""
    return {
        "enclave": tr("Enclave"),
        "vm": tr("Confidential VM"),
        "guest": tr("Guest"),
        "policy": tr("Policy"),
        "attestation": tr("Attestation"),
        "other": tr("Other claims"),
        "token": tr("Token"),
        "deprecated": tr("Deprecated names"),
    }


_PREFIXES = (
    ("x-ms-sgx-", "enclave"),
    ("x-ms-sevsnpvm-", "vm"),
    ("tdx_", "vm"),
    ("x-ms-isolation-tee", "vm"),
    ("attester_tcb_status", "vm"),
    ("x-ms-azurevm-", "guest"),
    ("secureboot", "guest"),
)


def _group_of(name: str, explained: Explained | None) -> str:
    if explained is not None and explained.deprecated:
        return "deprecated"
    if name in _TOKEN:
        return "token"
    for prefix, group in _PREFIXES:
        if name.startswith(prefix):
            return group
    if "policy" in name.lower():
        return "policy"
    return "attestation" if name.startswith("x-ms-") else "other"


def claim_rows(
    inspection: Inspection, marks: Mapping[str, Mark], policy: UnwrappedPolicy | None = None
) -> list[Row]:
    """Claims under headings, in a fixed order; `marks` by path, `policy` is what it carries."""
    known = {each.path: each for each in inspection.explained}
    groups: dict[str, list[Row]] = {}
    maker = _Rows(known, marks, moment(inspection.claims.get("iat")))
    for name, value in inspection.claims.items():
        path = pointer("", name)
        row = maker.row(path, name, value)
        if policy is not None and name in _CARRIERS:
            row.children = list(_carried(maker, path, policy))
        groups.setdefault(_group_of(name, known.get(path)), []).append(row)
    rows = []
    for key, title in _groups().items():
        if key in groups:
            heading = counted_group(f"group:{key}", title, len(groups[key]))
            heading.children = groups[key]
            rows.append(heading)
    return rows


def _carried(maker: _Rows, path: str, policy: UnwrappedPolicy) -> Iterator[Row]:
    """What stands inside of the encoded policy."""
    meanings = {
        "alg": tr("Signature algorithm"),
        "text": quoted(tr("The policy itself; whole under `Policy`")),
        "x-ms-policy-hash": tr("Hash that attestation tokens name this policy by"),
    }
    values = {"alg": policy.algorithm, "text": policy.text, "x-ms-policy-hash": policy.policy_hash}
    for name, words in meanings.items():
        yield maker.plain(pointer(path, name), name, values[name], words)


def header_rows(header: Mapping[str, JsonValue], marks: Mapping[str, Mark]) -> list[Row]:
    """The header's members; their marks have the path `header:/name`."""
    maker = _Rows({}, {path.removeprefix("header:"): mark for path, mark in marks.items()})
    return [maker.row(pointer("", name), name, value) for name, value in header.items()]


def pointer(base: str, name: str) -> str:
    """The JSON Pointer of a member (RFC 6901)."""
    return f"{base}/{name.replace('~', '~0').replace('/', '~1')}"


class _Rows:
    """Makes rows, each with its meaning and its mark."""

    def __init__(
        self,
        known: Mapping[str, Explained],
        marks: Mapping[str, Mark],
        issued: datetime | None = None,
    ) -> None:
        self._known = known
        self._marks = marks
        self._issued = issued
        self._words = _registered()

    def row(self, path: str, name: str, value: JsonValue) -> Row:
        mark = self._marks.get(path)
        meaning = mark.words if mark is not None else self._meaning(path, name, value)
        icon, color = (mark.icon, mark.color) if mark is not None else self._deprecated(path)
        row = self.plain(path, name, value, meaning, icon=(icon, color))
        row.children = list(self._children(path, value))
        return row

    def plain(
        self,
        path: str,
        name: str,
        value: JsonValue,
        meaning: str,
        *,
        icon: tuple[str, str] = ("", "text2"),
    ) -> Row:
        """A row without its members."""
        shown = shortened(json.dumps(name, ensure_ascii=False)[1:-1] or '""')
        where = shortened(path, 4 * _LONG)
        return Row(
            path,
            (
                Text(shown, mono=True, icon=icon[0], icon_color=icon[1], hint=where),
                _value(value),
                Text(meaning, color="text2", hint=meaning),
            ),
            kind=RowKind.CLAIM,
            data=value,
            search=value[_LONG:_SEARCHED] if isinstance(value, str) else "",
        )

    def _meaning(self, path: str, name: str, value: JsonValue) -> str:
        explained = self._known.get(path)
        known = explained.meaning if explained else ""
        # Names mean what is registered for them at the top only: inside, they are somebody's own.
        meaning = self._words.get(name, known) if path.count("/") == 1 else known
        if explained is not None and explained.deprecated:
            meaning = tr("Deprecated; {0}").format(explained.preferred or meaning)
        timed = name in _TIMES and path.count("/") == 1
        return f"{meaning}: {self._time(name, value)}" if timed else meaning

    def _time(self, name: str, value: JsonValue) -> str:
        when = moment(value)
        if when is None:
            return tr("no time")
        if name != "exp" or self._issued is None or when < self._issued:
            return utc_time(when)
        return tr("{0}, {1} after its issue").format(utc_time(when), span(when - self._issued))

    def _deprecated(self, path: str) -> tuple[str, str]:
        explained = self._known.get(path)
        deprecated = explained is not None and explained.deprecated
        return ("warn", "warn.mark") if deprecated else ("", "text2")

    def _children(self, path: str, value: JsonValue) -> Iterator[Row]:
        if isinstance(value, dict):
            members = [(pointer(path, name), name, held) for name, held in value.items()]
        elif isinstance(value, list):
            members = [(f"{path}/{at}", f"[{at}]", held) for at, held in enumerate(value)]
        else:
            return
        for place, name, held in members[:_CHILDREN]:
            yield self.row(place, name, held)
        if len(members) > _CHILDREN:
            rest = members[_CHILDREN:]
            words = tr("{0} more, see the raw JSON").format(f"{len(rest):,}")
            found = " ".join(f"{name} {held}"[:_LONG] for _, name, held in rest)
            yield Row(
                f"{path}/…", (Text(words, color="text3"),), kind=RowKind.CLAIM, search=found.lower()
            )


def _value(value: JsonValue) -> Text:
    if isinstance(value, dict):
        return Text(counted(len(value), tr("1 member"), tr("{0} members")), color="text3")
    if isinstance(value, list):
        return Text(counted(len(value), tr("1 item"), tr("{0} items")), color="text3")
    text = json.dumps(value, ensure_ascii=False)
    color = "syntax.string" if isinstance(value, str) else "syntax.number"
    return Text(shortened(text), color=color, mono=True, hint=hint_of(text))


def shortened(text: str, most: int = _LONG) -> str:
    """Both ends of a long text."""
    return text if len(text) <= most else f"{text[: most // 2]}…{text[-most // 2 :]}"


def hint_of(text: str) -> str:
    """A value for a tooltip: legible, not endless, and in lines, since it has few blanks."""
    whole = legible(shortened(text, 4 * _LONG))
    return "\n".join(whole[at : at + _LINE] for at in range(0, len(whole), _LINE))


def moment(value: object) -> datetime | None:
    """A NumericDate (RFC 7519, 2) as a time."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return datetime.fromtimestamp(value, UTC) if 0 <= value <= _LATEST else None
