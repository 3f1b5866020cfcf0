"""Signing in, out and over to another tenant, by mouse and keyboard; and the network's sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QMenu, QWidget

from helpers.accessible import nameless
from helpers.desk import Desk
from helpers.simulators import World
from sealwright.desktop.accounts.accounts_sheet import AccountsSheet
from sealwright.desktop.accounts.add_sheet import AddAccountSheet
from sealwright.desktop.accounts.cloud_sheet import CloudSheet
from sealwright.desktop.accounts.network_sheet import NetworkSheet
from sealwright.desktop.accounts.sign_in_sheet import RenewSheet
from sealwright.desktop.accounts.token_fields import PinSheet
from sealwright.desktop.widgets.fields import ComboBox
from sealwright.errors import PinError, ProxyError, SignInError
from sealwright.services.ports import Method

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

CORRELATION = "6f2e8a10-77a4-4f3c-9a55-0c0d3b6f1e21"


def choose(desk: Desk, name: str, words: str) -> None:
    """Pick an entry of a combo box by the keyboard."""
    box = desk.wait_for(ComboBox, name)
    box.setFocus()
    at = box.findText(words)
    assert at >= 0, [box.itemText(i) for i in range(box.count())]
    while box.currentIndex() != at:
        key = Qt.Key.Key_Down if box.currentIndex() < at else Qt.Key.Key_Up
        QTest.keyClick(box, key)


def open_accounts(desk: Desk) -> AccountsSheet:
    desk.click("Accounts")
    return desk.wait_for(AccountsSheet, "Accounts")


def closed(desk: Desk, kind: type[QWidget]) -> None:
    desk.qtbot.waitUntil(lambda: not desk.all(kind))


def test_nobody_is_signed_in_and_one_button_changes_that(desk: Desk) -> None:
    sheet = open_accounts(desk)
    assert nameless(sheet) == []
    desk.click("Add account…")
    desk.wait_for(AddAccountSheet, "Connect to Azure")
    assert nameless(desk.one(AddAccountSheet, "Connect to Azure")) == []

    desk.click("Sign in")
    closed(desk, AddAccountSheet)

    (row,) = sheet._rows  # noqa: SLF001 - what is shown
    assert row.accessibleName() == "Account mira@contoso.com"
    (done,) = desk.world.identity.signed_in
    assert (done.method, done.cloud) == (Method.BROWSER, "Azure public")
    kept = desk.world.settings.kept["accounts"]
    assert "mira@contoso.com" in kept
    assert "token of" not in kept
    assert "_token" not in kept


def test_a_device_code_is_shown_to_copy_and_can_be_called_off(desk: Desk) -> None:
    desk.world.identity.wait = True
    open_accounts(desk)
    desk.click("Add account…")
    choose(desk, "Method", "Device code")
    desk.click("Sign in")

    desk.click("Copy code")
    assert QApplication.clipboard().text() == "ABCD2345"
    sheet = desk.one(AddAccountSheet, "Connect to Azure")
    assert sheet.waiting.code.text() == "ABCD2345"

    desk.click("Cancel")
    desk.qtbot.waitUntil(lambda: not sheet.waiting.isVisible())
    # The window does not wait for the worker to notice.
    desk.qtbot.waitUntil(lambda: desk.world.identity.cancelled == 1)
    assert desk.world.identity.signed_in == []
    assert sheet.isVisible()


def test_a_refusal_says_what_to_do_and_keeps_the_correlation_id(desk: Desk) -> None:
    desk.world.identity.refusals.append(
        SignInError(
            "Conditional Access blocks this sign-in.",
            hint="Give the correlation id to an administrator.",
            details={"error": "AADSTS53003", "correlation id": CORRELATION},
        )
    )
    open_accounts(desk)
    desk.click("Add account…")
    desk.click("Sign in")

    desk.click("Details")
    sheet = desk.one(AddAccountSheet, "Connect to Azure")
    assert CORRELATION in sheet.problem.facts
    assert "Conditional Access" in sheet.problem.accessibleDescription()
    assert not desk.all(QAbstractButton, "Network settings…"), "it would not help"

    desk.click("Sign in")  # A second try works: nothing stands in its way.
    closed(desk, AddAccountSheet)
    assert len(desk.world.identity.signed_in) == 1


def test_a_sign_in_that_the_proxy_stops_leads_to_the_network(desk: Desk) -> None:
    desk.world.identity.refusals.append(ProxyError("The proxy asks for a password."))
    open_accounts(desk)
    desk.click("Add account…")
    desk.type_into("Tenant", "contoso.com")
    desk.click("Sign in")

    desk.click("Network settings…")
    desk.wait_for(NetworkSheet, "Network")
    desk.quiet()
    desk.key(Qt.Key.Key_Escape)
    closed(desk, NetworkSheet)
    sheet = desk.one(AddAccountSheet, "Connect to Azure")
    assert sheet.tenant.text() == "contoso.com", "nothing of it is typed again"


def test_an_application_needs_its_fields_and_the_secret_is_nowhere(desk: Desk) -> None:
    open_accounts(desk)
    desk.click("Add account…")
    choose(desk, "Method", "Application with a secret")
    desk.click("Sign in")
    assert desk.world.identity.signed_in == []

    desk.type_into("Tenant", "contoso.com")
    desk.type_into("Client ID", "11111111-2222-3333-4444-555555555555")
    desk.type_into("Client secret", "hunter2-hunter2")
    desk.click("Sign in")
    closed(desk, AddAccountSheet)

    (secret,) = desk.world.identity.secrets
    assert secret is not None
    assert secret.reveal() == "hunter2-hunter2"
    assert "hunter2" not in str(desk.world.settings.kept)
    assert "hunter2" not in str(desk.world.log.rows)


def test_a_token_needs_its_module_and_the_pin_is_nowhere(desk: Desk) -> None:
    open_accounts(desk)
    desk.click("Add account…")
    choose(desk, "Method", "Application with a smart card or HSM (PKCS#11)")
    assert nameless(desk.one(AddAccountSheet, "Connect to Azure")) == []
    desk.type_into("Tenant", "contoso.com")
    desk.type_into("Client ID", "11111111-2222-3333-4444-555555555555")
    desk.click("Sign in")
    assert desk.world.identity.signed_in == []

    desk.type_into("PKCS#11 module", "/usr/lib/opensc-pkcs11.so")
    desk.type_into("Key on the token", "automation")
    desk.type_into("PIN", "864209")
    desk.click("Sign in")
    closed(desk, AddAccountSheet)

    (done,) = desk.world.identity.signed_in
    assert (done.module, done.token, done.key) == ("/usr/lib/opensc-pkcs11.so", "", "automation")
    assert not done.keep_pin
    (pin,) = desk.world.identity.secrets
    assert pin is not None
    assert pin.reveal() == "864209"
    assert "864209" not in f"{desk.world.settings.kept} {desk.world.log.rows}"


def test_signing_in_again_asks_for_the_pin_and_shows_what_the_token_says(
    qtbot: QtBot, signed_in: World
) -> None:
    signed_in.settings.kept["accounts"] = (
        '[{"id": "one", "cloud": "Azure public", "method": "pkcs11", "tenant": "contoso.com",'
        ' "client_id": "app", "name": "robot", "module": "/m.so", "keep_pin": true}]'
    )
    desk = Desk(qtbot, signed_in).open()
    try:
        open_accounts(desk)
        signed_in.identity.refusals.append(
            PinError("The PIN of the token `ops` is wrong.", hint="One more wrong PIN locks it.")
        )
        pick(desk, "More for robot", "Sign in again…")
        sheet = desk.wait_for(PinSheet, "Sign in again")
        assert nameless(sheet) == []
        desk.type_into("PIN", "000000")
        desk.click("Sign in")
        desk.qtbot.waitUntil(sheet.problem.isVisible)
        assert "locks it" in sheet.problem.accessibleDescription()

        desk.type_into("PIN", "864209")
        desk.click("Sign in")
        closed(desk, PinSheet)
        (done,) = signed_in.identity.signed_in
        assert done.keep_pin
    finally:
        desk.leave()
        desk.close()


@pytest.fixture
def signed_in(qtbot: QtBot) -> World:
    """A home in which two accounts are kept."""
    del qtbot
    world = World()
    world.settings.kept["accounts"] = (
        '[{"id": "one", "cloud": "Azure public", "method": "browser", "tenant": "tenant",'
        ' "name": "mira@contoso.com"},'
        ' {"id": "two", "cloud": "Azure public", "method": "secret", "tenant": "contoso.com",'
        ' "client_id": "app", "name": "pipeline"}]'
    )
    return world


def test_signing_out_forgets_the_account(qtbot: QtBot, signed_in: World) -> None:
    desk = Desk(qtbot, signed_in).open()
    try:
        sheet = open_accounts(desk)
        assert [row.account.profile.name for row in sheet._rows] == [  # noqa: SLF001 - what is shown
            "mira@contoso.com",
            "pipeline",
        ]
        pick(desk, "More for pipeline", "Sign out")
        desk.qtbot.waitUntil(lambda: len(sheet._rows) == 1)  # noqa: SLF001 - as above
        assert signed_in.identity.forgotten == ["pipeline"]
        assert "pipeline" not in signed_in.settings.kept["accounts"]
    finally:
        desk.leave()
        desk.close()


def test_the_other_account_can_be_used_first(qtbot: QtBot, signed_in: World) -> None:
    desk = Desk(qtbot, signed_in).open()
    try:
        sheet = open_accounts(desk)
        desk.click("Make pipeline the default")
        desk.qtbot.waitUntil(
            lambda: sheet._rows[0].account.profile.name == "pipeline",  # noqa: SLF001 - what is shown
            timeout=20_000,
        )
    finally:
        desk.leave()
        desk.close()


def test_signing_in_again_waits_for_the_person(qtbot: QtBot, signed_in: World) -> None:
    desk = Desk(qtbot, signed_in).open()
    try:
        open_accounts(desk)
        pick(desk, "More for mira@contoso.com", "Sign in again…")
        closed(desk, RenewSheet)
        assert [one.name for one in signed_in.identity.signed_in] == ["mira@contoso.com"]
    finally:
        desk.leave()
        desk.close()


def pick(desk: Desk, button: str, words: str) -> None:
    """Open the menu of a tool button and choose by mouse."""
    from sealwright.desktop.widgets.buttons import ToolButton  # noqa: PLC0415 - only here

    tool = desk.wait_for(ToolButton, button)
    menu = tool.menu()
    assert isinstance(menu, QMenu)
    menu.popup(tool.mapToGlobal(QPoint(0, tool.height())))
    desk.qtbot.waitUntil(menu.isVisible)
    action = next(one for one in menu.actions() if one.text() == words)
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())


def test_the_network_sheet_keeps_proxy_and_password_apart(desk: Desk) -> None:
    desk.world.proxy_script = "http://wpad.contoso.com/proxy.pac"
    desk.click("Settings")
    desk.click("Proxy and certificates…")
    sheet = desk.wait_for(NetworkSheet, "Network")
    assert nameless(sheet) == []
    desk.qtbot.waitUntil(sheet._script.isVisible)  # noqa: SLF001 - what is shown
    assert "wpad" in sheet._script.accessibleDescription()  # noqa: SLF001 - as above

    sheet.mode.setFocus()
    QTest.keyClick(sheet.mode, Qt.Key.Key_Right)
    desk.click("Use this")
    assert desk.world.applied == []  # A proxy needs an address.
    desk.type_into("Address of the proxy", "http://proxy.contoso.com:3128")
    desk.type_into("User at the proxy", "mira")
    desk.type_into("Password at the proxy", "hunter2-hunter2")
    desk.click("Use this")
    closed(desk, NetworkSheet)

    ((settings, password),) = desk.world.applied
    assert settings.proxy == "http://proxy.contoso.com:3128"
    assert password is not None
    assert password.reveal() == "hunter2-hunter2"
    assert "hunter2" not in str(desk.world.settings.kept)
    assert desk.world.credentials.kept["network/proxy"] == password


def test_connect_to_azure_is_found_by_the_keyboard(desk: Desk) -> None:
    desk.key(Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    search = desk.window.finder.findChildren(QLineEdit)[0]
    desk.qtbot.waitUntil(search.hasFocus)
    QTest.keyClicks(search, "> connect to azure")
    desk.key(Qt.Key.Key_Return)
    sheet = desk.wait_for(AddAccountSheet, "Connect to Azure")
    desk.world.identity.wait = True
    desk.click("Sign in")
    desk.qtbot.waitUntil(sheet.waiting.isVisible)
    assert not sheet.method.isEnabled()  # What is waited for cannot be changed meanwhile.
    desk.click("Cancel")
    desk.qtbot.waitUntil(sheet.method.isEnabled)

    desk.world.identity.wait = False
    desk.click("Sign in")
    desk.qtbot.waitUntil(lambda: "Signed in as mira@contoso.com" in desk.notices())


def test_a_cloud_of_ones_own_can_be_signed_in_to(desk: Desk) -> None:
    open_accounts(desk)
    desk.click("Add cloud…")
    desk.type_into("Name", "Lab")
    desk.click("Add")
    assert desk.all(CloudSheet)  # Its addresses are missing.
    desk.type_into("Authority", "https://login.lab.example")
    desk.type_into("Resource Manager", "https://arm.lab.example")
    desk.type_into("Hosts of its providers", "attest.lab.example")
    desk.click("Add")
    closed(desk, CloudSheet)

    desk.click("Add account…")
    choose(desk, "Cloud", "Lab")
    desk.click("Sign in")
    closed(desk, AddAccountSheet)
    assert [one.cloud for one in desk.world.identity.signed_in] == ["Lab"]
