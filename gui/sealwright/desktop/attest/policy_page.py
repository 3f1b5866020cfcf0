"""Below the policy's card: the decision, its rules, and the text that decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.attest.story import place_words
from sealwright.desktop.attest.words import tr
from sealwright.desktop.policies.dry_run.trace import TraceView
from sealwright.desktop.policies.dry_run.verdict import VerdictBox
from sealwright.desktop.theme import Role
from sealwright.desktop.widgets.editor.code_editor import CodeEditor
from sealwright.desktop.widgets.labels import Label
from sealwright.services.attestation.reason import Guilty

if TYPE_CHECKING:
    from sealwright.desktop.attest.story import Story
    from sealwright.services.attestation.flow import Attestation


class PolicyPage(QWidget):
    """Rules at the left, text at the right; a rule leads to its line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.verdict = VerdictBox()
        self.words = Label(role=Role.SMALL, color="text2", wrap=True)
        self.trace = TraceView()
        self.text = CodeEditor(tr("Policy that decided"))
        self.text.setReadOnly(True)
        left = QWidget()
        column = QVBoxLayout(left)
        pad = theme.px(12)
        column.setContentsMargins(pad, pad, pad, pad)
        column.setSpacing(theme.px(8))
        column.addWidget(self.verdict)
        column.addWidget(self.words)
        column.addWidget(self.trace, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(left)
        splitter.addWidget(self.text)
        splitter.setSizes([theme.px(480), theme.px(520)])
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(splitter)
        self.trace.went_to.connect(self.text.go_to)

    def show_found(self, found: Attestation, story: Story) -> None:
        """Show how the policy decided."""
        reason = story.reason
        run, policy = found.run, found.policy
        # A refusal by the policy is told above the page already.
        told = reason is not None and reason.guilty is Guilty.POLICY
        self.verdict.setVisible(not told)
        if run is not None:
            self.verdict.show_run(run)
            self.trace.show_rows(run.rules)
        else:
            why = tr("The policy or the claims could not be read here.")
            self.verdict.tell_nothing(tr("Not retraced"), why)
            self.trace.show_rows(())
        self.words.setText(f"{_confirmed(found)} {place_words(story)}".strip())
        self.text.set_text("" if policy is None else policy.text.replace("\r\n", "\n"))
        if reason is not None and reason.line:
            self.text.go_to_line(reason.line)


def _confirmed(found: Attestation) -> str:
    policy = found.policy
    if policy is None:
        return tr("This account may attest, but not read the policy.")
    if not policy.text:
        return tr("No policy is set for this type, so that nothing was judged.")
    if policy.confirmed:
        return tr("The token names the hash of this text, so this is the policy that decided.")
    if policy.confirmed is False:
        return tr("The token names another policy: it was changed meanwhile.")
    return tr("Retraced here, on the claims of this evidence.")
