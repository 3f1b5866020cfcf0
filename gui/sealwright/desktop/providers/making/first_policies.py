"""The first policies of a new provider, chosen type by type."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from sealwright.claims.attestation_type import MAIN_TYPES, AttestationType
from sealwright.desktop import theme
from sealwright.desktop.theme import Role
from sealwright.desktop.widgets.buttons import Button
from sealwright.desktop.widgets.fields import ComboBox, LineEdit, set_invalid
from sealwright.desktop.widgets.forms import with_button
from sealwright.desktop.widgets.labels import Label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.desktop.host import Host
    from sealwright.services.bundle import Services
    from sealwright.services.making import InitialPolicy
    from sealwright.services.model import Draft, Provider
    from sealwright.services.reference import Template

_TYPE = 108
_KIND = 204
_LARGEST = 16 * 2**20


class From(IntEnum):
    """Where the policy of a type comes from; the order of the list."""

    DEFAULT = 0
    FILE = 1
    TEMPLATE = 2
    LIBRARY = 3
    PROVIDER = 4


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen for a type; one of the last three says which."""

    attestation_type: AttestationType
    origin: str
    path: str = ""
    data: bytes | None = None
    source: Provider | None = None


class _Row(QWidget):
    """One type: from where, and which."""

    changed = Signal()

    def __init__(self, host: Host, kind: AttestationType) -> None:
        super().__init__()
        self.kind = kind
        self._host = host
        self.templates: tuple[Template, ...] = ()
        self.drafts: tuple[Draft, ...] = ()
        words = Label(kind.value)
        words.setFixedWidth(theme.px(_TYPE))
        self.origin = ComboBox(self.tr("Policy for {0}").format(kind.value))
        self.origin.setFixedWidth(theme.px(_KIND))
        self.origin.addItems(
            [
                self.tr("The service's default"),
                self.tr("A file"),
                self.tr("A template"),
                self.tr("A text of the library"),
                self.tr("Another provider's"),
            ]
        )
        self.which = ComboBox(self.tr("Which one for {0}").format(kind.value))
        self.path = LineEdit(self.tr("File for {0}").format(kind.value))
        self._browse = Button(
            self.tr("Browse…"), name=self.tr("Browse for {0}").format(kind.value), small=True
        )
        self._pages = QStackedWidget()
        self._pages.addWidget(Label(""))
        self._pages.addWidget(with_button(self.path, self._browse))
        self._pages.addWidget(self.which)
        self._problem = Label(role=Role.SMALL, color="err", wrap=True)
        self._problem.hide()
        self._arrange(words)
        self.origin.currentIndexChanged.connect(self._on_origin)
        self.which.currentIndexChanged.connect(self._on_changed)
        self.path.textChanged.connect(self._on_changed)
        self._browse.clicked.connect(self._on_browse)

    def _arrange(self, words: Label) -> None:
        words.setBuddy(self.origin)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(words)
        row.addWidget(self.origin)
        row.addWidget(self._pages, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(3))
        column.addLayout(row)
        column.addWidget(self._problem)

    @Slot(int)
    def _on_origin(self, index: int) -> None:
        pages = {From.DEFAULT: 0, From.FILE: 1}
        self._pages.setCurrentIndex(pages.get(From(index), 2))
        self.which.clear()
        # Filled when it is wanted: of hundreds of providers, once for each type is slow.
        for title, value in self._items(From(index)):
            self.which.addItem(title, value)
        self._on_changed()

    def _items(self, origin: From) -> list[tuple[str, object]]:
        match origin:
            case From.TEMPLATE:
                return [(each.title, each) for each in self.templates]
            case From.LIBRARY:
                return [(each.title, each) for each in self.drafts]
            case From.PROVIDER:
                return [(each.name, each) for each in self._host.providers]
            case _:
                return []

    @Slot()
    def _on_changed(self) -> None:
        self._say("")
        self.changed.emit()

    @Slot()
    def _on_browse(self) -> None:
        dialog = QFileDialog(self, self.tr("Open a policy"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.path.setText)
        dialog.open()

    def _say(self, problem: str) -> None:
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        set_invalid(self.path, invalid=bool(problem))
        set_invalid(self.which, invalid=bool(problem))
        self.origin.setAccessibleDescription(problem)

    def take(self, provider: Provider | None) -> None:
        """What this provider applies, or the default."""
        self.origin.setCurrentIndex(From.DEFAULT if provider is None else From.PROVIDER)
        if provider is not None:
            # It may have been read again since: the same provider, but not the same object.
            ids = [each.id for each in self._host.providers]
            self.which.setCurrentIndex(ids.index(provider.id) if provider.id in ids else -1)

    def is_chosen(self) -> bool:
        """Whether it is as it must be; says what is missing otherwise."""
        origin = From(self.origin.currentIndex())
        missing = {
            From.FILE: not self.path.text().strip(),
            From.DEFAULT: False,
        }.get(origin, self.which.currentIndex() < 0)
        words = {
            From.FILE: self.tr("Choose a file"),
            From.TEMPLATE: self.tr("There is no template for this type"),
            From.LIBRARY: self.tr("The library holds no text for this type that is being edited"),
        }
        self._say(words.get(origin, self.tr("There is no other provider")) if missing else "")
        return not missing

    def chosen(self) -> Chosen | None:
        """What was chosen; None for the default."""
        title = self.which.currentText()
        match From(self.origin.currentIndex()):
            case From.FILE:
                path = self.path.text().strip()
                return Chosen(self.kind, self.tr("file {0}").format(path), path=path)
            case From.TEMPLATE:
                template: Template = self.which.currentData()
                origin = self.tr("template “{0}”").format(title)
                return Chosen(self.kind, origin, data=template.text.encode("utf-8"))
            case From.LIBRARY:
                draft: Draft = self.which.currentData()
                origin = self.tr("library text “{0}”").format(title)
                return Chosen(self.kind, origin, data=draft.data)
            case From.PROVIDER:
                provider: Provider = self.which.currentData()
                origin = self.tr("provider {0}").format(title)
                return Chosen(self.kind, origin, source=provider)
            case _:
                return None


class FirstPolicies(QWidget):
    """A row for each type, and one choice for all of them."""

    changed = Signal()

    def __init__(self, host: Host, services: Services) -> None:
        super().__init__()
        self._filling = False
        self.all = ComboBox(self.tr("Policies"))
        self.all.addItem(self.tr("Chosen below, type by type"), None)
        self.all.addItem(self.tr("The service's defaults"), None)
        for provider in host.providers:
            self.all.addItem(self.tr("As {0} applies them").format(provider.name), provider)
        self.all.setCurrentIndex(1)
        self.rows = tuple(_Row(host, kind) for kind in MAIN_TYPES)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        column.addWidget(self.all)
        for row in self.rows:
            column.addWidget(row)
            row.changed.connect(self._on_row)
        self.all.currentIndexChanged.connect(self._on_all)
        task = host.runner.start(lambda: _known(services))
        task.then(self._on_known)
        task.failed.connect(host.fail)

    def _on_known(self, known: tuple[tuple[Template, ...], tuple[Draft, ...]]) -> None:
        templates, drafts = known
        for row in self.rows:
            row.templates = tuple(each for each in templates if row.kind in each.types)
            fits = (row.kind, None)
            row.drafts = tuple(each for each in drafts if each.attestation_type in fits)

    @Slot(int)
    def _on_all(self, index: int) -> None:
        if index == 0:
            return
        self._filling = True
        for row in self.rows:
            row.take(self.all.currentData())
        self._filling = False
        self.changed.emit()

    @Slot()
    def _on_row(self) -> None:
        if not self._filling:
            self.all.setCurrentIndex(0)
            self.changed.emit()

    def are_chosen(self) -> bool:
        """Whether every row is as it must be; each says what it lacks."""
        # Each row says what it lacks, also those behind the first.
        ready = [row.is_chosen() for row in self.rows]
        return False not in ready

    def chosen(self) -> tuple[Chosen, ...]:
        """What shall not be the default."""
        return tuple(each for each in (row.chosen() for row in self.rows) if each is not None)


async def _known(services: Services) -> tuple[tuple[Template, ...], tuple[Draft, ...]]:
    from anyio import to_thread  # noqa: PLC0415 - start-up stays light

    templates = await to_thread.run_sync(services.reference.templates)
    return templates, await services.documents.drafts()


async def read(services: Services, chosen: Sequence[Chosen]) -> tuple[InitialPolicy, ...]:
    """The policies themselves, files read."""
    from sealwright.services.making import InitialPolicy  # noqa: PLC0415 - when one is made

    found: list[InitialPolicy] = []
    for each in chosen:
        data = each.data
        if each.path:
            data = await services.files.read(each.path, limit=_LARGEST)
        found.append(InitialPolicy(each.attestation_type, each.origin, data, each.source))
    return tuple(found)
