"""How much of everything is read and evaluated (spec policy-language, 19)."""

from __future__ import annotations

from typing import Final, NamedTuple


class Limits(NamedTuple):
    """Every figure is itself still allowed; sizes count UTF-8 bytes."""

    text_bytes: int = 1 << 20
    rules: int = 5_000
    conditions: int = 64
    tests: int = 64
    call_depth: int = 32
    claims: int = 100_000
    value_bytes: int = 16 << 20
    seconds: float = 10.0


DEFAULT_LIMITS: Final = Limits()
