"""Fills the library: known providers at once, the states of their policies as answers come in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from sealwright.claims.attestation_type import MAIN_TYPES
from sealwright.desktop.policies.library.shelf import Shelf, Text, draft_key, file_key, place_of
from sealwright.errors import AppError
from sealwright.services.model import PolicyState
from sealwright.services.reaching.overview import PolicyCell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.desktop.host import Host
    from sealwright.desktop.overviews import Told
    from sealwright.desktop.policies.document.desk import Desk
    from sealwright.desktop.policies.library.library import Library
    from sealwright.services.bundle import Services
    from sealwright.services.model import Draft, Provider
    from sealwright.services.reaching.overview import DeployedPolicy
    from sealwright.services.reference import Template


class LibraryFeed(QObject):
    """Shows what the window reads of all providers; a library that nobody sees waits."""

    def __init__(self, host: Host, library: Library, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self.shelf = Shelf()
        self._host = host
        self._library = library
        self._desk = desk
        self._services: Services | None = None
        host.overviews.told.connect(self._on_told)

    def set_services(self, services: Services) -> None:
        """Templates and drafts can be read from now on."""
        self._services = services
        task = self._host.runner.start(partial(_templates, services))
        task.succeeded.connect(self._on_templates)
        task.failed.connect(self._host.fail)

    def set_providers(self, providers: tuple[Provider, ...]) -> None:
        """These are known now."""
        self.shelf.providers = providers
        if self._library.isVisible():
            self.show()

    def refresh(self) -> None:
        """Ask every provider again."""
        self._host.overviews.read(tuple(provider.id for provider in self.shelf.providers))

    def reread(self, provider_id: str) -> None:
        """Something changed at this provider."""
        self._host.overviews.read((provider_id,))

    def told(self, deployed: DeployedPolicy) -> None:
        """A policy was read on its own: read the provider again when the library says otherwise."""
        cell = self.shelf.cells.get((deployed.provider.id, deployed.attestation_type))
        if cell is not None and (cell.drifted or cell.policy_hash != deployed.policy_hash):
            self.reread(deployed.provider.id)

    def show(self) -> None:
        """Show what is known now."""
        pages = list(self._desk.items())
        edited = [key for key, page in pages if page.edited]
        texts = [
            Text(
                key,
                page.held.title,
                page.edited,
                page.analysis.placed.counts.errors if page.analysis is not None else 0,
                page.held.document.path,
            )
            for key, page in pages
            if place_of(key) is None
        ]
        texts += [
            Text(key, draft.title, edited=True, tip=draft.path)
            for key, draft in self.shelf.loose.items()
        ]
        self._library.show_entries(self.shelf.entries(edited, texts))

    def reread_drafts(self) -> None:
        """A tab was closed: what was typed there and belongs to no provider stays in the list."""
        self.show()
        if self._services is not None:
            task = self._host.runner.start(self._services.documents.drafts)
            task.succeeded.connect(self._on_drafts)
            task.failed.connect(self._host.fail)

    def take_draft(self, key: str) -> Draft | None:
        """A draft of no provider that is not open, to be opened."""
        return self.shelf.loose.pop(key, None)

    def show_all_types(self, provider_id: str) -> None:
        """Show the types that few providers use, too."""
        self.shelf.all_types.add(provider_id)
        self.show()

    def provider_name(self, provider_id: str) -> str:
        """Name of a provider; of one that is not listed yet, the last word of its ID."""
        found = (held.name for held in self.shelf.providers if held.id == provider_id)
        return next(found, provider_id.rsplit("/", 1)[-1])

    def template(self, key: str) -> Template | None:
        """The template that a key of the library stands for."""
        found = (each for each in self.shelf.templates if key == f"template:{each.id}")
        return next(found, None)

    @Slot(object)
    def _on_drafts(self, drafts: tuple[Draft, ...]) -> None:
        pages = list(self._desk.items())
        open_ids = {page.held.draft_id for _, page in pages}
        self.shelf.loose = {
            file_key(draft.path) if draft.path else draft_key(draft.id): draft
            for draft in drafts
            if not draft.provider_id and draft.id not in open_ids
        }
        self.show()

    @Slot(object)
    def _on_templates(self, templates: tuple[Template, ...]) -> None:
        self.shelf.templates = templates
        self.show()

    @Slot(object)
    def _on_told(self, heap: Sequence[Told]) -> None:
        # What cannot be read shows in its row; opening it tells the reason.
        for provider_id, part in heap:
            if isinstance(part, PolicyCell):
                self.shelf.put_cell(provider_id, part)
            elif isinstance(part, AppError):
                for kind in MAIN_TYPES:
                    cell = PolicyCell(kind, PolicyState.UNREADABLE, problem=part)
                    self.shelf.put_cell(provider_id, cell)
        if self._library.isVisible():
            self.show()


async def _templates(services: Services) -> tuple[Template, ...]:
    from anyio import to_thread  # noqa: PLC0415 - runs on the worker's loop

    return await to_thread.run_sync(services.reference.templates)
