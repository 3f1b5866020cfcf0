"""Files and drafts: opening, saving, bringing back; the dialogs that ask where."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog

from sealwright.desktop.host import Notice
from sealwright.desktop.policies.document.page import DocumentPage, Held
from sealwright.desktop.policies.library.overwrite_sheet import OverwriteSheet
from sealwright.desktop.policies.library.shelf import draft_key, file_key
from sealwright.desktop.policies.words import local_date_time
from sealwright.desktop.theme import Tone
from sealwright.errors import FileChangedError

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from sealwright.desktop.host import Host
    from sealwright.desktop.policies.document.desk import Desk
    from sealwright.services.bundle import Services
    from sealwright.services.documents import Document
    from sealwright.services.exports.imports import ImportedPolicy
    from sealwright.services.model import Draft
    from sealwright.services.reference import Template

_NAMES = (
    "Policies (*.txt *.policy *.jwt *.jws);;Terraform files and scripts (*.tf *.sh *.ps1);;"
    "All files (*)"
)
_FOREIGN = (".tf", ".sh", ".ps1")
"""Files of other tools, which hold policies among other things."""
_MOST = 16 * 2**20


class OpenFiles(QObject):
    """Opens and saves documents of the user. Every file call is made by the services."""

    opened = Signal(object)
    """DocumentPage"""
    saved = Signal(object)
    """DocumentPage"""

    def __init__(self, host: Host, desk: Desk, window: QWidget) -> None:
        super().__init__(window)
        self._host = host
        self._desk = desk
        self._window = window
        self._services: Services | None = None
        self._number = 0
        self._asking: DocumentPage | None = None
        """The page whose place is being asked for."""

    def set_services(self, services: Services) -> None:
        """Files can be read and written from now on."""
        self._services = services

    # --- opening ------------------------------------------------------------------------------

    @Slot()
    def ask_open(self) -> None:
        """Ask for files and open them."""
        dialog = self._make_dialog(self.tr("Open policy"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(self._on_files)
        dialog.open()

    @Slot(list)
    def _on_files(self, paths: list[str]) -> None:
        for path in paths:
            self.open_file(path)

    def open_file(self, path: str) -> None:
        """Open a file, or bring it to the front."""
        if self._desk.bring(file_key(path)) or self._services is None:
            return
        if path.lower().endswith(_FOREIGN):
            self._import_from(self._services, path)
            return
        call = partial(self._services.documents.open, path)
        task = self._host.runner.start(call, title=self.tr("Opening a file"))
        task.succeeded.connect(self._on_document)
        task.failed.connect(self._host.fail)

    def _import_from(self, services: Services, path: str) -> None:
        """Open each policy that a file of another tool holds, as a new text."""
        call = partial(_imported, services, path)
        task = self._host.runner.start(call, title=self.tr("Opening a file"))
        task.succeeded.connect(self._on_imported)
        task.failed.connect(self._host.fail)

    @Slot(object)
    def _on_imported(self, found: tuple[ImportedPolicy, ...]) -> None:
        for policy in found:
            self.new_text().editor.replace_text(policy.text)
        places = ", ".join(policy.where for policy in found)
        title = self.tr("{0} policies were imported").format(len(found))
        self._host.notify(Notice(title, places, Tone.OK))

    @Slot(object)
    def _on_document(self, document: Document) -> None:
        key = file_key(document.path)
        if self._desk.bring(key):
            return
        page = DocumentPage(self._host, Held(document, document.title))
        self._show(key, page)

    def new_text(self) -> DocumentPage:
        """An empty text that has no file yet."""
        from sealwright.services.documents import document  # noqa: PLC0415 - after the first paint

        self._number += 1
        title = self.tr("Untitled {0}").format(self._number)
        page = DocumentPage(self._host, Held(document(b"", title=title), title))
        self._show(draft_key(f"new-{self._number}"), page)
        return page

    def open_template(self, template: Template | None) -> None:
        """A new text that begins as a template; it is kept as a draft like anything typed."""
        if template is not None:
            page = self.new_text()
            page.editor.replace_text(template.text)
            page.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def reopen(self, key: str, draft: Draft | None) -> None:
        """Open what the library lists under a key: as it was edited, or the file."""
        if draft is not None:
            self.open_draft(draft)
        elif key.startswith("file:"):
            self.open_file(key.removeprefix("file:"))

    def open_draft(self, draft: Draft) -> None:
        """Bring back a text that was being edited and belongs to no provider."""
        from sealwright.services.documents import document  # noqa: PLC0415 - after the first paint

        key = file_key(draft.path) if draft.path else draft_key(draft.id)
        if self._desk.bring(key):
            return
        restored = document(draft.data, title=draft.title, path=draft.path)
        page = DocumentPage(self._host, Held(restored, draft.title, draft_id=draft.id))
        page.settled_on("")
        if draft.path:
            page.banner.tell(
                Tone.INFO,
                self.tr("This is your draft of {0}").format(local_date_time(draft.saved)),
                self.tr("It was not saved to its file."),
            )
        self._show(key, page)

    def _show(self, key: str, page: DocumentPage) -> None:
        if self._services is not None:
            page.set_services(self._services)
        self._desk.add(key, page)
        self.opened.emit(page)

    # --- saving -------------------------------------------------------------------------------

    def save(self, page: DocumentPage) -> None:
        """Write a document to its file; ask where when it has none."""
        if page.held.document.path:
            self._write(page, page.held.document.path)
        else:
            self.ask_save(page)

    def ask_save(self, page: DocumentPage) -> None:
        """Ask where a document shall be written to."""
        dialog = self._make_dialog(self.tr("Save policy as"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(page.held.document.path or f"{page.held.title}.policy")
        self._asking = page
        dialog.fileSelected.connect(self._on_place)
        dialog.open()

    @Slot(str)
    def _on_place(self, path: str) -> None:
        page, self._asking = self._asking, None
        if page is not None and path and self._desk.key_of(page):
            # The dialog has asked already whether a file that is there shall be replaced.
            self._write(page, path, overwrite=True)

    def _write(self, page: DocumentPage, path: str, *, overwrite: bool = False) -> None:
        if self._services is None:
            return
        save = partial(
            self._services.documents.save, page.current_document(), path, overwrite=overwrite
        )
        task = self._host.runner.start(save, title=self.tr("Saving"))
        task.then(self._on_saved, page)
        task.otherwise(self._on_not_saved, page)

    def _on_not_saved(self, page: DocumentPage, error: BaseException) -> None:
        if not isinstance(error, FileChangedError) or not self._desk.key_of(page):
            self._host.fail(error)
            return
        sheet = OverwriteSheet(self._window.window(), error)
        sheet.overwrite_wanted.connect(self._on_overwrite)
        sheet.other_name_wanted.connect(self._on_other_name)
        self._asking = page
        sheet.open_sheet()

    @Slot()
    def _on_overwrite(self) -> None:
        page, self._asking = self._asking, None
        if page is not None and self._desk.key_of(page):
            self._write(page, page.held.document.path, overwrite=True)

    @Slot()
    def _on_other_name(self) -> None:
        if self._asking is not None and self._desk.key_of(self._asking):
            self.ask_save(self._asking)

    def _on_saved(self, page: DocumentPage, document: Document) -> None:
        if not self._desk.key_of(page):
            # The tab was closed while the file was being written.
            return
        held = page.held
        if not held.document.read_only:
            held.document = document
        if held.place is None or held.document.path:
            held.title = document.title
            self._desk.rename(page, file_key(document.path))
            if page.editor.text() == document.widget_text:
                page.settled_on(document.widget_text)
                page.drop_draft()
        self.saved.emit(page)

    def _make_dialog(self, title: str) -> QFileDialog:
        dialog = QFileDialog(self._window, title)
        dialog.setNameFilter(self.tr(_NAMES))
        dialog.finished.connect(dialog.deleteLater)
        return dialog


async def _imported(services: Services, path: str) -> tuple[ImportedPolicy, ...]:
    from anyio import to_thread  # noqa: PLC0415 - runs on the worker's loop

    from sealwright.services.exports.imports import import_policies  # noqa: PLC0415 - as above

    return await to_thread.run_sync(import_policies, await services.files.read(path, limit=_MOST))
