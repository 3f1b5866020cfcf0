"""The builder dock: what the policy refuses, requires, issues and sets, in fields."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QScrollArea, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.policies.building.group import Group
from sealwright.desktop.policies.words import tr
from sealwright.desktop.turns import Turns
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.buttons import Button, Kind, ToolButton
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.surfaces import PaneHead, Picture

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QPaintEvent

    from sealwright.desktop.policies.building.rows import Known, ModelRow
    from sealwright.policy.writing.builder import IssuedClaim, PolicyModel, ReadModel, Requirement

_MINIMUM = 320
_MOST_LINKS = 6
_MOST_AT_ONCE = 10
"""Steps that are seen one by one."""


class BuilderDock(QWidget):
    """Shows a model and asks for another one by `wanted(PolicyModel)`."""

    wanted = Signal(object)
    closed = Signal()
    went_to = Signal(int, int)
    """A stretch of the text, in code points."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Builder"))
        self.setMinimumWidth(theme.px(_MINIMUM))
        self._model: PolicyModel | None = None
        self._known: Known | None = None
        self._turns = Turns(self)
        self._inner = QWidget()
        self.head = self._make_head()
        self.note = Label(color="text2", wrap=True)
        self._icon = Picture("info", "text3", size=16)
        self._links = QVBoxLayout()
        self._links.setSpacing(0)
        self.denials = Group(
            tr("Refused when any of these holds"),
            tr("Nothing is refused beforehand."),
            tr("Add a refusal"),
            partial(self._row, "requirement"),
        )
        self.requirements = Group(
            tr("Permitted when all of these hold"),
            tr("Nothing is permitted yet."),
            tr("Add a requirement"),
            partial(self._row, "requirement"),
        )
        self.issued = Group(
            tr("Issued into the token"),
            tr("Nothing besides the service's own claims."),
            tr("Add a claim"),
            partial(self._row, "issued"),
        )
        self.settings = Group(
            tr("Settings of the service"),
            tr("None."),
            tr("Add a setting"),
            partial(self._row, "setting"),
        )
        self.groups = (self.denials, self.requirements, self.issued, self.settings)
        for group in self.groups:
            group.changed.connect(self._on_changed)
        self._lay_out()

    def _make_head(self) -> PaneHead:
        head = PaneHead(tr("Builder"))
        self.pin_menu = QMenu(self)
        self.pin_menu.setToolTipsVisible(True)
        self.pin = Button(
            tr("Pin from"),
            icon="flag",
            kind=Kind.GHOST,
            small=True,
            tip=tr("Require what claims of a case, a token or evidence say"),
        )
        self.pin.setMenu(self.pin_menu)
        hide = ToolButton(
            "close", tr("Close builder"), tip=tr("Close (Ctrl+Shift+B)"), icon_size=14
        )
        hide.clicked.connect(self.closed)
        head.row.addWidget(self.pin)
        head.row.addWidget(hide)
        return head

    def _lay_out(self) -> None:
        inner = self._inner
        inner.setAccessibleName(self.accessibleName())
        column = QVBoxLayout(inner)
        pad = theme.px(12)
        column.setContentsMargins(pad, theme.px(10), pad, pad)
        column.setSpacing(theme.px(14))
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.note, 1)
        column.addLayout(row)
        column.addLayout(self._links)
        for group in self.groups:
            column.addWidget(group)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAccessibleName(tr("Parts of the policy"))
        for clear in (area, inner):
            clear.setProperty("k", "clear")
        area.setWidget(inner)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.head)
        outer.addWidget(area, 1)

    def _row(self, kind: str) -> ModelRow:
        from sealwright.desktop.policies.building.kinds import ROWS  # noqa: PLC0415 - first paint

        if self._known is None:
            # Rows are only asked for once a model has come, and the catalogue with it.
            raise LookupError(kind)
        return ROWS[kind](self._known)

    # --- showing ------------------------------------------------------------------------------

    @property
    def model(self) -> PolicyModel | None:
        """What is shown, or on its way into the fields."""
        return self._model

    def show_nothing(self, reason: str) -> None:
        """There is no text that could be built on; what was shown goes."""
        for group in self.groups:
            group.clear()
        self._model = None
        self.lock(reason)

    def lock(self, reason: str, icon: str = "info", color: str = "text3") -> None:
        """Keep what is shown, and say why nothing can be changed now."""
        self._tell(reason, icon, color)
        # Rows that were on their way still come: what is shown is one text's.
        self._change(
            [step for group in self.groups for step in (*group.set_writable(reason), *group.left())]
        )
        self.pin.set_available(reason)

    def show_model(self, read: ReadModel, known: Known, places: Sequence[tuple[int, str]]) -> None:
        """Show a text's model. `places` are line and words of each rule outside of it."""
        if self._known is None or known.kind is not self._known.kind:
            self._known = known
            for group in self.groups:
                group.clear()
        self._model = read.model
        model, locked = read.model, _why_locked(read)
        shown = (
            (self.denials, "", model.denials),
            (self.requirements, locked, model.requirements),
            (self.issued, "", model.issued),
            (self.settings, "", model.settings),
        )
        steps: list[Callable[[], None]] = []
        for group, reason, items in shown:
            steps += [*group.set_writable(reason), *group.show_items(items)]
        self._change(steps)
        self.pin.set_available(locked)
        self._tell_outside(read, places)

    def _change(self, steps: list[Callable[[], None]]) -> None:
        """Change the rows of a long policy in turns, and paint them when all say what they shall.

        A row takes milliseconds to make, and so does each look at a hundred of them.
        """
        if len(steps) > _MOST_AT_ONCE:
            self._inner.setUpdatesEnabled(False)
        self._turns.begin([*steps, self._paint_again])

    def _paint_again(self) -> None:
        self._inner.setUpdatesEnabled(True)

    def _tell_outside(self, read: ReadModel, places: Sequence[tuple[int, str]]) -> None:
        if not read.outside:
            self._tell(tr("What is changed here is changed in the text, and the other way round."))
            return
        words = tr("{0} rules have another shape. They count, too; change them in the text.")
        one = tr("A rule has another shape. It counts, too; change it in the text.")
        count = len(read.outside)
        self._tell(one if count == 1 else words.format(count), "warn", "warn.mark")
        for placed, (line, text) in list(zip(read.outside, places, strict=True))[:_MOST_LINKS]:
            link = Button(tr("Line {0}: {1}").format(line, text), kind=Kind.LINK)
            link.clicked.connect(partial(self._on_link, placed.span.start, placed.span.end))
            self._links.addWidget(link)

    def _on_link(self, start: int, end: int, _checked: object = None) -> None:
        self.went_to.emit(start, end)

    def _tell(self, words: str, icon: str = "info", color: str = "text3") -> None:
        self.note.setText(words)
        self._icon.set_icon(icon, color)
        while self._links.count():
            item = self._links.takeAt(0)
            link = item.widget() if item is not None else None
            if link is not None:
                link.hide()
                link.deleteLater()

    # --- changing -----------------------------------------------------------------------------

    def require(self, pinned: Sequence[Requirement]) -> None:
        """Add requirements; one on a claim that is required already takes its place."""
        if self._model is None:
            return
        by_claim = {each.claim: each for each in pinned}
        kept = [by_claim.pop(each.claim, each) for each in self._model.requirements]
        self._ask(self._model._replace(requirements=(*kept, *by_claim.values()), permits=True))

    def tell_no_pins(self) -> None:
        """Nothing can be pinned from what was chosen."""
        words = tr("None of these claims says something that a policy could rely on.")
        self._tell(words, "warn", "warn.mark")

    @Slot()
    def _on_changed(self) -> None:
        requirements = cast("tuple[Requirement, ...]", self.requirements.items)
        before = self._model
        if before is None:
            return
        # Without the last requirement everything would be permitted: then better nothing is.
        emptied = bool(before.requirements) and not requirements
        self._ask(
            before._replace(
                denials=cast("tuple[Requirement, ...]", self.denials.items),
                requirements=requirements,
                issued=cast("tuple[IssuedClaim, ...]", self.issued.items),
                settings=cast("tuple[tuple[str, str | int | bool], ...]", self.settings.items),
                permits=bool(requirements) or (before.permits and not emptied),
            )
        )

    def _ask(self, model: PolicyModel) -> None:
        if model != self._model:
            self._model = model
            self.wanted.emit(model)

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colors = theme.palette()
        painter.fillRect(self.rect(), colors.surface)
        painter.fillRect(0, 0, 1, self.height(), colors.border)


def _why_locked(read: ReadModel) -> str:
    """Why nothing can be required here; empty when it can."""
    permits = any(each.rule.action.verb == "permit" for each in read.outside)
    if not permits or read.model.permits:
        return ""
    return tr("A rule of another shape permits here. Change it in the text.")
