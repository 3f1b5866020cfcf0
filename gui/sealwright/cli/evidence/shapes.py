"""The result of one piece of evidence, as JSON and in words (spec cli, evidence)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sealwright.claims.notation import claim_to_json
from sealwright.cli import shapes
from sealwright.cli.output import table
from sealwright.evidence.basis.checks import NOT_EVALUATED, CheckStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sealwright.evidence.basis.checks import Check
    from sealwright.evidence.examination import Examination, Fact

VERDICTS: Final = {True: "valid", False: "not valid", None: "not decided"}
_SHOWN: Final = 100
"""Characters of a value in a table."""


def shape_of(found: Examination) -> dict[str, object]:
    """The result of one piece of evidence (spec cli, evidence inspect / verify)."""
    status = found.tcb_status
    return {
        "kind": found.kind.value,
        "facts": dict(found.facts),
        "claims": [claim_to_json(one) for one in found.claims],
        "checks": [shapes.check(one) for one in found.checks],
        "valid": found.valid,
        "tcbStatus": None if status is None else status.value,
        "root": found.root,
    }


def inspection_words(found: Examination) -> str:
    """What evidence says: its fields, and the claims that a service would derive."""
    rows = [(one.type, _short(one.value)) for one in found.claims]
    lines = [f"kind  {found.kind.value}: {found.form}", ""]
    lines += [f"{name}  {_short(value)}" for name, value in _flat("", found.facts)]
    claims = "\n" + table(("CLAIM", "VALUE"), rows) if rows else ""
    return "\n".join(lines) + "\n" + claims


def _flat(prefix: str, facts: Mapping[str, Fact]) -> Iterator[tuple[str, Fact]]:
    for name, value in facts.items():
        if isinstance(value, dict):
            yield from _flat(f"{prefix}{name}.", value)
        else:
            yield f"{prefix}{name}", value


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def verdict_words(found: Examination) -> str:
    """Whether evidence holds, why not, and every check."""
    verdict = VERDICTS[found.valid]
    root = f", vouched for by {found.root}" if found.root else ""
    tcb = f", platform {found.tcb_status.value}" if found.tcb_status else ""
    rows = list(_check_rows(found.checks))
    reason = reason_of(found)
    why = f"{reason}\n" if reason else ""
    return f"{found.kind.value}: {verdict}{root}{tcb}\n{why}\n" + table(
        ("STATUS", "CHECK", "DETAIL"), rows
    )


def _check_rows(checks: Sequence[Check]) -> Iterator[tuple[str, str, str]]:
    """Every check with what was compared; a row leaves that to its parts, which stand below it."""
    ids = {one.id for one in checks}
    above = {one.id: ids & _above(one.id) for one in checks}
    rows = {id_ for found in above.values() for id_ in found}
    for one in checks:
        why = "" if one.id in rows else _why(one)
        yield one.status.value.upper(), f"{'  ' * bool(above[one.id])}{one.title}", why


def _above(id_: str) -> set[str]:
    return {id_[:at] for at, sign in enumerate(id_) if sign == "."}


def _why(check: Check) -> str:
    if check.status not in (CheckStatus.FAIL, CheckStatus.WARN):
        return check.detail
    values = (("expected", check.expected), ("found", check.actual))
    compared = ", ".join(f"{name} {value}" for name, value in values if value)
    return f"{check.detail} ({compared})" if compared else check.detail


def reason_of(found: Examination) -> str:
    """What made evidence not valid, or keeps it from being decided; empty when it is valid."""
    first = next(iter((*found.failed(), *found.missing())), None)
    return f"{first.title}: {first.detail.removeprefix(f'{NOT_EVALUATED}: ')}" if first else ""
