"""Short words and marks that several parts of the panel show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from sealwright.desktop.theme import Tone
from sealwright.services.model import PolicyState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sealwright.policy import Diagnostic

_HASH_HEAD, _HASH_TAIL = 6, 4


def tr(text: str) -> str:
    """`text` in the user's language."""
    return QCoreApplication.translate("policies", text)


def ways_to_begin() -> str:
    """What an empty text says."""
    return tr(
        "Ctrl+Space offers what can be written here.\n"
        "Ctrl+Shift+B makes rules from a list of requirements.\n"
        "Templates in the library are policies to begin with."
    )


def short_hash(value: str) -> str:
    """A hash shortened in the middle; whole when it is short anyway."""
    if len(value) <= _HASH_HEAD + _HASH_TAIL + 1:
        return value
    return f"{value[:_HASH_HEAD]}…{value[-_HASH_TAIL:]}"


def local_time(moment: datetime) -> str:
    """A time as the user's clock shows it, to the second."""
    return moment.astimezone().strftime("%H:%M:%S")


def local_date_time(moment: datetime) -> str:
    """Date and time as the user's clock shows them, to the minute."""
    return moment.astimezone().strftime("%d %b %Y %H:%M")


def utc_words(moment: datetime) -> str:
    """The same in UTC, for a tooltip."""
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")


@dataclass(frozen=True, slots=True)
class StateMark:
    """How the library shows what stands at a provider and type."""

    icon: str
    color: str
    words: str


def state_mark(state: PolicyState | None, *, drifted: bool = False) -> StateMark:
    """Icon, colour and words of a policy's state; None while it has not been read."""
    if drifted:
        return StateMark("drift", "err.mark", tr("Drifted: not what this computer saw last"))
    return {
        None: StateMark("dotc", "border2", tr("Not read yet")),
        PolicyState.CUSTOM: StateMark("pencil", "accent_text", tr("Custom policy")),
        PolicyState.DEFAULT: StateMark("dotc", "text3", tr("Default policy")),
        PolicyState.NONE: StateMark("none", "text3", tr("No policy set")),
        PolicyState.UNREADABLE: StateMark("lock", "text3", tr("Cannot be read")),
    }[state]


_TONES = {"error": Tone.ERR, "warning": Tone.WARN, "info": Tone.INFO, "hint": Tone.INFO}


def severity_tone(finding: Diagnostic) -> Tone:
    """The colour of a finding."""
    return _TONES[finding.severity.value]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many findings of each weight there are."""

    errors: int
    warnings: int
    hints: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.errors + self.warnings + self.hints

    @property
    def tone(self) -> Tone:
        """The colour of the heaviest."""
        if self.errors:
            return Tone.ERR
        if self.warnings:
            return Tone.WARN
        return Tone.INFO if self.hints else Tone.NEU

    @property
    def words(self) -> str:
        """`1 error, 2 warnings`; empty when there is nothing."""
        parts = (
            (self.errors, tr("{0} error"), tr("{0} errors")),
            (self.warnings, tr("{0} warning"), tr("{0} warnings")),
            (self.hints, tr("{0} hint"), tr("{0} hints")),
        )
        return ", ".join((one if n == 1 else many).format(n) for n, one, many in parts if n)


def count(severities: Sequence[str]) -> Counts:
    """Count findings by weight."""
    errors, warnings = severities.count("error"), severities.count("warning")
    return Counts(errors, warnings, len(severities) - errors - warnings)


def plain_sentence(text: str) -> str:
    """A finding's terse message as a sentence would begin."""
    return text[:1].upper() + text[1:]
