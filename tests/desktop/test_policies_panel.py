"""The Policies panel over real services: open, type, keep, close, come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from helpers.accessible import nameless
from helpers.policies_desk import POLICY, PoliciesDesk, open_policies, texts
from sealwright.desktop.policies.library.shelf import draft_key, place_key
from sealwright.desktop.policies.panel import PoliciesPanel
from sealwright.errors import RefusedError

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from helpers.simulators import World
    from sealwright.desktop.host import Host


@pytest.fixture
def desk(qtbot: QtBot, host: Host, world: World) -> PoliciesDesk:
    return open_policies(qtbot, host, world)


def test_the_library_lists_providers_with_the_states_of_their_policies(desk: PoliciesDesk) -> None:
    entry = desk.panel.library.entry(place_key(desk.place(desk.world.isolated)))
    assert entry is not None
    assert entry.tip == "Default policy"
    assert entry.text == "SgxEnclave"


def test_a_click_opens_the_deployed_policy_and_says_that_it_is_equal(desk: PoliciesDesk) -> None:
    page = desk.open(desk.world.isolated)
    assert page.editor.text() == page.held.deployed.text  # type: ignore[union-attr]  # waited for
    assert page.strip.standing.verdict == "equal"
    assert not page.edited


def test_typing_shows_that_the_text_differs_and_what_is_wrong_with_it(desk: PoliciesDesk) -> None:
    page = desk.open(desk.world.isolated)
    desk.retype(page, "version=1.0;\nauthorizationrules {\n    => permit()\n};")
    desk.wait(lambda: page.strip.standing.verdict == "differs")
    assert desk.panel.bottom.tabs.count_of(0) >= 1
    problems = desk.panel.bottom.problems
    QTest.mouseClick(
        problems.viewport(),
        Qt.MouseButton.LeftButton,
        pos=problems.visualRect(problems.model().index(0, 0)).center(),
    )
    assert page.editor.place()[0] == 3


def test_what_is_typed_is_kept_as_a_draft_and_comes_back(desk: PoliciesDesk, host: Host) -> None:
    page = desk.open(desk.world.isolated)
    desk.retype(page, POLICY)
    desk.wait(lambda: bool(page.held.draft_id))
    kept = next(iter(desk.world.drafts.kept.values()))
    assert kept.data.decode() == POLICY
    later = PoliciesPanel(host)
    desk.qtbot.addWidget(later)
    later.set_services(desk.world.services())
    desk.wait(lambda: bool(later.feed.shelf.drafts))
    later.open_policy(desk.place(desk.world.isolated))
    again = later.desk.front
    assert again is not None
    desk.wait(lambda: again.held.deployed is not None)
    assert again.editor.text() == POLICY
    assert again.edited


def test_a_full_disk_is_said_and_the_text_stays(desk: PoliciesDesk) -> None:
    page = desk.open(desk.world.isolated)
    desk.world.drafts.full = True
    desk.retype(page, POLICY)
    desk.wait(page.banner.isVisible)
    assert "could not be kept" in page.banner.title
    assert page.editor.text() == POLICY
    assert desk.panel.unsaved()
    desk.world.drafts.full = False
    page.drafts.save_now()
    desk.wait(lambda: bool(page.held.draft_id))
    assert not page.banner.isVisible()


def test_a_policy_that_cannot_be_read_says_why_and_reads_again(desk: PoliciesDesk) -> None:
    refused = RefusedError("You have no role here.", status=403)
    desk.world.isolated.faults.fail_before("get_policy", refused, refused, refused)
    desk.click(place_key(desk.place(desk.world.isolated)))
    page = desk.front
    desk.wait(page.banner.isVisible)
    assert page.strip.standing.verdict == "unreadable"
    desk.world.isolated.faults.before.clear()
    page.banner.acted.emit()
    desk.wait(lambda: page.held.deployed is not None)
    assert not page.banner.isVisible()


def test_a_provider_deleted_under_the_editor_loses_nothing(desk: PoliciesDesk, host: Host) -> None:
    page = desk.open(desk.world.isolated)
    desk.retype(page, POLICY)
    kept = tuple(held for held in host.providers if held.id != desk.world.isolated.provider.id)
    host.set_providers(kept)
    assert page.banner.isVisible()
    assert page.editor.text() == POLICY
    desk.wait(lambda: bool(desk.world.drafts.kept))


def test_ctrl_g_goes_to_a_line_and_a_column_and_back_to_the_text(desk: PoliciesDesk) -> None:
    page = desk.open(desk.world.isolated)
    desk.retype(page, POLICY)
    bar = page.line_bar
    QTest.keyClick(page.editor, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.focusWidget() is bar.field
    assert bar.range.text() == "of 7"
    QTest.keyClicks(bar.field, "3:5")
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    assert page.editor.place() == (3, 5)
    assert not bar.isVisible()
    assert QApplication.focusWidget() is page.editor
    for written, place in (("99", (7, 1)), ("2:999", (2, 21))):
        QTest.keyClick(page.editor, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(bar.field, written)
        QTest.keyClick(bar.field, Qt.Key.Key_Return)
        assert page.editor.place() == place
    QTest.keyClick(page.editor, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    for written in ("0", "rule", "-3"):
        bar.field.selectAll()
        QTest.keyClicks(bar.field, written)
        assert not bar.go.isEnabled()
        QTest.keyClick(bar.field, Qt.Key.Key_Return)
        assert bar.isVisible()
    QTest.keyClick(bar.field, Qt.Key.Key_Escape)
    assert page.editor.place() == (2, 21)
    assert page.editor.text() == POLICY


def test_a_text_without_a_provider_has_no_history_and_says_why(desk: PoliciesDesk) -> None:
    QTest.keyClick(desk.panel.library, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    bottom = desk.panel.bottom
    bottom.tabs.setCurrentIndex(2)
    assert "No provider is chosen for this text" in texts(bottom.history)
    assert "this provider" not in texts(bottom.history)
    desk.open(desk.world.isolated)
    desk.wait(lambda: bottom.history.table.rows.total >= 1)


def test_closing_a_tab_keeps_the_draft(desk: PoliciesDesk) -> None:
    page = desk.open(desk.world.isolated)
    desk.retype(page, POLICY)
    tabs = desk.panel.desk.tabs
    QTest.mouseMove(tabs, QPoint(5, 5))
    at = tabs.close_rect(0).center()
    QTest.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=at)
    desk.wait(lambda: desk.panel.desk.front is None)
    assert [held.data.decode() for held in desk.world.drafts.kept.values()] == [POLICY]
    key = place_key(desk.place(desk.world.isolated))
    entry = desk.panel.library.entry(key)
    assert entry is not None
    assert entry.chip == "Edited"


def test_a_closed_text_without_a_file_stays_in_the_library_until_it_is_discarded(
    desk: PoliciesDesk,
) -> None:
    panel, drafts = desk.panel, desk.world.drafts.kept
    QTest.keyClick(panel.library, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    desk.retype(desk.front, POLICY)
    panel.close_page(desk.front)
    desk.wait(lambda: bool(drafts))
    key = draft_key(next(iter(drafts)))
    desk.wait(lambda: panel.library.entry(key) is not None)
    entry = panel.library.entry(key)
    assert entry is not None
    assert (entry.text, entry.chip) == ("Untitled 1", "Edited")
    desk.click(key)
    desk.wait(lambda: panel.desk.front is not None)
    assert desk.front.editor.text() == POLICY
    panel.desk.action.emit(desk.front, "discard")
    panel.close_page(desk.front)
    desk.wait(lambda: not drafts)
    desk.wait(lambda: panel.library.entry(key) is None)


class Strays(QObject):
    """Counts windows that are shown, however briefly."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(type(watched).__name__)
        return False


