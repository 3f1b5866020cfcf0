"""Documents that are too large to edit: their beginning is shown, and nothing is changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sealwright.desktop.policies.words import tr

if TYPE_CHECKING:
    from sealwright.services.documents import Document

EDIT_LIMIT: Final = 2 * 2**20
"""Bytes that can be edited here: twice what a provider takes."""
SHOWN_OF_LARGE: Final = 256 * 1024
"""Characters shown of a document that is too large to edit."""


def limited(document: Document) -> Document:
    """The document, read-only with the reason when it is too large to edit."""
    if len(document.data) <= EDIT_LIMIT or document.read_only:
        return document
    reason = tr(
        "This document has {0:.1f} MB, and at most {1} MB can be edited here. Its beginning is"
        " shown; the file is as it was."
    ).format(len(document.data) / 2**20, EDIT_LIMIT // 2**20)
    return replace(document, read_only=reason)
