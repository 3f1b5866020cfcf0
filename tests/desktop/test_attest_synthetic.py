"""The Attest panel on evidence of pretended machines, and the guided runs over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from helpers.accessible import nameless
from helpers.attest_bench import AttestBench, attest_bench
from sealwright.claims.attestation_type import AttestationType

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from sealwright.desktop.host import Host, PolicyPlace


@pytest.fixture
def bench(host: Host, qtbot: QtBot, tmp_path: Path) -> Iterator[AttestBench]:
    with attest_bench(host, qtbot, tmp_path) as made:
        yield made


def test_a_missing_policy_is_named_and_leads_to_where_one_is_set(bench: AttestBench) -> None:
    panel = bench.panel
    panel.form.choose_provider("https://plain.sandbox.invalid")
    bench.synthesize("tpm-quote", {})
    bench.attest()
    reason = panel.result.reason
    assert reason is not None
    assert reason.title == "No policy is set for Tpm"
    assert "Set one under Policies" in reason.hint
    assert bench.card("policy")[1] == "none is set"
    assert panel.result.flow.current == "policy"
    opened: list[PolicyPlace] = []
    bench.host.policy_wanted.connect(opened.append)
    bench.click("Set a policy\u2026")
    assert [(place.provider_id, place.attestation_type.value) for place in opened] == [
        ("https://plain.sandbox.invalid", "Tpm")
    ]


def test_a_failed_check_says_what_to_do(bench: AttestBench) -> None:
    panel = bench.panel
    panel.form.choose_provider("https://plain.sandbox.invalid")
    bench.synthesize("azure-guest", {"isolation": "SevSnp", "vmpl": "2"})
    bench.attest()
    reason = panel.result.reason
    assert reason is not None
    assert reason.title == "The evidence fails a check: The paravisor asked for the report"
    assert "Expected VMPL 0, found VMPL 2." in reason.sentence
    assert "paravisor keeps in the virtual TPM" in reason.hint


def test_the_type_is_chosen_also_when_the_data_change_meanwhile(bench: AttestBench) -> None:
    panel = bench.panel
    bench.synthesize("snp-aci", {})
    evidence = panel.bringing.evidence
    assert evidence is not None
    panel.form.choose_type(AttestationType.SGX_ENCLAVE)
    panel.bringing.take(evidence)
    # What a pause after typing runtime data does, before the first answer came.
    panel.bringing.examine()
    bench.wait(lambda: panel.bringing.examination is not None)
    assert panel.form.attestation_type is AttestationType.SEV_SNP_VM


def test_synthetic_evidence_is_made_set_and_attested(bench: AttestBench) -> None:
    panel = bench.panel
    bench.click("Make synthetic evidence…")
    sheet = panel.bringing.sheet
    assert sheet is not None
    bench.wait(lambda: bool(sheet.fields))
    assert nameless(sheet.card) == [] or all(
        each.startswith("QListView") for each in nameless(sheet.card)
    )
    bench.type_into("isvsvn", "many")
    bench.click("Make")
    bench.wait(sheet.problem.isVisible)
    said = f"{sheet.problem.accessibleName()} {sheet.problem.accessibleDescription()}"
    assert "whole number" in said
    bench.type_into("isvsvn", "9")
    bench.type_into("Filter settings", "debug")
    shown = [field.setting.name for field in sheet.fields if field.isVisible()]
    assert shown == ["isvsvn", "debug"]
    bench.click("debug")
    bench.click("Make")
    bench.wait(lambda: panel.bringing.examination is not None)
    assert panel.bringing.sheet is None
    bench.attest()
    found = panel.result.found
    assert found is not None
    assert found.claims["x-ms-sgx-svn"] == 9
    assert found.claims["x-ms-sgx-is-debuggable"] is True


@pytest.mark.parametrize("kind", ["snp-aci", "azure-guest"])
def test_every_machine_s_synthetic_evidence_is_permitted(bench: AttestBench, kind: str) -> None:
    panel = bench.panel
    bench.synthesize(kind, {})
    assert panel.bringing.examination is not None
    assert not panel.bringing.examination.failed(), panel.bringing.examination.failed()
    bench.attest()
    assert panel.result.reason is None, panel.result.reason
    assert panel.result.decision.text == "Permitted"


@pytest.mark.parametrize("kind", ["vbs-report"])
def test_a_pretended_tpm_answers_the_challenge(bench: AttestBench, kind: str) -> None:
    panel = bench.panel
    panel.form.choose_provider("https://plain.sandbox.invalid")
    bench.put_tpm_policy("plain", "version=1.2;authorizationrules{=>permit();};issuancerules{};")
    bench.synthesize(kind, {})
    assert panel.form.attestation_type.value == "Tpm"
    assert not panel.form.nonce.isEnabled()
    bench.attest()
    found = panel.result.found
    assert found is not None
    assert panel.result.reason is None, panel.result.reason
    assert len(found.exchange.messages) == 2
    assert found.claims["x-ms-attestation-type"] == ("vbs" if kind == "vbs-report" else "tpm")
    # What only a live TPM can answer cannot be sent out of a file.
    bench.bring("report.bin", panel.bringing.evidence)
    assert not panel.form.attest.isEnabled()
    assert "challenge" in panel.form.attest.toolTip()


def test_a_register_that_the_log_does_not_explain_refuses_the_machine(bench: AttestBench) -> None:
    panel = bench.panel
    panel.form.choose_provider("https://plain.sandbox.invalid")
    bench.put_tpm_policy("plain", "version=1.2;authorizationrules{=>permit();};issuancerules{};")
    bench.click("Make synthetic evidence\u2026")
    sheet = panel.bringing.sheet
    assert sheet is not None
    bench.wait(lambda: bool(sheet.fields))
    sheet.choose("tpm-quote", {})
    bench.type_into("Filter settings", "pcr7")
    bench.type_into("pcr7", "11" * 32)
    bench.click("Make")
    bench.wait(lambda: panel.bringing.examination is not None)
    bench.attest()
    reason = panel.result.reason
    assert reason is not None
    assert reason.sentence.endswith("The events do not lead to the quoted value.")


@pytest.mark.parametrize("index", [0, 1])
def test_a_guided_run_sends_real_messages_until_the_relying_party_decides(
    bench: AttestBench, index: int
) -> None:
    panel = bench.panel
    panel.view.setCurrentIndex(1 - index)
    panel.view.setCurrentIndex(index)
    guided = panel.guided
    assert guided is not None
    assert guided.conversation is not None
    for number in range(1, 6):
        bench.click("Next message")
        row = guided.picture.rows[number - 1]
        bench.wait(lambda row=row: row.sent is not None)  # type: ignore[misc]  # bound now
    assert guided.conversation.ended
    last = guided.conversation.sent[-1]
    assert last.holds
    assert "access is granted" in last.sentence
    evidence = guided.conversation.sent[1]
    senders = {0: "Verifier", 1: "Relying party"}
    assert evidence.planned.receiver == senders[index]
    assert any(fact.name == "Report data" and fact.holds for fact in evidence.facts)
    assert not guided.step.isEnabled()
    bench.click("Debugging on")
    assert not guided.conversation.sent
    bench.click("Send all")
    bench.wait(lambda: guided.conversation is not None and guided.conversation.ended)
    refused = guided.conversation.sent[-1]
    assert not refused.holds
    assert [fact.value for fact in refused.facts if fact.holds is False] == ["on"]
    bench.click("Back to the result")
    assert panel.result.isVisible()
