"""A report as PDF: the same page as the HTML one, laid out for paper.

Nothing of it is shown, so that it may be laid out on a worker's thread (Qt: `QTextDocument` is
reentrant, and fonts may be used on any thread).
"""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QEventLoop, QIODevice, QMarginsF, QSizeF
from PySide6.QtGui import QFont, QPageLayout, QPageSize, QPdfWriter, QTextDocument, QTextOption

_DPI = 96
_MARGIN = 15.0
"""Millimetres."""
_POINTS = 8.5


def report_pdf(page: bytes, title: str) -> bytes:
    """The PDF of a report that is HTML; A4."""
    # The layout starts timers of its thread, which a thread of Python has none for.
    _loop = QEventLoop()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(title)
    writer.setCreator("Sealwright")
    writer.setResolution(_DPI)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(
        QMarginsF(_MARGIN, _MARGIN, _MARGIN, _MARGIN), QPageLayout.Unit.Millimeter
    )
    document = QTextDocument()
    document.documentLayout().setPaintDevice(writer)
    font = QFont()
    font.setPointSizeF(_POINTS)
    document.setDefaultFont(font)
    option = QTextOption()
    # Hashes and the token have no place to break at.
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    document.setDefaultTextOption(option)
    # Of the places to break at, Qt knows the character only.
    document.setHtml(page.decode("utf-8").replace("<wbr>", "\u200b"))
    document.setPageSize(QSizeF(writer.width(), writer.height()))
    document.print_(writer)
    buffer.close()
    return bytes(buffer.data().data())
