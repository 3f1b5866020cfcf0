"""Fills the library: known providers at once, the states of their policies as answers come in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from sealwright.desktop.policies.shelf import Shelf, Text, place_of
from sealwright.desktop.tasks import Relay

if TYPE_CHECKING:
    from sealwright.desktop.host import Host
    from sealwright.desktop.policies.desk import Desk
    from sealwright.desktop.policies.library import Library
    from sealwright.services.bundle import Services
    from sealwright.services.model import Provider
    from sealwright.services.overview import DeployedPolicy, PolicyCell
    from sealwright.services.reference import Template


class LibraryFeed(QObject):
    """Reads providers that are open in the library, each once until `refresh`."""

    def __init__(self, host: Host, library: Library, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self.shelf = Shelf()
        self._host = host
        self._library = library
        self._desk = desk
        self._services: Services | None = None
        self._read: set[str] = set()
        self._parts = Relay(self)
        self._parts.received.connect(self._on_part)
        library.group_opened.connect(self._on_group_opened)

    def set_services(self, services: Services) -> None:
        """Providers can be asked from now on."""
        self._services = services
        self._read_open()
        task = self._host.runner.start(partial(_templates, services))
        task.succeeded.connect(self._on_templates)
        task.failed.connect(self._host.fail)

    def set_providers(self, providers: tuple[Provider, ...]) -> None:
        """These are known now."""
        self.shelf.providers = providers
        self._read &= {provider.id for provider in providers}
        self.show()
        self._read_open()

    def refresh(self) -> None:
        """Ask every provider again that is open in the library."""
        self._read.clear()
        self._read_open()

    def reread(self, provider_id: str) -> None:
        """Something changed at this provider."""
        self._read.discard(provider_id)
        self._ask(provider_id)

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
        self._library.show_entries(self.shelf.entries(edited, texts))

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
    def _on_templates(self, templates: tuple[Template, ...]) -> None:
        self.shelf.templates = templates
        self.show()

    def _read_open(self) -> None:
        closed = self._library.closed_groups
        for provider in self.shelf.providers:
            if f"group:{provider.id}" not in closed:
                self._ask(provider.id)

    def _ask(self, provider_id: str) -> None:
        if self._services is None or provider_id in self._read:
            return
        self._read.add(provider_id)
        overview, tell = self._services.providers.overview, self._parts.post
        call = partial(overview, provider_id, lambda told_id, part: tell((told_id, part)))
        # What cannot be read shows in its row; opening it tells the reason.
        self._host.runner.start(call)

    @Slot(object)
    def _on_part(self, told: tuple[str, PolicyCell]) -> None:
        provider_id, part = told
        kind = getattr(part, "attestation_type", None)
        if kind is not None:
            self.shelf.cells[(provider_id, kind)] = part
            self.show()

    @Slot(str)
    def _on_group_opened(self, key: str) -> None:
        provider_id = key.removeprefix("group:")
        # Files and templates are groups too.
        if any(provider.id == provider_id for provider in self.shelf.providers):
            self._ask(provider_id)


async def _templates(services: Services) -> tuple[Template, ...]:
    from anyio import to_thread  # noqa: PLC0415 - runs on the worker's loop

    return await to_thread.run_sync(services.reference.templates)
