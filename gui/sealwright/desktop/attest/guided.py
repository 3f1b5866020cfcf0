"""A guided run: the messages of a model of RFC 9334, sent one by one on live sandbox calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSplitter, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.attest.sequence import SequencePicture, role_words
from sealwright.desktop.attest.words import tr
from sealwright.desktop.theme import Role as TextRole
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.buttons import Button, Kind
from sealwright.desktop.widgets.details import KeyValue
from sealwright.desktop.widgets.fields import CheckBox
from sealwright.desktop.widgets.labels import ElidingLabel, Hairline, Label
from sealwright.services.conversation import Conversation, Model, Role, plan
from sealwright.services.model import TrustModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

    from sealwright.desktop.host import Host
    from sealwright.desktop.tasks import Task
    from sealwright.services.bundle import Services
    from sealwright.services.conversation import Planned, Sent
    from sealwright.services.model import Provider

_BESIDE = 860


class MessageDetails(QScrollArea):
    """What one message says, and what was compared."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setProperty("k", "clear")
        self.setAccessibleName(tr("What the message says"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        inner.setProperty("k", "clear")
        pad = theme.px(16)
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(pad, theme.px(12), pad, pad)
        self._column.setSpacing(theme.px(6))
        self.title = Label(role=TextRole.CARD, wrap=True)
        self.sentence = Label(color="text2", wrap=True)
        self._facts = QVBoxLayout()
        self._facts.setSpacing(0)
        self._column.addWidget(self.title)
        self._column.addWidget(self.sentence)
        self._column.addSpacing(theme.px(6))
        self._column.addLayout(self._facts)
        self._column.addStretch(1)
        self.setWidget(inner)

    def show_message(self, planned: Planned, sent: Sent | None) -> None:
        """Show a message, sent or still to come."""
        sender, receiver = role_words(planned.sender), role_words(planned.receiver)
        words = tr("{0}. {1}: {2} to {3}")
        self.title.setText(words.format(planned.number, planned.conveys, sender, receiver))
        self.sentence.setText(planned.why if sent is None else sent.sentence)
        while self._facts.count():
            item = self._facts.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for fact in sent.facts if sent is not None else ():
            icon = None
            if fact.holds is not None:
                icon = ("check", "ok.mark") if fact.holds else ("close", "err.mark")
            row = KeyValue(
                fact.name, fact.value, mono=fact.code, icon=icon, copy=fact.code, hint=fact.value
            )
            self._facts.addWidget(row)
        if sent is not None and sent.call:
            self._facts.addWidget(KeyValue(tr("On the wire"), sent.call, mono=True, copy=True))


class GuidedRun(QWidget):
    """Picture at the left, the chosen message at the right."""

    back_wanted = Signal()

    def __init__(self, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._host = host
        self._services: Services | None = None
        self._provider: Provider | None = None
        self._conversation: Conversation | None = None
        self._model = Model.PASSPORT
        self._task: Task | None = None
        self._all = False
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self.picture = SequencePicture()
        self.details = MessageDetails()
        self._title = Label(role=TextRole.CARD)
        self._words = ElidingLabel(color="text3")
        self.debug = CheckBox(tr("Debugging on"))
        self.debug.setToolTip(tr("The attester is a debug enclave: the relying party refuses it"))
        self.back = Button(tr("Back to the result"), icon="undo", kind=Kind.GHOST)
        self.again = Button(tr("Start over"), icon="refresh")
        self.run_all = Button(tr("Send all"), icon="play")
        self.step = Button(tr("Next message"), icon="step", kind=Kind.PRIMARY)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        head = QWidget()
        head.setFixedHeight(theme.px(55))
        row = QHBoxLayout(head)
        row.setContentsMargins(theme.px(16), 0, theme.px(16), 0)
        row.setSpacing(theme.px(8))
        row.addWidget(self._title)
        row.addWidget(self._words, 1)
        row.addWidget(self.back)
        splitter = self._splitter
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.picture)
        splitter.addWidget(self.details)
        splitter.setStretchFactor(0, 1)
        splitter.setSizes([theme.px(640), theme.px(400)])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(Hairline())
        column.addWidget(splitter, 1)
        column.addWidget(Hairline())
        column.addWidget(self._foot())

    def _foot(self) -> QWidget:
        foot = QWidget()
        foot.setFixedHeight(theme.px(54))
        buttons = QHBoxLayout(foot)
        buttons.setContentsMargins(theme.px(16), 0, theme.px(16), 0)
        buttons.setSpacing(theme.px(8))
        buttons.addWidget(self.debug)
        buttons.addStretch(1)
        for button in (self.again, self.run_all, self.step):
            buttons.addWidget(button)
        return foot

    def _connect(self) -> None:
        self.picture.chosen.connect(self._on_chosen)
        self.back.clicked.connect(self.back_wanted)
        self.again.clicked.connect(self.start_over)
        self.step.clicked.connect(self.send_next)
        self.run_all.clicked.connect(self._on_all)
        self.debug.toggled.connect(self.start_over)

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        """The message goes below the picture where it is narrow."""
        super().resizeEvent(event)
        narrow = self.width() < theme.px(_BESIDE)
        way = Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal
        if self._splitter.orientation() != way:
            self._splitter.setOrientation(way)
            sizes = (390, 190) if narrow else (640, 400)
            self._splitter.setSizes([theme.px(size) for size in sizes])

    @property
    def model(self) -> Model:
        """Which model is shown."""
        return self._model

    @property
    def conversation(self) -> Conversation | None:
        """The messages so far; None without a provider of the sandbox."""
        return self._conversation

    def set_services(self, services: Services) -> None:
        """Messages can be sent from now on."""
        self._services = services

    def show_model(self, model: Model, provider: Provider | None) -> None:
        """Show another model, from its first message."""
        self._model, self._provider = model, provider
        passport = model is Model.PASSPORT
        self._title.setText(tr("Passport model") if passport else tr("Background-check model"))
        self._words.setText(
            tr("The attester fetches the result itself and shows it around.")
            if passport
            else tr("The relying party has the evidence judged itself.")
        )
        self.start_over()

    @Slot()
    def start_over(self) -> None:
        """Forget what was sent."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        services, provider = self._services, self._provider
        self._conversation = None
        if services is not None and provider is not None:
            debug = self.debug.isChecked()
            self._conversation = Conversation(self._model, provider, services, debug=debug)
        self._all = False
        name = provider.name if provider is not None else tr("no sandbox provider")
        self.picture.heads.show_players(
            {
                Role.ATTESTER: tr("an SGX enclave"),
                Role.RELYING_PARTY: tr("an order service"),
                Role.VERIFIER: name,
            }
        )
        self.picture.show_plan(plan(self._model))
        self._tell_available()

    def _tell_available(self) -> None:
        reason = ""
        if self._conversation is None:
            reason = tr("Guided runs need a provider of the sandbox.")
        elif self._task is not None:
            reason = tr("The message is on its way.")
        elif self._conversation.ended:
            reason = tr("Every message was sent: start over.")
        self.step.set_available(reason)
        self.run_all.set_available(reason)

    @Slot()
    def send_next(self) -> None:
        """Send the next message."""
        conversation = self._conversation
        if conversation is None or conversation.ended or self._task is not None:
            return
        task = self._host.runner.start(conversation.next, title=tr("Sending a message"))
        self._task = task
        task.succeeded.connect(self._on_sent)
        task.failed.connect(self._on_failed)
        self._tell_available()

    @Slot()
    def _on_all(self) -> None:
        self._all = True
        self.send_next()

    @Slot(object)
    def _on_sent(self, _sent: Sent) -> None:
        self._task = None
        conversation = self._conversation
        if conversation is None:
            return
        self.picture.show_sent(conversation.sent)
        self._tell_available()
        if self._all and not conversation.ended:
            self.send_next()

    @Slot(object)
    def _on_failed(self, error: BaseException) -> None:
        self._task = None
        self._all = False
        self._host.fail(error, key="guided")
        self._tell_available()

    @Slot(int)
    def _on_chosen(self, number: int) -> None:
        sent = self._conversation.sent if self._conversation is not None else ()
        planned = plan(self._model)[number - 1]
        self.details.show_message(planned, sent[number - 1] if number <= len(sent) else None)


def sandbox_provider(providers: Sequence[Provider]) -> Provider | None:
    """Whom a guided run asks: a provider of the sandbox, a shared one where there is one.

    Nobody changes the policies of a shared one, so the run comes out as it is told.
    """
    found = [each for each in providers if each.cloud.lower() == "sandbox"]
    shared = [each for each in found if each.trust_model is TrustModel.SHARED]
    return next(iter((*shared, *found)), None)
