"""Providers and what was read of them, as rows of the table."""

from __future__ import annotations

from enum import StrEnum
from functools import cache, lru_cache, partial
from operator import attrgetter
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from sealwright.claims.attestation_type import MAIN_TYPES, AttestationType
from sealwright.desktop import theme
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.tables.cells import (
    Cell,
    CellChip,
    Column,
    LateRow,
    Row,
    RowKind,
    Slots,
    State,
    Text,
)
from sealwright.desktop.widgets.tables.delegate import plain_group
from sealwright.desktop.wording import ago, expiry_color, time_left, utc_time
from sealwright.errors import AppError
from sealwright.services.model import PolicyState, Provider, TrustModel
from sealwright.services.reaching.overview import PolicyCell, SignerSummary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SLOTS = (54, 50, 54, 54, 54, 64)
_UNREAD, _DRIFTED = "unread", "drifted"


def tr(text: str) -> str:
    """`text` in the user's language."""
    return QCoreApplication.translate("providers", text)


class GroupBy(StrEnum):
    """What the headings below a cloud are."""

    RESOURCE_GROUP = "resource-group"
    LOCATION = "location"
    TRUST_MODEL = "trust-model"
    NOTHING = "nothing"


class Known:
    """What has been read of one provider so far."""

    __slots__ = ("_words", "cells", "signers")

    def __init__(self) -> None:
        self.cells: dict[AttestationType, PolicyCell] = {}
        self.signers: SignerSummary | None = None
        self._words = ""

    @property
    def words(self) -> str:
        """What the filter finds of it."""
        if not self._words:
            self._words = _slots_words(self)
        return self._words

    def take(self, part: object) -> AppError | None:
        """Keep a part that was read; what went wrong with it."""
        self._words = ""
        if isinstance(part, PolicyCell):
            self.cells[part.attestation_type] = part
            return part.problem
        if isinstance(part, SignerSummary):
            self.signers = part
            return part.problem
        if not isinstance(part, AppError):
            return None
        for kind in MAIN_TYPES:
            self.cells[kind] = PolicyCell(kind, PolicyState.UNREADABLE, problem=part)
        self.signers = SignerSummary(0, None, 0, problem=part)
        return part


def columns() -> tuple[Column, ...]:
    """The table's columns; what leaves first in a narrow window has the lowest `drop`."""
    return (
        Column("name", tr("Name"), "contoso-prod-weu"),
        Column("location", tr("Location"), "Sweden Central"),
        Column("trust", tr("Trust model"), "Isolated", drop=3),
        Column("status", tr("Status"), "Not ready", icon=True),
        Column("policies", tr("Policy by attestation type"), "", fixed=sum(SLOTS) + 14),
        Column("signers", tr("Signers"), "10  364 days", drop=2),
        Column("seen", tr("Last seen"), "14 min", drop=1),
    )


def state_words(cell: PolicyCell | None) -> tuple[str, str, Tone]:
    """Word, icon and tone of a policy's state."""
    return _words_of_state(_state(cell))


def _state(cell: PolicyCell | None) -> PolicyState | str:
    """What tells one look of a cell from another."""
    if cell is None:
        return _UNREAD
    return _DRIFTED if cell.drifted else cell.state


def _states(known: Known) -> tuple[PolicyState | str, ...]:
    return tuple([_state(known.cells.get(kind)) for kind in MAIN_TYPES])


@cache
def _words_of_state(state: PolicyState | str) -> tuple[str, str, Tone]:
    return {
        _UNREAD: (tr("Being read"), "", Tone.NEU),
        _DRIFTED: (tr("Drifted"), "drift", Tone.ERR),
        PolicyState.CUSTOM: (tr("Custom"), "pencil", Tone.INFO),
        PolicyState.DEFAULT: (tr("Default"), "dotc", Tone.NEU),
        PolicyState.NONE: (tr("None set"), "none", Tone.NEU),
        PolicyState.UNREADABLE: (tr("Cannot read"), "lock", Tone.NEU),
    }[state]


def location_words(provider: Provider) -> str:
    """Where it is; the sandbox is local."""
    return _words_of_location(provider.location)


@lru_cache(maxsize=64)
def _words_of_location(location: str) -> str:
    local = {"sandbox": tr("Local"), "sandboxpair": tr("Local pair")}
    return local.get(location, location)


@lru_cache(maxsize=64)
def status_cell(status: str) -> State:
    """`Ready`, `NotReady` and `Error` as ARM calls them."""
    known = {
        "ready": (tr("Ready"), "ok", Tone.OK),
        "notready": (tr("Not ready"), "warn", Tone.WARN),
        "error": (tr("Error"), "err", Tone.ERR),
    }
    text, icon, tone = known.get(status.lower(), (status or tr("Unknown"), "none", Tone.NEU))
    return State(text, icon, tone, quiet=tone == Tone.OK)


def provider_row(provider: Provider, known: Known) -> Row:
    """One provider; of thousands, only those that are seen are dressed."""
    tags = " ".join([f"{name}={value}" for name, value in provider.tags.items()])
    search = (
        f"{provider.name} {location_words(provider)} {provider.trust_model.value} "
        f"{status_cell(provider.status).text} {known.words} {provider.attest_uri} "
        f"{provider.subscription_name} {provider.subscription} {provider.resource_group} {tags}"
    )
    return LateRow(provider.id, partial(_cells, provider, known), data=provider, search=search)


