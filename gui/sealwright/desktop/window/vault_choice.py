"""Where keys are kept when no keyring can be used: the user's explicit choice, never ours."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.messages import message
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.fields import FormField, LineEdit, RadioButton
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.sheet import Sheet
from sealwright.secret import Secret

if TYPE_CHECKING:
    from sealwright.desktop.host import Host
    from sealwright.services.bundle import Services

_SHORTEST = 8


class VaultChoiceSheet(Sheet):
    """A passphrase-protected file, or memory only."""

    chosen = Signal()

    def __init__(self, window: QWidget, host: Host, services: Services | None) -> None:
        size = QSize(theme.px(540), theme.px(480))
        super().__init__(window, self.tr("Where shall keys be kept?"), icon="lock", size=size)
        self._host, self._services = host, services
        self._file = RadioButton(self.tr("In a vault file with a passphrase"))
        self._memory = RadioButton(self.tr("In memory only, until Sealwright is closed"))
        self._first = _passphrase(self.tr("Passphrase"))
        self._second = _passphrase(self.tr("Passphrase again"))
        self._first_field = FormField(self.tr("Passphrase"), self._first)
        self._second_field = FormField(self.tr("Passphrase again"), self._second)
        self._use = Button(self.tr("Use this"), kind=Kind.PRIMARY)
        self._arrange()
        self._file.setChecked(True)
        self._file.toggled.connect(self._on_toggled)
        self._use.clicked.connect(self._on_use)

    def _arrange(self) -> None:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(theme.px(22), theme.px(14), theme.px(22), theme.px(14))
        column.setSpacing(theme.px(12))
        column.addWidget(
            Label(
                self.tr(
                    "The keyring of this computer did not answer. Keys are never written to disk "
                    "without protection."
                ),
                color="text2",
                wrap=True,
            )
        )
        column.addWidget(self._file)
        column.addWidget(self._first_field)
        column.addWidget(self._second_field)
        column.addWidget(self._memory)
        column.addWidget(
            Label(
                self.tr("Keys in memory are gone when the window closes: export what you need."),
                color="text3",
                wrap=True,
            )
        )
        column.addStretch(1)
        self.body.addWidget(box)
        cancel = Button(self.tr("Not now"))
        cancel.clicked.connect(self.request_close)
        self.buttons.addWidget(cancel)
        self.buttons.addWidget(self._use)

    @Slot(bool)
    def _on_toggled(self, file: bool) -> None:  # noqa: FBT001 - a slot
        self._first_field.setEnabled(file)
        self._second_field.setEnabled(file)

    def _problem(self) -> bool:
        short = self._file.isChecked() and len(self._first.text()) < _SHORTEST
        other = self._file.isChecked() and self._first.text() != self._second.text()
        self._first_field.set_problem(
            self.tr("At least {0} characters").format(_SHORTEST) if short else ""
        )
        self._second_field.set_problem(self.tr("The two are not the same") if other else "")
        return short or other

    @Slot()
    def _on_use(self) -> None:
        if self._services is None or self._problem():
            return
        kind = "file" if self._file.isChecked() else "memory"
        passphrase = Secret(self._first.text()) if kind == "file" else None
        call = partial(self._services.vault.choose, kind, passphrase)
        task = self._host.runner.start(call, title=self.tr("Making the vault"))
        task.succeeded.connect(self._on_done)
        task.failed.connect(self._on_failed)
        self._use.set_available(self.tr("Being made"))

    @Slot(object)
    def _on_done(self, _status: object) -> None:
        self.request_close()
        self.chosen.emit()
        self._host.changed.emit("keys")

    @Slot(object)
    def _on_failed(self, error: BaseException) -> None:
        self._use.set_available()
        self._first_field.set_problem(message(error).text)


def _passphrase(name: str) -> LineEdit:
    field = LineEdit(name)
    field.setEchoMode(QLineEdit.EchoMode.Password)
    return field
