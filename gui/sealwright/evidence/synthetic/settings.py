"""What a user can set about synthetic evidence: names, types, defaults, and typed values."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sealwright.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_TRUE: Final = frozenset({"true", "yes", "on", "1"})
_FALSE: Final = frozenset({"false", "no", "off", "0"})
_COUNT: Final = 24
"""Registers of a TPM."""
_PCR: Final = re.compile(r"pcr([0-9]|1[0-9]|2[0-3])")


class ValueType(StrEnum):
    """How a setting is written."""

    HEX = "hex"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    TEXT = "text"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that can be set."""

    name: str
    """Lower snake case, as among the facts of an examination."""
    type: ValueType
    default: str
    meaning: str
    size: int = 0
    """Bytes of a hex or integer value; 0 when any."""
    choices: tuple[str, ...] = ()


def octets(name: str, size: int, meaning: str) -> Setting:
    """A hex value, zeros by default; fewer digits are filled up at the end."""
    return Setting(name, ValueType.HEX, "", meaning, size)


def number(name: str, default: int, size: int, meaning: str) -> Setting:
    """A whole number, decimal or 0x."""
    return Setting(name, ValueType.INTEGER, str(default), meaning, size)


def flag(name: str, meaning: str, *, default: bool = False) -> Setting:
    """A switch."""
    return Setting(name, ValueType.BOOLEAN, str(default).lower(), meaning)


def text(name: str, default: str, meaning: str) -> Setting:
    """Any text."""
    return Setting(name, ValueType.TEXT, default, meaning)


def choice(name: str, choices: tuple[str, ...], meaning: str) -> Setting:
    """One of some words; the first by default."""
    return Setting(name, ValueType.CHOICE, choices[0], meaning, choices=choices)


REGISTERS: Final = Setting(
    "pcr0 … pcr23", ValueType.HEX, "", "value of a register; by default that of the log", 32
)


def one_by_one(settings: Iterable[Setting]) -> tuple[Setting, ...]:
    """The same, each register by its own name."""
    return tuple(
        each
        for setting in settings
        for each in (
            [replace(setting, name=f"pcr{number}") for number in range(_COUNT)]
            if setting is REGISTERS
            else [setting]
        )
    )


class Values:
    """Settings with their values, checked; asking for one that does not exist is a bug."""

    def __init__(self, settings: Iterable[Setting], given: Mapping[str, str]) -> None:
        """Check what was given.

        Raises:
            UsageError: an unknown name, or a value of another type or size.
        """
        self._settings = {item.name: item for item in settings}
        self._registers = REGISTERS.name in self._settings
        self._given = dict(given)
        for name, value in given.items():
            self._check(name, value)

    def _check(self, name: str, value: str) -> None:
        setting = None if name == REGISTERS.name else self._settings.get(name)
        if setting is None and self._registers and _PCR.fullmatch(name):
            setting = REGISTERS
        if setting is None:
            known = ", ".join(self._settings)
            raise UsageError(f"`{name}` cannot be set.", hint=f"It has: {known}.")
        _CHECKS[setting.type](setting, value)

    def is_set(self, name: str) -> bool:
        """Whether the user gave a value."""
        return name in self._given

    def text(self, name: str) -> str:
        """The value as it was written, or the default."""
        return self._given.get(name, self._settings[name].default)

    def number(self, name: str) -> int:
        """A whole number."""
        return int(self.text(name), 0)

    def flag(self, name: str) -> bool:
        """A switch."""
        return self.text(name).lower() in _TRUE

    def octets(self, name: str, default: bytes = b"") -> bytes:
        """Octets, filled up with zeros; `default` when nothing was given."""
        size = self._settings[name].size
        value = bytes.fromhex(self.text(name)) if self.text(name) else default
        return value.ljust(size, b"\0")

    def registers(self) -> dict[int, bytes]:
        """Values of registers that were given."""
        found: dict[int, bytes] = {}
        for name, value in self._given.items():
            match = _PCR.fullmatch(name)
            if match:
                found[int(match[1])] = bytes.fromhex(value).ljust(32, b"\0")
        return found


def _hex(setting: Setting, value: str) -> None:
    try:
        size = len(bytes.fromhex(value))
    except ValueError:
        raise UsageError(f"`{setting.name}` is set in hex digits, not to `{value}`.") from None
    if setting.size and size > setting.size:
        raise UsageError(f"`{setting.name}` has {setting.size} bytes; {size} were given.")


def _integer(setting: Setting, value: str) -> None:
    try:
        found = int(value, 0)
    except ValueError:
        raise UsageError(f"`{setting.name}` is a whole number, not `{value}`.") from None
    if found < 0 or (setting.size and found >= 1 << 8 * setting.size):
        raise UsageError(f"`{setting.name}` is a number of {setting.size} bytes, not `{value}`.")


def _boolean(setting: Setting, value: str) -> None:
    if value.lower() not in _TRUE | _FALSE:
        raise UsageError(f"`{setting.name}` is true or false, not `{value}`.")


def _text(setting: Setting, value: str) -> None:
    del setting, value


def _choice(setting: Setting, value: str) -> None:
    if value not in setting.choices:
        known = ", ".join(setting.choices)
        raise UsageError(f"`{setting.name}` is not `{value}`.", hint=f"Use one of: {known}.")


_CHECKS: Final = {
    ValueType.HEX: _hex,
    ValueType.INTEGER: _integer,
    ValueType.BOOLEAN: _boolean,
    ValueType.TEXT: _text,
    ValueType.CHOICE: _choice,
}
