"""The facts about a document that stand in the status bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.desktop.policies.document.facts import StatusFact
from sealwright.desktop.policies.words import tr
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.surfaces import TONE_ICONS

if TYPE_CHECKING:
    from sealwright.desktop.policies.document.page import DocumentPage


def facts_of(page: DocumentPage) -> tuple[StatusFact, ...]:
    """Findings, draft, place, language, bytes."""
    facts: list[StatusFact] = []
    if page.analysis is not None:
        counts = page.analysis.placed.counts
        tone = counts.tone if counts.total else Tone.OK
        facts.append(StatusFact(counts.words or tr("No problems"), TONE_ICONS[tone], tone))
    if page.held.kept:
        facts.append(StatusFact(tr("Draft saved {0}").format(page.held.kept)))
    line, column = page.editor.place()
    facts.append(StatusFact(tr("Ln {0}, Col {1}").format(line, column)))
    if page.analysis is not None and page.analysis.version:
        words = tr("Policy {0}").format(page.analysis.version)
        if page.held.place is not None:
            words = f"{words} · {page.held.place.attestation_type.label}"
        facts.append(StatusFact(words))
    facts.append(_bytes_of(page))
    return tuple(facts)


def _bytes_of(page: DocumentPage) -> StatusFact:
    document = page.held.document
    ends = document.line_ends.value
    words = {"none": "UTF-8", "mixed": tr("Mixed line ends")}.get(ends, ends)
    if document.bom:
        words = tr("{0}, BOM").format(words)
    mixed = ends == "mixed"
    tip = tr("Line ends and byte order mark are kept as they are; they are part of the hash.")
    tone = Tone.WARN if mixed else Tone.NEU
    return StatusFact(words, "warn" if mixed else "", tone, tip)
