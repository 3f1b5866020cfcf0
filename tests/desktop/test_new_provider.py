"""The sheet that makes a provider: name, signers, a policy for each type, and what fails."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from helpers.memory_vault import policy_certificate
from sealwright.claims.attestation_type import AttestationType
from sealwright.desktop.providers.making.sheet import NewProviderSheet
from sealwright.desktop.widgets.fields import ComboBox, LineEdit
from sealwright.desktop.widgets.tabs import SegmentedControl
from sealwright.errors import RejectedError, UnreachableError
from sealwright.services.model import TrustModel
from sealwright.tokens.policy_jws import unsecured_policy
from sealwright.tokens.unwrap import read_policy

if TYPE_CHECKING:
    from helpers.desk import Desk

MINE = "contoso-policy-signer"
"""The key that the first start makes, the first by name."""
SGX, TDX = AttestationType.SGX_ENCLAVE, AttestationType.TDX_VM
TEXT = "version= 1.0;authorizationrules{=> permit();};issuancerules{};"
OTHER = "version= 1.0;authorizationrules{=> deny();};issuancerules{};"


def opened(desk: Desk) -> NewProviderSheet:
    """The sheet, its lists filled."""
    desk.click("New provider")
    sheet = desk.wait_for(NewProviderSheet, "New attestation provider")
    for name in ("Subscription", "Resource group", "Location"):
        box = desk.one(ComboBox, name)
        desk.qtbot.waitUntil(lambda box=box: bool(box.currentText()))  # type: ignore[misc]  # a default has no type
    desk.qtbot.waitUntil(lambda: bool(sheet.policies.rows[0].templates))
    return sheet


def choose(desk: Desk, box: str, words: str) -> None:
    """Choose in a list by its keyboard."""
    field = desk.wait_for(ComboBox, box)
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Home)
    for _ in range(field.findText(words)):
        QTest.keyClick(field, Qt.Key.Key_Down)
    assert field.currentText() == words


def said(desk: Desk, words: str) -> bool:
    return any(words in each.text() for each in desk.all(QLabel))


def test_a_name_is_asked_for_while_it_is_typed(desk: Desk) -> None:
    sheet = opened(desk)
    desk.type_into("Name", "no good")
    assert said(desk, "nothing else")
    desk.type_into("Name", "OPEN")
    assert said(desk, "in resource group tests already"), "known here: nobody has to be asked"
    desk.world.cloud.provider("unseen", TrustModel.AAD)
    desk.type_into("Name", "unseen")
    assert said(desk, "Checking…")
    desk.qtbot.waitUntil(lambda: said(desk, "in resource group tests already"))
    desk.type_into("Name", "third")
    desk.qtbot.waitUntil(lambda: said(desk, "Free"))
    desk.world.cloud.unlisted = UnreachableError("The line is cut.")
    desk.type_into("Name", "fourth")
    desk.qtbot.waitUntil(lambda: said(desk, "Could not be asked"))
    assert said(desk, "The line is cut.")
    desk.world.cloud.unlisted = None
    sheet.close()
    desk.quiet()


def test_several_signers_are_given_and_policies_signed_by_the_one_that_is_here(
    desk: Desk,
) -> None:
    stranger = policy_certificate("stranger")
    desk.world.files.kept["/certs/stranger.pem"] = stranger
    sheet = opened(desk)
    desk.type_into("Name", "keyed")
    assert said(desk, "Roles decide.")
    assert said(desk, "It cannot be changed later. Clone…")
    desk.click_tab("Trust model", "Isolated: signed")
    assert said(desk, "Keys decide.")
    assert said(desk, "nobody, Microsoft included, can change its policies again")
    assert not said(desk, "Roles decide.")
    signers = sheet.trust.signers
    desk.qtbot.waitUntil(lambda: len(signers.certificates) == 1)
    assert said(desk, "One signer only"), "the first key of this computer is taken"
    signers.read_files(["/certs/stranger.pem"])
    desk.qtbot.waitUntil(lambda: len(signers.certificates) == 2)
    assert not said(desk, "One signer only")
    desk.click("Add key")
    assert len(signers.certificates) == 3
    desk.click("Remove signer root")
    assert len(signers.certificates) == 2
    choose(desk, "Policy for SgxEnclave", "A template")
    desk.click("Create provider")
    desk.qtbot.waitUntil(lambda: said(desk, "Proven: keyed is there as asked."))
    made = desk.world.cloud.known["keyed"]
    assert set(made.certificates) == {policy_certificate(MINE), stranger}
    deployed = read_policy(made.policies[SGX])
    assert deployed.signed
    desk.quiet()
    desk.key(Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_a_signer_whose_key_is_elsewhere_signs_nothing_here(desk: Desk) -> None:
    desk.world.files.kept["/certs/stranger.pem"] = policy_certificate("stranger")
    sheet = opened(desk)
    desk.type_into("Name", "keyed")
    desk.click_tab("Trust model", "Isolated: signed")
    desk.qtbot.waitUntil(lambda: len(sheet.trust.signers.certificates) == 1)
    desk.click(f"Remove signer {MINE}")
    desk.click("Create provider")
    assert said(desk, "Add a key of this computer or a certificate file")
    sheet.trust.signers.read_files(["/certs/stranger.pem"])
    desk.qtbot.waitUntil(lambda: len(sheet.trust.signers.certificates) == 1)
    choose(desk, "Policy for SgxEnclave", "A template")
    desk.click("Create provider")
    assert said(desk, "No key of these signers is here to sign the policies with")
    assert "keyed" not in desk.world.cloud.known
    choose(desk, "Policy for SgxEnclave", "The service's default")
    desk.click("Create provider")
    desk.qtbot.waitUntil(lambda: not desk.all(NewProviderSheet))
    assert "keyed" in desk.world.cloud.known
    desk.quiet()


def test_each_type_has_its_own_source_and_its_own_proof(desk: Desk) -> None:
    desk.world.open.policies[TDX] = unsecured_policy(OTHER)
    desk.world.files.kept["/p/my.policy"] = TEXT.encode()
    sheet = opened(desk)
    desk.type_into("Name", "third")
    choose(desk, "Policies", "As open applies them")
    assert {row.which.currentText() for row in sheet.policies.rows} == {"open"}
    choose(desk, "Policy for SgxEnclave", "A file")
    assert sheet.policies.all.currentText() == "Chosen below, type by type"
    desk.click("Create provider")
    assert said(desk, "Choose a file")
    desk.type_into("File for SgxEnclave", "/p/my.policy")
    desk.type_into("Tags", "env=prod")
    desk.click("Create provider")
    desk.qtbot.waitUntil(lambda: said(desk, "Proven: third is there as asked."))
    for origin in ("file /p/my.policy", "provider open"):
        desk.qtbot.waitUntil(lambda origin=origin: said(desk, origin))  # type: ignore[misc]  # a default has no type
    made = desk.world.cloud.known["third"]
    assert read_policy(made.policies[SGX]).text == TEXT
    assert read_policy(made.policies[TDX]).text == OTHER
    assert desk.world.directory.kept[made.provider.id].tags == {"env": "prod"}
    desk.qtbot.waitUntil(lambda: "third was created and read back" in desk.notices())
    desk.quiet()
    assert QApplication.focusWidget() is not None
    desk.key(Qt.Key.Key_Escape)


def test_a_policy_that_fails_is_tried_again_without_making_anything_twice(desk: Desk) -> None:
    refusal = RejectedError("The service refused it.", status=400)
    desk.world.cloud.first_fault = ("set_policy", refusal)
    sheet = opened(desk)
    desk.type_into("Name", "third")
    choose(desk, "Policy for SgxEnclave", "A template")
    choose(desk, "Policy for TdxVm", "A template")
    desk.click("Create provider")
    words = "third is there; 1 of 2 policies are not proven."
    desk.qtbot.waitUntil(lambda: said(desk, words))
    desk.qtbot.waitUntil(lambda: said(desk, "The service refused it."))
    made = desk.world.cloud.known["third"]
    assert set(made.policies) == {TDX}
    desk.qtbot.waitUntil(lambda: "third was created and read back" in desk.notices())
    desk.qtbot.waitUntil(sheet.ok.hasFocus)
    desk.key(Qt.Key.Key_Return)
    desk.qtbot.waitUntil(lambda: said(desk, "Proven: third is there as asked."))
    assert desk.world.cloud.known["third"] is made
    assert set(made.policies) == {SGX, TDX}
    desk.qtbot.waitUntil(sheet.ok.isHidden)
    desk.click("Close")
    desk.quiet()


def test_a_provider_without_public_access_is_closed_last(desk: Desk) -> None:
    sheet = opened(desk)
    desk.type_into("Name", "third")
    desk.click_tab("Trust model", "Isolated: signed")
    desk.qtbot.waitUntil(lambda: bool(sheet.trust.signers.certificates))
    choose(desk, "Policy for SgxEnclave", "A template")
    choose(desk, "Public network access", "Disabled")
    desk.click("Create provider")
    desk.qtbot.waitUntil(lambda: said(desk, "Proven: third is there as asked."))
    assert said(desk, "Switch public network access off, last")
    made = desk.world.cloud.known["third"]
    assert set(made.policies) == {SGX}
    assert made.provider.public_network_access == "Disabled"
    desk.click("Close")
    desk.qtbot.waitUntil(lambda: said(desk, "Public network access is disabled."))
    assert not said(desk, "Being read…"), "what cannot be read is not said to be read"
    desk.quiet()
    made.provider = replace(made.provider, public_network_access="Enabled")
    desk.click("Refresh")
    desk.qtbot.waitUntil(lambda: not said(desk, "Public network access is disabled."))
    desk.quiet()


def test_a_long_form_scrolls_by_the_wheel_and_to_what_is_wrong(desk: Desk) -> None:
    sheet = opened(desk)
    place, model = desk.one(ComboBox, "Location"), desk.one(SegmentedControl, "Trust model")
    bar, chosen = sheet.area.verticalScrollBar(), place.currentText()
    place.addItem("Elsewhere")
    for choice in (place, model):
        sheet.area.ensureWidgetVisible(choice)
        before = bar.value()
        turn_wheel(choice)
        desk.qtbot.waitUntil(lambda before=before: bar.value() > before)  # type: ignore[misc]  # a default has no type
    assert place.currentText() == chosen, "the wheel scrolls, it chooses nothing"
    assert model.currentIndex() == 0
    bar.setValue(bar.maximum())
    desk.click("Create provider")
    desk.qtbot.waitUntil(lambda: in_sight(desk.one(LineEdit, "Name")))
    desk.type_into("Name", "third")
    desk.world.cloud.failed_over = True
    bar.setValue(bar.maximum())
    desk.click("Create provider")
    desk.qtbot.waitUntil(sheet.problem.isVisible)
    desk.qtbot.waitUntil(lambda: in_sight(sheet.problem))
    desk.world.cloud.failed_over = False
    desk.key(Qt.Key.Key_Escape)


def in_sight(widget: QWidget) -> bool:
    """Whether nothing of it is scrolled away."""
    return widget.visibleRegion().boundingRect() == widget.rect()


def turn_wheel(over: QWidget) -> None:
    """Turn it down by one notch with the mouse over a widget."""
    window = over.window()
    place = QPointF(over.mapTo(window, over.rect().center()))
    QTest.wheelEvent(window.windowHandle(), place, QPoint(0, -120))
