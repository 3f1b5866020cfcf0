"""Targets of a workspace as rows of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from sealwright.desktop.messages import quoted
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.tables.cells import Column, Row, RowKind, State, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sealwright.services.fleet.apply import AppliedTarget
    from sealwright.services.fleet.compare import Comparison
    from sealwright.services.fleet.plan import PlannedChange


_HEAD = (
    *("provider", "attestUri", "type", "wanted", "state", "detail"),
    *("before", "after", "requestId"),
)


def tr(text: str) -> str:
    """`text` in the user's language."""
    return QCoreApplication.translate("fleet", text)


@dataclass(slots=True)
class TargetLine:
    """What is known of one target so far."""

    comparison: Comparison
    change: PlannedChange | None = None
    applied: AppliedTarget | None = None

    @property
    def key(self) -> str:
        """Stable over refreshes."""
        return "\n".join(self.comparison.target.place)

    @property
    def as_wanted(self) -> bool:
        """Whether there is nothing to do at it."""
        return self.change is None and self.comparison.problem is None

    @property
    def ended(self) -> bool:
        """Whether nothing more is done to it."""
        applied = self.applied
        return applied is not None and applied.entry.state not in ("waiting", "running")


def columns() -> tuple[Column, ...]:
    """Where, what shall stand there, how it stands, and why."""
    return (
        Column("provider", tr("Provider"), "contoso-prod-weu"),
        Column("type", tr("Type"), "OpenEnclave"),
        Column("wanted", tr("Wanted"), "policies/production.policy", drop=1),
        Column("state", tr("State"), "Cannot be read", icon=True),
        Column("detail", tr("Detail"), "12 lines gone, 3 lines new", stretch=1),
    )


def build(lines: Iterable[TargetLine]) -> list[Row]:
    """One row a target."""
    return [_row(line) for line in lines]


def _row(line: TargetLine) -> Row:
    target = line.comparison.target
    word, icon, tone = state_words(line)
    return Row(
        line.key,
        (
            Text(target.provider.name, weight=500),
            Text(target.attestation_type.value),
            Text(target.wanted.path, color="text2", mono=not target.wanted.default),
            State(word, icon, tone, quiet=tone == Tone.OK),
            Text(quoted(detail_words(line)), color="text2"),
        ),
        kind=RowKind.LEAF,
        data=line,
    )


def as_csv(lines: Iterable[TargetLine]) -> bytes:
    """The targets for a spreadsheet: how each stands, what was changed, and the request's id."""
    from sealwright.services.spreadsheet import csv_bytes  # noqa: PLC0415 - when it is asked for

    return csv_bytes(_HEAD, map(_values, lines))


def _values(line: TargetLine) -> tuple[str, ...]:
    target, applied = line.comparison.target, line.applied
    entry = applied.entry if applied is not None else None
    proof = (entry.before, entry.after, entry.request_id) if entry is not None else ("", "", "")
    provider, kind = target.provider, target.attestation_type.value
    state = (state_words(line)[0], detail_words(line))
    return provider.name, provider.attest_uri, kind, target.wanted.path, *state, *proof


def state_words(line: TargetLine) -> tuple[str, str, Tone]:
    """Word, icon and tone of how a target stands."""
    if line.applied is not None:
        return {
            "waiting": (tr("Waiting"), "clock", Tone.NEU),
            "running": (tr("Being changed"), "spin", Tone.INFO),
            "proven": (tr("Proven"), "ok", Tone.OK),
            "failed": (tr("Failed"), "err", Tone.ERR),
            "blocked": (tr("Cannot be changed"), "denied", Tone.ERR),
            "left": (tr("Not begun"), "stop", Tone.WARN),
        }[line.applied.entry.state]
    if line.change is not None and not line.change.possible:
        return tr("Cannot be changed"), "denied", Tone.ERR
    return {
        "same": (tr("As wanted"), "ok", Tone.OK),
        "drifted": (tr("Drifted"), "drift", Tone.ERR),
        "unreadable": (tr("Cannot be read"), "lock", Tone.WARN),
    }[line.comparison.standing.value]


def detail_words(line: TargetLine) -> str:
    """Why it stands so, or what will be done."""
    if line.applied is not None and line.applied.entry.detail:
        return line.applied.entry.detail
    if line.change is None:
        return line.comparison.words
    stops = [each.message for each in line.change.obstacles if each.certain]
    if stops:
        return stops[0]
    signer = tr("signed with {0}").format(line.change.key) if line.change.key else tr("not signed")
    return f"{line.comparison.words}; {signer}"
