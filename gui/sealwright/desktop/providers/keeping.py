"""Fleet, backup and export from the Providers panel."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QFileDialog

from sealwright.desktop.fleet.backup_sheet import BackupSheet
from sealwright.desktop.fleet.restore_sheet import RestoreSheet
from sealwright.desktop.fleet.sheet import FleetSheet
from sealwright.desktop.host import Notice
from sealwright.desktop.theme import Tone
from sealwright.desktop.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.desktop.panel import Panel
    from sealwright.services.backup.service import MadeBackup
    from sealwright.services.bundle import Services
    from sealwright.services.exports.model import ExportForm
    from sealwright.services.model import Provider

EXPORTS = (
    ("bicep", "Bicep", ".bicep"),
    ("arm", "ARM template", ".json"),
    ("terraform", "Terraform", ".tf"),
    ("az", "Azure CLI script", ".sh"),
    ("powershell", "PowerShell script", ".ps1"),
)
"""Value, name and ending of each form; the service's own list brings cryptography along."""


class ProviderKeeping(QObject):
    """Keeps providers alike, keeps them outside of themselves, and writes them for other tools."""

    def __init__(self, panel: Panel) -> None:
        super().__init__(panel)
        self._panel, self._host = panel, panel.host
        self.workspace = ""
        """The workspace folder of the last time."""
        self._form = ""
        self._exported: tuple[Provider, ...] = ()

    @Slot()
    def fleet(self) -> None:
        """Open the Fleet sheet on the workspace of the last time."""
        services = self._panel.services
        if services is None:
            return
        sheet = FleetSheet(self._host, self._panel.window(), services, self.workspace)
        sheet.folder_chosen.connect(self._on_folder)
        sheet.open_sheet()
        if self.workspace:
            sheet.read()

    @Slot(str)
    def _on_folder(self, folder: str) -> None:
        self.workspace = folder

    @Slot()
    def back_up(self) -> None:
        """Ask where the archive goes and who signs it."""
        services = self._panel.services
        if services is None:
            return
        sheet = BackupSheet(self._host, self._panel.window(), services)
        sheet.done.connect(self._on_backed_up)
        sheet.open_sheet()

    @Slot(object)
    def _on_backed_up(self, written: tuple[str, MadeBackup]) -> None:
        path, made = written
        words, tone = f"{path}: {made.words}", Tone.OK
        if made.missing:
            words += "\n" + self.tr("Not in it: {0}").format("; ".join(made.missing))
            tone = Tone.WARN
        self._host.notify(Notice(self.tr("The backup was written"), words, tone))
        self._host.changed.emit("activity")

    @Slot()
    def restore(self) -> None:
        """Choose an archive, see what is missing, bring it back."""
        services = self._panel.services
        if services is None:
            return
        sheet = RestoreSheet(self._host, self._panel.window(), services)
        sheet.open_sheet()

    def export(self, form: str, providers: Sequence[Provider]) -> None:
        """Ask for a file and write the providers into it in another tool's form."""
        self._form, self._exported = form, tuple(providers)
        ending = next(each[2] for each in EXPORTS if each[0] == form)
        name = providers[0].name if len(providers) == 1 else "attestation-providers"
        dialog = QFileDialog(self._panel, self.tr("Export to"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setDefaultSuffix(ending[1:])
        dialog.selectFile(f"{name}{ending}")
        dialog.fileSelected.connect(self.export_to)
        dialog.open()

    @Slot(str)
    def export_to(self, path: str) -> None:
        """Write what was asked for into this file."""
        services = self._panel.services
        if services is None:
            return
        call = partial(_exported, services, self._form, self._exported, path)
        one, many = self.tr("Exporting {0} provider"), self.tr("Exporting {0} providers")
        title = counted(len(self._exported), one, many)
        task = self._host.runner.start(call, title=title)
        task.succeeded.connect(self._on_exported)
        task.failed.connect(self._host.fail)

    @Slot(object)
    def _on_exported(self, path: str) -> None:
        self._host.notify(Notice(self.tr("The providers were exported"), path, Tone.OK))


async def _exported(
    services: Services, form: str, providers: tuple[Provider, ...], path: str
) -> str:
    from sealwright.services.exports.model import ExportForm  # noqa: PLC0415 - see EXPORTS

    kind: ExportForm = ExportForm(form)
    text = await services.exports.export(providers, kind)
    await services.files.write(path, text.encode("utf-8"))
    return path
