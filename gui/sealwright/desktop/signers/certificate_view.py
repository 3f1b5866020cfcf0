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
    from PySide6.QtGui import QPaintEvent, QShowEvent

    from sealwright.services.model import Certificate
    from sealwright.services.signers import PolicySigner


class ValidityLine(QWidget):
    """From, today, until on one line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._certificate: Certificate | None = None
        self.setFixedHeight(theme.px(54))

    def show_certificate(self, certificate: Certificate) -> None:
        """Show the validity of another certificate."""
        self._certificate = certificate
        end = certificate.not_after
        self.setAccessibleName(
            self.tr("Valid from {0} until {1}, {2}").format(
                day(certificate.not_before), day(end), time_left(end)
            )
        )
        self.setToolTip(f"{utc_time(certificate.not_before)} - {utc_time(end)}")
        self.update()

    @virtual_value(QSize(300, 54))
    def sizeHint(self) -> QSize:
        """Takes the width there is."""
        return QSize(theme.px(300), theme.px(54))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """The line, the ring of today, the three dates."""
        if self._certificate is None:
            return
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
        self._draw_words(painter, int(at), y + height + theme.px(6), self._certificate)

    def _draw_words(
        self, painter: QPainter, today: int, below: int, certificate: Certificate
    ) -> None:
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
        start, end = certificate.not_before, certificate.not_after
        row = QRect(0, below, self.width(), line)
        right, middle = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignHCenter
        words(painter, row, self.tr("from {0}").format(day(start)), small, colors.text2)
        words(painter, row, self._left(certificate), small, colors.text2, align=middle)
        until = self.tr("until {0}").format(day(end))
        words(painter, row, until, small, colors.text2, align=right)

    def _left(self, certificate: Certificate) -> str:
        _, days = validity(certificate)
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
        self.export = Button(
            self.tr("Export…"),
            icon="export",
            kind=Kind.GHOST,
            name=self.tr("Export certificate"),
            tip=self.tr("Write this certificate to a file"),
        )
        self.remove = Button(self.tr("Remove…"), icon="trash", kind=Kind.DANGER_OUTLINE)
        self.export.clicked.connect(self.export_wanted)
        self.remove.clicked.connect(self.remove_wanted)
        self._body = QWidget()
        self._line = ValidityLine()
        self._facts: dict[str, KeyValue] = {}
        self._signer: PolicySigner | None = None
        self._stale = False
        self._build()
        self.show_signer(None)

    def _build(self) -> None:
        pad = theme.px(16)
        head = QHBoxLayout()
        head.setSpacing(theme.px(8))
        head.addWidget(Picture("cert", "accent_text", size=18))
        self._title.setMinimumWidth(theme.px(120))
        head.addWidget(self._title)
        head.addWidget(self._where)
        head.addStretch(1)
        head.addWidget(self.export)
        head.addWidget(self.remove)
        column = QVBoxLayout(self._body)
        column.setContentsMargins(pad, theme.px(12), pad, pad)
        column.setSpacing(theme.px(8))
        column.addLayout(head)
        column.addWidget(self._line)
        column.addWidget(self._make_facts())
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(Hairline())
        outer.addWidget(self._body, 1)
        outer.addWidget(self._empty, 1)

    def _make_facts(self) -> QWidget:
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(24))
        left = Section(self.tr("Certificate"))
        self._add_fact(left, "subject", KeyValue(self.tr("Subject"), "", copy=True))
        self._add_fact(left, "issuer", KeyValue(self.tr("Issuer"), ""))
        self._add_fact(left, "serial", KeyValue(self.tr("Serial"), "", mono=True))
        self._add_fact(left, "key", KeyValue(self.tr("Key"), ""))
        right = Section(self.tr("Fingerprints"))
        sha256 = KeyValue(self.tr("SHA-256"), "", mono=True, copy=True)
        self._add_fact(right, "sha256", sha256)
        thumbprint = KeyValue(self.tr("Thumbprint"), "", mono=True, copy=True)
        self._add_fact(right, "thumbprint", thumbprint)
        self._add_fact(right, "ca", KeyValue(self.tr("May sign (CA)"), ""))
        self._add_fact(right, "self-signed", KeyValue(self.tr("Self-signed"), ""))
        for number, section in enumerate((left, right)):
            grid.addWidget(section, 0, number)
            grid.setColumnStretch(number, 1)
        return box

    def _add_fact(self, section: Section, name: str, line: KeyValue) -> None:
        section.add(line)
        self._facts[name] = line

    def show_signer(self, signer: PolicySigner | None) -> None:
        """Show another certificate, or none; what is not in sight is filled when it comes."""
        self._body.setVisible(signer is not None)
        self._empty.setVisible(signer is None)
        if signer == self._signer:
            return
        self._signer = signer
        self._stale = True
        if self.isVisible():
            self._fill()

    @virtual
    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what was chosen meanwhile."""
        super().showEvent(event)
        self._fill()

    def _fill(self) -> None:
        signer = self._signer
        if signer is None or not self._stale:
            return
        self._stale = False
        certificate = signer.certificate
        self._title.setText(common_name(certificate.subject))
        if signer.key_here:
            words = self.tr("Key here: {0}").format(signer.key_here)
            self._where.set_state(words, Tone.OK, "key")
        else:
            self._where.set_state(self.tr("Key elsewhere"), Tone.NEU, "external")
        self._line.show_certificate(certificate)
        yes, no = self.tr("yes"), self.tr("no")
        for name, value in {
            "subject": certificate.subject,
            "issuer": certificate.issuer,
            "serial": certificate.serial,
            "key": certificate.algorithm,
            "sha256": certificate.sha256,
            "thumbprint": certificate.thumbprint,
            "ca": yes if certificate.is_ca else no,
            "self-signed": yes if certificate.self_signed else no,
        }.items():
            self._facts[name].set_value(value)
