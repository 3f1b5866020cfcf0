"""One certificate in full: its validity as a line, its names and fingerprints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.chip import Chip
from sealwright.desktop.widgets.details import KeyValue, Section
from sealwright.desktop.widgets.labels import ElidingLabel, Hairline
from sealwright.desktop.widgets.painting import rounded, words
from sealwright.desktop.widgets.progress import validity_tone
from sealwright.desktop.widgets.surfaces import EmptyState, Picture
from sealwright.desktop.wording import common_name, day, time_left, utc_time, validity

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from sealwright.services.model import Certificate
    from sealwright.services.signers import PolicySigner


class ValidityLine(QWidget):
    """From, today, until on one line."""

    def __init__(self, certificate: Certificate, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._certificate = certificate
        self.setFixedHeight(theme.px(54))
        end = certificate.not_after
        self.setAccessibleName(
            self.tr("Valid from {0} until {1}, {2}").format(
                day(certificate.not_before), day(end), time_left(end)
            )
        )
        self.setToolTip(f"{utc_time(certificate.not_before)} - {utc_time(end)}")

    @virtual_value(QSize(300, 54))
    def sizeHint(self) -> QSize:
        """Takes the width there is."""
        return QSize(theme.px(300), theme.px(54))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """The line, the ring of today, the three dates."""
        painter = QPainter(self)
        colors = theme.palette()
        share, days = validity(self._certificate)
        tone = colors.tone(validity_tone(days))
        y, height = theme.px(22), theme.px(5)
        today = self.width() * (1 - min(share, 1.0))
        rounded(painter, QRectF(0, y, self.width(), height), height / 2, colors.border2, None)
        if share > 0:
            left = QRectF(today, y, self.width() - today, height)
            rounded(painter, left, height / 2, tone.mark, None)
        ring = theme.px(6.5)
        at = min(max(today, ring), self.width() - ring)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(tone.mark, 2))
        painter.setBrush(colors.surface)
        painter.drawEllipse(QPointF(at, y + height / 2), ring - 1, ring - 1)
        self._draw_words(painter, int(at), y + height + theme.px(6))

    def _draw_words(self, painter: QPainter, today: int, below: int) -> None:
        colors = theme.palette()
        small, strong = theme.font(Role.SMALL), theme.font(Role.SECTION)
        line = theme.px(16)
        half = theme.px(80)
        left = min(max(today - half, 0), max(self.width() - 2 * half, 0))
        center = Qt.AlignmentFlag.AlignHCenter
        if left == 0:
            center = Qt.AlignmentFlag.AlignLeft
        elif left >= self.width() - 2 * half:
            center = Qt.AlignmentFlag.AlignRight
        upper = QRect(left, 0, 2 * half, line)
        words(painter, upper, self.tr("today"), strong, colors.text, align=center)
        start, end = self._certificate.not_before, self._certificate.not_after
        row = QRect(0, below, self.width(), line)
        right, middle = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignHCenter
        words(painter, row, self.tr("from {0}").format(day(start)), small, colors.text2)
        words(painter, row, self._left(), small, colors.text2, align=middle)
        until = self.tr("until {0}").format(day(end))
        words(painter, row, until, small, colors.text2, align=right)

    def _left(self) -> str:
        _, days = validity(self._certificate)
        return self.tr("expired") if days < 0 else self.tr("{0} days left").format(int(days))


class CertificateView(QWidget):
    """The lower half of the Signers panel."""

    export_wanted = Signal()
    remove_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Certificate"))
        self._empty = EmptyState(
            "cert",
            self.tr("No signer selected"),
            self.tr("Select a certificate to see its validity and fingerprints."),
        )
        self._title = ElidingLabel(role=Role.SHEET)
        self._where = Chip(dense=False)
        self.export = Button(self.tr("Export certificate"), icon="export", kind=Kind.GHOST)
        self.remove = Button(self.tr("Remove…"), icon="trash", kind=Kind.DANGER_OUTLINE)
        self.export.clicked.connect(self.export_wanted)
        self.remove.clicked.connect(self.remove_wanted)
        self._body = QWidget()
        self._parts = QVBoxLayout()
        self._build()
        self.show_signer(None)

    def _build(self) -> None:
        pad = theme.px(16)
        head = QHBoxLayout()
        head.setSpacing(theme.px(8))
        head.addWidget(Picture("cert", "accent_text", size=18))
        head.addWidget(self._title)
        head.addWidget(self._where)
        head.addStretch(1)
        head.addWidget(self.export)
        head.addWidget(self.remove)
        column = QVBoxLayout(self._body)
        column.setContentsMargins(pad, theme.px(12), pad, pad)
        column.setSpacing(theme.px(8))
        column.addLayout(head)
        column.addLayout(self._parts)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(Hairline())
        outer.addWidget(self._body, 1)
        outer.addWidget(self._empty, 1)

    def show_signer(self, signer: PolicySigner | None) -> None:
        """Show another certificate, or none."""
        self._body.setVisible(signer is not None)
        self._empty.setVisible(signer is None)
        while self._parts.count():
            item = self._parts.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        if signer is None:
            return
        certificate = signer.certificate
        self._title.setText(common_name(certificate.subject))
        if signer.key_here:
            words = self.tr("Key here: {0}").format(signer.key_here)
            self._where.set_state(words, Tone.OK, "key")
        else:
            self._where.set_state(self.tr("Key elsewhere"), Tone.NEU, "external")
        self._parts.addWidget(ValidityLine(certificate))
        self._parts.addWidget(_facts(self, certificate))


def _facts(owner: QWidget, certificate: Certificate) -> QWidget:
    box = QWidget()
    grid = QGridLayout(box)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(theme.px(24))
    left = Section(owner.tr("Certificate"))
    left.add(KeyValue(owner.tr("Subject"), certificate.subject, copy=True))
    left.add(KeyValue(owner.tr("Issuer"), certificate.issuer))
    left.add(KeyValue(owner.tr("Serial"), certificate.serial, mono=True))
    left.add(KeyValue(owner.tr("Key"), certificate.algorithm))
    right = Section(owner.tr("Fingerprints"))
    right.add(KeyValue(owner.tr("SHA-256"), certificate.sha256, mono=True, copy=True))
    right.add(KeyValue(owner.tr("Thumbprint"), certificate.thumbprint, mono=True, copy=True))
    ca = owner.tr("yes") if certificate.is_ca else owner.tr("no")
    right.add(KeyValue(owner.tr("May sign (CA)"), ca))
    signed = owner.tr("yes") if certificate.self_signed else owner.tr("no")
    right.add(KeyValue(owner.tr("Self-signed"), signed))
    grid.addWidget(left, 0, 0)
    grid.addWidget(right, 0, 1)
    grid.setColumnStretch(0, 1)
    grid.setColumnStretch(1, 1)
    return box
