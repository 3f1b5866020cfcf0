"""Tags of a provider as a person types them: `name=value`, separated by commas."""

from __future__ import annotations


def read_tags(text: str) -> dict[str, str] | None:
    """The tags; None when one of them is not written so."""
    tags: dict[str, str] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        name, equals, value = part.partition("=")
        if not name.strip() or not equals:
            return None
        tags[name.strip()] = value.strip()
    return tags
