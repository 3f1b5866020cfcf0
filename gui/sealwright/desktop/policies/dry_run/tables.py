"""Claims and token members as rows of a table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sealwright.desktop.policies.words import tr
from sealwright.desktop.widgets.tables.cells import Column, Row, RowKind, Text
from sealwright.desktop.widgets.tables.tree import TreeTable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sealwright.claims.claim import Claim
    from sealwright.services.policies.dry_run import TokenMember

_FIRST = 150


def claims_table(name: str) -> TreeTable:
    """A table for claims."""
    columns = (
        Column("claim", tr("Claim"), "x-ms-sgx-is-debuggable", mono=True, stretch=2),
        Column("value", tr("Value"), '"9fa4…78ba"', mono=True, stretch=1),
        Column("type", tr("Type"), "boolean"),
        Column("issuer", tr("Issuer"), "AttestationService", drop=1),
    )
    return _flat(TreeTable(name, columns, first_min=_FIRST))


def token_table(name: str) -> TreeTable:
    """A table for members of a token."""
    columns = (
        Column("member", tr("Member"), "x-ms-sgx-is-debuggable", mono=True, stretch=2),
        Column("value", tr("Value"), '"9fa4…78ba"', mono=True, stretch=1),
        Column("from", tr("From"), tr("Service")),
    )
    return _flat(TreeTable(name, columns, first_min=_FIRST))


def _flat(table: TreeTable) -> TreeTable:
    table.setRootIsDecorated(False)
    return table


def claim_rows(claims: Iterable[Claim], new: Iterable[Claim] = ()) -> list[Row]:
    """One row a claim; those in `new` were added by rules."""
    added = [id(claim) for claim in new]
    rows = []
    for number, claim in enumerate(claims):
        hint = tr("Added by a rule") if id(claim) in added else ""
        rows.append(
            Row(
                f"{number}",
                (
                    Text(claim.type, mono=True, hint=hint),
                    value_cell(claim.value),
                    Text(claim.value_type.lower(), color="text2"),
                    Text(claim.issuer, color="text2"),
                ),
                kind=RowKind.CLAIM,
            )
        )
    return rows


def member_rows(members: Iterable[TokenMember]) -> list[Row]:
    """One row a member."""
    return [
        Row(
            member.name,
            (
                Text(member.name, mono=True),
                value_cell(member.value),
                Text(tr("Policy") if member.by_policy else tr("Service"), color="text2"),
            ),
            kind=RowKind.CLAIM,
        )
        for member in members
    ]


def value_cell(value: object) -> Text:
    """A value as JSON; the whole of it in the tooltip."""
    text = json.dumps(value, ensure_ascii=False)
    return Text(text, mono=True, hint=text)
