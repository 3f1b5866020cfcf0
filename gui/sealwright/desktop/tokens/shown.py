"""Everything the panel shows of one token, prepared away from the Qt thread."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sealwright.desktop.tokens.findings import marks
from sealwright.desktop.tokens.rows import KEYS, claim_rows, header_rows, tr
from sealwright.desktop.widgets.tables.cells import Row, RowKind, State, Text
from sealwright.desktop.widgets.tables.delegate import counted_group
from sealwright.desktop.widgets.tables.paged import search_texts
from sealwright.legible import legible
from sealwright.pace import pace
from sealwright.tokens.signing_facts import key_set_facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sealwright.services.bundle import Services
    from sealwright.services.model import Provider
    from sealwright.services.tokens.key_source import KeySource
    from sealwright.services.tokens.tokens import Examination, Terms
    from sealwright.tokens.signing_facts import FactGroup
    from sealwright.tokens.trust_vector import Trustworthiness


@dataclass(frozen=True, slots=True)
class Shown:
    """One token, examined, as rows and texts."""

    found: Examination
    claims: list[Row]
    texts: Mapping[str, str] = field(repr=False)
    """What the filter looks at, by key of each claim's row."""
    header: list[Row]
    evidence: list[Row]
    vector: list[Row]
    inner: frozenset[str]
    """Keys of what is nested inside a nested claim: opened by who wants to see it."""
    spans: tuple[tuple[int, int, str], ...] = field(repr=False)
    """Begin, end and name of each claim in the compact text, in order."""
    raw: str = field(repr=False)
    """Header and claims as JSON."""
    claims_json: str = field(repr=False)
    provider: Provider | None
    """The known provider that the token names as its issuer."""
    fetchable: bool
    """Whether keys may be fetched from the issuer that the token names."""


async def prepare(services: Services, text: str, source: KeySource, terms: Terms) -> Shown:
    """Examine a token and lay out what is to be shown.

    Raises:
        TokenError, ServiceError: as `TokensService.examine`.
    """
    from anyio import to_thread  # noqa: PLC0415 - runs on the worker's loop

    # The window may want to paint first.
    await to_thread.run_sync(pace())
    found = await services.tokens.examine(text, source, terms)
    issuer = found.report.claims.get("iss")
    name = issuer if isinstance(issuer, str) else ""
    provider = await services.tokens.provider_of(name) if name else None
    fetchable = bool(name) and await services.tokens.can_fetch(name)
    return await to_thread.run_sync(_lay_out, found, provider, fetchable)


def _lay_out(
    found: Examination,
    provider: Provider | None,
    fetchable: bool,  # noqa: FBT001 - a fact of the result
) -> Shown:
    from sealwright.tokens.spans import claim_spans  # noqa: PLC0415 - away from the start

    noted = marks(found)
    inspection = found.inspection
    claims = claim_rows(inspection, noted, found.policy) if inspection is not None else []
    both = {"header": dict(found.report.header), "claims": dict(found.report.claims)}
    return Shown(
        found=found,
        claims=claims,
        texts=search_texts(claims),
        header=header_rows(found.report.header, noted),
        evidence=evidence_rows(found.facts, key_set_facts(found.keys.keys)),
        vector=vector_rows(found.vector),
        inner=frozenset(_inner(claims)),
        spans=_in_order(claim_spans(inspection.jws)) if inspection is not None else (),
        raw=_json(both),
        claims_json=_json(both["claims"]),
        provider=provider,
        fetchable=fetchable,
    )


def _json(value: object) -> str:
    # Escapes mean the same in JSON, and hide nothing from its reader.
    return legible(json.dumps(value, indent=2, ensure_ascii=False))


def _inner(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        if row.children:
            if row.key.count("/") > 1:
                yield row.key
            yield from _inner(row.children)


def _in_order(spans: Mapping[str, tuple[int, int]]) -> tuple[tuple[int, int, str], ...]:
    return tuple(sorted((start, end, name) for name, (start, end) in spans.items()))


def evidence_rows(groups: tuple[FactGroup, ...], keys: FactGroup) -> list[Row]:
    """The signing key's certificate and evidence under headings, and the keys that were given."""
    named = [(f"facts:{number}", group) for number, group in enumerate(groups)]
    rows = []
    for key, group in (*named, (KEYS, keys)):
        if not group.facts:
            continue
        heading = counted_group(key, group.title, len(group.facts))
        heading.children = [
            Row(
                f"{key}:{at}",
                (Text(fact.name), Text(fact.value, mono=True, hint=fact.value)),
                kind=RowKind.CLAIM,
                data=fact.value,
            )
            for at, fact in enumerate(group.facts)
        ]
        rows.append(heading)
    return rows


def vector_rows(vector: tuple[Trustworthiness, ...]) -> list[Row]:
    """The trust vector in the words of AR4SI."""
    from sealwright.desktop.theme import Tone  # noqa: PLC0415 - values only

    looks = {
        0: (tr("none"), "none", Tone.NEU),
        2: (tr("affirming"), "ok", Tone.OK),
        32: (tr("warning"), "warn", Tone.WARN),
        96: (tr("contraindicated"), "err", Tone.ERR),
    }
    return [
        Row(
            f"vector:{each.claim}",
            (
                Text(each.claim, mono=True),
                State(looks[int(each.tier)][0], *looks[int(each.tier)][1:]),
                Text(each.reason, color="text2", hint=each.reason),
            ),
            kind=RowKind.LEAF,
            data=int(each.tier),
        )
        for each in vector
    ]
