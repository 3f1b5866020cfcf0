"""The sections of the review: problems, difference, signer, what holds afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QButtonGroup, QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.messages import message, quoted
from sealwright.desktop.policies.words import (
    count,
    local_date_time,
    plain_sentence,
    severity_tone,
    tr,
)
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.buttons import Button
from sealwright.desktop.widgets.diff import DiffView
from sealwright.desktop.widgets.fields import RadioButton
from sealwright.desktop.widgets.labels import ElidingLabel, Label
from sealwright.desktop.widgets.painting import rounded
from sealwright.desktop.widgets.surfaces import TONE_ICONS, Picture

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from sealwright.services.policies.review import Review, SignerChoice

MOST_FINDINGS = 30


class Section(QWidget):
    """A heading with a fact at its right, and what stands under it."""

    def __init__(self, title: str, fact: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        head = QHBoxLayout()
        head.addWidget(Label(title, role=Role.CARD))
        head.addStretch(1)
        self.fact = Label(fact, role=Role.SMALL, color="text3")
        head.addWidget(self.fact)
        column.addLayout(head)
        self.body = column

    def say(self, text: str, tone: Tone, *, hint: str = "", icon: str = "") -> None:
        """One line with its icon, and what to do about it."""
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        picture = Picture(icon or TONE_ICONS[tone], f"{tone.value}.mark")
        row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        texts = QVBoxLayout()
        texts.setSpacing(1)
        texts.addWidget(Label(quoted(text), wrap=True))
        if hint:
            texts.addWidget(Label(quoted(hint), role=Role.SMALL, color="text3", wrap=True))
        row.addLayout(texts, 1)
        self.body.addLayout(row)


class ProblemsSection(Section):
    """What keeps the provider from taking the text, and what else was found."""

    def __init__(self, review: Review, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Problems"), count([each.severity for each in review.diagnostics]).words, parent
        )
        for obstacle in review.obstacles:
            tone = Tone.ERR if obstacle.certain else Tone.WARN
            self.say(obstacle.message, tone, hint=obstacle.hint)
        for finding in review.diagnostics[:MOST_FINDINGS]:
            text = f"{plain_sentence(finding.message)} ({finding.code})"
            self.say(text, severity_tone(finding), hint=finding.help)
        more = len(review.diagnostics) - MOST_FINDINGS
        if more > 0:
            self.body.addWidget(Label(tr("and {0} more").format(more), color="text3"))
        if not review.obstacles and not review.diagnostics:
            self.say(tr("No problems found."), Tone.OK)


class DifferenceSection(Section):
    """What changes at the provider."""

    def __init__(self, review: Review, parent: QWidget | None = None) -> None:
        super().__init__(tr("Difference"), difference_words(review), parent)
        if review.deployed_problem is not None:
            shown = message(review.deployed_problem)
            self.say(tr("The deployed policy could not be read."), Tone.WARN, hint=shown.text)
        if review.reset:
            self.say(
                tr("The policy is taken away; the provider's default applies again."),
                Tone.INFO,
                icon="undo",
            )
        elif review.diff is None:
            return
        elif review.diff.equal:
            self.say(tr("The provider has exactly this text already."), Tone.INFO)
        else:
            if review.diff.only_line_ends:
                self.say(
                    tr("Only line ends differ. They count: the policy hash changes."), Tone.WARN
                )
            self.body.addWidget(_framed(review))


def difference_words(review: Review) -> str:
    """`3 lines added, 1 removed`."""
    if review.reset:
        return tr("back to the default")
    if review.diff is None:
        return tr("nothing to compare with")
    if review.diff.equal:
        return tr("no difference")
    return tr("{0} added, {1} removed").format(review.diff.added, review.diff.removed)


def _framed(review: Review) -> QWidget:
    frame = Frame()
    column = QVBoxLayout(frame)
    column.setContentsMargins(1, 5, 1, 5)
    view = DiffView(tr("Difference between the deployed policy and this text"), full_height=True)
    view.set_diff(review.diff)
    column.addWidget(view)
    return frame


class Frame(QFrame):
    """A rounded hairline around something square."""

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme.palette()
        rounded(QPainter(self), self.rect(), theme.px(6), colors.editor, colors.border)


class SignerSection(Section):
    """Who signs. `changed` follows a choice; `key_wanted` asks for the Signers panel."""

    changed = Signal()
    key_wanted = Signal()

    def __init__(self, review: Review, parent: QWidget | None = None) -> None:
        super().__init__(tr("Signer"), _need_words(review), parent)
        self._review = review
        self._group = QButtonGroup(self)
        self._names: dict[int, str | None] = {}
        if review.need.value == "optional":
            reason = tr("This trust model takes a policy without a signature.")
            self._add(None, tr("Without a signature"), "", reason)
        for choice in review.choices:
            if choice.accepted:
                self._add(choice.key.name, choice.key.name, _key_words(choice), choice.reason)
        self._say_refused([choice for choice in review.choices if not choice.accepted])
        first = next(iter(self._group.buttons()), None)
        if first is not None:
            first.setChecked(True)
        elif review.need.value == "required":
            self.say(tr("No key on this computer belongs to a signer of this provider."), Tone.ERR)
            button = Button(tr("Open Signers"), icon="signers", small=True)
            button.clicked.connect(self.key_wanted)
            self.body.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self._group.idToggled.connect(self.changed)

    def _add(self, name: str | None, title: str, facts: str, reason: str) -> None:
        button = RadioButton(title, name=f"{title}. {facts} {reason}".strip())
        button.setFont(theme.font(Role.NAME))
        number = len(self._names)
        self._names[number] = name
        self._group.addButton(button, number)
        self.body.addWidget(button)
        text = " · ".join(part for part in (facts, reason) if part)
        hint = ElidingLabel(text, role=Role.SMALL, color="text3")
        hint.setContentsMargins(theme.px(24), 0, 0, 0)
        row = QHBoxLayout()
        row.addSpacing(theme.px(25))
        row.addWidget(hint, 1)
        self.body.addLayout(row)

    def _say_refused(self, refused: list[SignerChoice]) -> None:
        for choice in refused:
            self.say(
                tr("{0} cannot sign this").format(choice.key.name),
                Tone.NEU,
                hint=choice.reason,
                icon="key",
            )

    @property
    def chosen(self) -> str | None:
        """Name of the key, or None for an unsigned upload."""
        return self._names.get(self._group.checkedId())

    @property
    def missing(self) -> bool:
        """Whether nothing can be chosen."""
        return self._group.checkedId() < 0

    @property
    def words(self) -> str:
        """The choice in one line."""
        if self.missing:
            return tr("no key can sign")
        return self.chosen or tr("without a signature")


def _need_words(review: Review) -> str:
    return {
        "required": tr("must be signed"),
        "optional": tr("may be signed"),
        "impossible": tr("cannot be changed"),
    }[review.need.value]


def _key_words(choice: SignerChoice) -> str:
    key = choice.key
    until = tr("valid until {0}").format(local_date_time(key.certificate.not_after)[:-6])
    return f"{key.algorithm} {key.bits} · {until}" if key.bits else until


class AfterwardsSection(Section):
    """What will hold, and how to go back."""

    def __init__(self, review: Review, parent: QWidget | None = None) -> None:
        super().__init__(tr("Afterwards"), "", parent)
        for sentence in review.afterwards:
            self.say(sentence, Tone.INFO)
        if review.policy_hash:
            self._hashes(review)

    def _hashes(self, review: Review) -> None:
        grid = QGridLayout()
        grid.setColumnMinimumWidth(0, theme.px(106))
        grid.setColumnStretch(1, 1)
        before = review.deployed.policy_hash if review.deployed is not None else ""
        rows = ((tr("Hash now"), before), (tr("Hash after"), review.policy_hash))
        for number, (title, value) in enumerate(rows):
            if value:
                grid.addWidget(Label(title, role=Role.SMALL, color="text3"), number, 0)
                label = ElidingLabel(
                    value, role=Role.CODE_SMALL, elide=Qt.TextElideMode.ElideMiddle
                )
                grid.addWidget(label, number, 1)
        self.body.addLayout(grid)
