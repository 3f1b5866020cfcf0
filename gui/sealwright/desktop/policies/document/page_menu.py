"""The menu of a document: saving, its bytes, and what can be done at the provider."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication

from sealwright.desktop import theme
from sealwright.desktop.policies.words import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QMenu

    from sealwright.desktop.policies.document.page import DocumentPage

    Act = Callable[[DocumentPage, str], None]


def fill_menu(page: DocumentPage, act: Act) -> None:
    """Make the entries as they are possible now; each impossible one says why."""
    menu = page.menu
    menu.clear()
    menu.setToolTipsVisible(True)
    document, place = page.held.document, page.held.place

    def run(name: str, text: str, icon: str, reason: str) -> None:
        _add(menu, text, icon, reason, partial(act, page, name))

    run("save", tr("Save to file\tCtrl+S"), "file", "")
    run("save-as", tr("Save as…\tCtrl+Shift+S"), "file", "")
    menu.addSeparator()
    run("find", tr("Find…\tCtrl+F"), "search", "")
    run("replace", tr("Replace…\tCtrl+H"), "search", document.read_only)
    run("go-to-line", tr("Go to line…\tCtrl+G"), "right", "")
    run("fold", tr("Fold this section\tCtrl+Shift+["), "up", "")
    run("unfold", tr("Open this section\tCtrl+Shift+]"), "down", "")
    run("discard", tr("Discard my edits"), "undo", "" if page.edited else tr("Nothing was edited"))
    menu.addSeparator()
    ends = document.line_ends.value
    for name in ("LF", "CRLF"):
        same = tr("The document has these line ends") if ends == name else ""
        call = partial(_set_line_ends, page, name)
        _add(menu, tr("Line ends {0}").format(name), "rows", document.read_only or same, call)
    menu.addSeparator()
    known = page.analysis is not None
    copy = partial(_copy, page.analysis.policy_hash if page.analysis is not None else "")
    _add(menu, tr("Copy the hash of this text"), "copy", "" if known else tr("Not read yet"), copy)
    nowhere = "" if place is not None else tr("This text belongs to no provider")
    run("read", tr("Read the deployed policy again\tF5"), "refresh", nowhere)
    run("reset", tr("Reset the deployed policy…"), "trash", nowhere)


def _add(menu: QMenu, text: str, icon: str, reason: str, call: Callable[[], None]) -> None:
    entry = menu.addAction(theme.icon(icon), text)
    entry.setEnabled(not reason)
    entry.setToolTip(reason or text.partition("\t")[0])
    entry.setStatusTip(reason)
    # `triggered` would pass its checked state along.
    entry.triggered.connect(lambda _checked=False: call())


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)


def _set_line_ends(page: DocumentPage, name: str) -> None:
    from sealwright.services.documents import LineEnds  # noqa: PLC0415 - after the first paint

    page.set_line_ends(LineEnds(name))
