"""The panels at work: providers, signers, keys, tokens and the log, by mouse and keyboard."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit

from helpers.key_files import certificate, pem, rsa_key
from helpers.simulators import World
from sealwright.desktop.activity.panel import ActivityPanel
from sealwright.desktop.attest.panel import AttestPanel
from sealwright.desktop.providers.details.stops import ConnectionStops
from sealwright.desktop.providers.panel import ProvidersPanel
from sealwright.desktop.providers.rows import GroupBy, Known, build, provider_row
from sealwright.desktop.signers.add_sheet import AddSignerSheet
from sealwright.desktop.signers.panel import SignersPanel
from sealwright.desktop.tokens.panel import TokensPanel
from sealwright.desktop.widgets.buttons import Button
from sealwright.desktop.widgets.editor.code_editor import CodeEditor
from sealwright.desktop.widgets.fields import ComboBox
from sealwright.desktop.widgets.tables.cells import Text
from sealwright.services.model import TrustModel

if TYPE_CHECKING:
    from helpers.desk import Desk
    from sealwright.services.model import Provider


def choose(desk: Desk, name: str) -> Provider:
    provider = next(each for each in desk.host.providers if each.name == name)
    desk.host.choose_provider(provider)
    return provider


def signers_panel(desk: Desk) -> SignersPanel:
    desk.click("Signers")
    panel = desk.window.panels["signers"]
    assert isinstance(panel, SignersPanel)
    return panel


def test_the_filter_keeps_providers_with_the_words_and_says_when_none_is_left(desk: Desk) -> None:
    panel = desk.window.panels["providers"]
    assert isinstance(panel, ProvidersPanel)
    everything = panel.table.rows.shown
    desk.type_into("Filter providers", "isol")
    assert 0 < panel.table.rows.shown < everything
    desk.type_into("Filter providers", "zzz")
    assert panel.table.rows.shown == 0
    desk.click("Clear the filter")
    assert panel.table.rows.shown == everything


def test_a_provider_shows_policies_signers_and_a_connection_test(desk: Desk) -> None:
    panel = desk.window.panels["providers"]
    assert isinstance(panel, ProvidersPanel)
    provider = choose(desk, "isolated")
    desk.click_row(panel.table, provider.id)
    assert panel.details.title == "isolated"
    desk.qtbot.waitUntil(lambda: "root" in [label.text() for label in desk.all(QLabel)])
    desk.click("Test connection")
    desk.qtbot.waitUntil(lambda: bool(desk.all(ConnectionStops)))


def test_a_new_provider_is_named_at_once_and_tab_goes_down_the_form(desk: Desk) -> None:
    desk.window.show_panel("providers")
    panel = desk.window.panels["providers"]
    assert isinstance(panel, ProvidersPanel)
    panel.new.click()
    desk.quiet()
    at = QApplication.focusWidget()
    assert at is not None
    assert at.accessibleName() == "Name"
    QTest.keyClicks(at, "fresh")
    QTest.keyClick(at, Qt.Key.Key_Tab)
    after = QApplication.focusWidget()
    assert after is not None
    assert after.accessibleName() == "Cloud"


def test_a_key_is_generated_without_the_mouse(desk: Desk) -> None:
    panel = signers_panel(desk)
    desk.click("Generate")
    name = desk.wait_for(QLineEdit, "Name")
    desk.qtbot.waitUntil(name.hasFocus)
    QTest.keyClicks(name, "first")
    passed = []
    while (at := QApplication.focusWidget()) is not None and at.accessibleName() not in passed:
        passed.append(at.accessibleName())
        QTest.keyClick(at, Qt.Key.Key_Tab)
    assert passed == [
        "Name",
        "Key size",
        "Subject",
        "Valid for days",
        "Cancel",
        "Generate key",
        "Close",
    ]
    QTest.keyClick(name, Qt.Key.Key_Return)
    desk.qtbot.waitUntil(lambda: "first" in [use.key.name for use in panel.keys.keys])


def test_a_policy_that_was_asked_for_can_be_typed_into_at_once(desk: Desk) -> None:
    panel = desk.window.panels["providers"]
    assert isinstance(panel, ProvidersPanel)
    desk.click_row(panel.table, choose(desk, "isolated").id)
    desk.click("Edit policy")
    assert desk.window.current_panel == "policies"
    desk.qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), CodeEditor))


def test_deleting_a_provider_needs_its_name(desk: Desk) -> None:
    panel = desk.window.panels["providers"]
    assert isinstance(panel, ProvidersPanel)
    provider = choose(desk, "open")
    desk.click_row(panel.table, provider.id)
    desk.click("Delete…")
    button = desk.wait_for(Button, "Delete provider")
    assert not button.isEnabled()
    assert "open" in button.toolTip()
    desk.type_into("Type open to go on", "open")
    desk.click("Delete provider")
    desk.qtbot.waitUntil(lambda: "open" not in [p.name for p in desk.host.providers])
    (path,) = desk.world.backups.kept
    desk.qtbot.waitUntil(lambda: "open is deleted" in desk.notices())
    assert path in desk.window.notices.shown[-1].text


def test_a_generated_key_becomes_a_signer_and_is_proven(desk: Desk) -> None:
    choose(desk, "isolated")
    panel = signers_panel(desk)
    desk.click("Generate")
    desk.type_into("Name", "second")
    desk.click("Generate key")
    desk.qtbot.waitUntil(lambda: "second" in [use.key.name for use in panel.keys.keys])
    desk.qtbot.waitUntil(lambda: panel.table.rows.total == 1)
    desk.click("Add signer")
    desk.wait_for(Button, "Go on")
    names = [use.key.name for use in panel.keys.keys]
    assert "second" in names
    sheet = desk.window.findChildren(AddSignerSheet)[-1]
    at = sheet.which.findText("My key second")
    assert at >= 0
    sheet.which.setCurrentIndex(at)
    desk.click("Go on")
    desk.qtbot.waitUntil(lambda: len(desk.all(Button, "Add signer")) > 1)
    desk.click("Add signer")
    desk.qtbot.waitUntil(lambda: panel.table.rows.total == 2)


def test_a_pasted_token_is_taken_apart_and_checked(desk: Desk) -> None:
    desk.click("Tokens")
    panel = desk.window.panels["tokens"]
    assert isinstance(panel, TokensPanel)
    desk.click("Show an answer of a provider")
    desk.qtbot.waitUntil(lambda: panel.view.verdict.title == "Valid")
    assert panel.view.table.rows.total > 3
    assert panel.chain.table.rows.total > 3
    QGuiApplication.clipboard().setText("not a token")
    QTest.keyClick(panel.view.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    desk.qtbot.waitUntil(panel.pages.refused.isVisible)
    assert "Text without a token" in panel.pages.refused.kind
    assert not panel.view.verdict.isVisible()


def test_the_log_filters_by_text_and_goes_into_a_file(desk: Desk) -> None:
    desk.click("Activity")
    panel = desk.window.panels["activity"]
    assert isinstance(panel, ActivityPanel)
    desk.qtbot.waitUntil(lambda: panel.table.rows.total > 3)
    everything = panel.table.rows.shown
    desk.type_into("Filter activity", "contoso-prod")
    assert 0 < panel.table.rows.shown < everything
    field = desk.one(QLineEdit, "Filter activity")
    field.setFocus(Qt.FocusReason.OtherFocusReason)
    panel.export_to("csv", "/log.csv")
    desk.qtbot.waitUntil(lambda: "The log was exported" in desk.notices())


def test_groups_of_azure_are_called_by_the_subscription_s_name() -> None:
    one = replace(
        World().open.provider, cloud="Azure", subscription="4f6f", subscription_name="Production"
    )
    two = replace(one, id="two", name="two", resource_group="rg-new", subscription_name="")
    other = replace(two, id="other", name="other", subscription="9c1e")

    made = {each.id: provider_row(each, Known()) for each in (one, two, other)}
    cloud = build([one, two, other], made, GroupBy.RESOURCE_GROUP)[0]

    titles = [group.cells[0].text for group in cloud.children if isinstance(group.cells[0], Text)]
    rows = ["9c1e  /  rg-new", "Production  /  rg-new", f"Production  /  {one.resource_group}"]
    assert titles == sorted(rows)


def test_a_new_isolated_provider_is_made_and_read_back(desk: Desk) -> None:
    panel = desk.window.panels["providers"]
    assert isinstance(panel, ProvidersPanel)
    desk.click("New provider")
    # The lists fill themselves from the cloud.
    for name in ("Resource group", "Location"):
        box = desk.wait_for(ComboBox, name)
        desk.qtbot.waitUntil(lambda box=box: bool(box.currentText()))  # type: ignore[misc]  # a default has no type
    desk.type_into("Name", "fresh")
    desk.click_tab("Trust model", "Isolated: signed")
    desk.click("Create provider")
    desk.qtbot.waitUntil(lambda: "fresh was created and read back" in desk.notices())
    desk.qtbot.waitUntil(lambda: "fresh" in [each.name for each in desk.host.providers])
    made = next(each for each in desk.host.providers if each.name == "fresh")
    assert made.trust_model is TrustModel.ISOLATED
    desk.qtbot.waitUntil(lambda: panel.details.title == "fresh")


def test_who_adds_a_signer_goes_on_when_the_provider_is_read_anew(desk: Desk) -> None:
    choose(desk, "isolated")
    panel = signers_panel(desk)
    desk.qtbot.waitUntil(lambda: panel.table.rows.total == 1)
    desk.click("Add signer")
    sheet = desk.window.findChildren(AddSignerSheet)[-1]
    QTest.keyClick(sheet.which, Qt.Key.Key_End)
    QGuiApplication.clipboard().setText(pem(certificate(rsa_key())).decode())
    QTest.keyClick(sheet.text, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    known = desk.host.providers
    desk.host.set_providers(tuple(replace(each, tags={"read": "anew"}) for each in known))
    desk.click("Go on")
    desk.qtbot.waitUntil(lambda: len(desk.all(Button, "Add signer")) > 1)
    desk.click("Add signer")
    desk.qtbot.waitUntil(lambda: panel.table.rows.total == 2)


def test_whom_to_ask_follows_the_providers_and_stays_chosen(desk: Desk) -> None:
    attest, tokens = desk.window.panels["attest"], desk.window.panels["tokens"]
    assert isinstance(attest, AttestPanel)
    assert isinstance(tokens, TokensPanel)
    asked, keys = attest.form.provider, tokens.chain.keys.choice
    known = desk.host.providers
    isolated = next(each for each in known if each.name == "isolated")
    desk.host.choose_provider(isolated)
    tokens.chain.keys.use_provider(isolated.id)
    again = tuple(replace(each, tags={"read": "anew"}) for each in known)
    fresh = replace(isolated, id="other", name="fresh")
    for providers in (again, (fresh, *again), known, (fresh,)):
        desk.host.set_providers(providers)
        names = [each.name for each in providers]
        assert [asked.itemText(at) for at in range(asked.count())] == names
        listed = [keys.itemText(at) for at in range(keys.count())]
        assert [text for text in listed if text.startswith("Ask ")] == [
            f"Ask {name} now" for name in names
        ]
        if isolated.id in [each.id for each in providers]:
            assert (asked.currentText(), keys.currentText()) == ("isolated", "Ask isolated now")


def test_the_last_signer_that_is_here_goes_only_with_the_provider_s_name(desk: Desk) -> None:
    choose(desk, "isolated")
    panel = signers_panel(desk)
    desk.qtbot.waitUntil(lambda: panel.table.rows.total == 1)
    own = next(panel.table.rows.leaves()).key
    desk.click("Add signer")
    sheet = desk.window.findChildren(AddSignerSheet)[-1]
    QTest.keyClick(sheet.which, Qt.Key.Key_End)
    assert sheet.which.currentText() == "A file or pasted text"
    QGuiApplication.clipboard().setText(pem(certificate(rsa_key())).decode())
    QTest.keyClick(sheet.text, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    desk.click("Go on")
    desk.qtbot.waitUntil(lambda: len(desk.all(Button, "Add signer")) > 1)
    desk.click("Add signer")
    desk.qtbot.waitUntil(lambda: panel.table.rows.total == 2)
    desk.click("Close")
    desk.click_row(panel.table, own)
    desk.click("Remove…")
    button = desk.wait_for(Button, "Remove signer")
    assert not button.isEnabled()
    desk.type_into("Type isolated to go on", "isolate")
    assert not button.isEnabled()
    desk.type_into("Type isolated to go on", "isolated")
    desk.click("Remove signer")
    desk.qtbot.waitUntil(lambda: panel.table.rows.total == 1)
