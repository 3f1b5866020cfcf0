"""Secrets in memory only: gone when the program ends."""

from __future__ import annotations

from sealwright.services.model import VaultStatus


class MemoryBox:
    """A `Box` that keeps nothing beyond this process."""

    kind = "memory"

    def __init__(self) -> None:
        self._values: dict[str, bytes] = {}

    def __repr__(self) -> str:
        """Show no secret."""
        return f"MemoryBox({len(self._values)} secrets)"

    def read(self, name: str) -> bytes | None:
        """The secret, or None."""
        return self._values.get(name)

    def write(self, name: str, data: bytes) -> None:
        """Keep a secret until the program ends."""
        self._values[name] = data

    def remove(self, name: str) -> None:
        """Forget a secret; nothing happens when it is not there."""
        self._values.pop(name, None)

    def probe(self) -> VaultStatus:
        """Always usable."""
        return VaultStatus(backend="memory only", kind=self.kind, usable=True)
