"""What the command palette finds of the Signers panel."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from sealwright.desktop.widgets.finds import Find

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sealwright.services.keys import KeyUse


def tr(text: str) -> str:
    """`text` in the user's language."""
    return QCoreApplication.translate("signers", text)


def key_finds(uses: Sequence[KeyUse], go_to: Callable[[str], None]) -> list[Find]:
    """The keys of this computer by name; `go_to` shows one."""
    return [
        Find(
            tr("Keys"),
            use.key.name,
            partial(go_to, use.key.name),
            "key",
            context=use.key.certificate.algorithm,
        )
        for use in uses
    ]


def command(text: str, run: Callable[[], None], icon: str) -> Find:
    """A command of the panel."""
    return Find(tr("Commands"), text, run, icon, prefix=">")
