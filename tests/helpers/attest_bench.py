"""The Attest panel over a sandbox in this process, with mouse and keys for it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QHBoxLayout, QLineEdit, QWidget

from helpers.attesting import attesting, quote_of
from sealwright.desktop.attest.panel import AttestPanel
from sealwright.tokens.policy_jws import unsecured_policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from helpers.attesting import Attesting
    from sealwright.desktop.host import Host
    from sealwright.desktop.widgets.tables.tree import TreeTable
    from sealwright.services.evidence.evidence import Evidence

W = TypeVar("W", bound=QWidget)
PATIENCE = 30_000
DEBUG = 0b111
"""INIT, DEBUG and MODE64BIT of the attributes."""


class AttestBench:
    """The panel in a window, and what a person does to it."""

    def __init__(self, host: Host, scene: Attesting, qtbot: QtBot) -> None:
        self.host, self.scene, self.qtbot = host, scene, qtbot
        self.window = QWidget()
        self.panel = AttestPanel(host, self.window)
        row = QHBoxLayout(self.window)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.panel)
        self.window.resize(1364, 820)

    def open(self) -> AttestBench:
        with self.qtbot.waitActive(self.window):
            self.window.show()
            self.window.activateWindow()
        self.panel.set_services(self.scene.services)
        self.host.overviews.set_services(self.scene.services)
        self.host.set_providers(tuple(self.scene.world.directory.kept.values()))
        return self

    @property
    def files(self) -> dict[str, bytes]:
        return self.scene.world.files.kept

    def put_quote(self, name: str, runtime: bytes = b"", **changes: object) -> str:
        self.files[name] = quote_of(self.scene.client, runtime, **changes)
        return name

    # --- eyes ---------------------------------------------------------------------------------

    def wait(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENCE)

    def one(self, kind: type[W], name: str) -> W:
        found = [
            widget
            for widget in self.window.findChildren(kind)
            if widget.isVisible() and widget.accessibleName() == name
        ]
        assert found, f"no {kind.__name__} named {name!r} can be seen"
        return found[-1]

    def card(self, key: str) -> tuple[str, ...]:
        """What a card of the flow says."""
        step = next(each for each in self.panel.result.flow.steps if each.key == key)
        return (step.name, *step.facts)

    # --- hands --------------------------------------------------------------------------------

    def click(self, name: str) -> None:
        button = self.one(QAbstractButton, name)
        self.wait(button.isEnabled)
        # A check box takes clicks on its box and words, which stand at its left.
        spot = QPoint(8, button.height() // 2) if isinstance(button, QCheckBox) else QPoint()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=spot)

    def type_into(self, name: str, text: str) -> None:
        field = self.one(QLineEdit, name)
        QTest.mouseClick(field, Qt.MouseButton.LeftButton)
        field.selectAll()
        QTest.keyClicks(field, text)

    def click_row(self, table: TreeTable, key: str) -> None:
        self.wait(lambda: table.rows.index_of(key).isValid())
        table.scrollTo(table.rows.index_of(key))
        rect = table.visualRect(table.rows.index_of(key))
        spot = QPoint(rect.left() + 20, rect.center().y())
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)

    def put_tpm_policy(self, provider: str, text: str) -> None:
        """Set the policy for TPMs, for which there is no default."""
        done: list[object] = []

        async def call() -> None:
            body = unsecured_policy(text)
            done.append(await self.scene.client.data("PUT", provider, "/policies/Tpm", body))

        self.host.runner.start(call).failed.connect(done.append)
        self.wait(lambda: bool(done))
        assert getattr(done[0], "status_code", 0) == 200, done

    def bring(self, path: str, evidence: Evidence | None = None) -> None:
        """Open a file, as a drop does, and wait for the opinion about it."""
        if evidence is not None:
            self.files[path] = evidence.data
        self.panel.bringing.open_file(path)
        self.wait(lambda: self.panel.form.evidence.text() == path)
        self.wait(lambda: self.panel.bringing.examination is not None)

    def synthesize(self, kind: str, values: dict[str, str]) -> None:
        """Make evidence in the sheet and bring it."""
        bringing = self.panel.bringing
        bringing.make()
        sheet = bringing.sheet
        assert sheet is not None
        self.wait(lambda: bool(sheet.fields))
        sheet.choose(kind, values)
        self.click("Make")
        self.wait(lambda: bringing.examination is not None)

    def attest(self) -> None:
        before = self.panel.result.found
        self.click("Attest")
        self.wait(lambda: self.panel.result.found is not before)
        self.wait(lambda: not self.panel.runs.running)


@contextmanager
def attest_bench(host: Host, qtbot: QtBot, folder: Path) -> Iterator[AttestBench]:
    context = attesting(folder)
    entered: list[Attesting] = []
    left: list[object] = []
    host.runner.start(context.__aenter__).succeeded.connect(entered.append)
    qtbot.waitUntil(lambda: bool(entered), timeout=PATIENCE)
    bench = AttestBench(host, entered[0], qtbot).open()
    try:
        yield bench
    finally:
        bench.window.hide()
        bench.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

        async def leave() -> None:
            await context.__aexit__(None, None, None)

        host.runner.start(leave).finished.connect(lambda: left.append(1))
        qtbot.waitUntil(lambda: bool(left), timeout=PATIENCE)
