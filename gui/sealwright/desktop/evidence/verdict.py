"""What an examination came to: is it good, and if not, why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sealwright.desktop.evidence.words import tr
from sealwright.desktop.theme import Tone
from sealwright.evidence.basis.checks import NOT_EVALUATED, CheckStatus
from sealwright.services.attestation.check_hints import TCB_CHECK, hint_for

if TYPE_CHECKING:
    from sealwright.evidence.basis.checks import Check
    from sealwright.evidence.examination import Examination


class EvidenceVerdict(NamedTuple):
    """Words and colour of the verdict."""

    tone: Tone
    icon: str
    title: str
    sentence: str


def verdict_of(examination: Examination) -> EvidenceVerdict:
    """The verdict; the first thing that does not hold is named with what was compared."""
    if examination.refusal is not None:
        held = examination.refusal
        where = tr("At byte {0}: ").format(held.offset) if held.offset is not None else ""
        sentence = f"{where}{held.summary} {held.hint}".strip()
        return EvidenceVerdict(Tone.ERR, "err", tr("This cannot be read"), sentence)
    failed = examination.failed()
    if failed:
        title = tr("Does not hold: {0}").format(failed[0].title)
        return EvidenceVerdict(Tone.ERR, "err", title, _why(failed[0]))
    counts = _counts(examination)
    if examination.valid is None:
        title = tr("Not judged in full")
        return EvidenceVerdict(Tone.WARN, "warn", title, f"{_missing(examination)} {counts}")
    if is_behind(examination):
        title = tr("It holds, but its platform is {0}").format(examination.tcb_status)
        sentence = f"{_root(examination)} {counts} {hint_for(TCB_CHECK)}".strip()
        return EvidenceVerdict(Tone.WARN, "warn", title, sentence)
    title = tr("Everything that was checked holds")
    return EvidenceVerdict(Tone.OK, "shield", title, f"{_root(examination)} {counts}".strip())


def is_behind(examination: Examination) -> bool:
    """Whether the vendor wants something done about the platform."""
    found = (check.status for check in examination.checks if check.id == TCB_CHECK)
    return CheckStatus.WARN in found


def _why(check: Check) -> str:
    parts = [check.detail]
    if check.expected:
        parts.append(tr("Expected: {0}.").format(check.expected))
    if check.actual:
        parts.append(tr("Found: {0}.").format(check.actual))
    parts.append(hint_for(check.id))
    return " ".join(part for part in parts if part)


def _missing(examination: Examination) -> str:
    skipped = next(iter(examination.missing()), None)
    if skipped is None:
        return ""
    detail = skipped.detail.removeprefix(NOT_EVALUATED).removeprefix(": ").rstrip(".")
    return f"{skipped.title}: {detail}." if detail else f"{skipped.title}."


def _root(examination: Examination) -> str:
    if examination.root is None:
        return ""
    if examination.root == "sandbox":
        return tr("The sandbox's own root vouches for it: this is no real hardware.")
    return tr("The root {0} vouches for it.").format(examination.root)


def _counts(examination: Examination) -> str:
    found = [check.status.value for check in examination.checks]
    words = tr("{0} checks hold").format(found.count("pass"))
    if found.count("warn"):
        words += tr(", {0} to look at").format(found.count("warn"))
    if found.count("skip"):
        words += tr(", {0} not judged").format(found.count("skip"))
    words += "."
    if examination.tcb_status is not None:
        words += " " + tr("TCB status: {0}.").format(examination.tcb_status.value)
    return words
