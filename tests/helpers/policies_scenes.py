"""Pictures of the Policies panel: `python tests/helpers/policies_scenes.py FOLDER [WxH] [dark]`.

The panel stands over simulated providers; QT_SCALE_FACTOR=2 draws it at 200 %.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from helpers.screens import grab, icon_sources, prefer_inter
from helpers.simulators import World
from sealwright.claims.attestation_type import AttestationType
from sealwright.desktop import theme
from sealwright.desktop.crash import CrashReporter
from sealwright.desktop.host import Host, PolicyPlace
from sealwright.desktop.policies.panel import PoliciesPanel
from sealwright.desktop.tasks import TaskRunner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sealwright.desktop.policies.document.page import DocumentPage

POLICY = """version=1.1;
configurationrules {
    => issueproperty(type="x-ms-sgx-tcbidentifier", value="14");
};
authorizationrules {
    [type=="x-ms-sgx-is-debuggable", value==true] => deny();
    [type=="x-ms-sgx-mrsigner",
     value=="9fa48b1629bd246a1de3d38fb7df97f6554cd65d6b3b72e85b86848ae6b578ba"]
        && [type=="x-ms-sgx-product-id", value==4639]
        && [type=="x-ms-sgx-svn", value>=7]
        => permit();
};
issuancerules {
    m:[type=="x-ms-sgx-mrenclave"]
        => issue(type="workload-measurement", value=m.value);
    s:[type=="x-ms-sgx-svn", value>=9]
        => issue(type="svn-current", value=true);
    // Relying parties still read the short name
    d:[type=="x-ms-sgx-is-debuggable"]
        => issue(type="is-debuggable", value=d.value);
};
"""
SGX = AttestationType.SGX_ENCLAVE


def wait(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Run the event loop until something holds, then a little longer."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not condition():
        QCoreApplication.processEvents()
        time.sleep(0.005)
    end = time.monotonic() + 0.3
    while time.monotonic() < end:
        QCoreApplication.processEvents()
        time.sleep(0.005)


class Stage:
    """The panel in a window, and what happens on it."""

    def __init__(self, host: Host, world: World) -> None:
        self.world = world
        self.window = QWidget()
        self.panel = PoliciesPanel(host, self.window)
        row = QHBoxLayout(self.window)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.panel)
        self.window.resize(1364, 820)
        self.window.show()
        services = world.services()
        self.panel.set_services(services)
        host.overviews.set_services(services)
        host.set_providers(tuple(world.directory.kept.values()))
        wait(lambda: len(self.panel.feed.shelf.cells) >= 18)

    def scenes(self) -> Iterator[str]:
        """Go through the panel; each stop is worth a picture."""
        yield "empty"
        place = PolicyPlace(self.world.isolated.provider.id, SGX)
        self.panel.open_policy(place)
        page = self.panel.desk.front
        assert page is not None
        wait(lambda: page.held.deployed is not None)
        yield "opened"
        page.editor.replace_text(POLICY.replace("permit();", "permit()"))
        page.editor.go_to_line(10)
        wait(lambda: page.analyser.settled)
        yield "problems"
        page.editor.replace_text(POLICY)
        wait(lambda: page.analyser.settled)
        self._send()
        yield "review"
        yield from self._confirm("proven")
        page.editor.replace_text(
            POLICY.replace("value>=7", "value>=8").replace("    // R", "    R")
        )
        page.editor.replace_text(POLICY.replace("value>=7", "value>=8"))
        wait(lambda: page.analyser.settled)
        self.panel.bottom.tabs.setCurrentIndex(1)
        wait(lambda: False, 0.2)
        yield "difference"
        self.panel.bottom.diff.mode.setCurrentIndex(1)
        wait(lambda: self.panel.bottom.diff.table.rows.total > 0)
        yield "meaning"
        yield from self._docks(page)
        self.world.isolated.faults.wrong_hash = True
        self._send()
        yield from self._confirm("failed")

    def _docks(self, page: DocumentPage) -> Iterator[str]:
        parts = self.panel.parts
        self.panel.bottom.tabs.setCurrentIndex(0)
        parts.toggle_builder()
        groups = parts.builder.groups
        wait(lambda: bool(parts.builder.requirements.rows))
        wait(lambda: all(len(each.rows) == len(each.items) for each in groups))
        yield "builder"
        parts.toggle_outline()
        wait(lambda: parts.outline.tree.rows.total > 0)
        page.editor.folds.toggle(page.editor.document().findBlockByNumber(4))
        parts.toggle_filter()
        parts.filter.setText("debug")
        wait(lambda: False, 0.2)
        yield "outline"
        parts.toggle_filter()
        page.editor.folds.toggle(page.editor.document().findBlockByNumber(4))
        parts.toggle_outline()
        parts.docks.move("builder")
        wait(lambda: False, 0.2)
        yield "below"
        parts.lend(1)
        wait(lambda: False, 0.2)
        yield "beside"
        parts.bottom.lent_views[0].back.click()
        parts.docks.move("builder")
        parts.toggle_builder()

    def _send(self) -> None:
        self.panel.desk.action.emit(self.panel.desk.front, "review")
        wait(lambda: self.panel.changes.sheet is not None)

    def _confirm(self, name: str) -> Iterator[str]:
        sheet = self.panel.changes.sheet
        assert sheet is not None
        sheet.confirm.click()
        wait(lambda: sheet.confirm.text() in ("Done", "Try again"))
        yield name
        sheet.close()
        wait(lambda: self.panel.changes.sheet is None)


def main(arguments: list[str]) -> int:
    """Draw every scene into a folder."""
    folder = Path(arguments[0])
    width, height = (
        int(part) for part in (arguments[1] if len(arguments) > 1 else "1364x820").split("x")
    )
    dark = "dark" in arguments
    app = QApplication([])
    prefer_inter(app)
    look = theme.Theme(app, icon_sources())
    look.choose(theme.Choice.DARK if dark else theme.Choice.LIGHT)
    runner = TaskRunner(app)
    runner.open()
    stage = Stage(Host(runner, CrashReporter(app), app), World())
    for name in stage.scenes():
        grab(stage.window, folder / f"{name}.png", width, height)
    stage.window.close()
    runner.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
