"""Which panels the window has, in the order of its rail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from sealwright.desktop.activity.panel import ActivityPanel
from sealwright.desktop.attest.panel import AttestPanel
from sealwright.desktop.policies.panel import PoliciesPanel
from sealwright.desktop.providers.panel import ProvidersPanel
from sealwright.desktop.signers.panel import SignersPanel
from sealwright.desktop.tokens.panel import TokensPanel
from sealwright.desktop.window.rail import RailEntry

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.host import Host
    from sealwright.desktop.panel import Panel


def tr(text: str) -> str:
    """`text` in the user's language."""
    return QCoreApplication.translate("roster", text)


def make_panels(host: Host, parent: QWidget) -> list[tuple[RailEntry, Panel]]:
    """Every panel with its entry in the rail; the keys count them."""
    kinds: tuple[tuple[str, str, type[Panel]], ...] = (
        ("providers", tr("Providers"), ProvidersPanel),
        ("policies", tr("Policies"), PoliciesPanel),
        ("signers", tr("Signers"), SignersPanel),
        ("tokens", tr("Tokens"), TokensPanel),
        ("attest", tr("Attest"), AttestPanel),
        ("activity", tr("Activity"), ActivityPanel),
    )
    made = []
    for number, (key, title, kind) in enumerate(kinds, 1):
        panel = kind(host, parent)
        panel.setAccessibleName(title)
        made.append((RailEntry(key, title, key, f"Ctrl+{number}"), panel))
    return made
