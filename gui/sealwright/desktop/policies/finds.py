"""What the command palette finds of the Policies panel."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sealwright.desktop.policies.words import tr
from sealwright.desktop.widgets.finds import Find

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sealwright.desktop.host import Host


def command_finds(
    host: Host, calls: Mapping[str, Callable[[], object]], *, front: bool
) -> list[Find]:
    """New and open; with a document in `front`, what is done to it."""
    wanted = [
        (tr("New policy text"), "plus", "Ctrl+N", "new"),
        (tr("Open policy file\u2026"), "folder", "Ctrl+O", "open"),
    ]
    if front:
        wanted.append((tr("Review and upload\u2026"), "upload", "Ctrl+Shift+U", "review"))
    return [
        Find(tr("Commands"), text, partial(_go, host, calls[name]), icon, keys=keys, prefix=">")
        for text, icon, keys, name in wanted
    ]


def _go(host: Host, call: Callable[[], object]) -> None:
    host.panel_wanted.emit("policies")
    call()
