"""What every panel is: a widget that the window can fill, restore, cycle through and search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sealwright.desktop.host import Host
    from sealwright.desktop.widgets.finds import Find
    from sealwright.services.bundle import Services


class Panel(QWidget):
    """A page of the window. All panels are built before the first paint, without services."""

    badge = Signal(int, bool, str)
    """Things to look at: how many, whether urgent, and what they are."""

    facts = Signal(object)
    """What the status bar says at its left while this panel is shown: a tuple of `StatusFact`."""

    def __init__(self, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.host = host
        self.services: Services | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("k", "surface")

    def set_services(self, services: Services) -> None:
        """The services are open: read what is to be shown."""
        self.services = services

    def shown(self) -> None:
        """The panel was chosen in the rail."""

    def panes(self) -> Sequence[QWidget]:
        """Where F6 stops, in order; each can take the focus."""
        return ()

    def finds(self) -> Sequence[Find]:
        """What the command palette can find here now."""
        return ()

    def unsaved(self) -> Sequence[str]:
        """Words for what would be lost by quitting now; drafts that are saved do not count."""
        return ()

    def save_state(self) -> Mapping[str, object]:
        """What shall be as it is at the next start; JSON values only."""
        return {}

    def restore_state(self, state: Mapping[str, object]) -> None:
        """Take over what `save_state` once gave; anything odd in it is ignored."""


def sizes_in(state: Mapping[str, object], name: str) -> list[int]:
    """Sizes of a splitter as `save_state` gave them; none when they are anything else."""
    sizes = state.get(name)
    if not isinstance(sizes, list) or not all(isinstance(size, int) for size in sizes):
        return []
    return sizes
