"""The right side of the panel: verdict, the five cards, and what belongs to the chosen one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.attest import story as stories
from sealwright.desktop.attest.flow import FlowPicture
from sealwright.desktop.attest.pages import ResultPages
from sealwright.desktop.attest.words import tr
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.buttons import Button, Kind, ToolButton
from sealwright.desktop.widgets.chip import Chip
from sealwright.desktop.widgets.labels import ElidingLabel, Hairline, Label
from sealwright.desktop.widgets.padded import Padded
from sealwright.desktop.widgets.surfaces import Banner, EmptyState
from sealwright.services.attestation.reason import Guilty

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from sealwright.desktop.attest.story import Story
    from sealwright.services.attestation.flow import Attestation
    from sealwright.services.attestation.reason import Reason

_NARROW = 860
_FIRST = {Guilty.EVIDENCE: stories.EVIDENCE, Guilty.POLICY: stories.POLICY}


class ResultView(QWidget):
    """Shows one attestation, or what to do to get one."""

    viewer_wanted = Signal()
    checks_wanted = Signal()
    policy_wanted = Signal()
    tokens_wanted = Signal()
    case_wanted = Signal()
    save_wanted = Signal()
    replay_wanted = Signal()
    synthetic_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: Attestation | None = None
        self._story: Story | None = None
        self.flow = FlowPicture(stories.waiting_steps())
        self.why = Banner(closable=False)
        self._pages: ResultPages | None = None
        self._body = QStackedWidget()
        self._make_head()
        self._lay_out()
        self._connect()
        self.show_nothing()

    # --- building -----------------------------------------------------------------------------

    def _make_head(self) -> None:
        self._title = Label(tr("Result"), role=Role.CARD)
        self.decision = Chip()
        self.security = Chip()
        self._elapsed = ElidingLabel(color="text3")
        words = tr("Save as test case")
        self.case = Button(words, icon="flag", kind=Kind.GHOST, name=words)
        self.replay = ToolButton("history", tr("Replay a saved exchange\u2026"))
        self.save = ToolButton("export", tr("Save request and response\u2026"))
        self.open_token = Button(tr("Open in Tokens"), icon="tokens")

    def _head(self) -> QWidget:
        head = QWidget()
        head.setFixedHeight(theme.px(55))
        row = QHBoxLayout(head)
        row.setContentsMargins(theme.px(16), 0, theme.px(16), 0)
        row.setSpacing(theme.px(8))
        for words in (self._title, self.decision, self.security):
            row.addWidget(words)
        row.addWidget(self._elapsed, 1)
        for button in (self.case, self.replay, self.save, self.open_token):
            row.addWidget(button)
        return head

    def _lay_out(self) -> None:
        self._empty = EmptyState(
            "attest",
            tr("Nothing was attested yet"),
            tr("Bring evidence at the left, or make some that the sandbox signs."),
            action=tr("Make synthetic evidence\u2026"),
            action_icon="chip",
        )
        self._body.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head())
        column.addWidget(Hairline())
        column.addWidget(self.flow)
        self._padded = Padded(self.why, 10)
        holder = QHBoxLayout()
        holder.setContentsMargins(theme.px(16), 0, theme.px(16), 0)
        holder.addWidget(self._padded)
        column.addLayout(holder)
        column.addWidget(self._body, 1)

    def _connect(self) -> None:
        self.flow.chosen.connect(self._on_step)
        self.why.acted.connect(self._on_why)
        self.open_token.clicked.connect(self.tokens_wanted)
        self.case.clicked.connect(self.case_wanted)
        self.save.clicked.connect(self.save_wanted)
        self.replay.clicked.connect(self.replay_wanted)
        self._empty.acted.connect(self.synthetic_wanted)

    # --- content ------------------------------------------------------------------------------

    @property
    def found(self) -> Attestation | None:
        """The attestation that is shown."""
        return self._found

    @property
    def pages(self) -> ResultPages:
        """What stands below the cards; made when there is something to show."""
        if self._pages is None:
            self._pages = ResultPages()
            self._pages.evidence.viewer_wanted.connect(self.viewer_wanted)
            self._pages.token.tokens_wanted.connect(self.tokens_wanted)
            self._body.addWidget(self._pages)
        return self._pages

    def panes(self) -> tuple[QWidget, ...]:
        """Where F6 stops."""
        return (self.flow,) if self._pages is None else (self.flow, self._pages.evidence.claims)

    @property
    def reason(self) -> Reason | None:
        """Why it was refused."""
        return self._story.reason if self._story is not None else None

    def show_nothing(self) -> None:
        """Nothing was attested yet."""
        self._found = self._story = None
        self.flow.show_steps(stories.waiting_steps())
        self.decision.hide()
        self.security.hide()
        self.why.hide()
        self._elapsed.setText("")
        reason = tr("Attest something first.")
        for button in (self.case, self.save, self.open_token):
            button.set_available(reason)
        self._body.setCurrentWidget(self._empty)

    def show_running(self, words: str) -> None:
        """The request is on its way; what is shown is of the last one."""
        self.decision.set_state(tr("Attesting"), Tone.INFO, "spin")
        self.decision.show()
        self.security.hide()
        self._elapsed.setText(words)

    def show_ended(self) -> None:
        """The request came to an end; without an answer the last one is shown again."""
        if self._found is not None and self._story is not None:
            self._tell_head(self._found, self._story)
        else:
            self.decision.hide()
            self._elapsed.setText("")

    def show_found(self, found: Attestation, story: Story) -> None:
        """Show what came of an attestation; a refusal opens where it lies."""
        self._found, self._story = found, story
        self.flow.show_steps(story.steps)
        self._tell_head(found, story)
        self._tell_why(story.reason)
        self.pages.show_found(found, story)
        self._body.setCurrentWidget(self.pages)
        first = stories.EVIDENCE
        if story.reason is not None:
            first = _FIRST.get(story.reason.guilty, stories.EVIDENCE)
        self.flow.choose(first)

    def _tell_head(self, found: Attestation, story: Story) -> None:
        refused = story.reason is not None
        if refused:
            self.decision.set_state(tr("Refused"), Tone.ERR, "denied")
        else:
            self.decision.set_state(tr("Permitted"), Tone.OK, "ok")
        self.decision.show()
        unsecured = bool(found.token) and not found.secured and not found.sealed
        self.security.setVisible(unsecured or found.sealed)
        if found.sealed:
            self.security.set_state(tr("Sealed"), Tone.WARN, "lock")
        elif unsecured:
            self.security.set_state(tr("Unsecured, draft policy"), Tone.WARN, "unlock")
        spent = sum(each.elapsed for each in found.exchange.messages)
        self._elapsed.setText(f"{spent * 1000:.0f} ms")
        details = found.details
        self._elapsed.setToolTip(details or tr("Time on the wire"))
        self.save.set_available()
        readable = bool(found.token) and not found.sealed
        nothing = tr("There is no token to open.")
        self.open_token.set_available("" if readable else nothing)
        claims = tr("No claims could be derived from this evidence.")
        self.case.set_available("" if found.incoming else claims)

    def _tell_why(self, reason: Reason | None) -> None:
        if reason is None:
            self.why.hide()
            return
        action = {
            Guilty.EVIDENCE: tr("Show the check"),
            Guilty.POLICY: tr("Show the rule"),
            Guilty.REQUEST: "",
        }[reason.guilty]
        if reason.no_policy:
            action = tr("Set a policy\u2026")
        sentence = f"{reason.sentence} {reason.hint}".strip()
        self.why.tell(Tone.ERR, reason.title, sentence, action=action, icon="denied")

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow head keeps icons without words."""
        super().resizeEvent(event)
        narrow = self.width() < theme.px(_NARROW)
        self.case.setText("" if narrow else tr("Save as test case"))
        self.case.setToolTip(tr("Save as test case"))

    @Slot()
    def _on_why(self) -> None:
        reason = self.reason
        if reason is None:
            return
        if reason.guilty is Guilty.EVIDENCE:
            self.checks_wanted.emit()
            return
        if reason.no_policy:
            self.policy_wanted.emit()
            return
        self.flow.choose(stories.POLICY)
        if reason.line:
            self.pages.policy.text.go_to_line(reason.line)
        self.pages.policy.trace.setFocus()

    @Slot(str)
    def _on_step(self, key: str) -> None:
        if self._found is not None:
            self.pages.show_page(key)
