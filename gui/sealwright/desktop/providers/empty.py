"""What stands in the table of providers while it has no rows."""

from __future__ import annotations

from sealwright.desktop.providers.rows import tr
from sealwright.desktop.widgets.surfaces import EmptyState


def nothing_found() -> EmptyState:
    """The filter leaves nothing."""
    return EmptyState(
        "search",
        tr("No provider has these words"),
        tr("The filter looks at names, locations, groups, tags and addresses."),
        action=tr("Clear the filter"),
    )


def nothing_known() -> EmptyState:
    """There is no provider at all."""
    return EmptyState(
        "providers",
        tr("No attestation provider is known here"),
        tr("Make one in the sandbox, or connect to Azure."),
        action=tr("New provider"),
        action_icon="plus",
    )
