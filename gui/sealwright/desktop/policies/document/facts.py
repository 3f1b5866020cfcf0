"""What the panel tells the window's status bar about the document in front."""

from __future__ import annotations

from dataclasses import dataclass

from sealwright.desktop.theme import Tone


@dataclass(frozen=True, slots=True)
class StatusFact:
    """One short fact; `icon` may be empty."""

    text: str
    icon: str = ""
    tone: Tone = Tone.NEU
    tip: str = ""
