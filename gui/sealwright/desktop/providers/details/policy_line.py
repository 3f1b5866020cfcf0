"""One attestation type of a provider, as a line of its details."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractButton, QWidget

from sealwright.desktop import theme
from sealwright.desktop.providers.rows import state_words
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.keyboard_ring import KeyboardRing, keyboard_focus
from sealwright.desktop.widgets.painting import focus_ring, words
from sealwright.desktop.wording import short

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.services.reaching.overview import PolicyCell


class PolicyLine(KeyboardRing, QAbstractButton):
    """One attestation type: state and hash; pressing it opens the policy."""

    def __init__(self, kind: AttestationType, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = kind
        self._cell: PolicyCell | None = None
        self._tell()
        self.setFixedHeight(theme.px(26))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def show_cell(self, cell: PolicyCell | None) -> None:
        """Another state of it."""
        if cell != self._cell:
            self._cell = cell
            self._tell()
            self.update()

    def _tell(self) -> None:
        word = state_words(self._cell)[0]
        self.setAccessibleName(self.tr("Open policy {0}: {1}").format(self.kind.value, word))
        self.setToolTip(self._hint())

    def _hint(self) -> str:
        if self._cell is None:
            return self.tr("Being read")
        if self._cell.problem is not None:
            return self._cell.problem.summary
        return self._cell.policy_hash

    @virtual_value(QSize(240, 26))
    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(theme.px(240), theme.px(26))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """Type, state, hash, line."""
        painter = QPainter(self)
        colors = theme.palette()
        if self.underMouse():
            painter.fillRect(self.rect(), colors.hover)
        painter.fillRect(0, self.height() - 1, self.width(), 1, colors.border)
        key = theme.px(108)
        box = QRect(0, 0, key, self.height())
        words(painter, box, self.kind.value, theme.font(Role.BODY), colors.text)
        word, icon, tone = state_words(self._cell)
        size = theme.px(14)
        if icon:
            top = (self.height() - size) // 2
            theme.paint(painter, key, top, icon, size=size, color=f"{tone}.mark")
        state = QRect(key + size + theme.px(6), 0, theme.px(90), self.height())
        color = colors.text if tone == Tone.NEU else colors.tone(tone).text
        words(painter, state, word, theme.font(Role.BODY), color)
        held = short(self._cell.policy_hash, 6, 4) if self._cell else ""
        right = QRect(state.right(), 0, self.width() - state.right(), self.height())
        align = Qt.AlignmentFlag.AlignRight
        words(painter, right, held, theme.font(Role.CODE_SMALL), colors.text2, align=align)
        if keyboard_focus(self):
            focus_ring(painter, self.rect(), theme.px(4))
