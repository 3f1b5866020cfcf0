"""What shall be attested, where, and with which policy: the left column of the panel."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from sealwright.claims.attestation_type import MAIN_TYPES, AttestationType
from sealwright.desktop import theme
from sealwright.desktop.attest.data_field import DataField
from sealwright.desktop.attest.words import tr, type_words
from sealwright.desktop.evidence.words import size_words
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.buttons import Button, Kind, ToolButton
from sealwright.desktop.widgets.fields import ComboBox, FormField, LineEdit
from sealwright.desktop.widgets.labels import Hairline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

    from sealwright.services.model import Draft, Provider

DEPLOYED, FROM_FILE = "", "file"
WIDTH = 312
_NONCE_BYTES = 8


class AttestForm(QWidget):
    """Fields only; what they mean is the panel's business."""

    changed = Signal()
    submitted = Signal()
    """Enter in one of the lines."""
    evidence_file_wanted = Signal()
    evidence_paste_wanted = Signal()
    synthetic_wanted = Signal()
    viewer_wanted = Signal()
    policy_file_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._policy = DEPLOYED
        self._files: dict[str, tuple[str, str]] = {}
        self._names: list[tuple[str, str]] = []
        self.provider = ComboBox(tr("Provider"))
        self.kind = ComboBox(tr("Attestation type"))
        for kind in MAIN_TYPES:
            self.kind.addItem(theme.icon("chip"), type_words(kind.value), kind)
        self.evidence = LineEdit(tr("Evidence"), placeholder=tr("None yet"), icon="file")
        self.evidence.setReadOnly(True)
        self.runtime = DataField(tr("Runtime data"))
        self.init = DataField(tr("Init data"))
        self.nonce = LineEdit(tr("Nonce"), placeholder=tr("None"), mono=True)
        self.new_nonce = ToolButton("refresh", tr("New random nonce"))
        self.policy = ComboBox(tr("Policy"))
        self.attest = Button(tr("Attest"), icon="play", kind=Kind.PRIMARY)
        self.copy_rest = Button(tr("Copy as REST"), icon="terminal", kind=Kind.GHOST)
        self._lay_out()
        self.set_drafts(())
        self._connect()

    # --- building -----------------------------------------------------------------------------

    def _lay_out(self) -> None:
        inner = QWidget()
        inner.setProperty("k", "clear")
        self._column = QVBoxLayout(inner)
        pad = theme.px(16)
        self._column.setContentsMargins(pad, theme.px(14), pad, pad)
        self._column.setSpacing(theme.px(14))
        self._fill()
        area = QScrollArea()
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Its fields take keys, not the area.
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setProperty("k", "clear")
        area.setAccessibleName(tr("What to attest"))
        area.setWidget(inner)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 1, 0)
        outer.setSpacing(0)
        outer.addWidget(area, 1)
        outer.addWidget(Hairline())
        outer.addWidget(self._footer())

    def _fill(self) -> None:
        self._add(tr("Provider"), self.provider)
        self._add(tr("Attestation type"), self.kind)
        self.evidence_box = self._add(tr("Evidence"), self._evidence_row())
        self._column.addLayout(self._ways())
        self.runtime_box = self._add(tr("Runtime data"), self.runtime)
        self.init_box = self._add(tr("Init data"), self.init)
        nonce = QWidget()
        row = QHBoxLayout(nonce)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(6))
        row.addWidget(self.nonce, 1)
        row.addWidget(self.new_nonce)
        nonce.setFocusProxy(self.nonce)
        self.nonce_box = self._add(tr("Nonce"), nonce)
        self.policy_box = self._add(tr("Policy"), self.policy)
        self._column.addStretch(1)

    def _add(self, title: str, field: QWidget) -> FormField:
        box = FormField(title, field)
        self._column.addWidget(box)
        return box

    def _evidence_row(self) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(6))
        self.look = ToolButton("eye", tr("Look into the evidence"))
        self.look.clicked.connect(self.viewer_wanted)
        self.open_file = ToolButton("folder", tr("Evidence from a file"))
        self.open_file.clicked.connect(self.evidence_file_wanted)
        row.addWidget(self.evidence, 1)
        row.addWidget(self.look)
        row.addWidget(self.open_file)
        box.setFocusProxy(self.evidence)
        return box

    def _ways(self) -> QHBoxLayout:
        self.paste = Button(tr("Paste"), icon="import", small=True, name=tr("Paste evidence"))
        self.paste.clicked.connect(self.evidence_paste_wanted)
        self.synthetic = Button(
            tr("Make synthetic\u2026"),
            icon="chip",
            small=True,
            tip=tr("Evidence of your own making, signed by the sandbox's roots"),
        )
        self.synthetic.clicked.connect(self.synthetic_wanted)
        row = QHBoxLayout()
        row.setSpacing(theme.px(6))
        row.addWidget(self.synthetic)
        row.addWidget(self.paste)
        row.addStretch(1)
        return row

    def _footer(self) -> QWidget:
        box = QWidget()
        box.setFixedHeight(theme.px(54))
        row = QHBoxLayout(box)
        row.setContentsMargins(theme.px(12), 0, theme.px(16), 0)
        row.addWidget(self.copy_rest)
        row.addStretch(1)
        row.addWidget(self.attest)
        return box

    def _connect(self) -> None:
        self.new_nonce.clicked.connect(self._on_nonce)
        self.policy.activated.connect(self._on_policy)
        self.attest.clicked.connect(self.submitted)
        for field in (self.nonce, self.runtime.line, self.init.line):
            field.returnPressed.connect(self.submitted)
        self.nonce.textChanged.connect(self.changed)
        self.runtime.changed.connect(self.changed)
        self.init.changed.connect(self.changed)
        self.kind.currentIndexChanged.connect(self.changed)
        self.provider.currentIndexChanged.connect(self.changed)

    # --- content ------------------------------------------------------------------------------

    def set_providers(self, providers: Sequence[Provider], chosen: str) -> None:
        """Whom can be asked; a refresh mostly finds those that are listed."""
        held = self.provider.currentData() or chosen
        names = [(provider.name, provider.id) for provider in providers]
        if names != self._names:
            self._names = names
            self.provider.clear()
            icon = theme.icon("providers")
            for name, provider_id in names:
                self.provider.addItem(icon, name, provider_id)
        self.choose_provider(held if isinstance(held, str) else chosen)

    def choose_provider(self, provider_id: str) -> None:
        """Ask another one."""
        at = self.provider.findData(provider_id)
        if at >= 0:
            self.provider.setCurrentIndex(at)

    @property
    def provider_id(self) -> str:
        """Whom to ask; empty when none is known."""
        chosen = self.provider.currentData()
        return chosen if isinstance(chosen, str) else ""

    @property
    def attestation_type(self) -> AttestationType:
        """Which operation."""
        chosen = self.kind.currentData()
        return AttestationType(chosen)

    def choose_type(self, kind: AttestationType) -> None:
        """Another operation."""
        self.kind.setCurrentIndex(self.kind.findData(kind))

    def set_data_available(self, reason: str = "") -> None:
        """Whether data and a nonce go with the request; with a reason they do not."""
        for box in (self.runtime_box, self.init_box, self.nonce_box):
            box.field.setEnabled(not reason)
            box.field.setToolTip(reason)

    def show_evidence(self, title: str, size: int, hint: str) -> None:
        """Name the evidence."""
        self.evidence.setText(title)
        self.evidence.setCursorPosition(0)
        self.evidence_box.set_note(size_words(size) if size else "")
        self.evidence_box.set_hint(hint)

    def set_drafts(self, drafts: Sequence[Draft]) -> None:
        """Which texts can be tried instead of the deployed policy."""
        chosen = self._policy
        self.policy.clear()
        self.policy.addItem(theme.icon("policies"), tr("Deployed policy"), DEPLOYED)
        for draft in drafts:
            words = tr("Draft: {0}").format(draft.title or tr("untitled"))
            self.policy.addItem(theme.icon("pencil"), words, f"draft:{draft.id}")
        for path, (title, _text) in self._files.items():
            self.policy.addItem(theme.icon("pencil"), tr("Draft: {0}").format(title), path)
        self.policy.insertSeparator(self.policy.count())
        self.policy.addItem(theme.icon("folder"), tr("Draft from a file\u2026"), FROM_FILE)
        at = self.policy.findData(chosen)
        self.policy.setCurrentIndex(max(at, 0))
        self._policy = chosen if at >= 0 else DEPLOYED
        self._tell_policy()

    def add_draft_file(self, path: str, title: str, text: str) -> None:
        """Offer the text of a file as a draft, and choose it."""
        self._files[f"file:{path}"] = (title, text)
        self._policy = f"file:{path}"
        at = self.policy.count() - 2
        if self.policy.findData(self._policy) < 0:
            words = tr("Draft: {0}").format(title)
            self.policy.insertItem(at, theme.icon("pencil"), words, self._policy)
        self.policy.setCurrentIndex(self.policy.findData(self._policy))
        self._tell_policy()

    def draft_text(self, drafts: Sequence[Draft]) -> str:
        """The chosen draft's text; empty for the deployed policy."""
        if self._policy in self._files:
            return self._files[self._policy][1]
        name = self._policy.removeprefix("draft:")
        found = next((each for each in drafts if each.id == name), None)
        return found.data.decode("utf-8", "replace") if found is not None else ""

    def _tell_policy(self) -> None:
        draft = tr("A draft gives an unsigned token, for testing only.")
        nothing = tr("Nothing on the provider changes.")
        self.policy_box.set_hint(f"{draft} {nothing}" if self._policy else "")

    @Slot(int)
    def _on_policy(self, index: int) -> None:
        chosen = str(self.policy.itemData(index))
        if chosen == FROM_FILE:
            self.policy.setCurrentIndex(max(self.policy.findData(self._policy), 0))
            self.policy_file_wanted.emit()
            return
        self._policy = chosen
        self._tell_policy()
        self.changed.emit()

    @Slot()
    def _on_nonce(self) -> None:
        self.nonce.setText(secrets.token_hex(_NONCE_BYTES))

    @virtual_value(QSize(312, 500))
    def sizeHint(self) -> QSize:
        """As wide as the design says."""
        return QSize(theme.px(WIDTH), theme.px(600))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """The line at the right."""
        painter = QPainter(self)
        painter.fillRect(self.width() - 1, 0, 1, self.height(), theme.palette().border)
