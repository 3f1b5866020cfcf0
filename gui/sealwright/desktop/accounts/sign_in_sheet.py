"""Waiting for a sign-in: what a person has to do elsewhere, and how it failed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.messages import message
from sealwright.desktop.tasks import Relay
from sealwright.desktop.widgets.buttons import Button
from sealwright.desktop.widgets.details import CopyButton
from sealwright.desktop.widgets.forms import FormSheet
from sealwright.desktop.widgets.labels import ElidingLabel, Label
from sealwright.desktop.widgets.progress import Spinner
from sealwright.errors import ProxyError, UntrustedError
from sealwright.services.ports.accounts import Method

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealwright.desktop.host import Host
    from sealwright.services.ports import Prompt


class WaitingBox(QWidget):
    """What a person has to do elsewhere, while it is waited for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        head = QHBoxLayout()
        head.setSpacing(theme.px(8))
        head.addWidget(Spinner(18, self.tr("Waiting")))
        self._words = Label(wrap=True)
        head.addWidget(self._words, 1)
        column.addLayout(head)
        self._code_row, self._page_row = QWidget(), QWidget()
        self.code = Label(role=theme.Role.SHEET)
        self.code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._copy = CopyButton(self.tr("code"), "", self._code_row)
        self._page = ElidingLabel(role=theme.Role.CODE_SMALL, color="text2")
        self._copy_page = CopyButton(self.tr("address of the page"), "", self._page_row)
        self._open = Button(self.tr("Open the page"), icon="external", small=True)
        self._open.clicked.connect(self._on_open)
        self._arrange(column)
        self.hide()

    def _arrange(self, column: QVBoxLayout) -> None:
        for box, widgets in (
            (self._code_row, (self.code, self._copy)),
            (self._page_row, (self._page, self._copy_page, self._open)),
        ):
            row = QHBoxLayout(box)
            row.setContentsMargins(0, 0, 0, 0)
            for widget in widgets:
                row.addWidget(widget, 1 if widget is self._page else 0)
            if box is self._code_row:
                row.addStretch(1)
            column.addWidget(box)

    def tell(self, prompt: Prompt) -> None:
        """Show what is waited for."""
        minutes = max(prompt.seconds // 60, 1)
        words = {
            Method.BROWSER: self.tr(
                "Your browser shows the sign-in page. Sealwright waits up to {0} minutes for it."
            ),
            Method.DEVICE_CODE: self.tr(
                "Open the page on any device and enter this code within {0} minutes."
            ),
            Method.PKCS11: self.tr(
                "Waiting for the token. If its reader has keys, enter the PIN there."
            ),
        }.get(prompt.method)
        waiting = self.tr("Waiting for the answer, up to {0} minute.")
        self._words.setText((words or waiting).format(minutes))
        self.code.setText(prompt.code)
        self.code.setAccessibleName(self.tr("Code {0}").format(" ".join(prompt.code)))
        self._copy.set_value(prompt.code)
        self._code_row.setVisible(bool(prompt.code))
        self._page.setText(prompt.url)
        self._copy_page.set_value(prompt.url)
        self._page_row.setVisible(bool(prompt.url))
        self.show()

    @Slot()
    def _on_open(self) -> None:
        QDesktopServices.openUrl(QUrl(self._page.text()))


class SignInSheet(FormSheet):
    """A sheet that signs in: it shows what a person has to do, and how it failed, whole."""

    def __init__(
        self, host: Host, window: QWidget, title: str, verb: str, *, size: tuple[int, int]
    ) -> None:
        super().__init__(host, window, title, verb, icon="user", size=size)
        self.waiting = WaitingBox()
        self.column.addWidget(self.waiting)
        self.relay = Relay(self)
        self.relay.received.connect(self.waiting.tell)
        self.problem.acted.connect(host.network_wanted)

    @Slot()
    def submit(self) -> None:
        """Run the call; what was asked for stays as it is meanwhile."""
        super().submit()
        self.set_busy(busy=self.running)

    def set_busy(self, *, busy: bool) -> None:
        """What was asked for cannot be changed while it is waited for."""

    def failed(self, error: BaseException) -> None:
        """Nothing is waited for any more; what stands in between is changed from here."""
        if isinstance(error, (ProxyError, UntrustedError)):
            self.problem.tell_error(message(error), action=self.tr("Network settings…"))
        self.ended()

    def ended(self) -> None:
        """It was called off."""
        self.waiting.hide()
        self.set_busy(busy=False)


class RenewSheet(SignInSheet):
    """Signs a known account in again, or into another tenant."""

    def __init__(
        self,
        host: Host,
        window: QWidget,
        title: str,
        sentence: str,
        run: Callable[[Callable[[Prompt], None]], Awaitable[object]],
    ) -> None:
        super().__init__(host, window, title, host.tr("Sign in"), size=(500, 380))
        self._run = run
        words = Label(sentence, color="text2", wrap=True)
        self.column.insertWidget(1, words)
        self.column.addStretch(1)

    def call(self) -> Callable[[], Awaitable[object]] | None:
        """Go on."""
        return partial(self._run, self.relay.post)
