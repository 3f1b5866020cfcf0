"""Fields of forms: line edit, search box, combo, spin box, check box, radio button, form row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QSizePolicy,
    QSpinBox,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionComboBox,
    QStyleOptionViewItem,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)

from sealwright.desktop import theme
from sealwright.desktop.messages import quoted
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.buttons import ToolButton
from sealwright.desktop.widgets.keyboard_ring import KeyboardRing, keyboard_focus
from sealwright.desktop.widgets.labels import KeyCaps, Label
from sealwright.desktop.widgets.painting import focus_ring, rounded
from sealwright.desktop.widgets.wheel import WheelPasses

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QPaintEvent, QResizeEvent
    from PySide6.QtWidgets import QAbstractButton

    _Button = QAbstractButton
else:
    _Button = object

_FIELD_ICON = 16
_ARROW = 14
_INDICATOR = 16


def set_invalid(field: QWidget, *, invalid: bool) -> None:
    """Outline a field in the error mark, or not."""
    if bool(field.property("invalid")) != invalid:
        field.setProperty("invalid", invalid)
        field.style().unpolish(field)
        field.style().polish(field)


class LineEdit(QLineEdit):
    """One line of text, with an icon at the left when one is named."""

    def __init__(
        self,
        name: str,
        *,
        placeholder: str = "",
        icon: str = "",
        mono: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon = icon
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setFont(theme.font(theme.Role.CODE_SMALL if mono else theme.Role.BODY))
        if icon:
            self.setTextMargins(theme.px(_FIELD_ICON + 5), 0, 0, 0)

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._icon:
            size = theme.px(_FIELD_ICON)
            top = (self.height() - size) // 2
            theme.paint(QPainter(self), theme.px(9), top, self._icon, size=size, color="text3")


class SearchBox(LineEdit):
    """A line edit that filters or finds: lens, key caps while empty, cross once there is text.

    Esc clears it; on an empty box Esc goes on to whoever holds it.
    """

    def __init__(
        self, name: str, *, placeholder: str = "", keys: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(name, placeholder=placeholder or name, icon="search", parent=parent)
        self._caps = KeyCaps(keys, self)
        self._caps.setVisible(bool(keys))
        self._caps.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._clear = ToolButton("close", self.tr("Clear"), size=22, icon_size=14, parent=self)
        self._clear.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._clear.setCursor(Qt.CursorShape.ArrowCursor)
        self._clear.hide()
        self._clear.clicked.connect(self.clear)
        self.textChanged.connect(self._on_text)

    def _on_text(self, text: str) -> None:
        self._clear.setVisible(bool(text))
        self._caps.setVisible(not text and bool(self._caps.accessibleName()))
        self._place()

    def _place(self) -> None:
        caps = self._caps.sizeHint()
        self._caps.setGeometry(
            QRect(
                self.width() - caps.width() - theme.px(7),
                (self.height() - caps.height()) // 2,
                caps.width(),
                caps.height(),
            )
        )
        side = self._clear.width()
        self._clear.move(self.width() - side - 4, (self.height() - side) // 2)
        self.setTextMargins(theme.px(_FIELD_ICON + 5), 0, max(caps.width(), side), 0)

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    @virtual
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        super().keyPressEvent(event)


class _MenuRows(QStyledItemDelegate):
    """Rows of 28 for the list of a combo box."""

    @virtual_value(QSize(60, 28))
    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        hint = super().sizeHint(option, index)
        return QSize(hint.width() + theme.px(12), max(hint.height(), theme.px(28)))


class ComboBox(WheelPasses, QComboBox):
    """A choice of few. The arrow is painted, since a picture in a sheet cannot follow the theme."""

    def __init__(self, name: str, *, icon: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self.setAccessibleName(name)
        self.setFont(theme.font(theme.Role.BODY))
        self.setItemDelegate(_MenuRows(self))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setMaxVisibleItems(14)

    def make_editable(self) -> None:
        """Take a text that is not in the list, too."""
        self.setEditable(True)
        field = self.lineEdit()
        if field is not None:
            field.setAccessibleName(self.accessibleName())

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        part, field = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(part, option, field, self).width() - 2
        if not option.currentIcon.isNull():
            room -= option.iconSize.width() + theme.px(4)
        # Qt cuts a long text off within a letter.
        text = option.currentText
        option.currentText = option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        painter.drawComplexControl(part, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        size = theme.px(_ARROW)
        left = self.width() - size - theme.px(8)
        color = "text3" if self.isEnabled() else "textoff"
        top = (self.height() - size) // 2
        theme.paint(painter, left, top, "updown", size=size, color=color)


class SpinBox(WheelPasses, QSpinBox):
    """A number; arrow keys step it, the painted arrows do too."""

    def __init__(self, name: str, low: int, high: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setRange(low, high)
        self.setFont(theme.font(theme.Role.BODY))
        # The sheet's padding does not reach the field inside.
        self.lineEdit().setTextMargins(theme.px(6), 0, 0, 0)
        self._arrows = ToolButton(
            "updown", self.tr("Step {0}").format(name), size=22, icon_size=_ARROW, parent=self
        )
        self._arrows.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._arrows.clicked.connect(self._on_arrows)

    def _on_arrows(self) -> None:
        height = self._arrows.height()
        below = self._arrows.mapFromGlobal(self._arrows.cursor().pos()).y() > height // 2
        self.stepBy(-1 if below else 1)

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        side = self._arrows.width()
        self._arrows.move(self.width() - side - 4, (self.height() - side) // 2)


def _paint_words(button: QAbstractButton, painter: QPainter) -> None:
    left = theme.px(_INDICATOR) + theme.px(8)
    painter.setFont(button.font())
    colors = theme.palette()
    painter.setPen(colors.text if button.isEnabled() else colors.textoff)
    box = button.rect().adjusted(left, 0, 0, 0)
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextShowMnemonic
    painter.drawText(box, int(flags), button.text())


def _box(button: QAbstractButton) -> QRect:
    side = theme.px(_INDICATOR)
    return QRect(1, (button.height() - side) // 2, side, side)


class Indicated(KeyboardRing, _Button):
    """A button with an indicator of its own before its words."""

    def dress(self, name: str) -> None:
        """Name, font, and no more height than the words need."""
        self.setAccessibleName(name)
        self.setFont(theme.font(theme.Role.BODY))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @virtual_value(QSize(20, 20))
    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        width = theme.px(_INDICATOR + 10) + metrics.horizontalAdvance(self.text())
        return QSize(width + 2, max(metrics.height(), theme.px(20)))

    @virtual_value(QSize(20, 20))
    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class CheckBox(Indicated, QCheckBox):
    """A check box with its own indicator: the style's outline nearly vanishes in the dark."""

    def __init__(self, text: str, *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.dress(name or text)

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colors = theme.palette()
        box = _box(self)
        ground = colors.sunken if colors.dark else colors.surface
        if self.checkState() == Qt.CheckState.Unchecked:
            rounded(painter, box, 4, ground, colors.edge if self.isEnabled() else colors.border2)
        else:
            fill = colors.accent if self.isEnabled() else colors.border2
            rounded(painter, box, 4, fill, None)
            partly = self.checkState() == Qt.CheckState.PartiallyChecked
            side = theme.px(12)
            inset = (box.width() - side) // 2
            sign = "minus" if partly else "check"
            theme.paint(
                painter, box.x() + inset, box.y() + inset, sign, size=side, color="on_accent"
            )
        if keyboard_focus(self):
            focus_ring(painter, box.adjusted(-2, -2, 2, 2), 5)
        _paint_words(self, painter)


class RadioButton(Indicated, QRadioButton):
    """A radio button with its own indicator."""

    def __init__(self, text: str, *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.dress(name or text)

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colors = theme.palette()
        box = _box(self)
        ground = colors.sunken if colors.dark else colors.surface
        if not self.isChecked():
            edge = colors.edge if self.isEnabled() else colors.border2
            rounded(painter, box, box.width() / 2, ground, edge)
        else:
            fill = colors.accent if self.isEnabled() else colors.border2
            rounded(painter, box, box.width() / 2, fill, None)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(Qt.PenStyle.NoPen))
            painter.setBrush(colors.on_accent)
            center = QPointF(box.x() + box.width() / 2, box.y() + box.height() / 2)
            painter.drawEllipse(center, box.width() * 0.2, box.width() * 0.2)
        if keyboard_focus(self):
            focus_ring(painter, box.adjusted(-2, -2, 2, 2), box.width() / 2 + 2)
        _paint_words(self, painter)


class FormField(QWidget):
    """A field under its label, with a hint, or with the reason why it is not valid."""

    changed = Signal()

    def __init__(
        self, label: str, field: QWidget, *, hint: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.field = field
        self._hint = hint
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(5))
        words = Label(label, role=theme.Role.SECTION, color="text2")
        words.setBuddy(field)
        head = QHBoxLayout()
        head.addWidget(words)
        head.addStretch(1)
        self._note = Label(role=theme.Role.SMALL, color="text3")
        self._note.hide()
        head.addWidget(self._note)
        column.addLayout(head)
        column.addWidget(field)
        row = QHBoxLayout()
        row.setSpacing(theme.px(6))
        self._mark = Label()
        self._mark.setFixedSize(theme.px(14), theme.px(14))
        self._message = Label(hint, role=theme.Role.SMALL, color="text3", wrap=True)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._message, 1)
        column.addLayout(row)
        self._mark.hide()
        if not hint:
            self._message.hide()
        if not field.accessibleName():
            field.setAccessibleName(label)

    def set_note(self, note: str) -> None:
        """A short fact at the right of the label."""
        self._note.setText(note)
        self._note.setVisible(bool(note))

    def set_hint(self, hint: str) -> None:
        """Say something else below the field."""
        self._hint = quoted(hint)
        self.set_problem()

    def accessible_text(self) -> str:
        """The line below the field, as it is read out."""
        return self._message.text()

    @property
    def is_invalid(self) -> bool:
        """Whether it says that something is wrong with the value."""
        return bool(self.field.property("invalid"))

    def set_problem(self, problem: str = "") -> None:
        """Say what is wrong with the value; nothing when it is right."""
        set_invalid(self.field, invalid=bool(problem))
        self._message.setText(problem or self._hint)
        self._message.set_color("err" if problem else "text3")
        self._message.setVisible(bool(problem or self._hint))
        size = theme.px(14)
        if problem:
            ratio = self.devicePixelRatioF()
            self._mark.setPixmap(theme.pixmap("err", size, "err.mark", ratio))
        self._mark.setVisible(bool(problem))
        self.field.setAccessibleDescription(problem or self._hint)
        self.changed.emit()
