"""What a view about the document in front finds around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sealwright.desktop.policies.document.desk import Desk
    from sealwright.desktop.policies.layout.docks import Docks
    from sealwright.desktop.widgets.tabs import CountTabs

OWN_VIEWS = 4
PROBLEMS, DIFF, HISTORY, TESTS = range(OWN_VIEWS)


class Below(Protocol):
    """The pane under the text, with its own views by their numbers."""

    @property
    def tabs(self) -> CountTabs:
        """One for each view."""
        ...

    def shows(self, index: int) -> bool:
        """Whether one of the own views is in sight here, or stands beside the text."""
        ...

    def bring(self, index: int) -> None:
        """Bring one of the own views to the front, wherever it stands."""
        ...


class Surroundings(Protocol):
    """The open documents, the docks, and the pane under the text."""

    @property
    def desk(self) -> Desk:
        """The open documents, and which one is in front."""
        ...

    @property
    def docks(self) -> Docks:
        """The docks, and when one came into sight."""
        ...

    @property
    def bottom(self) -> Below:
        """The pane under the text."""
        ...

    def place_docks(self) -> None:
        """Put the open docks beside the text, or under it, while there is a document."""
        ...

    def show_dry_run(self) -> None:
        """Bring the dry run into sight."""
        ...
