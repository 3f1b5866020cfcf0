"""The details pane at the right of a list: head, chips, sections of keys and values, footer."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role, Tone
from sealwright.desktop.virtual import virtual_value
from sealwright.desktop.widgets.buttons import ToolButton
from sealwright.desktop.widgets.chip import Chip
from sealwright.desktop.widgets.labels import ElidingLabel, Hairline, Label
from sealwright.desktop.widgets.surfaces import EmptyState, Picture

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
        if hint:
            self.value.setToolTip(hint)
        row.addWidget(self.value, 1)
        if icon is not None:
            row.addWidget(Picture(icon[0], icon[1]))
        if copy:
            row.addWidget(CopyButton(key, value, self))
        self.setAccessibleName(f"{key}: {value}")
        self.setMinimumHeight(theme.px(25))


class Section(QWidget):
    """A part of the details with a small head."""

    def __init__(self, title: str, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, theme.px(14), 0, 0)
        self.column.setSpacing(0)
        row = QHBoxLayout()
        self.hint = ElidingLabel(hint, role=Role.SMALL, color="text3")
        row.addWidget(Label(title, role=Role.SECTION, color="text2"))
        row.addStretch(1)
        row.addWidget(self.hint)
        self.column.addLayout(row)
        self.column.addSpacing(theme.px(6))
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
        self._chips = QHBoxLayout()
        self._chips.setSpacing(theme.px(6))
        self._sections = QVBoxLayout()
        self._sections.setSpacing(0)
        self._area = QScrollArea()
        self.footer = QHBoxLayout()
        self._footer_box = QWidget()
        self._body = QWidget()
        self._build()
        self.show_empty()

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
        """Begin to show something else: chips and sections start anew."""
        self._icon.set_icon(icon, "accent_text")
        self._title.setText(title)
        self._subtitle.setText(subtitle)
        self._subtitle.setVisible(bool(subtitle))
        _clear(self._chips)
        _clear(self._sections)
        self._empty.hide()
        self._body.show()

    @property
    def title(self) -> str:
        """Whose details these are; empty while nothing is shown."""
        return "" if self._body.isHidden() else self._title.text()

    def set_chips(self, chips: list[tuple[str, Tone, str]]) -> None:
        """Facts in a word each."""
        _clear(self._chips)
        for text, tone, icon in chips:
            self._chips.addWidget(Chip(text, tone, icon))
        self._chips.addStretch(1)

    def add_section(self, section: QWidget) -> None:
        """A further section below the others."""
        self._sections.addWidget(section)

    @virtual_value(QSize(320, 200))
    def minimumSizeHint(self) -> QSize:
        """Scrolls rather than asking for height."""
        return QSize(theme.px(320), theme.px(200))

    @virtual_value(QSize(372, 600))
    def sizeHint(self) -> QSize:
        """As wide as the design says."""
        return QSize(theme.px(WIDTH), theme.px(600))


def _clear(layout: QHBoxLayout | QVBoxLayout) -> None:
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()


def spacer() -> QWidget:
    """Takes what is left in a row."""
    widget = QWidget()
    widget.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return widget
