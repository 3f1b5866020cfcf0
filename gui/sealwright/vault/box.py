"""What every secret store can do; blocking, so only ever called in a worker thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sealwright.services.model import VaultStatus


class Box(Protocol):
    """A place that keeps secrets by name. Every method raises `StorageError` only."""

    @property
    def kind(self) -> str:
        """`keyring`, `file` or `memory`."""
        ...

    def read(self, name: str) -> bytes | None:
        """The secret, or None."""
        ...

    def write(self, name: str, data: bytes) -> None:
        """Keep a secret; the old value stays whole until the new one is."""
        ...

    def remove(self, name: str) -> None:
        """Forget a secret; nothing happens when it is not there."""
        ...

    def probe(self) -> VaultStatus:
        """Whether it really works, and its name in words; raises nothing."""
        ...
