"""Where the keys that check a token come from; cheap to import."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class KeyOrigin(StrEnum):
    """Where keys come from."""

    SAVED = "saved"
    """What was kept of the issuer's documents; nothing leaves this computer."""
    PROVIDER = "provider"
    """The provider is asked now."""
    DOCUMENT = "document"
    """A key document that the user gave."""
    TOKEN = "token"  # noqa: S105 - a place
    """The token's own; they prove nothing."""


@dataclass(frozen=True, slots=True)
class KeySource:
    """Whose keys shall check a token."""

    origin: KeyOrigin = KeyOrigin.SAVED
    provider: str = ""
    """Id, name or URI of the provider to ask; of a document, the issuer that it is of."""
    document: bytes = field(repr=False, default=b"")
    name: str = ""
    """Of a document: its file's name."""
