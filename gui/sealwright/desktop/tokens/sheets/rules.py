"""Rules of a relying party: written, saved under a name, and checked against the open token."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.messages import message, quoted
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.tokens.rows import tr
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.fields import ComboBox, LineEdit
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.sheet import Sheet
from sealwright.desktop.widgets.surfaces import Banner

if TYPE_CHECKING:
    from sealwright.desktop.host import Host
    from sealwright.services.bundle import Services
    from sealwright.services.tokens.rules import SavedRules


class RulesSheet(Sheet):
    """A name, a text, and what is saved already."""

    chosen = Signal(object)
    """SavedRules to check with from now on, or None for no rules."""

    def __init__(
        self, host: Host, window: QWidget, services: Services, begin: str, current: str
    ) -> None:
        size = QSize(theme.px(760), theme.px(600))
        super().__init__(window, tr("Relying-party rules"), icon="flag", size=size)
        self._host = host
        self._services = services
        self._begin = begin
        self._current = current
        self._saved: dict[str, SavedRules] = {}
        self.banner = Banner(closable=False)
        self.list = ComboBox(self.tr("Saved rules"))
        self.name = LineEdit(self.tr("Name of the rules"))
        self.text = QPlainTextEdit()
        self.from_token = Button(self.tr("Begin with this token"), icon="tokens", small=True)
        self.remove = Button(self.tr("Delete"), icon="trash", small=True)
        self.without = Button(self.tr("Check without rules"))
        self.use = Button(self.tr("Save and check"), kind=Kind.PRIMARY)
        self._build()
        self._connect()
        self._read()

    def _build(self) -> None:
        self.set_subtitle(
            quoted(self.tr("The same text works with `sealwright token verify --rules`"))
        )
        self.text.setAccessibleName(self.tr("Rules as JSON"))
        self.text.setFont(theme.font(Role.CODE_SMALL))
        self.text.setTabChangesFocus(True)
        self.text.setPlaceholderText('{"issuer": "https://…", "maxAgeSeconds": 3600, "claims": []}')
        self.from_token.set_available("" if self._begin else self.tr("Open a token first."))
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(Label(self.tr("Saved"), color="text2"))
        row.addWidget(self.list, 1)
        row.addWidget(Label(self.tr("Name"), color="text2"))
        row.addWidget(self.name, 1)
        tools = QHBoxLayout()
        tools.setSpacing(theme.px(8))
        tools.addWidget(self.from_token)
        tools.addWidget(self.remove)
        tools.addStretch(1)
        holder = QWidget()
        column = QVBoxLayout(holder)
        pad = theme.px(20)
        column.setContentsMargins(pad, theme.px(14), pad, theme.px(14))
        column.setSpacing(theme.px(10))
        column.addWidget(self.banner)
        column.addLayout(row)
        column.addLayout(tools)
        column.addWidget(self.text, 1)
        self.body.addWidget(holder, 1)
        self.buttons.addWidget(self.without)
        self.buttons.addWidget(self.use)

    def _connect(self) -> None:
        self.list.activated.connect(self._on_chosen)
        self.from_token.clicked.connect(self._on_begin)
        self.remove.clicked.connect(self._on_remove)
        self.without.clicked.connect(self._on_without)
        self.use.clicked.connect(self._on_use)

    def _read(self) -> None:
        task = self._host.runner.start(self._services.tokens.rules.all)
        task.succeeded.connect(self._on_read)
        task.failed.connect(self._host.fail)

    @Slot(object)
    def _on_read(self, found: tuple[SavedRules, ...]) -> None:
        self._saved = {each.name: each for each in found}
        self.list.clear()
        self.list.addItem(self.tr("New rules"), "")
        for name in self._saved:
            self.list.addItem(name, name)
        at = self.list.findData(self._current)
        self.list.setCurrentIndex(max(at, 0))
        self._on_chosen()

    @Slot()
    def _on_chosen(self) -> None:
        saved = self._saved.get(str(self.list.currentData() or ""))
        self.remove.set_available("" if saved else self.tr("Choose saved rules first."))
        if saved is not None:
            self.name.setText(saved.name)
            self.text.setPlainText(saved.text)

    @Slot()
    def _on_begin(self) -> None:
        self.text.setPlainText(self._begin)

    @Slot()
    def _on_remove(self) -> None:
        name = str(self.list.currentData() or "")
        self._current = ""
        task = self._host.runner.start(partial(self._services.tokens.rules.remove, name))
        task.succeeded.connect(self._read_again)
        task.failed.connect(self._host.fail)

    @Slot()
    def _read_again(self) -> None:
        self._read()

    @Slot()
    def _on_without(self) -> None:
        self.chosen.emit(None)
        self.request_close()

    @Slot()
    def _on_use(self) -> None:
        name, text = self.name.text(), self.text.toPlainText()
        task = self._host.runner.start(partial(self._services.tokens.rules.save, name, text))
        task.succeeded.connect(self._on_saved)
        task.failed.connect(self._on_failed)

    @Slot(object)
    def _on_saved(self, saved: SavedRules) -> None:
        self.chosen.emit(saved)
        self.request_close()

    @Slot(object)
    def _on_failed(self, error: BaseException) -> None:
        shown = message(error)
        self.banner.tell(Tone.ERR, shown.title, shown.text)
