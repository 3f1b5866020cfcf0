"""A window over services in memory, driven by mouse and keyboard as a person would."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFileDialog,
    QLineEdit,
    QTabBar,
    QWidget,
)

from helpers.screens import icon_sources
from helpers.simulators import World
from sealwright.desktop.crash import CrashReporter
from sealwright.desktop.host import Host
from sealwright.desktop.tasks import TaskRunner
from sealwright.desktop.theme import Theme
from sealwright.desktop.window.main import MainWindow
from sealwright.desktop.window.options import RunOptions
from sealwright.desktop.window.state import WindowState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from sealwright.desktop.widgets.tables.tree import TreeTable
    from sealwright.services.bundle import Services

W = TypeVar("W", bound=QWidget)
NONE = Qt.KeyboardModifier.NoModifier


class Strays(QObject):
    """Sees every window that is shown beside the one that is meant."""

    def __init__(self, app: QApplication) -> None:
        super().__init__()
        self._app = app
        self.seen: list[str] = []
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget):
            kind = watched.windowType()
            if kind == Qt.WindowType.Window and not isinstance(watched, MainWindow):
                self.seen.append(f"{type(watched).__name__} {watched.accessibleName()}")
        return False

    def stop(self) -> None:
        self._app.removeEventFilter(self)


class Desk:
    """The open window, and hands for it."""

    def __init__(
        self,
        qtbot: QtBot,
        world: World | None = None,
        *,
        state: str = "",
        open_services: Callable[[], Awaitable[Services]] | None = None,
    ) -> None:
        self.qtbot = qtbot
        self.world = world or World()
        self.saved = ""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self.theme = Theme(app, icon_sources())
        self.runner = TaskRunner()
        self.crashes = CrashReporter()
        self.reports: list[str] = []
        self.crashes.crashed.connect(self.reports.append)
        self.strays = Strays(app)
        self.host = Host(self.runner, self.crashes)
        options = RunOptions(home="/home/test", icons=icon_sources(), save_state=self._save)
        self.window = MainWindow(
            options,
            self.host,
            self.theme,
            WindowState.from_json(state),
            open_services or self._open,
        )

    def _save(self, text: str) -> None:
        self.saved = text

    async def _open(self) -> Services:
        services = self.world.services()
        await self.world.accounts.load()
        return services

    def open(self, width: int = 1440, height: int = 900) -> Desk:
        self.window.resize(width, height)
        with self.qtbot.waitActive(self.window, timeout=60_000):
            self.window.show()
            self.window.activateWindow()
        self.qtbot.waitUntil(lambda: bool(self.host.providers), timeout=60_000)
        self.quiet()
        return self

    def quiet(self) -> None:
        """Wait until no titled task runs."""
        self.qtbot.waitUntil(lambda: not self.window.status.tasks)

    def leave(self) -> None:
        done: list[bool] = []
        self.window.finished.connect(lambda: done.append(True))
        self.window.leave()
        self.qtbot.waitUntil(lambda: bool(done))

    def close(self) -> None:
        self.runner.close()
        self.strays.stop()
        self.window.hide()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        # An older theme would go on answering the desktop's signals.
        shiboken6.delete(self.theme)

    # --- eyes ---------------------------------------------------------------------------------

    def all(self, kind: type[W], name: str = "") -> list[W]:
        return [
            widget
            for widget in self.window.findChildren(kind)
            if widget.isVisible() and (not name or widget.accessibleName() == name)
        ]

    def one(self, kind: type[W], name: str) -> W:
        found = self.all(kind, name)
        assert found, f"no {kind.__name__} named {name!r} can be seen"
        return found[-1]

    def wait_for(self, kind: type[W], name: str) -> W:
        self.qtbot.waitUntil(lambda: bool(self.all(kind, name)))
        return self.one(kind, name)

    def notices(self) -> list[str]:
        return [notice.title for notice in self.window.notices.shown]

    # --- hands --------------------------------------------------------------------------------

    def click(self, name: str) -> None:
        button = self.wait_for(QAbstractButton, name)
        self.qtbot.waitUntil(button.isEnabled)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def click_tab(self, name: str, text: str) -> None:
        """Choose a part of the segmented control of that name."""
        bar = self.wait_for(QTabBar, name)
        texts = [bar.tabText(number) for number in range(bar.count())]
        spot = bar.tabRect(texts.index(text)).center()
        QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=spot)

    def type_into(self, name: str, text: str) -> None:
        field = self.wait_for(QLineEdit, name)
        QTest.mouseClick(field, Qt.MouseButton.LeftButton)
        field.selectAll()
        QTest.keyClicks(field, text)

    def answer_file_dialog(self, path: Path) -> None:
        """Type a path into the dialog that is open, and press Return."""

        def shown() -> list[QFileDialog]:
            return [each for each in self.window.findChildren(QFileDialog) if each.isVisible()]

        self.qtbot.waitUntil(lambda: bool(shown()))
        field = shown()[0].findChildren(QLineEdit)[0]
        field.setText(str(path))
        QTest.keyClick(field, Qt.Key.Key_Return)
        self.qtbot.waitUntil(lambda: not shown())

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
        focus = QApplication.focusWidget() or self.window
        QTest.keyClick(focus, key, modifier)

    def click_row(self, table: TreeTable, key: str) -> None:
        self.qtbot.waitUntil(lambda: table.rows.index_of(key).isValid())
        rect = table.visualRect(table.rows.index_of(key))
        spot = QPoint(rect.left() + 20, rect.center().y())
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
