"""Sheets with a form: fields, a sentence, cancel and one button that does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from sealwright.desktop import theme
from sealwright.desktop.messages import message
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.fields import FormField, LineEdit
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.sheet import Sheet
from sealwright.desktop.widgets.surfaces import Banner

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from PySide6.QtGui import QKeyEvent

    from sealwright.desktop.host import Host
    from sealwright.desktop.tasks import Task


def with_button(field: QWidget, button: QWidget) -> QWidget:
    """A field with the button that fills it beside it."""
    box = QWidget()
    box.setAccessibleName(field.accessibleName())
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.px(8))
    row.addWidget(field, 1)
    row.addWidget(button)
    return box


class FormSheet(Sheet):
    """A form that runs one service call and closes when it has worked."""

    done = Signal(object)
    """What the call returned."""
    call_failed = Signal(object)
    """Why it did not."""

    def __init__(
        self,
        host: Host,
        window: QWidget,
        title: str,
        verb: str,
        *,
        icon: str,
        kind: Kind = Kind.PRIMARY,
        size: tuple[int, int] = (540, 460),
    ) -> None:
        super().__init__(window, title, icon=icon, size=QSize(theme.px(size[0]), theme.px(size[1])))
        self.host = host
        self._enter_submits = kind is Kind.PRIMARY
        self._task: Task | None = None
        self._verb = verb
        self._problem = Banner(closable=False)
        inner = QWidget()
        inner.setProperty("k", "clear")
        self.column = QVBoxLayout(inner)
        pad = theme.px(22)
        self.column.setContentsMargins(pad, theme.px(16), pad, theme.px(16))
        self.column.setSpacing(theme.px(14))
        self.column.addWidget(self._problem)
        self.area = QScrollArea()
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Its fields take keys, not the area.
        self.area.setWidgetResizable(True)
        self.area.setProperty("k", "clear")
        self.area.setAccessibleName(title)
        self.area.setWidget(inner)
        self.body.addWidget(self.area)
        self.leave = Button(self.tr("Cancel"))
        self.leave.clicked.connect(self._on_cancel)
        self.ok = Button(verb, kind=kind)
        self.ok.clicked.connect(self.submit)
        self.buttons.addWidget(self.leave)
        self.buttons.addWidget(self.ok)
        self.close_wanted.connect(self._on_cancel)

    @property
    def problem(self) -> Banner:
        """What is wrong, where the call failed."""
        return self._problem

    def add_words(self, text: str, color: str = "text2") -> Label:
        """A sentence."""
        label = Label(text, color=color, wrap=True)
        self.column.addWidget(label)
        return label

    def add_field(self, title: str, field: QWidget, hint: str = "") -> FormField:
        """A field with its label."""
        box = FormField(title, field, hint=hint)
        self.column.addWidget(box)
        return box

    @property
    def running(self) -> bool:
        """Whether its call is under way."""
        return self._task is not None

    def call(self) -> Callable[[], Awaitable[object]] | None:
        """What to run; None when the form has a problem that it shows."""
        return None

    @Slot()
    def submit(self) -> None:
        """Run the call."""
        call = self.call()
        if call is None:
            self._show_first_problem()
        if call is None or self._task is not None:
            return
        self._problem.hide()
        if self.ok.hasFocus():
            # It is disabled below, and Qt would hand the focus on to the cross.
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.set_closable(closable=False)
        self.show_progress(shown=True)
        self.progress.set_value(None)
        self.ok.set_available(self.tr("Running"))
        self._task = self.host.runner.start(call, title=self._verb)
        self._task.succeeded.connect(self._on_done)
        self._task.failed.connect(self._on_failed)
        self._task.cancelled.connect(self._on_cancelled)

    def _show_first_problem(self) -> None:
        """A long form may have been scrolled past the field that is wrong."""
        wrong = (each for each in self.area.findChildren(FormField) if each.is_invalid)
        first = min(wrong, key=lambda each: each.mapTo(self, QPoint()).y(), default=None)
        if first is not None:
            self.area.ensureWidgetVisible(first)

    @virtual
    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        in_field = isinstance(QApplication.focusWidget(), QLineEdit | QSpinBox)
        if enter and in_field and self._enter_submits:
            self.ok.click()
        super().keyPressEvent(event)

    @Slot(object)
    def _on_done(self, result: object) -> None:
        self._on_ended()
        if self.settled(result):
            self.close()
            self.done.emit(result)

    def settled(self, result: object) -> bool:
        """Whether nothing is left to do or to show, so that the sheet may close."""
        return True

    @Slot(object)
    def _on_failed(self, error: BaseException) -> None:
        self._on_ended()
        self._problem.tell_error(message(error))
        # It stands at the top, and a long form may have been scrolled down to its last field.
        self.area.verticalScrollBar().setValue(0)
        self.failed(error)
        self.call_failed.emit(error)

    def failed(self, error: BaseException) -> None:
        """The call failed; its message is shown already."""

    def ended(self) -> None:
        """The call was called off."""

    @Slot()
    def _on_cancelled(self) -> None:
        self._on_ended()
        self.ended()

    @Slot()
    def _on_ended(self) -> None:
        self._task = None
        self.set_closable(closable=True)
        self.show_progress(shown=False)
        self.ok.set_available()
        if self.hasFocus():
            self.ok.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
        else:
            self.request_close()


class TypedNameSheet(FormSheet):
    """A confirmation that needs a name to be typed."""

    def __init__(
        self,
        host: Host,
        window: QWidget,
        *,
        title: str,
        verb: str,
        sentences: list[str],
        name: str,
        run: Callable[[str], Awaitable[object]],
    ) -> None:
        super().__init__(host, window, title, verb, icon="warn", kind=Kind.DANGER, size=(500, 380))
        self._name, self._run = name, run
        for sentence in sentences:
            self.add_words(sentence)
        label = self.tr("Type {0} to go on").format(name)
        self.field = LineEdit(label)
        self.add_field(label, self.field)
        self.column.addStretch(1)
        self.field.textChanged.connect(self._on_text)
        self.field.returnPressed.connect(self._on_return)
        self._on_text("")

    @Slot(str)
    def _on_text(self, text: str) -> None:
        reason = self.tr("Type the name {0} first.").format(self._name)
        self.ok.set_available("" if text == self._name else reason)

    @Slot()
    def _on_return(self) -> None:
        if self.field.text() == self._name:
            self.submit()

    def call(self) -> Callable[[], Awaitable[object]] | None:
        """Run with the typed name."""
        typed = self.field.text()
        return (lambda: self._run(typed)) if typed == self._name else None
