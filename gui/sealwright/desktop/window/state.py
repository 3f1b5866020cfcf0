"""The window's memory between two starts, as JSON. Unreadable memory is no memory."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sealwright.desktop.theme import Choice

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(slots=True)
class WindowState:
    """Everything that is restored. `geometry` is Qt's, in hex."""

    geometry: str = ""
    panel: str = ""
    provider: str = ""
    theme: Choice = Choice.SYSTEM
    panels: dict[str, Mapping[str, object]] = field(default_factory=dict)

    def to_json(self) -> str:
        """As it is kept."""
        return json.dumps(
            {
                "geometry": self.geometry,
                "panel": self.panel,
                "provider": self.provider,
                "theme": self.theme.value,
                "panels": self.panels,
            },
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, text: str) -> WindowState:
        """As it was kept; defaults for whatever is missing or odd."""
        try:
            read: object = json.loads(text) if text else {}
        except ValueError:
            read = {}
        if not isinstance(read, dict):
            return cls()
        panels = read.get("panels")
        theme = str(read.get("theme"))
        return cls(
            geometry=_word(read.get("geometry")),
            panel=_word(read.get("panel")),
            provider=_word(read.get("provider")),
            theme=Choice(theme) if theme in {choice.value for choice in Choice} else Choice.SYSTEM,
            panels={
                str(key): value
                for key, value in (panels if isinstance(panels, dict) else {}).items()
                if isinstance(value, dict)
            },
        )


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""
