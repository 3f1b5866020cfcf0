"""The difference dock: text and meaning, against every other text one can have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from helpers.accessible import nameless
from helpers.writing import Writing, writing_in
from sealwright.claims.attestation_type import AttestationType
from sealwright.claims.claim import SERVICE_ISSUER, Claim
from sealwright.desktop.host import PolicyPlace
from sealwright.desktop.policies.layout.surroundings import DIFF, HISTORY
from sealwright.tokens.policy_jws import unsecured_policy

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from helpers.simulators import World
    from sealwright.desktop.host import Host
    from sealwright.desktop.policies.diffing.pane import DiffPane

SGX = AttestationType.SGX_ENCLAVE
OLD = """version=1.0;
authorizationrules {
    [type=="x-ms-sgx-is-debuggable", value==true] => deny();
    [type=="x-ms-sgx-product-id", value==1] => permit();
};
issuancerules {
};
"""
NEW = OLD.replace("value==1]", "value==2]").replace(
    "issuancerules {\n", 'issuancerules {\n    => issue(type="level", value=3);\n'
)
OTHER = OLD.replace("value==1]", "value==7]")


class Bench(Writing):
    """The Diff tab about a policy of a provider."""

    @property
    def pane(self) -> DiffPane:
        return self.panel.bottom.diff

    def choose(self, words: str) -> None:
        """Choose a source by keys."""
        box = self.pane.source
        box.setFocus()
        QTest.keyClick(box, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
        row = box.findText(words)
        box.view().setCurrentIndex(box.model().index(row, 0))
        QTest.keyClick(box.view(), Qt.Key.Key_Return)

    def shows(self, *parts: str) -> None:
        self.wait(lambda: all(part in self.pane.view.toPlainText() for part in parts))

    def rows(self) -> list[tuple[str, ...]]:
        found = self.pane.table.rows.leaves()
        return [tuple(cell.words for cell in row.cells) for row in found]


@pytest.fixture
def bench(qtbot: QtBot, host: Host, world: World) -> Bench:
    made = writing_in(qtbot, host, world)
    world.open.policies[SGX] = unsecured_policy(OLD)
    world.shared.policies[SGX] = unsecured_policy(OTHER)
    host.set_providers(tuple(world.directory.kept.values()))
    made.panel.open_policy(PolicyPlace(world.open.provider.id, SGX))
    page = made.panel.desk.front
    assert page is not None
    found = Bench(made.window, made.panel, page, qtbot)
    found.wait(lambda: page.held.deployed is not None and page.editor.text() == OLD)
    found.show(NEW)
    found.panel.bottom.tabs.setCurrentIndex(DIFF)
    return found


def test_text_is_compared_with_deployed_file_provider_and_history(
    bench: Bench, world: World
) -> None:
    bench.shows("value==1]", "value==2]")
    assert "Deployed policy" in bench.pane.caption.text()
    assert nameless(bench.pane) == []
    bench.choose("The version before")
    bench.wait(lambda: "No other version" in bench.pane.note.words)
    world.files.kept["/old.policy"] = OLD.replace("value==1]", "value==99]").encode()
    bench.choose("A file…")
    dialog = bench.panel.comparing.dialog
    assert dialog is not None
    dialog.fileSelected.emit("/old.policy")
    dialog.reject()
    bench.shows("value==99]", "value==2]")
    assert "old.policy" in bench.pane.source.currentText()
    bench.choose("Another provider…")
    menu = bench.panel.comparing.menu
    bench.wait(menu.isVisible)
    names = [entry.text() for entry in menu.actions()]
    menu.setActiveAction(menu.actions()[names.index(world.shared.provider.name)])
    QTest.keyClick(menu, Qt.Key.Key_Return)
    bench.shows("value==7]", "value==2]")
    # What is typed shows in the difference that is open.
    bench.editor.setFocus()
    bench.editor.go_to(NEW.index("value==2]") + 8)
    bench.type("4")
    bench.shows("value==7]", "value==24]")
    bench.choose("What is deployed")
    bench.shows("value==1]", "value==24]")


def test_an_earlier_text_is_the_version_before(bench: Bench, world: World) -> None:
    world.open.policies[SGX] = unsecured_policy(OTHER)
    bench.editor.setFocus()
    bench.key(Qt.Key.Key_F5)
    bench.wait(lambda: bench.page.held.deployed.text == OTHER)  # type: ignore[union-attr]  # known
    bench.shows("value==7]")
    bench.choose("The version before")
    bench.shows("value==1]", "value==2]")


def test_the_meaning_says_which_rules_and_which_decisions_change(
    bench: Bench, qtbot: QtBot
) -> None:
    services = bench.panel.services
    assert services is not None
    claims = tuple(
        Claim(name, value, SERVICE_ISSUER)
        for name, value in (("x-ms-sgx-is-debuggable", False), ("x-ms-sgx-product-id", 1))
    )
    keep = lambda: services.cases.keep("payments", claims, "permit", SGX)  # noqa: E731 - one call
    task = bench.page.host.runner.start(keep)
    with qtbot.waitSignal(task.succeeded):
        pass
    bench.panel.trials.read_cases()
    bench.wait(lambda: bool(bench.panel.trials.saved))
    bench.pane.mode.setFocus()
    QTest.keyClick(bench.pane.mode, Qt.Key.Key_Right)
    bench.wait(lambda: len(bench.rows()) >= 3)
    kinds = [row[0] for row in bench.rows()]
    assert sorted(kinds) == ["Added", "Changed", "Decision"]
    changed = bench.rows()[kinds.index("Changed")]
    assert "2" in changed[1]
    assert "1" in changed[2]
    assert bench.rows()[kinds.index("Decision")][1] == "payments: not permitted"
    # Enter on a rule goes to it in the text.
    table = bench.pane.table
    table.select_key(str(kinds.index("Changed")))
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert bench.editor.place()[0] == 4
    # A broken text says why there is nothing to see, a mere new comment that nothing changes.
    bench.show(OLD.replace("permit()", "permit("))
    bench.wait(lambda: "has errors" in bench.pane.note.words)
    bench.show(OLD.replace("version=1.0;\n", "version=1.0; // as ever\n"))
    bench.wait(lambda: "mean the same" in bench.pane.note.words)


def test_a_difference_has_half_of_the_height_while_it_shows(bench: Bench) -> None:
    tabs, middle = bench.panel.bottom.tabs, bench.panel.parts.middle
    tabs.setCurrentIndex(HISTORY)
    before = middle.sizes()
    assert before[1] < before[0] // 2
    tabs.setCurrentIndex(DIFF)
    assert abs(middle.sizes()[0] - middle.sizes()[1]) <= 1
    assert bench.panel.save_state()["middle"] == before
    tabs.setCurrentIndex(HISTORY)
    assert middle.sizes() == before


def test_a_view_moves_beside_the_text_and_back(bench: Bench) -> None:
    parts = bench.panel.parts
    QTest.mouseClick(parts.bottom.mover, Qt.MouseButton.LeftButton)
    (lent,) = parts.bottom.lent_views
    assert parts.side.holds(lent)
    assert bench.pane.isVisible()
    assert nameless(bench.panel) == []
    # It follows the text there, too, while another view has the place below.
    parts.bottom.tabs.setCurrentIndex(0)
    bench.editor.setFocus()
    bench.editor.go_to(NEW.index("value==2]") + 8)
    bench.type("4")
    bench.shows("value==1]", "value==24]")
    assert bench.panel.save_state()["lent"] == [DIFF]
    QTest.mouseClick(lent.back, Qt.MouseButton.LeftButton)
    assert parts.bottom.lent == []
    assert bench.pane.isVisible()
    assert parts.bottom.tabs.currentIndex() == DIFF
    # A narrow window has no place beside the text; a wide one brings it back.
    parts.lend(HISTORY)
    assert bench.panel.bottom.history.isVisible()
    bench.panel.resize(948, 640)
    bench.wait(lambda: parts.bottom.lent == [])
    bench.panel.resize(1364, 820)
    bench.wait(lambda: parts.bottom.lent == [HISTORY])
