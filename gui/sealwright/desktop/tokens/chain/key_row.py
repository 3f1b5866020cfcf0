"""Whose keys check the token: a choice, and one line about what that fetches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role
from sealwright.desktop.widgets.buttons import Button
from sealwright.desktop.widgets.fields import ComboBox
from sealwright.desktop.widgets.labels import ElidingLabel, Label
from sealwright.desktop.widgets.surfaces import Picture
from sealwright.services.tokens.key_source import KeyOrigin, KeySource

if TYPE_CHECKING:
    from sealwright.services.model import Provider

_FILE = "file"


class KeyRow(QWidget):
    """The choice of keys. Nothing is fetched before *Check* is pressed."""

    check_wanted = Signal(object)
    """KeySource"""
    file_wanted = Signal()
    """A key document shall be chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._providers: tuple[Provider, ...] = ()
        self._file: KeySource | None = None
        self._stand_in: QWidget | None = None
        self.choice = ComboBox(self.tr("Keys of"))
        self.run = Button(self.tr("Check"), icon="shield", small=True)
        self._icon = Picture("lock", "text3", size=14)
        self._words = ElidingLabel(role=Role.SMALL, color="text3")
        self._build()
        self._fill()
        self.choice.activated.connect(self._on_chosen)
        self.run.clicked.connect(self._on_run)

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(Label(self.tr("Keys of"), color="text2"))
        row.addWidget(self.choice, 1)
        row.addWidget(self.run)
        line = QHBoxLayout()
        line.setSpacing(theme.px(6))
        line.addWidget(self._icon)
        line.addWidget(self._words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(16), theme.px(8), theme.px(16), theme.px(8))
        column.setSpacing(theme.px(6))
        column.addLayout(row)
        column.addLayout(line)

    def set_providers(self, providers: tuple[Provider, ...]) -> None:
        """Whose keys can be asked for; a refresh mostly finds those that are listed."""
        listed = [(provider.id, provider.name) for provider in self._providers]
        self._providers = providers
        if [(provider.id, provider.name) for provider in providers] != listed:
            self._fill()

    def _fill(self) -> None:
        chosen = self.choice.currentData()
        self.choice.clear()
        self.choice.addItem(self.tr("Saved here (offline)"), "")
        for provider in self._providers:
            self.choice.addItem(self.tr("Ask {0} now").format(provider.name), provider.id)
        if self._file is not None:
            self.choice.addItem(self._file.name, _FILE)
        self.choice.addItem(self.tr("A key document…"), "choose")
        self.choice.addItem(self.tr("The token itself (proves nothing)"), "token")
        at = self.choice.findData(chosen)
        self.choice.setCurrentIndex(max(at, 0))
        self._tell()

    def use_file(self, source: KeySource) -> None:
        """Check with a key document from now on."""
        self._file = source
        self._fill()
        self.choice.setCurrentIndex(self.choice.findData(_FILE))
        self._tell()

    def use_provider(self, provider_id: str) -> None:
        """Ask a provider the next time."""
        at = self.choice.findData(provider_id)
        if at >= 0:
            self.choice.setCurrentIndex(at)
        self._tell()

    def use_saved(self) -> None:
        """Stay offline."""
        self.choice.setCurrentIndex(0)
        self._tell()

    def set_available(self, reason: str = "") -> None:
        """Whether a check can be run; who pressed the button finds the focus there afterwards."""
        held = self.run.hasFocus()
        self.run.set_available(reason)
        if held and reason:
            self._stand_in = QApplication.focusWidget()
        elif not reason:
            # Qt gave the focus to what comes next, and nobody has moved it since.
            if self._stand_in is not None and self._stand_in is QApplication.focusWidget():
                self.run.setFocus(Qt.FocusReason.OtherFocusReason)
            self._stand_in = None

    @property
    def source(self) -> KeySource:
        """What is chosen."""
        chosen = str(self.choice.currentData() or "")
        if chosen == _FILE and self._file is not None:
            return self._file
        if chosen == "token":
            return KeySource(KeyOrigin.TOKEN)
        if chosen in ("", "choose"):
            return KeySource()
        return KeySource(KeyOrigin.PROVIDER, chosen)

    def _tell(self) -> None:
        origin = self.source.origin
        icon, words = {
            KeyOrigin.SAVED: ("lock", self.tr("Offline: nothing is fetched for this token.")),
            KeyOrigin.PROVIDER: ("wifi", self.tr("Asks the provider; the token stays here.")),
            KeyOrigin.DOCUMENT: ("lock", self.tr("Offline: the keys come from your file.")),
            KeyOrigin.TOKEN: ("warn", self.tr("Offline: anybody can bring keys of their own.")),
        }[origin]
        self._icon.set_icon(icon, "warn.mark" if icon == "warn" else "text3")
        self._words.setText(words)
        self.choice.setAccessibleDescription(words)

    @Slot(int)
    def _on_chosen(self, index: int) -> None:
        if self.choice.itemData(index) == "choose":
            self.use_saved()
            self.file_wanted.emit()
        self._tell()

    @Slot()
    def _on_run(self) -> None:
        self.check_wanted.emit(self.source)
