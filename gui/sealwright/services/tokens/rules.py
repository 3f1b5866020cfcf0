"""Rules of relying parties, kept under a name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sealwright.errors import UsageError
from sealwright.tokens.expectations import Expectations, parse_expectations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.services.ports import Settings

_SETTING: Final = "tokens.rules"


@dataclass(frozen=True, slots=True)
class SavedRules:
    """Rules as they were written, and what they mean."""

    name: str
    text: str
    """JSON, as `token verify --rules` reads it."""
    expect: Expectations


class RulesBook:
    """Named rules; they are small and hold no secret."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def all(self) -> tuple[SavedRules, ...]:
        """By name; what can no longer be read is left out."""
        found = []
        for name, text in sorted((await self._kept()).items(), key=lambda item: item[0].lower()):
            try:
                found.append(SavedRules(name, text, parse_expectations(text.encode("utf-8"))))
            except UsageError:
                continue
        return tuple(found)

    async def save(self, name: str, text: str) -> SavedRules:
        """Keep rules under a name; older ones of that name go.

        Raises:
            UsageError: no name, or the text holds no rules; says which member is wrong.
        """
        title = name.strip()
        if not title:
            raise UsageError("The rules have no name.", hint="Give them one.")
        saved = SavedRules(title, text, parse_expectations(text.encode("utf-8")))
        kept = dict(await self._kept())
        kept[title] = text
        await self._settings.put(_SETTING, json.dumps(kept, sort_keys=True))
        return saved

    async def remove(self, name: str) -> None:
        """Forget rules; nothing happens when there are none of that name."""
        kept = dict(await self._kept())
        if kept.pop(name, None) is not None:
            await self._settings.put(_SETTING, json.dumps(kept, sort_keys=True))

    async def _kept(self) -> Mapping[str, str]:
        try:
            value = json.loads(await self._settings.get(_SETTING) or "{}")
        except ValueError:
            return {}
        if not isinstance(value, dict):
            return {}
        return {str(name): text for name, text in value.items() if isinstance(text, str)}
