"""The Policies panel over real services: open, type, keep, review, upload, prove, go back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from helpers.accessible import nameless
from sealwright.claims.attestation_type import AttestationType
from sealwright.desktop.host import PolicyPlace
from sealwright.desktop.policies.overwrite_sheet import OverwriteSheet
from sealwright.desktop.policies.panel import PoliciesPanel
from sealwright.desktop.policies.shelf import draft_key, file_key, place_key
from sealwright.desktop.widgets.buttons import Button
from sealwright.errors import RefusedError, UnreachableError
from sealwright.tokens.policy_jws import unsecured_policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from helpers.simulated_provider import SimulatedProvider
    from helpers.simulators import World
    from sealwright.desktop.host import Host
    from sealwright.desktop.policies.page import DocumentPage
    from sealwright.desktop.policies.review_sheet import ReviewSheet

SGX = AttestationType.SGX_ENCLAVE
POLICY = "version=1.0;\nauthorizationrules {\n    => permit();\n};\nissuancerules {\n};\n"


class Desk:
    """The panel in a window, with what a person does to it."""

    def __init__(self, window: QWidget, panel: PoliciesPanel, world: World, qtbot: QtBot) -> None:
        # The window is held here: Qt's parent does not keep the Python object alive.
        self.window, self.panel, self.world, self.qtbot = window, panel, world, qtbot

    def place(self, simulated: SimulatedProvider) -> PolicyPlace:
        return PolicyPlace(simulated.provider.id, SGX)

    def click(self, key: str) -> None:
        """Click a row of the library."""
        library = self.panel.library
        assert library.choose(key)
        at = library.visualRect(library.currentIndex()).center()
        QTest.mouseClick(library.viewport(), Qt.MouseButton.LeftButton, pos=at)

    def open(self, simulated: SimulatedProvider) -> DocumentPage:
        self.click(place_key(self.place(simulated)))
        self.wait(lambda: self.panel.desk.front is not None)
        page = self.front
        self.wait(lambda: page.held.deployed is not None and page.analyser.settled)
        return page

    @property
    def front(self) -> DocumentPage:
        page = self.panel.desk.front
        assert page is not None
        return page

    @property
    def sheet(self) -> ReviewSheet:
        sheet = self.panel.changes.sheet
        assert sheet is not None
        return sheet

    def wait(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition)

    def retype(self, page: DocumentPage, text: str) -> None:
        """Replace the whole text by typing."""
        page.editor.setFocus()
        QTest.keyClick(page.editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClick(page.editor, Qt.Key.Key_Delete)
        page.editor.insertPlainText(text[:-1])
        if text.endswith("\n"):
            QTest.keyClick(page.editor, Qt.Key.Key_Return)
        else:
            QTest.keyClicks(page.editor, text[-1])
        self.wait(lambda: page.analyser.settled)

    def review(self) -> ReviewSheet:
        control_shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        QTest.keyClick(self.front.editor, Qt.Key.Key_U, control_shift)
        self.wait(lambda: self.panel.changes.sheet is not None)
        return self.sheet

    def press(self, button: QWidget) -> None:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def desk(qtbot: QtBot, host: Host, world: World) -> Desk:
    window = QWidget()
    panel = PoliciesPanel(host, window)
    window.resize(1364, 820)
    panel.resize(1364, 820)
    qtbot.addWidget(window)
    with qtbot.waitActive(window, timeout=60_000):
        window.show()
        window.activateWindow()
    services = world.services()
    panel.set_services(services)
    host.overviews.set_services(services)
    host.set_providers(tuple(world.directory.kept.values()))
    desk = Desk(window, panel, world, qtbot)
    desk.wait(lambda: len(panel.feed.shelf.cells) >= 18)
    return desk


def texts(widget: QWidget) -> str:
    """Everything that the labels of a widget say."""
    words = [child.accessibleName() for child in widget.findChildren(QWidget)]
    words += [str(child.property("text") or "") for child in widget.findChildren(QWidget)]
    return "\n".join(words)


def test_the_library_lists_providers_with_the_states_of_their_policies(desk: Desk) -> None:
    entry = desk.panel.library.entry(place_key(desk.place(desk.world.isolated)))
    assert entry is not None
    assert entry.tip == "Default policy"
    assert entry.text == "SgxEnclave"


def test_a_click_opens_the_deployed_policy_and_says_that_it_is_equal(desk: Desk) -> None:
    page = desk.open(desk.world.isolated)
    assert page.editor.text() == page.held.deployed.text  # type: ignore[union-attr]  # waited for
    assert page.strip.standing.verdict == "equal"
    assert not page.edited


def test_typing_shows_that_the_text_differs_and_what_is_wrong_with_it(desk: Desk) -> None:
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


def test_what_is_typed_is_kept_as_a_draft_and_comes_back(desk: Desk, host: Host) -> None:
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


def test_a_full_disk_is_said_and_the_text_stays(desk: Desk) -> None:
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


def test_an_upload_is_reviewed_run_and_proven(desk: Desk, host: Host) -> None:
    told: list[str] = []
    host.changed.connect(told.append)
    page = desk.open(desk.world.isolated)
    desk.retype(page, POLICY)
    sheet = desk.review()
    assert "6 added, 1 removed" in texts(sheet)
    assert sheet.signer.chosen == "root"
    assert sheet.confirm.isEnabled()
    desk.press(sheet.confirm)
    desk.wait(lambda: sheet.confirm.text() == "Done")
    assert "Proven" in sheet.footer_text.text()
    assert "holds" in texts(sheet.run_steps)
    assert "Signed with \u201croot\u201d" in texts(sheet.run_steps)
    assert "`" not in texts(sheet)
    assert "policies" in told, "the list of providers would go on showing the old policy"
    desk.press(sheet.confirm)
    desk.wait(lambda: desk.panel.changes.sheet is None)
    desk.wait(lambda: page.strip.standing.verdict == "equal")
    assert not page.edited
    desk.wait(lambda: not desk.world.drafts.kept)


def test_nothing_is_sent_when_the_review_is_cancelled(desk: Desk) -> None:
    page = desk.open(desk.world.isolated)
    desk.retype(page, POLICY)
    sheet = desk.review()
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    desk.wait(lambda: desk.panel.changes.sheet is None)
    assert page.editor.text() == POLICY
    assert page.strip.standing.verdict == "differs"
    assert QApplication.focusWidget() is page.editor


@pytest.mark.parametrize("fault", ["wrong_hash", "algorithm_none", "own_key_in_header", "keep"])
def test_a_lying_provider_is_never_shown_as_proven(desk: Desk, fault: str) -> None:
    page = desk.open(desk.world.isolated)
    desk.retype(page, POLICY)
    sheet = desk.review()
    setattr(desk.world.isolated.faults, fault, True)
    if fault in ("algorithm_none", "own_key_in_header"):
        desk.world.isolated.faults.signed_by = "stranger"
    desk.press(sheet.confirm)
    desk.wait(lambda: sheet.confirm.text() == "Try again")
    assert "Proven" not in sheet.footer_text.text()
    assert "not proven" in sheet.footer_text.text() or "Nothing" in sheet.footer_text.text()
    assert "failed" in texts(sheet.run_steps)
    assert page.editor.text() == POLICY


def test_a_cut_connection_can_be_tried_again(desk: Desk) -> None:
    page = desk.open(desk.world.isolated)
    desk.retype(page, POLICY)
    sheet = desk.review()
    lost = UnreachableError("The connection was cut.")
    desk.world.isolated.faults.fail_after("set_policy", lost)
    desk.press(sheet.confirm)
    desk.wait(lambda: sheet.confirm.text() in ("Try again", "Done"))
    if sheet.confirm.text() == "Try again":
        assert "not known" in sheet.footer_text.text()
        desk.press(sheet.confirm)
        desk.wait(lambda: sheet.confirm.text() == "Done")
    assert "Proven" in sheet.footer_text.text()


def test_roll_back_from_history_is_proven(desk: Desk) -> None:
    page = desk.open(desk.world.isolated)
    first = page.held.deployed.text  # type: ignore[union-attr]  # waited for
    desk.retype(page, POLICY)
    sheet = desk.review()
    desk.press(sheet.confirm)
    desk.wait(lambda: sheet.confirm.text() == "Done")
    desk.press(sheet.confirm)
    desk.wait(lambda: page.strip.standing.verdict == "equal")
    bottom = desk.panel.bottom
    bottom.tabs.setCurrentIndex(2)
    desk.wait(lambda: bottom.history.table.rows.total >= 2)
    here = desk.world.isolated.provider.id
    oldest = next(
        entry
        for entry in desk.world.history.rows
        if entry.text == first and entry.provider_id == here and entry.attestation_type is SGX
    )
    assert bottom.history.table.select_key(str(oldest.seq))
    assert bottom.history.roll_back.isEnabled()
    desk.press(bottom.history.roll_back)
    desk.wait(lambda: desk.panel.changes.sheet is not None)
    assert "Roll back" in desk.sheet.title.text()
    desk.press(desk.sheet.confirm)
    desk.wait(lambda: desk.sheet.confirm.text() == "Done")
    desk.press(desk.sheet.confirm)
    desk.wait(lambda: page.editor.text() == first.replace("\r\n", "\n"))


def test_a_policy_that_cannot_be_read_says_why_and_reads_again(desk: Desk) -> None:
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


def test_a_provider_deleted_under_the_editor_loses_nothing(desk: Desk, host: Host) -> None:
    page = desk.open(desk.world.isolated)
    desk.retype(page, POLICY)
    kept = tuple(held for held in host.providers if held.id != desk.world.isolated.provider.id)
    host.set_providers(kept)
    assert page.banner.isVisible()
    assert page.editor.text() == POLICY
    desk.wait(lambda: bool(desk.world.drafts.kept))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\xef\xbb\xbfversion=1.0;\r\n", "CRLF, BOM"),
        (b"version=1.0;\r\nauthorizationrules {\n};\r\n", "Mixed line ends"),
        (b"version=1.0;\n", "LF"),
    ],
)
def test_a_file_gives_back_the_same_bytes(desk: Desk, data: bytes, says: str) -> None:
    told: list[str] = []
    desk.panel.facts.connect(lambda facts: told.append(" | ".join(f.text for f in facts)))
    desk.world.files.kept["/home/me/a.policy"] = data
    desk.panel.files.open_file("/home/me/a.policy")
    desk.wait(lambda: desk.panel.desk.page(file_key("/home/me/a.policy")) is not None)
    page = desk.front
    desk.wait(lambda: bool(told) and says in told[-1])
    page.editor.setFocus()
    page.editor.go_to(len("version=1.0;"))
    QTest.keyClicks(page.editor, "//")
    QTest.keyClick(page.editor, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    desk.wait(lambda: not page.edited)
    expected = data.replace(b"version=1.0;", b"version=1.0;//")
    assert desk.world.files.kept["/home/me/a.policy"] == expected


def test_policies_come_out_of_the_files_of_other_tools(desk: Desk) -> None:
    jws = unsecured_policy(POLICY)
    desk.world.files.kept["/infra/main.tf"] = (
        f'resource "azurerm_attestation_provider" "a" {{\n  sgx_enclave_policy_base64 = "{jws}"\n'
        f'  tpm_policy_base64 = "{jws}"\n}}\n'
    ).encode()
    before = len(desk.panel.desk.pages)
    desk.panel.files.open_file("/infra/main.tf")
    desk.wait(lambda: len(desk.panel.desk.pages) == before + 2)
    assert desk.front.editor.text() == POLICY


def test_a_file_changed_by_another_program_is_overwritten_only_when_told(desk: Desk) -> None:
    path, kept = "/home/me/a.policy", desk.world.files.kept
    kept[path] = b"version=1.0;"
    desk.panel.files.open_file(path)
    desk.wait(lambda: desk.panel.desk.page(file_key(path)) is not None)
    page = desk.front
    page.editor.setFocus()
    page.editor.go_to(len("version=1.0;"))
    QTest.keyClicks(page.editor, "//")
    kept[path] = b"theirs"
    for answer, left in (("Cancel", b"theirs"), ("Overwrite", b"version=1.0;//")):
        QTest.keyClick(page.editor, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
        desk.wait(lambda: bool(overwrite_sheets(desk)))
        buttons = overwrite_sheets(desk)[0].findChildren(Button)
        button = next(each for each in buttons if each.text() == answer)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        desk.wait(lambda: not overwrite_sheets(desk))
        desk.wait(lambda wanted=left: kept[path] == wanted)  # type: ignore[misc]
        assert page.editor.text() == "version=1.0;//"
    desk.wait(lambda: not page.edited)


def overwrite_sheets(desk: Desk) -> list[OverwriteSheet]:
    return desk.panel.window().findChildren(OverwriteSheet)


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"version=1.0;\xff\n", "not UTF-8"), (b"//" + b"x" * (10 * 2**20), "10.0 MB")],
)
def test_what_cannot_be_edited_opens_read_only_and_says_why(
    desk: Desk, data: bytes, reason: str
) -> None:
    desk.world.files.kept["/odd"] = data
    desk.panel.files.open_file("/odd")
    desk.wait(lambda: desk.panel.desk.page(file_key("/odd")) is not None)
    page = desk.front
    assert page.editor.isReadOnly()
    assert reason in texts(page.banner)
    assert not page.edited
    assert not page.strip.review.isEnabled()


def test_a_new_text_gets_a_provider_and_can_be_reviewed(desk: Desk) -> None:
    panel = desk.panel
    QTest.keyClick(panel.library, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    page = desk.front
    review = page.strip.review
    assert "Choose a provider" in review.toolTip()
    for width in (620, 700, 760, 900):
        page.strip.setFixedWidth(width)
        desk.wait(lambda: review.width() >= review.sizeHint().width())
        assert page.strip.rect().contains(review.geometry()), width
    panel.changes.target_chosen.emit(page, desk.place(desk.world.open))
    desk.wait(lambda: page.held.deployed is not None)
    desk.retype(page, POLICY)
    assert page.strip.standing.verdict == "differs"
    assert desk.review().signer.chosen is None


def test_closing_a_tab_keeps_the_draft(desk: Desk) -> None:
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
    desk: Desk,
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


def test_nothing_opens_a_window_of_its_own(desk: Desk, host: Host, qapp: QApplication) -> None:
    strays = Strays()
    qapp.installEventFilter(strays)
    again = PoliciesPanel(host, desk.window)
    page = desk.open(desk.world.isolated)
    desk.retype(page, POLICY)
    desk.review()
    again.hide()
    qapp.removeEventFilter(strays)
    assert strays.shown == []


def test_open_documents_come_back_at_the_next_start(desk: Desk, host: Host) -> None:
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


def test_every_control_has_a_name(desk: Desk) -> None:
    page = desk.open(desk.world.isolated)
    page.find_bar.open_bar(replacing=True)
    desk.retype(page, POLICY)
    desk.review()
    assert nameless(desk.panel.window()) == []


def test_everything_fits_into_a_small_window(desk: Desk) -> None:
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
