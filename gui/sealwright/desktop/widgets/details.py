"""The details pane at the right of a list: head, chips, sections of keys and values, footer."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual_value
from sealwright.desktop.widgets.buttons import ToolButton
from sealwright.desktop.widgets.chip import Chip
from sealwright.desktop.widgets.labels import ElidingLabel, Hairline, Label
from sealwright.desktop.widgets.surfaces import EmptyState, Picture

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDTH = 360
_KEY = 108


class CopyButton(ToolButton):
    """Copies a value whole, however short it is shown."""

    def __init__(self, what: str, value: str, parent: QWidget | None = None) -> None:
        name = parent.tr("Copy {0}") if parent is not None else "Copy {0}"
        super().__init__("copy", name.format(what), size=22, icon_size=14, parent=parent)
        self._value = value
        self.clicked.connect(self._on_clicked)

    def set_value(self, value: str) -> None:
        """Another value."""
        self._value = value

    @Slot()
    def _on_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._value)


class KeyValue(QWidget):
    """A line: key at the left, value elided, copy and a mark at the right."""

    def __init__(
        self,
        key: str,
        value: str,
        *,
        mono: bool = False,
        copy: bool = False,
        color: str = "text",
        icon: tuple[str, str] | None = None,
        hint: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme.px(2), 0, theme.px(2))
        row.setSpacing(theme.px(6))
        label = ElidingLabel(key, color="text3")
        label.setFixedWidth(theme.px(_KEY))
        row.addWidget(label)
        middle, right = Qt.TextElideMode.ElideMiddle, Qt.TextElideMode.ElideRight
        self.value = ElidingLabel(
            value,
            role=Role.CODE_SMALL if mono else Role.BODY,
            color=color,
            elide=middle if mono else right,
        )
        row.addWidget(self.value, 1)
        self._icon: Picture | None = None
        if icon is not None:
            self._icon = Picture(icon[0], icon[1])
            row.addWidget(self._icon)
        self._copy: CopyButton | None = None
        if copy:
            self._copy = CopyButton(key, value, self)
            row.addWidget(self._copy)
        self._key = key
        self._name(value, hint)
        self.setMinimumHeight(theme.px(25))

    def set_value(self, value: str, *, hint: str = "", icon: tuple[str, str] | None = None) -> None:
        """Another value of the same key."""
        if value != self.value.text():
            self.value.setText(value)
            if self._copy is not None:
                self._copy.set_value(value)
        if self._icon is not None and icon is not None:
            self._icon.set_icon(*icon)
        self._name(value, hint)

    def _name(self, value: str, hint: str) -> None:
        if hint:
            self.value.setToolTip(hint)
        self.setAccessibleName(f"{self._key}: {value}")


class Section(QWidget):
    """A part of the details with a small head."""

    def __init__(self, title: str, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, theme.px(14), 0, 0)
        self.column.setSpacing(0)
        row = QHBoxLayout()
        self.hint = ElidingLabel(hint, role=Role.SMALL, color="text3")
        self._title = Label(title, role=Role.SECTION, color="text2")
        row.addWidget(self._title)
        row.addStretch(1)
        row.addWidget(self.hint)
        self.column.addLayout(row)
        self.column.addSpacing(theme.px(6))
        self.setAccessibleName(title)

    def set_title(self, title: str) -> None:
        """What it is about."""
        self._title.setText(title)
        self.setAccessibleName(title)

    def add(self, widget: QWidget, *, line: bool = False) -> None:
        """A further line, with a hairline below when `line`."""
        self.column.addWidget(widget)
        if line:
            self.column.addWidget(Hairline())


class DetailsPane(QWidget):
    """Shows one thing in full, or says that nothing is chosen."""

    def __init__(self, name: str, empty: EmptyState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setMinimumWidth(theme.px(320))
        self._empty = empty
        self._icon = Picture("info", "accent_text", size=18)
        self._title = ElidingLabel(role=Role.SHEET)
        self._subtitle = ElidingLabel(role=Role.SMALL, color="text3")
        self.head = QHBoxLayout()
        self.warnings = QVBoxLayout()
        self._chips = QHBoxLayout()
        self._chips.setSpacing(theme.px(6))
        self._chips.addStretch(1)
        self._facts: list[Chip] = []
        self._sections = QVBoxLayout()
        self._sections.setSpacing(0)
        self._made: list[Section] = []
        self._makers: deque[Callable[[], Section]] | None = None
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.timeout.connect(self._on_turn)
        self._area = QScrollArea()
        self.footer = QHBoxLayout()
        self._footer_box = QWidget()
        self._body = QWidget()
        self._build()
        self.show_empty()

    @property
    def foot(self) -> int:
        """How high the footer is; none while the pane is put away."""
        return 0 if self.isHidden() else self._footer_box.sizeHint().height() + 1

    def _build(self) -> None:
        pad = theme.px(14)
        self.head.setSpacing(theme.px(8))
        self.head.addWidget(self._icon)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self._title)
        texts.addWidget(self._subtitle)
        self.head.addLayout(texts, 1)
        self._build_area(pad)
        self._footer_box.setLayout(self.footer)
        self.footer.setContentsMargins(pad, theme.px(8), pad, theme.px(8))
        self.footer.setSpacing(theme.px(8))
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        top = QHBoxLayout()
        top.setContentsMargins(pad, theme.px(12), theme.px(10), theme.px(8))
        top.addLayout(self.head)
        body.addLayout(top)
        body.addWidget(self._area, 1)
        body.addWidget(Hairline())
        body.addWidget(self._footer_box)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 0, 0, 0)
        outer.addWidget(self._body, 1)
        outer.addWidget(self._empty, 1)

    def _build_area(self, pad: int) -> None:
        inner = QWidget()
        inner.setProperty("k", "clear")
        column = QVBoxLayout(inner)
        column.setContentsMargins(pad, 0, pad, pad)
        column.setSpacing(0)
        column.addLayout(self.warnings)
        column.addLayout(self._chips)
        column.addLayout(self._sections)
        column.addStretch(1)
        self._area.setWidget(inner)
        self._area.setWidgetResizable(True)
        self._area.setProperty("k", "clear")
        self._area.setAccessibleName(self.accessibleName())
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_empty(self) -> None:
        """Nothing is chosen."""
        self._body.hide()
        self._empty.show()

    def show_thing(self, icon: str, title: str, subtitle: str = "") -> None:
        """Begin to show something else; chips and sections follow."""
        self._icon.set_icon(icon, "accent_text")
        self._title.setText(title)
        self._subtitle.setText(subtitle)
        self._subtitle.setVisible(bool(subtitle))
        self._empty.hide()
        self._body.show()

    @property
    def title(self) -> str:
        """Whose details these are; empty while nothing is shown."""
        return "" if self._body.isHidden() else self._title.text()

    def set_chips(self, chips: list[tuple[str, Tone, str]]) -> None:
        """Facts in a word each."""
        while len(self._facts) < len(chips):
            chip = Chip("")
            self._chips.insertWidget(len(self._facts), chip)
            self._facts.append(chip)
        for number, chip in enumerate(self._facts):
            chip.setVisible(number < len(chips))
            if number < len(chips):
                chip.set_state(*chips[number])

    def section_makers(self) -> Sequence[Callable[[], Section]]:
        """What makes the sections, from the top down; each is made once."""
        return ()

    def fill_section(self, section: Section) -> None:
        """Show the thing in one section."""

    def fill_sections(self) -> None:
        """Show the thing in all sections.

        The first time they are made, each in a turn of its own: all at once they are some sixty
        widgets, which stop the window for longer than a blink.
        """
        for section in self._made:
            self.fill_section(section)
        if self._makers is None:
            self._makers = deque(self.section_makers())
            self._turn.start()

    @Slot()
    def _on_turn(self) -> None:
        if not self._makers:
            return
        section = self._makers.popleft()()
        self._sections.addWidget(section)
        self._made.append(section)
        self.fill_section(section)
        if self._makers:
            self._turn.start()

    @virtual_value(QSize(320, 200))
    def minimumSizeHint(self) -> QSize:
        """Scrolls rather than asking for height."""
        return QSize(theme.px(320), theme.px(200))

    @virtual_value(QSize(372, 600))
    def sizeHint(self) -> QSize:
        """As wide as the design says."""
        return QSize(theme.px(WIDTH), theme.px(600))


def foot_of(page: QWidget | None) -> int:
    """How high the footer at the bottom right of a page is, which nothing must cover."""
    pane = page.findChild(DetailsPane) if page is not None else None
    return pane.foot if isinstance(pane, DetailsPane) else 0
