"""What stands below the cards of the picture, one page a card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QStackedWidget, QWidget

from sealwright.desktop.attest import story as stories
from sealwright.desktop.attest.evidence_page import EvidencePage
from sealwright.desktop.attest.policy_page import PolicyPage
from sealwright.desktop.attest.token_page import TokenPage
from sealwright.desktop.attest.words import tr
from sealwright.desktop.widgets.surfaces import EmptyState
from sealwright.desktop.widgets.tables.tree import TreeTable

if TYPE_CHECKING:
    from sealwright.desktop.attest.story import Story
    from sealwright.services.attestation.flow import Attestation


class ResultPages(QStackedWidget):
    """Evidence, incoming claims, policy, outgoing claims, token."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.evidence = EvidencePage()
        self.incoming = TreeTable(tr("Incoming claims"), stories.incoming_columns())
        self.policy = PolicyPage()
        self.outgoing = TreeTable(tr("Outgoing claims"), stories.issued_columns())
        self.token = TokenPage()
        for table, icon, words in (
            (self.incoming, "rows", tr("No claims could be derived")),
            (self.outgoing, "braces", tr("No claims were issued")),
        ):
            table.setRootIsDecorated(False)
            table.set_placeholder(EmptyState(icon, words))
        self._by_key: dict[str, QWidget] = {
            stories.EVIDENCE: self.evidence,
            stories.INCOMING: self.incoming,
            stories.POLICY: self.policy,
            stories.OUTGOING: self.outgoing,
            stories.TOKEN: self.token,
        }
        for page in self._by_key.values():
            self.addWidget(page)

    def show_found(self, found: Attestation, story: Story) -> None:
        """Show another attestation."""
        self.evidence.show_story(story)
        self.incoming.set_rows(story.incoming)
        self.policy.show_found(found, story)
        self.outgoing.set_rows(story.outgoing)
        self.token.show_found(found)

    def show_page(self, key: str) -> None:
        """Show the page of a card."""
        self.setCurrentWidget(self._by_key[key])
