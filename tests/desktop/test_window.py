"""The window: rail, palette, notices, panes, themes, memory, leaving."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import anyio
import pytest
from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QLabel,
    QLineEdit,
    QMenu,
    QWidget,
)

from helpers.desk import Desk
from helpers.simulators import World
from sealwright.desktop import theme
from sealwright.desktop.host import Notice
from sealwright.desktop.policies.document.facts import StatusFact
from sealwright.desktop.theme import Choice, Tone
from sealwright.desktop.widgets.editor.code_editor import CodeEditor
from sealwright.desktop.widgets.finds import Results
from sealwright.desktop.widgets.notices import NoticeCard
from sealwright.desktop.widgets.shadow import SMALL
from sealwright.desktop.widgets.sheet import Sheet
from sealwright.desktop.window.leaving import LeaveSheet
from sealwright.desktop.window.shortcuts import ShortcutSheet
from sealwright.desktop.window.state import WindowState
from sealwright.errors import RefusedError, StorageError

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from sealwright.services.bundle import Services

CTRL = Qt.KeyboardModifier.ControlModifier


def test_the_rail_and_ctrl_digits_lead_to_every_panel(desk: Desk) -> None:
    for number, entry in enumerate(desk.window.entries, 1):
        desk.click(entry.title)
        assert desk.window.current_panel == entry.key
        desk.window.show_panel("settings")
        desk.key(Qt.Key(Qt.Key.Key_0 + number), CTRL)
        assert desk.window.current_panel == entry.key
    assert [entry.key for entry in desk.window.entries][3:] == ["tokens", "attest", "activity"]


def test_what_is_known_of_the_providers_stands_under_every_panel_but_a_document(
    desk: Desk,
) -> None:
    state = desk.window.status.state
    desk.qtbot.waitUntil(state.isVisible)
    desk.click("Policies")
    desk.quiet()
    desk.window.panels["policies"].facts.emit((StatusFact("Ln 1, Col 1"),))
    assert not state.isVisible()
    # A task that runs takes its place for as long as it runs.
    for title in ("Signers", "Providers"):
        desk.click(title)
        desk.qtbot.waitUntil(state.isVisible)


def test_the_palette_finds_a_provider_and_opens_it_by_keyboard(desk: Desk) -> None:
    desk.click("Tokens")
    desk.key(Qt.Key.Key_K, CTRL)
    assert desk.window.finder.isVisible()
    desk.window.finder.findChildren(QLineEdit)[0].setText("")
    for letter in "isol":
        desk.key(Qt.Key(ord(letter.upper())))
    assert desk.window.finder.hits[0] == "isolated"
    desk.key(Qt.Key.Key_Return)
    assert not desk.window.finder.isVisible()
    assert desk.window.current_panel == "providers"
    assert desk.host.provider is not None
    assert desk.host.provider.name == "isolated"


def test_the_open_palette_lists_what_is_read_meanwhile(desk: Desk) -> None:
    desk.key(Qt.Key.Key_K, CTRL)
    for letter in "isol":
        desk.key(Qt.Key(ord(letter.upper())))
    isolated = next(each for each in desk.host.providers if each.name == "isolated")
    desk.host.set_providers((replace(isolated, id="other", name="isolated-too"), isolated))
    assert "isolated-too" in desk.window.finder.hits
    desk.key(Qt.Key.Key_Return)
    assert desk.host.provider == isolated


def test_a_signer_is_added_from_the_palette_or_it_says_why_not(desk: Desk) -> None:
    shared = next(each for each in desk.host.providers if each.trust_model.value == "Shared")
    desk.host.choose_provider(shared)
    _run_command(desk, ">add signer")
    assert desk.window.current_panel == "signers"
    assert "No signer can be added here" in desk.notices()
    isolated = next(each for each in desk.host.providers if each.name == "isolated")
    desk.host.choose_provider(isolated)
    desk.quiet()
    _run_command(desk, ">add signer")
    desk.wait_for(QWidget, "Which certificate shall be trusted?")


def test_a_policy_is_begun_from_the_palette(desk: Desk) -> None:
    desk.window.show_panel("tokens")
    _run_command(desk, ">new policy")
    assert desk.window.current_panel == "policies"
    desk.qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), CodeEditor))
    desk.window.open_finder()
    QTest.keyClicks(desk.window.finder.findChildren(QLineEdit)[0], ">review and")
    assert desk.window.finder.hits == ["Review and upload\u2026"]
    desk.key(Qt.Key.Key_Escape)


def _run_command(desk: Desk, words: str) -> None:
    desk.window.open_finder()
    QTest.keyClicks(desk.window.finder.findChildren(QLineEdit)[0], words)
    desk.key(Qt.Key.Key_Return)


def test_the_palette_opens_with_its_first_heading(desk: Desk) -> None:
    desk.key(Qt.Key.Key_K, CTRL)
    results = desk.one(Results, "Results")
    QTest.mouseClick(results, Qt.MouseButton.LeftButton, pos=QPoint(40, 15))
    assert desk.window.finder.isVisible(), "the heading is scrolled away, a hit was clicked"


def test_the_palette_says_when_nothing_is_found(desk: Desk) -> None:
    desk.key(Qt.Key.Key_K, CTRL)
    for letter in "zzqq":
        desk.key(Qt.Key(ord(letter.upper())))
    assert desk.window.finder.hits == []
    results = desk.one(Results, "Results")
    assert results.accessibleDescription().startswith("Nothing has this")
    desk.key(Qt.Key.Key_Backspace, CTRL)
    assert results.accessibleDescription() == desk.window.finder.hits[0]


def test_the_palette_runs_commands_and_escape_leaves_it(desk: Desk) -> None:
    before = desk.window.current_panel
    desk.window.open_finder()
    desk.key(Qt.Key.Key_Escape)
    assert not desk.window.finder.isVisible()
    assert desk.window.current_panel == before
    desk.window.open_finder()
    QTest.keyClicks(desk.window.finder.findChildren(QLineEdit)[0], ">dark")
    assert desk.window.finder.hits[0] == "Dark theme"
    desk.key(Qt.Key.Key_Return)
    assert theme.palette().dark
    desk.window.choose_theme(Choice.LIGHT)
    assert not theme.palette().dark


def test_f1_lists_the_keys_and_f6_goes_round_the_panes(desk: Desk) -> None:
    desk.key(Qt.Key.Key_F1)
    sheet = desk.window.findChildren(ShortcutSheet)[0]
    assert sheet.isVisible()
    desk.key(Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    seen = set()
    for _ in range(8):
        desk.key(Qt.Key.Key_F6)
        focus = desk.window.focusWidget()
        assert focus is not None
        seen.add(focus.accessibleName())
    assert {"Providers", "Filter providers", "Edit policy"} <= seen


def test_what_lies_under_a_sheet_gets_no_key(desk: Desk) -> None:
    desk.window.show_panel("settings")
    desk.click("Trust anchors\u2026")
    desk.wait_for(QAbstractButton, "Close the trust anchors")
    for key, modifier in (
        (Qt.Key.Key_F6, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier),
        (Qt.Key.Key_2, CTRL),
        (Qt.Key.Key_K, CTRL),
    ):
        desk.key(key, modifier)
        focus = desk.window.focusWidget()
        assert focus is not None
        assert any(sheet.isAncestorOf(focus) for sheet in desk.all(Sheet))
        assert desk.window.current_panel == "settings"
        assert not desk.window.finder.isVisible()
    desk.key(Qt.Key.Key_Escape)
    desk.key(Qt.Key.Key_2, CTRL)
    assert desk.window.current_panel == "policies"


def test_errors_stay_in_the_corner_with_their_details(desk: Desk) -> None:
    desk.host.fail(RefusedError("no role", status=401, request_id="r-77"))
    assert desk.notices() == ["The service does not allow this"]
    desk.click("Details")
    texts = [label.accessibleName() for label in desk.all(QWidget)]
    assert not any("r-77" in text for text in texts if text)
    card = desk.all(NoticeCard)[0]
    shown = " ".join(label.text() for label in card.findChildren(QLabel))
    assert "r-77" in shown
    desk.click("Close this notice")
    assert desk.notices() == []
    assert len(desk.window.notices.past) == 1


def test_a_notice_covers_no_button_of_the_details(desk: Desk) -> None:
    desk.host.notify(Notice("Something is so", "Nothing has to be done.", Tone.ERR))
    (card,) = desk.all(NoticeCard)

    def bottom() -> int:
        return card.mapTo(desk.window, QPoint(0, card.height() - SMALL.reach)).y()

    desk.window.show_panel("providers")
    with_details = bottom()
    edit = desk.wait_for(QAbstractButton, "Edit policy")
    assert with_details <= edit.mapTo(desk.window, QPoint()).y()
    desk.window.show_panel("policies")
    assert bottom() > with_details


def test_at_most_three_notices_stand_at_once(desk: Desk) -> None:
    for number in range(5):
        desk.host.notify(Notice(f"notice {number}", tone=Tone.ERR))
    visible = [card.notice.title for card in desk.all(NoticeCard)]
    assert visible == ["notice 2", "notice 3", "notice 4"]
    assert "2 more" in [label.text() for label in desk.all(QLabel)]


def test_a_running_task_is_shown_and_can_be_cancelled(desk: Desk) -> None:
    ended = threading.Event()

    async def call() -> None:
        try:
            await anyio.sleep(60)
        finally:
            ended.set()

    desk.host.runner.start(call, title="Counting sheep")
    desk.click("Cancel: Counting sheep")
    desk.qtbot.waitUntil(ended.is_set)
    desk.quiet()


def test_leaving_while_work_runs_asks_first(desk: Desk) -> None:
    async def call() -> None:
        await anyio.sleep(60)

    desk.host.runner.start(call, title="Counting sheep")
    desk.window.close()
    sheet = desk.window.findChildren(LeaveSheet)[0]
    assert sheet.isVisible()
    assert desk.window.isVisible()
    desk.click("Keep working")
    assert desk.window.isVisible()
    desk.window.close()
    finished: list[bool] = []
    desk.window.finished.connect(lambda: finished.append(True))
    desk.click("Quit anyway")
    desk.qtbot.waitUntil(lambda: bool(finished))
    assert not desk.window.isVisible()


def test_the_first_window_is_no_larger_than_the_screen(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QGuiApplication, "platformName", lambda: "xcb")
    window = Desk(qtbot).window
    room = window.screen().availableSize()
    smallest = window.minimumSizeHint().expandedTo(window.minimumSize())
    assert window.height() <= max(room.height(), smallest.height())
    assert window.width() <= max(room.width(), smallest.width())


def test_everything_is_as_it_was_at_the_next_start(qtbot: QtBot) -> None:
    first = Desk(qtbot).open(1300, 820)
    first.click("Signers")
    chosen = next(p for p in first.host.providers if p.name == "isolated")
    first.host.choose_provider(chosen)
    first.window.choose_theme(Choice.DARK)
    first.leave()
    saved = first.saved
    first.close()
    second = Desk(qtbot, state=saved)
    second.window.show()
    assert second.window.current_panel == "signers"
    qtbot.waitUntil(lambda: bool(second.host.providers))
    assert second.host.provider is not None
    assert second.host.provider.name == "isolated"
    assert WindowState.from_json(saved).theme == Choice.DARK
    second.quiet()
    second.window.choose_theme(Choice.LIGHT)
    second.close()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"panels": 3, "theme": "pink", "panel": 7}'])
def test_an_unreadable_memory_is_no_memory(text: str) -> None:
    state = WindowState.from_json(text)
    assert state.theme == Choice.SYSTEM
    assert state.panels == {}


def test_services_that_do_not_open_are_told_in_words_and_opened_again(qtbot: QtBot) -> None:
    world = World()
    full = [StorageError("The folder `/x` cannot be written.", hint="Free some space.")]

    async def opened() -> Services:
        if full:
            raise full.pop()
        await world.accounts.load()
        return services

    services = world.services()
    desk = Desk(qtbot, world, open_services=opened)
    desk.window.show()
    qtbot.waitUntil(lambda: bool(desk.notices()))
    assert desk.window.notices.shown[0].text.endswith("Free some space.")
    assert desk.window.status.state.text == "Not ready"
    desk.click("Try again")
    qtbot.waitUntil(lambda: len(desk.host.providers) == 3)
    desk.quiet()
    assert not desk.notices()
    assert desk.window.status.state.text != "Not ready"
    desk.close()


def test_without_a_keyring_the_user_is_asked_where_keys_go(qtbot: QtBot) -> None:
    desk = Desk(qtbot)
    desk.world.vault.broken = StorageError("No keyring answers.", hint="Unlock it.")
    desk.open()
    assert desk.window.vault_banner.isVisible()
    desk.click("Choose where keys are kept…")
    desk.world.vault.broken = None
    desk.click("In memory only, until Sealwright is closed")
    desk.click("Use this")
    qtbot.waitUntil(lambda: not desk.window.vault_banner.isVisible())
    assert "memory" in desk.window.status.vault.text
    desk.close()


def test_every_control_of_every_panel_has_a_name(desk: Desk) -> None:
    nameless: set[str] = set()
    for key in [*desk.window.panels, "settings"]:
        desk.window.show_panel(key)
        desk.quiet()
        nameless |= {
            f"{key}: {type(widget).__name__} {path(widget)}"
            for widget in desk.window.findChildren(QWidget)
            if needs_name(widget) and not widget.isHidden() and not widget.accessibleName()
        }
    assert nameless == set()


def needs_name(widget: QWidget) -> bool:
    if isinstance(widget, QMenu) or widget.objectName().startswith("qt_"):
        return False
    if isinstance(widget, QAbstractButton | QLineEdit | QAbstractItemView):
        inside = widget.parentWidget()
        return not (inside is not None and inside.inherits("QComboBox")) and not (
            inside is not None and inside.inherits("QComboBoxPrivateContainer")
        )
    return widget.focusPolicy() != Qt.FocusPolicy.NoFocus and not is_scroll_part(widget)


def is_scroll_part(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    return parent is not None and parent.inherits("QAbstractScrollArea")


def path(widget: QObject) -> str:
    names = []
    here: QObject | None = widget
    while here is not None:
        names.append(type(here).__name__)
        here = here.parent()
    return " < ".join(names)


def test_every_panel_fits_the_smallest_screen(desk: Desk) -> None:
    for key, panel in desk.window.panels.items():
        desk.window.show_panel(key)
        desk.quiet()
        hint = panel.minimumSizeHint()
        assert hint.width() <= 1024 - 76, (key, hint)
        assert hint.height() <= 700 - 52 - 28, (key, hint)
    assert desk.window.minimumSizeHint().width() <= 1024
