"""The context bar: where we are, which provider is meant, the search box, bell and menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QPainter
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QMenu, QSizePolicy, QWidget

from sealwright.desktop import theme
from sealwright.desktop.theme import Role
from sealwright.desktop.virtual import virtual, virtual_value
from sealwright.desktop.widgets.buttons import ToolButton
from sealwright.desktop.widgets.keyboard_ring import KeyboardRing, keyboard_focus
from sealwright.desktop.widgets.labels import ElidingLabel, KeyCaps
from sealwright.desktop.widgets.painting import focus_ring, rounded, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from sealwright.services.model import Provider

_HEIGHT = 52
_NARROW = 1100
_MANY = 40
"""Providers that a menu still holds."""


class FieldButton(KeyboardRing, QAbstractButton):
    """A button that looks like an input: the provider box and the search box."""

    def __init__(self, name: str, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self._placeholder = ""
        self._arrow = False
        self.setAccessibleName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(theme.px(30))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_placeholder(self, text: str) -> None:
        """What stands there while there is no text."""
        self._placeholder = text
        self.update()

    def set_icon(self, name: str) -> None:
        """Another icon at the left."""
        self._icon = name
        self.update()

    def set_arrow(self) -> None:
        """Show that it opens a list."""
        self._arrow = True

    @virtual_value(QSize(200, 30))
    def sizeHint(self) -> QSize:
        """Wide enough for a name."""
        return QSize(theme.px(214), theme.px(30))

    @virtual_value(QSize(110, 30))
    def minimumSizeHint(self) -> QSize:
        """May give way in narrow windows."""
        return QSize(theme.px(110), theme.px(30))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """An input with icon, text and arrow."""
        painter = QPainter(self)
        colors = theme.palette()
        ground = colors.sunken if colors.dark else colors.surface
        rounded(painter, self.rect(), theme.px(6), ground, colors.border2)
        inset = theme.px(5)
        painter.fillRect(inset, self.height() - 1, self.width() - 2 * inset, 1, colors.edge)
        size = theme.px(16)
        top = (self.height() - size) // 2
        color = "accent_text" if self._arrow else "text3"
        theme.paint(painter, theme.px(9), top, self._icon, size=size, color=color)
        left = theme.px(9) + size + theme.px(6)
        room = self.width() - left - theme.px(26 if self._arrow else 8)
        text = self.text() or self._placeholder
        tone = colors.text if self.text() else colors.text3
        font = theme.font(Role.NAME if self._arrow else Role.BODY)
        words(painter, QRect(left, 0, room, self.height()), text, font, tone)
        if self._arrow:
            small = theme.px(14)
            right = self.width() - small - theme.px(7)
            theme.paint(
                painter, right, (self.height() - small) // 2, "updown", size=small, color="text3"
            )
        if keyboard_focus(self):
            focus_ring(painter, self.rect(), theme.px(6))


class Crumb(QWidget):
    """One stop of the breadcrumb: an icon and a word."""

    def __init__(self, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self._label = ElidingLabel(color="text2", parent=self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.px(22), 0, 0, 0)
        layout.addWidget(self._label)

    def set_text(self, text: str, icon: str = "") -> None:
        """Another place."""
        self._label.setText(text)
        if icon:
            self._icon = icon
        self.setVisible(bool(text))
        self.update()

    @property
    def text(self) -> str:
        """The word."""
        return self._label.text()

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """The icon; the word is a label."""
        size = theme.px(16)
        painter = QPainter(self)
        theme.paint(painter, 0, (self.height() - size) // 2, self._icon, size=size, color="text3")


class Arrow(QWidget):
    """The small chevron between two stops."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(theme.px(14), theme.px(16))

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """A chevron."""
        theme.paint(QPainter(self), 0, theme.px(1), "right", size=theme.px(13), color="text3")


