"""Fleet, backup and export in the head of the Providers panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from sealwright.desktop import theme
from sealwright.desktop.providers.keeping import EXPORTS, ProviderKeeping
from sealwright.desktop.virtual import virtual_value
from sealwright.desktop.widgets.buttons import Button, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sealwright.desktop.panel import Panel
    from sealwright.services.model import Provider

_ROOMY = 760


class HeadTools(QObject):
    """The quiet buttons left of Refresh; what they export is what is selected."""

    def __init__(self, panel: Panel, chosen: Callable[[], Sequence[Provider]]) -> None:
        super().__init__(panel)
        self.keeping = ProviderKeeping(panel)
        self._chosen = chosen
        self.fleet = Button(self.tr("Fleet"), icon="compare", kind=Kind.GHOST)
        self.backup = Button(self.tr("Backup"), icon="database", kind=Kind.GHOST)
        self.export = Button(self.tr("Export"), icon="export", kind=Kind.GHOST)
        self.fleet.setToolTip(self.tr("Keep many providers as a workspace says"))
        self.backup.setToolTip(self.tr("Write all policies and signers to an archive, or restore"))
        self.export.setToolTip(self.tr("Write the selected providers for Bicep, Terraform, az"))
        self._backups = QMenu(panel)
        self._backups.setAccessibleName(self.tr("Backup"))
        back_up = self._backups.addAction(self.tr("Back up…"))
        restore = self._backups.addAction(self.tr("Restore…"))
        back_up.triggered.connect(self.keeping.back_up)
        restore.triggered.connect(self.keeping.restore)
        self._exports = QMenu(panel)
        self._exports.setAccessibleName(self.tr("Export"))
        for value, name, _ in EXPORTS:
            action = self._exports.addAction(name)
            action.setData(value)
        self._exports.triggered.connect(self._on_export)
        self._words = {button: button.text() for button in self.buttons}
        self.fleet.clicked.connect(self.keeping.fleet)
        self.backup.clicked.connect(self._on_backup_menu)
        self.export.clicked.connect(self._on_export_menu)

    @property
    def buttons(self) -> tuple[Button, ...]:
        """In their order."""
        return self.fleet, self.backup, self.export

    def fit(self, head: QWidget) -> None:
        """Follow the width of the head: without room for words the icons stand alone."""
        head.installEventFilter(self)

    @virtual_value(fallback=False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Words come and go with the width."""
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            roomy = watched.width() >= theme.px(_ROOMY)
            for button, words in self._words.items():
                button.setText(words if roomy else "")
        return False

    def show_providers(self, providers: Sequence[Provider]) -> None:
        """What can be done with the providers that are known."""
        own = any(provider.trust_model.value != "Shared" for provider in providers)
        reason = "" if own else self.tr("There is no provider of your own yet.")
        for button in (self.backup, self.export):
            button.set_available(reason)

    @Slot()
    def _on_backup_menu(self) -> None:
        _drop(self._backups, self.backup)

    @Slot()
    def _on_export_menu(self) -> None:
        _drop(self._exports, self.export)

    @Slot(QAction)
    def _on_export(self, action: QAction) -> None:
        chosen = [each for each in self._chosen() if each.trust_model.value != "Shared"]
        if chosen:
            self.keeping.export(str(action.data()), chosen)


def _drop(menu: QMenu, button: Button) -> None:
    menu.popup(button.mapToGlobal(QPoint(0, button.height())))
