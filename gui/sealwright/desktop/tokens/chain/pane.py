"""The right half of the Tokens panel: whose keys check, the chain as a picture or a list."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.messages import quoted
from sealwright.desktop.theme import Role
from sealwright.desktop.tokens.chain.check_rows import check_columns, check_rows
from sealwright.desktop.tokens.chain.key_row import KeyRow
from sealwright.desktop.tokens.chain.picture import ChainPicture
from sealwright.desktop.tokens.chain.side_cards import SideCard
from sealwright.desktop.virtual import virtual
from sealwright.desktop.widgets.buttons import Button
from sealwright.desktop.widgets.labels import Label
from sealwright.desktop.widgets.surfaces import EmptyState, Picture
from sealwright.desktop.widgets.tables.tree import TreeTable
from sealwright.desktop.widgets.tabs import SegmentedControl
from sealwright.desktop.wording import breakable

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from sealwright.desktop.tokens.shown import Shown
    from sealwright.tokens.chain import ChainLink, Stop

_HEAD = 56


class ChainPane(QWidget):
    """Whose keys check the token, and what each link of the chain came to."""

    help_wanted = Signal(str)
    """What the advice proposes: `fetch`, `collateral` or `time`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Chain of trust"))
        self._help = ""
        self._seen: tuple[str, str] = ("", "")
        """The token and its verdict."""
        self.views = SegmentedControl(
            self.tr("How to show the chain"), [self.tr("Picture"), self.tr("Checks")]
        )
        self.keys = KeyRow()
        self.picture = ChainPicture()
        self._bulb = Picture("bulb", "warn.mark")
        self.advice = Label(color="text2", wrap=True)
        self._act = Button("", small=True, name=self.tr("Do what the advice proposes"))
        self.policy = SideCard("policies", self.tr("Policy match"), self.tr("Open that policy"))
        self.release = SideCard(
            "unlock", self.tr("Release check"), self.tr("Try a key vault's release policy")
        )
        self.rules = SideCard(
            "flag", self.tr("Relying-party rules"), self.tr("Choose or write rules")
        )
        self.table = TreeTable(self.tr("Checks"), check_columns())
        self._pages = QStackedWidget()
        self._foot = QWidget()
        self._empty = EmptyState("shield", "")
        self._build()
        self.show_nothing()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(theme.px(16), 0, theme.px(16), 0)
        head.addWidget(Label(self.tr("Chain of trust"), role=Role.SHEET))
        head.addStretch(1)
        head.addWidget(self.views)
        top = QWidget()
        top.setFixedHeight(theme.px(_HEAD))
        top.setLayout(head)
        self.table.setHeaderHidden(True)
        self._pages.addWidget(self._empty)
        self._area = self._make_area()
        self._pages.addWidget(self._area)
        self._pages.addWidget(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(top)
        column.addWidget(self.keys)
        column.addWidget(self._pages, 1)
        column.addWidget(self._foot)
        self.picture.grew.connect(self._place_advice)
        self.views.currentChanged.connect(self._on_view)
        self._act.clicked.connect(self._on_act)

    def _make_area(self) -> QScrollArea:
        inner = QWidget()
        inner.setProperty("k", "clear")
        column = QVBoxLayout(inner)
        pad = theme.px(16)
        column.setContentsMargins(pad, theme.px(4), pad, pad)
        column.setSpacing(theme.px(8))
        column.addWidget(self.picture)
        row = QHBoxLayout()
        row.setContentsMargins(0, theme.px(6), 0, theme.px(6))
        row.setSpacing(theme.px(8))
        row.addWidget(self._bulb, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.advice, 1)
        row.addWidget(self._act, 0, Qt.AlignmentFlag.AlignVCenter)
        self._advice_box = QWidget()
        self._advice_box.setLayout(row)
        column.addWidget(self._advice_box)
        self._inner = column
        foot = QVBoxLayout(self._foot)
        foot.setContentsMargins(pad, theme.px(4), pad, theme.px(8))
        self._foot.hide()
        for card in (self.policy, self.release, self.rules):
            column.addWidget(card)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidget(inner)
        area.setWidgetResizable(True)
        area.setProperty("k", "clear")
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setAccessibleName(self.tr("Chain of trust"))
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return area

    def show_nothing(self) -> None:
        """No token is open."""
        self._empty.tell(
            self.tr("No token is checked yet"),
            self.tr(
                "A token is checked with keys that the provider publishes, never with a key "
                "inside the token. Nothing is fetched unless you ask for it."
            ),
        )
        self._clear()
        self.keys.set_available(self.tr("Open a token first."))

    def show_choice(self) -> None:
        """Many tokens are listed, and none of them is open."""
        self._empty.tell(
            self.tr("Choose a row"),
            self.tr(
                "Open a row by Enter or a double click to see that token and its chain of trust."
            ),
        )
        self._clear()
        self.keys.set_available(self.tr("Open a row first."))

    def _clear(self) -> None:
        self._pages.setCurrentIndex(0)
        self.picture.clear()
        self.views.setTabText(1, self.tr("Checks"))
        self.table.set_rows([])
        self.advice.setText("")
        self._foot.hide()

    def show_running(self) -> None:
        """The check is on its way."""
        self.keys.set_available(self.tr("Being checked"))

    def steps(self, shown: Shown) -> tuple[Callable[[], None], ...]:
        """What shows what came of it."""
        return (
            partial(self._show_picture, shown),
            partial(self._show_checks, shown),
            partial(self._show_advice, shown),
        )

    def _show_picture(self, shown: Shown) -> None:
        self.keys.set_available()
        self.picture.show_chain(shown.found.chain)

    def _show_checks(self, shown: Shown) -> None:
        checks = shown.found.report.checks
        rows = sum("." not in check.id for check in checks)
        self.views.setTabText(1, self.tr("{0} checks").format(rows))
        self.table.set_rows(check_rows(checks))
        for index in self.table.rows.groups():
            row = self.table.rows.row_at(index)
            status = getattr(getattr(getattr(row, "data", None), "status", None), "value", "")
            self.table.setExpanded(index, status in ("fail", "warn"))

    def _show_advice(self, shown: Shown) -> None:
        self._tell_advice(shown)
        self._on_view(self.views.currentIndex())
        seen = (shown.found.text, shown.found.report.verdict)
        if seen != self._seen:
            self._look_at(shown.found.chain.first_problem)
        self._seen = seen

    def _look_at(self, problem: Stop | ChainLink | None) -> None:
        """From the top, as far down as what failed first."""
        self._area.verticalScrollBar().setValue(0)
        for part in self.picture.parts:
            if part.part is problem and problem.status.value == "fail":
                # Heights are final once the layout had its turn.
                QTimer.singleShot(0, part, partial(self._area.ensureWidgetVisible, part))

    def _tell_advice(self, shown: Shown) -> None:
        problem = shown.found.chain.first_problem
        advice = problem.advice if problem is not None else ""
        self._help, words = "", ""
        failed = {check.id for check in shown.found.report.failures}
        skipped = {c.id for c in shown.found.report.checks if c.status.value == "skip"}
        unknown = "key-set.kid" in failed or not shown.found.keys.keys.entries
        if _is_request(shown):
            advice = self.tr(
                "This is what an administrator sends to the service. It is no token of the "
                "service, so it proves nothing about an environment."
            )
        elif unknown:
            advice = self._key_advice(shown)
            if shown.fetchable:
                self._help, words = "fetch", self.tr("Fetch keys")
        elif failed & {"times.expiry"} and not failed & {"signature.value", "shape"}:
            self._help, words = "time", self.tr("Check at its own time")
        elif "key-attestation.tcb" in skipped and getattr(problem, "place", "") == "vouched":
            self._help, words = "collateral", self.tr("Load collateral…")
        self.advice.setText(breakable(quoted(advice)))
        self._act.setText(words)
        self._act.setAccessibleName(words or self.tr("Do what the advice proposes"))
        self._act.setVisible(bool(words))
        self._advice_box.setVisible(bool(advice))
        self._place_advice()

    @Slot()
    def _place_advice(self) -> None:
        """What to do stands below the picture; where that leaves no room, below the whole pane."""
        box, foot = self._advice_box, self._foot.layout()
        pinned = box.parent() is self._foot
        room = self._pages.height() + (self._foot.height() if pinned else 0)
        words = box.layout()
        high = words.heightForWidth(self.width() - 2 * theme.px(16)) if words is not None else 0
        wanted = self.picture.sizeHint().height() + high + theme.px(12) > room
        if pinned is not wanted and foot is not None:
            if wanted:
                foot.addWidget(box)
            else:
                self._inner.insertWidget(1, box)
        self._foot.setVisible(wanted and bool(self.advice.text()))

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        """See `_place_advice`."""
        super().resizeEvent(event)
        self._place_advice()

    def _key_advice(self, shown: Shown) -> str:
        if shown.fetchable:
            issuer = str(shown.found.report.claims.get("iss", "")).removeprefix("https://")
            return self.tr("Fetch the keys that {0} publishes, or give a key document.").format(
                issuer
            )
        if shown.found.inspection is None or shown.found.keys.keys.entries:
            problem = shown.found.chain.first_problem
            return problem.advice if problem is not None else ""
        return self.tr(
            "The token's issuer is no provider known here and in no configured cloud, so its "
            "keys are not fetched. Give a key document."
        )

    @Slot(int)
    def _on_view(self, index: int) -> None:
        if self.picture.parts:
            self._pages.setCurrentIndex(index + 1)

    @Slot()
    def _on_act(self) -> None:
        if self._help:
            self.help_wanted.emit(self._help)

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """The canvas behind the cards, and the line below the head."""
        painter = QPainter(self)
        colors = theme.palette()
        painter.fillRect(self.rect(), colors.canvas)
        painter.fillRect(0, 0, 1, self.height(), colors.border)


def _is_request(shown: Shown) -> bool:
    """Whether it is a policy, a reset or a policy certificate on its way to the service."""
    inspection = shown.found.inspection
    return inspection is not None and inspection.kind in ("policy", "policy-certificate")