class ContextBar(QWidget):
    """The bar above every panel."""

    provider_chosen = Signal(object)
    search_wanted = Signal()
    notices_wanted = Signal()
    accounts_wanted = Signal()

    def __init__(self, menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Context"))
        self.setFixedHeight(theme.px(_HEIGHT))
        self._cloud = Crumb("cube", self)
        self._tenant = Crumb("building", self)
        self._account = Crumb("user", self)
        self._arrows = (Arrow(self), Arrow(self))
        self._box = FieldButton(self.tr("Provider"), "providers", self)
        self._box.set_arrow()
        self._box.set_placeholder(self.tr("No provider"))
        self._search = FieldButton(self.tr("Search"), "search", self)
        self._caps = KeyCaps("Ctrl+K", self._search)
        self._bell = ToolButton("bell", self.tr("Notices"), icon_size=18, size=32)
        self._menu_button = ToolButton("menu", self.tr("Menu"), icon_size=18, size=32)
        self._menu_button.setMenu(menu)
        self._user = ToolButton("user", self.tr("Accounts"), icon_size=18, size=32)
        self._user.clicked.connect(self.accounts_wanted)
        self._menu = QMenu(self)
        self._menu.setAccessibleName(self.tr("Providers"))
        self._arrange()
        self._box.clicked.connect(self._on_box)
        self._search.clicked.connect(self.search_wanted)
        self._bell.clicked.connect(self.notices_wanted)
        self._menu.triggered.connect(self._on_provider)
        self._providers: tuple[Provider, ...] = ()

    def _arrange(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.px(16), 0, theme.px(12), 0)
        layout.setSpacing(theme.px(8))
        for widget in (
            self._cloud,
            self._arrows[0],
            self._tenant,
            self._arrows[1],
            self._account,
        ):
            layout.addWidget(widget)
        layout.addSpacing(theme.px(24))
        self._box.setMaximumWidth(theme.px(214))
        layout.addWidget(self._box, 2)
        layout.addStretch(1)
        self._search.setMaximumWidth(theme.px(300))
        layout.addWidget(self._search, 2)
        layout.addSpacing(theme.px(8))
        for button in (self._bell, self._menu_button, self._user):
            layout.addWidget(button)

    def set_place(self, cloud: str, tenant: str, account: str, *, sandbox: bool) -> None:
        """Say where we are."""
        self._cloud.set_text(cloud, "cube" if sandbox else "cloud")
        self._tenant.set_text(tenant)
        self._account.set_text(account)
        self._fit()

    @Slot(object)
    def set_account(self, name: str) -> None:
        """Who is signed in; empty for nobody."""
        nobody = self.tr("Nobody is signed in. The sandbox needs no account.")
        self._user.setToolTip(self.tr("Accounts: {0}").format(name) if name else nobody)

    def set_providers(self, providers: Sequence[Provider]) -> None:
        """What the list behind the provider box holds from now on."""
        self._providers = tuple(providers)

    def _fill_menu(self) -> None:
        self._menu.clear()
        for number, provider in enumerate(self._providers):
            action = QAction(theme.icon("providers"), provider.name, self._menu)
            action.setData(number)
            action.setToolTip(provider.attest_uri)
            self._menu.addAction(action)

    def set_provider(self, provider: Provider | None) -> None:
        """Show the chosen one."""
        self._box.setText(provider.name if provider else "")
        name = self.tr("Provider {0}").format(provider.name) if provider else self.tr("Provider")
        self._box.setAccessibleName(name)
        self._box.setToolTip(provider.attest_uri if provider else "")
        sandbox = provider is not None and provider.cloud.lower() == "sandbox"
        self._box.set_icon("cube" if sandbox else "providers")

    def set_notice_count(self, count: int) -> None:
        """How many notices the bell would list."""
        name = self.tr("Notices") if not count else self.tr("Notices, {0}").format(count)
        self._bell.setAccessibleName(name)
        self._bell.setToolTip(name)

    @property
    def bell(self) -> ToolButton:
        """Where the list of notices opens."""
        return self._bell

    @property
    def first_stop(self) -> QWidget:
        """Where F6 stops in the bar."""
        return self._box

    @Slot()
    def _on_box(self) -> None:
        if len(self._providers) > _MANY:
            # Nobody finds one of hundreds in a menu.
            self.search_wanted.emit()
        elif self._providers:
            self._fill_menu()
            self._menu.setMinimumWidth(self._box.width())
            self._menu.popup(self._box.mapToGlobal(self._box.rect().bottomLeft()))

    @Slot(QAction)
    def _on_provider(self, action: QAction) -> None:
        self.provider_chosen.emit(self._providers[int(action.data())])

    @virtual
    def resizeEvent(self, event: QResizeEvent) -> None:
        """In narrow windows the breadcrumb keeps one stop and the search box one word."""
        super().resizeEvent(event)
        self._fit()
        size = self._caps.sizeHint()
        self._caps.setGeometry(
            self._search.width() - size.width() - theme.px(8),
            (self._search.height() - size.height()) // 2,
            size.width(),
            size.height(),
        )

    def _fit(self) -> None:
        wide = self.width() >= theme.px(_NARROW)
        stops = [crumb for crumb in (self._cloud, self._tenant, self._account) if crumb.text]
        kept = self._tenant if self._tenant.text else self._cloud
        for crumb in stops:
            crumb.setVisible(wide or crumb is kept)
        self._arrows[0].setVisible(wide and bool(self._tenant.text or self._account.text))
        self._arrows[1].setVisible(wide and bool(self._tenant.text and self._account.text))
        self._search.set_placeholder(
            self.tr("Search or run a command") if wide else self.tr("Search")
        )

    @virtual
    def paintEvent(self, event: QPaintEvent) -> None:
        """Canvas, the line below and the one before the provider box."""
        painter = QPainter(self)
        colors = theme.palette()
        painter.fillRect(self.rect(), colors.canvas)
        painter.fillRect(0, self.height() - 1, self.width(), 1, colors.border)
        left = self._box.x() - theme.px(14)
        painter.fillRect(left, theme.px(16), 1, theme.px(20), colors.border)