def test_nothing_opens_a_window_of_its_own(
    desk: PoliciesDesk, host: Host, qapp: QApplication
) -> None:
    strays = Strays()
    qapp.installEventFilter(strays)
    again = PoliciesPanel(host, desk.window)
    page = desk.open(desk.world.isolated)
    desk.retype(page, POLICY)
    desk.review()
    again.hide()
    qapp.removeEventFilter(strays)
    assert strays.shown == []


def test_open_documents_come_back_at_the_next_start(desk: PoliciesDesk, host: Host) -> None:
    desk.open(desk.world.isolated)
    desk.open(desk.world.open)
    state = desk.panel.save_state()
    later = PoliciesPanel(host, desk.window)
    later.restore_state(state)
    later.set_services(desk.world.services())
    desk.wait(lambda: len(later.desk.pages) == 2)
    assert later.desk.front_key == place_key(desk.place(desk.world.open))
    assert later.save_state()["open"] == state["open"]
    assert not any("/" in page.held.provider_name for page in later.desk.pages)
    # The providers are listed only after the documents have come back.
    host.set_providers(host.providers)
    assert [page.held.provider_name for page in later.desk.pages] == ["isolated", "open"]
    assert "isolated" in later.desk.tabs.tab(0).tip
    later.hide()


def test_every_control_has_a_name(desk: PoliciesDesk) -> None:
    page = desk.open(desk.world.isolated)
    page.find_bar.open_bar(replacing=True)
    page.line_bar.open_bar()
    desk.retype(page, POLICY)
    desk.review()
    assert nameless(desk.panel.window()) == []


def test_everything_fits_into_a_small_window(desk: PoliciesDesk) -> None:
    page = desk.open(desk.world.isolated)
    desk.panel.window().resize(948, 620)
    desk.panel.resize(948, 620)
    desk.wait(lambda: desk.panel.width() == 948)
    hint = desk.panel.minimumSizeHint()
    assert hint.width() <= 948
    assert hint.height() <= 620
    button = page.strip.review
    # The docks move under the text first.
    desk.wait(lambda: button.width() >= button.sizeHint().width())
    corner = button.mapTo(desk.panel, button.rect().bottomRight())
    assert desk.panel.rect().contains(corner)