def _cells(provider: Provider, known: Known) -> tuple[Cell, ...]:
    seen = provider.last_seen
    hint = utc_time(seen) if seen else ""
    return (
        Text(provider.name, weight=500, hint=provider.attest_uri),
        Text(location_words(provider), color="text2"),
        Text(provider.trust_model.value, color="text2"),
        status_cell(provider.status),
        _slots(known),
        _signers(provider, known.signers),
        Text(ago(seen), color="text2", hint=hint),
    )


def _slots_words(known: Known) -> str:
    words = _words_of_states(_states(known))
    if known.signers is not None and known.signers.problem is not None:
        return f"{words}, {tr('Cannot read')}"
    return words


@lru_cache(maxsize=1024)
def _words_of_states(states: tuple[PolicyState | str, ...]) -> str:
    """Of thousands of providers, most are in the same states."""
    pairs = zip(MAIN_TYPES, states, strict=True)
    return ", ".join(f"{kind.label} {_words_of_state(state)[0]}" for kind, state in pairs)


def _slots(known: Known) -> Slots:
    return _slots_of_states(_states(known), theme.px(1000))


@lru_cache(maxsize=1024)
def _slots_of_states(states: tuple[PolicyState | str, ...], _scale: int) -> Slots:
    widths = tuple([theme.px(width) for width in SLOTS])
    chips, lines = [], []
    for kind, state in zip(MAIN_TYPES, states, strict=True):
        word, icon, tone = _words_of_state(state)
        filled = tone != Tone.NEU
        chips.append(CellChip(kind.label, icon, tone, filled=filled, hint=word))
        lines.append(f"{kind.value}: {word}")
    return Slots(tuple(chips), widths, hint="\n".join(lines))


def _signers(provider: Provider, signers: SignerSummary | None) -> Cell:
    if provider.trust_model != TrustModel.ISOLATED:
        return Text(tr("None"), color="text3", hint=tr("Only Isolated providers have signers."))
    if signers is None:
        return Text("…", color="text3")
    if signers.problem is not None:
        return State(tr("Cannot read"), "lock", Tone.NEU, hint=signers.problem.summary)
    end = signers.next_expiry
    if end is None:
        return Text(str(signers.count))
    hint = tr("The next one expires {0}").format(utc_time(end))
    return Text(str(signers.count), extra=time_left(end), extra_color=expiry_color(end), hint=hint)


def build(providers: Iterable[Provider], made: Mapping[str, Row], group_by: GroupBy) -> list[Row]:
    """Clouds, what stands below them, and the rows made of the providers; the sandbox last."""
    clouds: dict[str, list[Provider]] = {}
    for provider in providers:
        clouds.setdefault(provider.cloud, []).append(provider)
    rows = []
    for cloud in sorted(clouds, key=lambda name: (name.lower() == "sandbox", name)):
        sandbox = cloud.lower() == "sandbox"
        title = tr("Sandbox on this computer") if sandbox else cloud
        group = plain_group(f"cloud:{cloud}", title, "cube" if sandbox else "cloud")
        group.children = _below(clouds[cloud], made, group_by)
        rows.append(group)
    return rows


def _below(providers: list[Provider], made: Mapping[str, Row], group_by: GroupBy) -> list[Row]:
    headings: dict[str, list[Row]] = {}
    # One that was only just made, or found, may not know its subscription's name.
    names = {
        each.subscription: each.subscription_name for each in providers if each.subscription_name
    }
    for provider in sorted(providers, key=attrgetter("name")):
        title = _heading(provider, group_by, names)
        headings.setdefault(title, []).append(made[provider.id])
    sandbox = providers[0].cloud.lower() == "sandbox" and group_by == GroupBy.RESOURCE_GROUP
    if len(headings) == 1 or group_by == GroupBy.NOTHING or sandbox:
        return [row for rows in headings.values() for row in rows]
    groups = []
    for title in sorted(headings):
        icon = "globe" if title == tr("Shared regional") else _ICONS[group_by]
        key = f"group:{providers[0].cloud}:{title}"
        group = plain_group(key, title, icon, kind=RowKind.SUBGROUP)
        group.children = headings[title]
        groups.append(group)
    return groups


_ICONS = {
    GroupBy.RESOURCE_GROUP: "folder",
    GroupBy.LOCATION: "globe",
    GroupBy.TRUST_MODEL: "shield",
    GroupBy.NOTHING: "folder",
}


def _heading(provider: Provider, group_by: GroupBy, names: Mapping[str, str]) -> str:
    match group_by:
        case GroupBy.RESOURCE_GROUP:
            if provider.trust_model == TrustModel.SHARED and not provider.resource_group:
                return tr("Shared regional")
            subscription = names.get(provider.subscription, provider.subscription)
            return f"{subscription}  /  {provider.resource_group}"
        case GroupBy.LOCATION:
            return location_words(provider)
        case GroupBy.TRUST_MODEL:
            return provider.trust_model.value
        case GroupBy.NOTHING:
            return ""
